import csv
import datetime as dt
import hashlib
import json
import math
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hm_assets.playbooks.bars import times
from hm_assets.playbooks.documents import Document, playbook_name, write_playbooks
from hm_assets.playbooks.facts import Fact, Profile, read_profiles
from hm_assets.playbooks.headlines import headline, one_in, plain
from hm_assets.profiles.page import links
from hm_assets.profiles.wording import write_number
from hm_assets.profiles.words import sentences
from hm_assets.warehouse.errors import ContractError, WarehouseError
from hm_assets.warehouse.manifest import read_manifest
from hm_assets.warehouse.pages import environment
from hm_assets_tests.playbooks.examples import AS_OF, MONTH, SOURCE, VERSIONS, row, rows, segment

HOLDOUT = "What this will bring is not known from these data: plan a holdout (10 % left out) and read the difference."
FIXED_PERCENTAGES = ("10 % left out", "95 % interval", "between 5 % and 60 % of customers")


class Page(HTMLParser):
    """A page's text, its figures with what they show, its tags, and its text without the figures."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.figures: list[tuple[dict[str, str | None], str]] = []
        self.text = self.prose = ""
        self._open: dict[str, str | None] | None = None
        self._hidden = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._hidden = tag == "style" or (self._hidden and tag != "body")
        if "data-value" in dict(attrs):
            self._open = dict(attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self._hidden = False
        if tag == "span":
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        self.text += data
        if self._open is None:
            self.prose += data
        else:
            self.figures.append((self._open, data))


def write(reports: Path, facts: list[dict[str, Any]] | None = None, **changes: Any) -> list[Document]:
    arguments = {"as_of": AS_OF, "month": MONTH, "versions": VERSIONS, "source": SOURCE, **changes}
    return write_playbooks(rows() if facts is None else facts, reports=reports, **arguments)


def test_a_page_of_the_room_that_was_written_before_takes_nothing_away(tmp_path: Path) -> None:
    shared = environment("hm_assets.playbooks")
    assert shared.from_string('{% from "macros.html.j2" import made_from %}read').render() == "read"
    assert len(write(tmp_path)) > 1


def pages(reports: Path) -> list[Page]:
    return [Page(path) for path in sorted(reports.rglob("*.html"))]


def test_one_playbook_per_segment_an_overview_and_the_facts(tmp_path: Path) -> None:
    documents = write(tmp_path)
    assert [document.path.name for document in documents] == [
        "index.html",
        "segment-3-ete-unicode.html",
        "segment-2-cmd-c-calc-a0.html",
        "segment-1-recent-frequent-script-alert-1-script.html",
        "segment-0-no-purchase-yet.html",
        "segments.csv",
    ]
    assert all(document.path.parent == tmp_path / "2020-09" for document in documents)


def test_the_manifest_lists_exactly_the_files_on_disk_with_their_hashes(tmp_path: Path) -> None:
    documents = write(tmp_path)
    folder = tmp_path / "2020-09"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["month"], manifest["as_of"], manifest["source"]) == ("2020-09", "2020-09-22", SOURCE)
    assert manifest["versions"] == VERSIONS
    listed = {entry["name"]: entry for entry in manifest["files"]}
    assert set(listed) | {"manifest.json"} == {path.name for path in folder.iterdir()}
    assert list(listed) == [document.path.name for document in documents]
    for name, entry in listed.items():
        content = (folder / name).read_bytes()
        assert entry["bytes"] == len(content)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()


def test_the_same_rows_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path / "a")
    write(tmp_path / "b", rows()[::-1])
    for path in sorted((tmp_path / "a").rglob("*.*")):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes(), path


def test_every_figure_is_the_tables_own(tmp_path: Path) -> None:
    write(tmp_path)
    table = {(str(r["segment_id"]), r["kind"], r["fact"]): r for r in rows()}
    found = [figure for page in pages(tmp_path) for figure in page.figures]
    assert len(found) > 150
    for attributes, shown in found:
        key = (attributes["data-segment"], attributes["data-kind"], attributes["data-fact"])
        exact = table[key][attributes["data-field"]]  # type: ignore[index]
        assert float(attributes["data-value"] or "") == exact
        assert attributes["data-asset"] == "profiles/segment_profiles"
        assert shown.strip()


def test_every_fact_of_a_segment_is_on_its_page_with_its_interval(tmp_path: Path) -> None:
    write(tmp_path)
    page = Page(next((tmp_path / "2020-09").glob("segment-1-*")))
    shown = {(attributes["data-fact"], attributes["data-field"]) for attributes, _ in page.figures}
    for line in (line for line in rows() if line["segment_id"] == 1):
        assert (line["fact"], "value") in shown
        # How well the age is known is a note, not a finding.
        if line["low"] is not None and line["fact"] != "age_known":
            assert {(line["fact"], "low"), (line["fact"], "high")} <= shown


def test_no_percentage_stands_without_its_origin_and_no_currency_at_all(tmp_path: Path) -> None:
    write(tmp_path)
    for page in pages(tmp_path):
        prose = page.prose
        for fixed in FIXED_PERCENTAGES:
            prose = prose.replace(fixed, "")
        assert "%" not in prose
        assert not re.search(r"[$€£¥]|\b(SEK|EUR|USD|kr)\b", page.text)
        assert not re.search(
            r"\b(will|would|should|expect\w*)\b[^.]*\b(rise|grow|lift|increase|uplift)", page.text
        )


def test_every_playbook_says_that_its_effect_is_unknown_and_where_it_comes_from(tmp_path: Path) -> None:
    said = {"segmentation": "ward with 4 segments (rfm)", "made_of": "how recently and how often"}
    for document in write(tmp_path, **said):
        if document.path.suffix != ".html":
            continue
        text = re.sub(r"\s+", " ", Page(document.path).text)
        if document.kind == "playbook":
            assert HOLDOUT in text
            assert "grouped by how recently and how often: ward with 4 segments (rfm). " in text
            assert "k-means" not in text
            assert "gender, income" in text
        assert "As of 22 September 2020" in text
        assert f"Source: {SOURCE}" in text
        assert "Table: profiles/segment_profiles, version 9f3c21ab77d0" in text


def words(segment_id: int = 1) -> list[dict[str, Any]]:
    """What `profiles/segment_words` says of a segment of the examples."""
    return sentences.rows_of([{"month": MONTH, **row} for row in rows() if row["segment_id"] == segment_id])


def test_what_is_said_of_a_segment_is_on_its_page_with_its_figures(tmp_path: Path) -> None:
    write(tmp_path, words=words())
    text = re.sub(r"\s+", " ", Page(next((tmp_path / "2020-09").glob("segment-1-*"))).text)
    assert {row["kind"] for row in words()} >= {"who", "strength", "opportunity"}
    for said in words():
        assert said["sentence"] in text
    for heading in ("What tells them apart", "Strengths", "Pains", "Opportunities"):
        assert heading in text
    # What sets them apart is said in one place.
    assert (
        text.count("sets them apart") + text.count("tells them apart") == text.count("tells them apart") == 1
    )
    # A segment of which nothing is said has its facts and no empty headings.
    assert "Strengths" not in Page(next((tmp_path / "2020-09").glob("segment-2-*"))).text


def test_the_figures_of_sentences_are_the_tables_own(tmp_path: Path) -> None:
    write(tmp_path, words=[*words(1), *words(2)])
    table = {(str(r["segment_id"]), r["kind"], r["fact"]): r for r in rows()}
    for page in pages(tmp_path):
        assert "%" not in re.sub("|".join(FIXED_PERCENTAGES), "", page.prose)
        for attributes, _ in page.figures:
            key = (attributes["data-segment"], attributes["data-kind"], attributes["data-fact"])
            assert float(attributes["data-value"] or "") == table[key][attributes["data-field"]]  # type: ignore[index]


def test_a_sentence_about_too_few_is_not_said_and_its_figure_is_nowhere(tmp_path: Path) -> None:
    few = [
        {**row, "customers": 12} if (row["segment_id"], row["fact"]) == (1, "orders_365d") else row
        for row in rows()
    ]
    resting = [said["sentence"] for said in words() if "behaviour/orders_365d" in said["facts"]]
    assert resting
    write(tmp_path, few, words=words())
    page = Page(next((tmp_path / "2020-09").glob("segment-1-*")))
    text = re.sub(r"\s+", " ", page.text)
    assert not any(sentence in text for sentence in resting)
    assert "Strengths" in text
    assert "it would tell of fewer than 20 customers" in text
    assert "orders_365d" not in {attributes["data-fact"] for attributes, _ in page.figures}


def test_a_sentence_about_a_fact_that_is_not_there_is_refused(tmp_path: Path) -> None:
    left = [row for row in rows() if row["fact"] != "orders_365d"]
    with pytest.raises(ContractError, match="orders_365d; materialise profiles/segment_words again"):
        write(tmp_path, left, words=words())


def test_names_from_the_data_never_become_markup(tmp_path: Path) -> None:
    write(tmp_path)
    for page in pages(tmp_path):
        assert not {"script", "img", "b", "iframe"} & {tag for tag, _ in page.tags}
        assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    text = next((tmp_path / "2020-09").glob("segment-1-*")).read_text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_a_page_needs_nothing_but_itself(tmp_path: Path) -> None:
    write(tmp_path)
    listed = {path.name for path in (tmp_path / "2020-09").iterdir()}
    listed |= {f"passport-{segment}.html" for segment in range(1, 10)}  # profiles/passports writes them
    listed |= {links.REPORT, links.DASHBOARD, links.EXPERIMENTS}
    listed |= {links.PLAYBOOK_PDF, links.DECK, links.WORKBOOK}  # playbooks/files
    for page in pages(tmp_path):
        for tag, attributes in page.tags:
            assert "src" not in attributes
            target = attributes.get("href")
            if tag == "a":
                assert target in listed
            elif target is not None:
                assert target == "data:,"


def test_what_is_missing_is_said_to_be_missing(tmp_path: Path) -> None:
    write(tmp_path)
    page = Page(tmp_path / "2020-09" / "segment-3-ete-unicode.html")
    assert page.text.count("not in data") == 20  # share of spend, twelve of behaviour, seven of the person
    assert "No category stands out" in page.text
    assert "not in data" not in plain(
        headline(read_profiles(segment(1, "x", {}) + segment(3, "y", {"customers": 1.0}))[0])
    )


def test_fewer_than_three_categories_are_admitted(tmp_path: Path) -> None:
    write(tmp_path)
    page = Page(next((tmp_path / "2020-09").glob("segment-1-*")))
    assert "Fewer than three categories stand out" in page.text
    never = Page(tmp_path / "2020-09" / "segment-0-no-purchase-yet.html")
    assert "without a purchase there is no category" in never.text
    assert "How they buy" not in never.text


def test_what_only_the_last_manifest_lists_goes_and_a_strangers_file_stays(tmp_path: Path) -> None:
    write(tmp_path, segment(1, "Old name", {"customers": 5.0}))
    folder = tmp_path / "2020-09"
    (folder / "segment-9-by-hand.html").write_text("mine")
    (tmp_path / "2020-08").mkdir()
    (tmp_path / "2020-08" / "segment-1-old-name.html").write_text("another month")
    write(tmp_path, segment(1, "New name", {"customers": 5.0}))
    assert {path.name for path in folder.iterdir()} == {
        "index.html",
        "manifest.json",
        "segment-1-new-name.html",
        "segment-9-by-hand.html",
        "segments.csv",
    }
    assert (tmp_path / "2020-08" / "segment-1-old-name.html").exists()


@pytest.mark.parametrize("name", ["../precious.txt", "/etc/hostname", "..", ".hidden"])
def test_a_forged_manifest_removes_nothing(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "2020-09"
    write(tmp_path)
    (tmp_path / "precious.txt").write_text("keep")
    (folder / ".hidden").write_text("keep")
    forged = json.loads((folder / "manifest.json").read_text())
    forged["files"][0]["name"] = name
    (folder / "manifest.json").write_text(json.dumps(forged))
    with pytest.raises(WarehouseError, match="plain file name"):
        read_manifest(folder)
    write(tmp_path)
    assert (tmp_path / "precious.txt").exists()
    assert (folder / ".hidden").exists()
    assert read_manifest(folder) is not None


def test_a_broken_manifest_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "2020-09").mkdir()
    (tmp_path / "2020-09" / "manifest.json").write_text("{ not json")
    write(tmp_path)
    manifest = read_manifest(tmp_path / "2020-09")
    assert manifest is not None
    assert len(manifest.files) == 6


def test_the_csv_gives_the_rows_back_and_no_cell_runs_as_a_formula(tmp_path: Path) -> None:
    nasty = ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "＝1", "fine\r\n=1"]
    facts = [*rows(), *(row(1, rows()[0]["segment_name"], name, 0.02, 150.0) for name in nasty)]
    write(tmp_path, facts)
    with (tmp_path / "2020-09" / "segments.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(facts)
    values = sorted(
        (line["segment_id"], line["fact"].removeprefix("'"), float(line["value"])) for line in lines
    )
    assert values == sorted((str(f["segment_id"]), re.sub(r"\s", " ", f["fact"]), f["value"]) for f in facts)
    for line in lines:
        assert line["as_of"] == "2020-09-22"
        assert line["version"] == "9f3c21ab77d0"
        for column in ("segment_name", "fact", "label", "unit"):
            assert not line[column].lstrip().startswith(("=", "+", "-", "@", "＝"))


@given(st.integers(0, 99), st.text(max_size=200))
def test_a_file_name_is_plain_whatever_the_segment_is_called(segment_id: int, name: str) -> None:
    found = playbook_name(Profile(segment_id, name))
    assert re.fullmatch(r"segment-\d+-[a-z0-9]([a-z0-9-]*[a-z0-9])?\.html", found)
    assert len(found) < 90


def test_the_headline_is_the_finding_in_plain_words() -> None:
    said = {profile.segment_id: plain(headline(profile)) for profile in read_profiles(rows())}
    assert said[1] == (
        "1 in 5 customers, 58 % of the year’s spend; they last bought 12 days ago at the median, "
        "and ordered 24 times in all."
    )
    assert said[2] == (
        "40 % of customers, under 0.1 % of the year’s spend; they last bought 486 days ago at the median, "
        "and ordered once in all."
    )
    assert said[0] == "9,699 customers on file have not bought yet; 41 % of them get the fashion news."


@given(st.floats(0, 1))
def test_one_in_n_is_near_the_truth(share: float) -> None:
    said = one_in(share)
    if said is not None:
        count = int(said.rsplit(" ", 1)[1])
        assert abs(share * count - 1) <= 0.07
        assert said.startswith("About") or abs(share * count - 1) <= 0.02


@pytest.mark.parametrize(
    ("number", "style", "text"),
    [
        (1362281, "count", "1,362,281"),
        (0.4312, "share", "43 %"),
        (0.043, "share", "4.3 %"),
        (0.998, "share", "99.8 %"),
        (1.0, "share", "100 %"),
        (0.9997, "share", "100 %"),
        (0.0, "share", "0.0 %"),
        (12.0, "days", "12 days"),
        (1.0, "days", "1 day"),
        (8.5, "number", "8.5"),
        (0.0961, "number", "0.0961"),
        (14.23, "number", "14.2"),
        (1234.5, "number", "1,234"),
    ],
)
def test_figures_are_written_for_people(number: float, style: Any, text: str) -> None:
    assert write_number(number, style) == ("0 %" if text == "0.0 %" else text)


def test_narrow_bounds_are_told_apart() -> None:
    fact = Fact(1, "share_of_customers", "size", "share", 0.2, 0.1998, 0.2002)
    assert fact.interval() == ("19.98", "20.02 %")
    assert Fact(1, "orders", "behaviour", None, 9, 9, 9).interval() == ("9", "9")


@pytest.mark.parametrize(
    ("index", "low", "high", "said"),
    [
        (287, 251, 322, "2.9 ×"),
        (59, 58, 60, "0.59 ×"),
        (3, 2, 4, "under 0.1 ×"),
        (0, 0, 5, "under 0.1 ×"),
        (1240, 1100, 1400, "12 ×"),
        (102, 101, 103, "about the same"),
        (130, 90, 170, "no clear difference"),
    ],
)
def test_an_index_is_said_as_a_multiple(index: float, low: float, high: float, said: str) -> None:
    assert times(Fact(1, "Dress", "category", "share", 0.04, low, high, 0.01, index)) == said


def test_a_value_that_is_no_number_is_not_in_data(tmp_path: Path) -> None:
    facts = [*segment(1, "Group", {"customers": 5.0}), row(1, "Group", "age", math.nan, math.nan)]
    write(tmp_path, facts)
    assert "nan" not in Page(tmp_path / "2020-09" / "segment-1-group.html").text.lower()
    assert "nan" not in (tmp_path / "2020-09" / "segments.csv").read_text().lower()


def test_rows_of_another_day_no_rows_and_lacking_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ContractError, match=r"describes 2020-09-22, not 2020-09-30; materialise it for 2020-09"
    ):
        write(tmp_path, as_of=dt.date(2020, 9, 30))
    with pytest.raises(ContractError, match="no rows for 2020-09"):
        write(tmp_path, [])
    with pytest.raises(ContractError, match="lacks base"):
        write(tmp_path, [{key: value for key, value in line.items() if key != "base"} for line in rows()])
    with pytest.raises(ContractError, match="calls segment 1 both"):
        write(tmp_path, segment(1, "A", {"customers": 1.0}) + segment(1, "B", {"orders": 1.0}))
    assert not (tmp_path / "2020-09").exists()


@pytest.mark.slow
def test_a_playbook_opens_from_disk_in_a_browser(tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    write(tmp_path)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 390, "height": 844})
        faults: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url))
        opened = [path.as_uri() for path in sorted((tmp_path / "2020-09").glob("*.html"))]
        for address in opened:
            page.goto(address)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 390, f"{address} is {wide} px wide on a phone"
            assert page.locator("h1").inner_text()
        browser.close()
    assert faults == []
    assert [address for address in asked if not address.startswith("data:")] == opened

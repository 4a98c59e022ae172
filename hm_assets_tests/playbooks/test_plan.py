"""The plan on the pages: the card first, each figure from its table, files beside it, and nothing hostile alive."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

from hm_assets.playbooks.documents import Document, write_playbooks
from hm_assets.playbooks.plan import Plan
from hm_assets.playbooks.strategy import calendar, exports
from hm_assets.playbooks.strategy.rules import default
from hm_assets.warehouse.manifest import read_manifest
from hm_assets_tests.playbooks.examples import AS_OF, MONTH, SOURCE, VERSIONS, rows
from hm_assets_tests.playbooks.strategy.months import HOSTILE, month, outlook, strategy
from hm_assets_tests.playbooks.test_documents import Page

EMPTY = ("send_on", "tactic", "title", "template", "channel", "product", "owner")


def plan(**tables: Any) -> Plan:
    made = strategy(month(**tables))
    weeks = calendar.rows(made["decision_matrix"], {}, calendar.Times({}, 3), default(), AS_OF)
    return Plan(
        made["strategy"],
        made["decision_matrix"],
        [{**dict.fromkeys(EMPTY), **row} for row in weeks],
        made["journey"],
        {1: {"leaving_90d": 0.05}},
    )


def write(folder: Path, the: Plan | None, **more: Any) -> list[Document]:
    return write_playbooks(
        rows(), as_of=AS_OF, month=MONTH, reports=folder, versions=VERSIONS, source=SOURCE, plan=the, **more
    )


def page_of(documents: list[Document], segment_id: int) -> Page:
    return Page(next(d.path for d in documents if d.path.name.startswith(f"segment-{segment_id}-")))


def test_the_card_stands_first_and_says_who_does_what_when_and_with_what(tmp_path):
    text = re.sub(r"\s+", " ", page_of(write(tmp_path, plan()), 1).text)
    order = [
        "The plan",
        "What to do",
        "When: the next 13 weeks",
        "Expected outcome",
        "Retention",
        "How they buy",
    ]
    assert [text.index(heading) for heading in order] == sorted(text.index(heading) for heading in order)
    row = next(row for row in plan().matrix if row["segment_id"] == 1)
    for cell in ("offer", "tone", "template", "owner"):
        assert row[cell] in text
    assert "Strap top (0108775001)" in text
    assert "Journey and drop-offs" in text and "Launches that are likeliest theirs" in text


def test_assumptions_carry_their_mark_and_no_percentage_stands_without_its_origin(tmp_path):
    for document in write(tmp_path, plan()):
        if document.path.suffix != ".html":
            continue
        page = Page(document.path)
        prose = page.prose
        for fixed in ("10 % left out", "95 % interval", "80 % interval", "between 5 % and 60 % of customers"):
            prose = prose.replace(fixed, "")
        assert "%" not in prose
        assert not re.search(r"[$€£¥]|\b(SEK|EUR|USD|kr)\b", page.text)
        assumed = [f for f, _ in page.figures if f["data-asset"] == "playbooks/assumptions"]
        if document.kind == "playbook" and assumed:
            assert "assumption, not a finding" in page.text
        if any(f["data-field"] == "budget_share" for f, _ in page.figures):
            assert "assumption" in page.text


def test_the_overview_has_the_matrix_and_the_calendar_of_every_segment(tmp_path):
    documents = write(tmp_path, plan())
    page = Page(next(d.path for d in documents if d.kind == "overview"))
    assert "Who gets what: the decision matrix" in page.text
    assert "When: the campaign calendar" in page.text
    cells = [
        attributes for tag, attributes in page.tags if tag == "td" and attributes.get("class") == "sends"
    ]
    assert len(cells) == sum(row["contacts"] for row in plan().calendar)
    links = {attributes.get("href") for tag, attributes in page.tags if tag == "a"}
    assert {exports.MATRIX_CSV, exports.MATRIX_JSON, exports.CALENDAR_ICS, exports.CALENDAR_CSV} <= links


def test_the_files_are_listed_and_hold_what_the_tables_hold(tmp_path):
    the = plan()
    write(tmp_path, the)
    folder = tmp_path / "2020-09"
    manifest = read_manifest(folder)
    assert manifest is not None
    assert {entry.name for entry in manifest.files if entry.kind in ("matrix", "calendar")} == {
        *(exports.MATRIX_CSV, exports.MATRIX_JSON, exports.CALENDAR_ICS, exports.CALENDAR_CSV)
    }
    assert len(json.loads((folder / exports.MATRIX_JSON).read_text())["rules"]) == len(the.matrix)
    text = (folder / exports.CALENDAR_CSV).read_text(encoding="utf-8").removeprefix("\ufeff")
    assert len(list(csv.DictReader(io.StringIO(text)))) == len(the.calendar)
    contacts = sum(row["contacts"] for row in the.calendar)
    assert (folder / exports.CALENDAR_ICS).read_bytes().count(b"BEGIN:VEVENT\r\n") == contacts


def test_a_hostile_product_is_text_on_every_page(tmp_path):
    for document in write(tmp_path, plan()):
        if document.path.suffix == ".html":
            page = Page(document.path)
            assert not any(tag in ("script", "img", "iframe") for tag, _ in page.tags)
            assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert HOSTILE[:40] in page_of(write(tmp_path, plan()), 1).text


def test_without_a_plan_the_documents_are_as_before_and_without_its_files(tmp_path):
    names = [document.path.name for document in write(tmp_path, None)]
    assert exports.CALENDAR_ICS not in names
    text = page_of(write(tmp_path, None), 1).text
    assert "The plan" not in text and "What to do" in text
    assert not (tmp_path / "2020-09" / exports.CALENDAR_ICS).exists()


def test_a_plan_that_is_gone_takes_its_files_with_it(tmp_path):
    write(tmp_path, plan())
    write(tmp_path, None)
    assert not (tmp_path / "2020-09" / exports.MATRIX_JSON).exists()


def test_a_plan_without_forecasts_says_so_on_the_card(tmp_path):
    text = page_of(write(tmp_path, plan(outlook=[])), 1).text
    assert "not in data: no forecast" in re.sub(r"\s+", " ", text)


def test_the_same_plan_gives_the_same_bytes(tmp_path):
    one, two = write(tmp_path / "a", plan()), write(tmp_path / "b", plan(outlook=outlook()[::-1]))
    assert [d.path.read_bytes() for d in one] == [d.path.read_bytes() for d in two]


def test_what_was_signed_for_is_in_the_files_too(tmp_path):
    write(tmp_path, plan(), banner="Published although the segmentation fails")
    folder = tmp_path / "2020-09"
    for name in (exports.MATRIX_CSV, exports.MATRIX_JSON, exports.CALENDAR_CSV):
        assert "Published although" in (folder / name).read_text(encoding="utf-8")

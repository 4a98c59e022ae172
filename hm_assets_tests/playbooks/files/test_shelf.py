"""The files of a month: whole, equal for equal figures, harmless whatever things are called, and honest."""

import dataclasses
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hm_assets.playbooks.files import shelf
from hm_assets.playbooks.files.contents import Contents, lines_of
from hm_assets.playbooks.files.segment import chapter, colour
from hm_assets.playbooks.files.slides import HEIGHT, SIZES, WIDTH, Box, fitted
from hm_assets.playbooks.files.text import short, written
from hm_assets.playbooks.files.words import LATER_SPEND, size
from hm_assets.playbooks.metrics.figure import ALL, Figure
from hm_assets.playbooks.metrics.tables import METRICS
from hm_assets.warehouse.manifest import DECK_MANIFEST, PDF_MANIFEST, read_all, read_manifest
from hm_assets_tests.playbooks.examples import SOURCE, rows
from hm_assets_tests.playbooks.metrics.examples import NAMES, UPLIFT, store, tables

EMU = 914_400
CURRENCY = re.compile(r"[$€£¥]|\b(?:USD|EUR|GBP|SEK|kr)\b")


def contents_of(**changed: Any) -> Contents:
    found = store(**changed)
    strategy = found_rows(changed)
    return Contents(
        found, lines_of(strategy, [], found), SOURCE, "k-means", tables=[METRICS], has_strategy=bool(strategy)
    )


def found_rows(changed: dict[str, Any]) -> list[dict[str, Any]]:
    return changed.get("rows", tables()).get("playbooks/strategy", [])  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def contents() -> Contents:
    return contents_of()


@pytest.fixture(scope="module")
def folder(contents: Contents, tmp_path_factory: pytest.TempPathFactory) -> Path:
    reports = tmp_path_factory.mktemp("reports")
    for kind in shelf.SHELVES.values():
        shelf.write(contents, kind, reports, {"playbooks/metrics": "1"})
    return reports / "2020-09"


@pytest.fixture(scope="module")
def deck(folder: Path) -> Any:
    from pptx import Presentation

    return Presentation(str(folder / shelf.DECK))


def shapes(deck: Any) -> Iterator[Any]:
    return (shape for slide in deck.slides for shape in slide.shapes)


def pdf_text(path: Path) -> str:
    from pypdf import PdfReader

    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(path).pages))


def test_the_same_figures_give_the_same_bytes(folder: Path, contents: Contents, tmp_path: Path) -> None:
    for kind in shelf.SHELVES.values():
        shelf.write(contents, kind, tmp_path, {"playbooks/metrics": "1"})
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        p.name for p in (tmp_path / "2020-09").iterdir()
    )
    assert [
        p.name for p in folder.iterdir() if p.read_bytes() != (tmp_path / "2020-09" / p.name).read_bytes()
    ] == []


def test_the_manifests_list_every_file_and_a_segment_that_is_gone_takes_its_page_along(
    folder: Path, contents: Contents, tmp_path: Path
) -> None:
    listed = read_all(folder)
    assert listed is not None
    assert {e.name for e in listed.files} == {p.name for p in folder.iterdir() if p.suffix != ".json"}
    assert all(entry.title and entry.summary for entry in listed.files)
    pdf = shelf.SHELVES["pdf"]
    shelf.write(contents, pdf, tmp_path, {})
    fewer = contents_of(profiles=[row for row in rows() if row["segment_id"] != 3])
    shelf.write(fewer, pdf, tmp_path, {})
    assert not list((tmp_path / "2020-09").glob("segment-3-*"))
    assert read_manifest(tmp_path / "2020-09", DECK_MANIFEST) is None
    assert read_manifest(tmp_path / "2020-09", PDF_MANIFEST) is not None


def test_one_pagers_and_the_summary_are_one_page(folder: Path) -> None:
    from pypdf import PdfReader

    pages = {p.name: len(PdfReader(p).pages) for p in folder.glob("*.pdf")}
    assert {pages[name] for name in pages if name.startswith(("segment-1", "segment-2", "executive"))} == {1}
    assert pages[shelf.PLAYBOOK] >= 2 + len(NAMES)


def test_the_summary_is_one_page_however_many_segments_there_are() -> None:
    from pypdf import PdfReader

    from hm_assets.playbooks.files.books import summary
    from hm_assets.playbooks.files.pdf import pdf

    profiles = [
        row | {"segment_id": i, "segment_name": f"Group {chr(64 + i)}: recent, frequent, high-spend"}
        for i in range(1, 26)
        for row in rows()
        if row["segment_id"] == 1
    ]
    found = contents_of(profiles=profiles, rows={})
    (page,) = PdfReader(io.BytesIO(pdf(found, "Executive summary", summary(found), one_page=True))).pages
    assert "The smaller segments are in the playbook." in re.sub(r"\s+", " ", page.extract_text())


def test_names_are_shown_as_text_in_a_pdf(folder: Path) -> None:
    text = pdf_text(folder / shelf.PLAYBOOK)
    assert NAMES[1] in text
    assert NAMES[2] in text
    assert '@SUM(1+9)*cmd "quoted" <b>dress</b>' in text
    assert "x" * 60 not in text  # a word that no line can hold is cut
    assert SOURCE in text


def test_markup_of_the_template_in_a_name_is_text(contents: Contents) -> None:
    hostile = '#panic("x") $a_1$ *bold* \\ [link](x) <a> @ref `code` // no\u202e'
    named = [row | {"segment_name": hostile} if row["segment_id"] == 1 else row for row in rows()]
    found = contents_of(profiles=named, rows={})
    from pypdf import PdfReader

    from hm_assets.playbooks.files.pdf import pdf

    page = PdfReader(io.BytesIO(pdf(found, "x", chapter(found, "1")))).pages[0].extract_text()
    assert '#panic("x") $a_1$ *bold*' in re.sub(r"\s+", " ", page)
    assert "\u202e" not in page


def test_the_deck_has_fifteen_to_twenty_slides_in_order_with_notes(deck: Any) -> None:
    titles = [slide.shapes.title.text for slide in deck.slides]
    assert 15 <= len(titles) <= 20
    order = [
        next(i for i, title in enumerate(titles) if word in title)
        for word in (
            "marketing playbook",
            "One message",
            "Three files",
            "chosen among",
            "real",
            NAMES[1][:20],
            "What to do",
            "plan",
            "worth",
        )
    ]
    assert order == sorted(order)
    assert all(slide.notes_slide.notes_text_frame.text.strip() for slide in deck.slides)


@pytest.mark.parametrize(("segments", "least"), [(1, 15), (6, 15), (14, 15)])
def test_any_number_of_segments_makes_a_deck_of_that_length(segments: int, least: int) -> None:
    from pptx import Presentation

    from hm_assets.playbooks.files.deck import deck as make

    profiles = [
        row | {"segment_id": i, "segment_name": f"Group {'abcdefghijklmnop'[i]}"}
        for i in range(1, segments + 1)
        for row in rows()
        if row["segment_id"] == 1
    ]
    made = Presentation(io.BytesIO(make(contents_of(profiles=profiles, rows={}))))
    assert least <= len(made.slides) <= 20


def titles_with(contents: Contents, *more: Figure) -> list[str]:
    from pptx import Presentation

    from hm_assets.playbooks.files.deck import deck as make

    store = dataclasses.replace(
        contents.store, figures={**contents.store.figures, **{figure.key: figure for figure in more}}
    )
    made = Presentation(io.BytesIO(make(dataclasses.replace(contents, store=store))))
    return [slide.shapes.title.text for slide in made.slides]


@pytest.mark.parametrize(
    ("low", "chance", "title"),
    [
        (0.2, 0.01, "They are real: the segment says what customers do afterwards"),
        (
            0.01,
            0.02,
            "How real they are: what customers do afterwards, segments drawn by lot explain as well",
        ),
        (None, None, "How real they are: too early to tell, the days after are not in the data yet"),
    ],
)
def test_segments_are_called_real_only_where_chance_explains_less(
    low: float | None, chance: float | None, title: str, contents: Contents
) -> None:
    of = ("profiles/validity", ALL, LATER_SPEND)
    later = [Figure(*of, "low", low, "x"), Figure(*of, "null_effect", chance, "x")] if low and chance else []
    assert title in titles_with(contents, *later)


def test_spend_is_said_to_lie_elsewhere_only_where_it_does(contents: Contents) -> None:
    apart = "One message for everybody misses most of them: spend is not where customers are"
    assert apart in titles_with(contents)
    alone = contents_of(profiles=[row for row in rows() if row["segment_id"] == 3], rows={})
    assert apart not in titles_with(alone)


def test_buyers_whose_share_is_not_known_are_not_said_to_have_bought_nothing() -> None:
    found = contents_of(
        profiles=[row for row in rows() if (row["segment_id"], row["fact"]) != (3, "share_of_customers")]
    )
    assert size(found, "3") is None
    assert written(size(found, "0") or ()) == "9,699 customers on file have not bought yet."


def test_charts_are_native_and_carry_their_workbook(deck: Any) -> None:
    charts = [shape.chart for shape in shapes(deck) if shape.has_chart]
    assert len(charts) >= 4
    assert all(chart.part.chart_workbook.xlsx_part is not None for chart in charts)
    shares = next(
        series for chart in charts for series in chart.plots[0].series if series.name == "Share of customers"
    )
    assert tuple(shares.values) == pytest.approx((0.2, 0.397, 0.403))


def test_everything_on_a_slide_lies_on_it_and_can_be_read(deck: Any) -> None:
    for shape in shapes(deck):
        assert shape.left >= 0 and shape.top >= 0
        assert shape.left + shape.width <= WIDTH * EMU + 1
        assert shape.top + shape.height <= HEIGHT * EMU + 1
        if shape.has_text_frame:
            sizes = [run.font.size.pt for p in shape.text_frame.paragraphs for run in p.runs if run.font.size]
            assert all(size >= 9 for size in sizes)


def test_text_that_does_not_fit_is_set_smaller_and_then_left_out() -> None:
    box = Box(0, 0, 6, 2)
    assert fitted(["Short."], box) == (SIZES[0], 1)
    size, many = fitted(["A sentence of some length that says something. " * 3] * 30, box)
    assert size == SIZES[-1]
    assert 0 < many < 30


def test_the_workbook_holds_numbers_as_numbers_and_names_as_text(folder: Path, contents: Contents) -> None:
    from openpyxl import load_workbook

    from hm_assets.playbooks.files.workbook import SHEETS

    book = load_workbook(folder / shelf.WORKBOOK)
    assert tuple(book.sheetnames) == SHEETS
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    head = [cell.value for cell in book["Segments"][1]]
    row = next(row for row in book["Segments"].iter_rows(min_row=2) if row[0].value == NAMES[2])
    share = row[head.index("Share of spend (last 365 days)")]
    assert (share.value, share.number_format) == (0.0002, "0.00%")  # printed as “under 0.1 %”
    assert row[head.index("Customers")].value == 540_825
    sources = {row[0].value for row in book["Sources"].iter_rows(min_row=2)}
    assert {figure.asset for figure in contents.store.figures.values()} < sources


def test_no_macro_link_or_script_gets_into_an_office_file(folder: Path) -> None:
    for name in (shelf.DECK, shelf.WORKBOOK):
        with zipfile.ZipFile(folder / name) as archive:
            inside = {entry: archive.read(entry) for entry in archive.namelist()}
        assert not [entry for entry in inside if "vba" in entry.lower() or "externalLink" in entry]
        assert not [entry for entry, content in inside.items() if b"<script>" in content]
        assert not [entry for entry, content in inside.items() if b'TargetMode="External"' in content]


def test_an_assumed_figure_never_stands_without_that_word(
    folder: Path, contents: Contents, deck: Any
) -> None:
    assert written([UPLIFT, " more orders."]) == "3.2 % (assumption) more orders."
    assert written(["Assumption: ", UPLIFT, " more."]) == "Assumption: 3.2 % more."
    texts = [pdf_text(p) for p in folder.glob("*.pdf")]
    texts += [shape.text_frame.text for shape in shapes(deck) if shape.has_text_frame]
    found = [m for text in texts for m in re.finditer(r"3\.2 %(.{0,13})", text)]
    assert found
    assert all("assumption" in m[1] for m in found)


def test_no_document_shows_a_currency(folder: Path, deck: Any) -> None:
    told = " ".join(pdf_text(p) for p in folder.glob("*.pdf") if not p.name.startswith("data-"))
    told += " ".join(shape.text_frame.text for shape in shapes(deck) if shape.has_text_frame)
    assert CURRENCY.search(told) is None


@pytest.mark.parametrize("only", [(0,), (1,), (0, 2)])
def test_files_are_made_of_whatever_there_is(only: tuple[int, ...], tmp_path: Path) -> None:
    found = contents_of(
        profiles=[row for row in rows() if row["segment_id"] in only], rows={}, counts={}, months=()
    )
    for kind in shelf.SHELVES.values():
        assert shelf.write(found, kind, tmp_path, {})
    assert not found.has_strategy
    text = pdf_text(next((tmp_path / "2020-09").glob(f"segment-{only[-1]}-*.pdf")))
    assert "strategy of this month was not made" in text


def test_every_segment_has_its_line_on_the_slide_that_says_what_to_do(deck: Any, contents: Contents) -> None:
    slide = next(each for each in deck.slides if each.shapes.title.text.startswith("What to do with each"))
    table = next(shape.table for shape in slide.shapes if shape.has_table)
    named = [row.cells[0].text for row in table.rows]
    assert named[1:] == [contents.brief(segment) for segment in contents.by_spend]


def test_a_segment_keeps_its_colour_when_sizes_change() -> None:
    profiles = rows()
    larger = [
        row | {"value": 10_000_000} if (row["segment_id"], row["fact"]) == (1, "customers") else row
        for row in profiles
    ]
    before, after = contents_of(profiles=profiles), contents_of(profiles=larger)
    assert before.segments != after.segments
    assert [colour(before, each) for each in "0123"] == [colour(after, each) for each in "0123"]


def test_a_piece_without_text_leaves_no_space() -> None:
    assert written(["Why: ", "", UPLIFT, "", "; assumed"]) == "Why: 3.2 %; assumed"


def test_a_long_text_keeps_its_beginning() -> None:
    assert short("word " * 200, 20) == "word word word word…"
    assert short("a\u202eb\x07c\nd") == "a b c d"
    assert dataclasses.replace(UPLIFT, text="x").text == "x"
    assert isinstance(UPLIFT, Figure)

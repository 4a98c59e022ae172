"""A document passes as it was written, and a planted number is found, in each kind of document."""

import html
import io
import random
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from hm_assets.definitions import TABLES
from hm_assets.playbooks.documents import write_playbooks
from hm_assets.playbooks.files import dictionary, reading, shelf
from hm_assets.playbooks.files.blocks import paragraph
from hm_assets.playbooks.files.contents import Contents, lines_of
from hm_assets.playbooks.files.pdf import pdf
from hm_assets.playbooks.metrics import checker
from hm_assets.playbooks.metrics.numbers import numbers
from hm_assets.playbooks.metrics.of_strategy import of_strategy
from hm_assets.playbooks.metrics.store import Store
from hm_assets.warehouse.errors import ContractError
from hm_assets_tests.playbooks.examples import AS_OF, MONTH, SOURCE, VERSIONS, rows
from hm_assets_tests.playbooks.metrics.examples import store, tables


@pytest.fixture(scope="module")
def contents() -> Contents:
    found = store()
    return Contents(
        found, lines_of(tables()["playbooks/strategy"], [], found), SOURCE, version="9f3c21ab77d0"
    )


def faults(path: Path, contents: Contents) -> list[str]:
    scope = checker.scope_of(path.name, contents.store, reading.names_of(contents, path.name))
    return [fault.number for fault in checker.faults(path, scope)]


@pytest.fixture(scope="module")
def folder(contents: Contents, tmp_path_factory: pytest.TempPathFactory) -> Path:
    reports = tmp_path_factory.mktemp("reports")
    for kind in shelf.SHELVES.values():
        shelf.write(contents, kind, reports, {})
    write_playbooks(rows(), as_of=AS_OF, month=MONTH, reports=reports, versions=VERSIONS, source=SOURCE)
    return reports / "2020-09"


def test_every_document_passes_as_it_was_written(folder: Path, contents: Contents) -> None:
    found = {p.name: faults(p, contents) for p in folder.iterdir() if p.suffix in checker.readers.READERS}
    assert {p.rsplit(".")[-1] for p in found} == {"html", "pdf", "pptx", "xlsx"}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_a_wrong_figure_on_a_page_is_found_whether_marked_or_not(
    folder: Path, contents: Contents, tmp_path: Path
) -> None:
    page = (folder / "index.html").read_text(encoding="utf-8")
    planted = tmp_path / "index.html"
    planted.write_text(page.replace("</main>", "<p>They bring 77.3 % of it.</p></main>"), encoding="utf-8")
    assert faults(planted, contents) == ["77.3 %"]
    # The element says which figure it is: another figure's text does not pass, nor another value.
    assert ">272,456<" in page
    planted.write_text(page.replace(">272,456<", ">540,825<"), encoding="utf-8")
    assert faults(planted, contents) == ["540,825"]
    planted.write_text(page.replace('data-value="272456.0"', 'data-value="272457.0"'), encoding="utf-8")
    assert len(faults(planted, contents)) >= 1


def test_what_stands_on_a_line_of_a_table_counts_for_its_figures_and_for_no_other(
    contents: Contents, tmp_path: Path
) -> None:
    figure = next(f for f in contents.store.figures.values() if (f.segment, f.fact) == ("1", "customers"))
    said = " ".join(
        f'data-{name}="{getattr(figure, name)}"' for name in ("asset", "segment", "kind", "field")
    )
    cell = f'<td><span data-fact="customers" data-value="{figure.value!r}">{figure.text}</span></td>'
    page = tmp_path / "index.html"
    page.write_text(f"<table><tr {said}>{cell}</tr></table>", encoding="utf-8")
    assert faults(page, contents) == []
    page.write_text(f"<table><tr {said}></tr><tr>{cell}</tr></table>", encoding="utf-8")
    assert faults(page, contents) == [f"{figure.text} (///customers/)"]


def test_a_wrong_number_in_a_pdf_is_found_and_named(contents: Contents, tmp_path: Path) -> None:
    planted = tmp_path / "planted.pdf"
    planted.write_bytes(pdf(contents, "Planted", [paragraph("They bring 77.3 % of it.")]))
    scope = checker.scope_of(planted.name, contents.store, reading.names_of(contents, planted.name))
    (fault,) = checker.faults(planted, scope)
    assert str(fault) == "planted.pdf, page 1: 77.3 % is not in playbooks/metrics"


@pytest.mark.parametrize("where", ["notes", "text", "table", "chart"])
def test_a_wrong_number_in_a_deck_is_found(
    where: str, folder: Path, contents: Contents, tmp_path: Path
) -> None:
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData

    deck = Presentation(str(folder / shelf.DECK))
    shapes = [(slide, shape) for slide in deck.slides for shape in slide.shapes]
    if where == "notes":
        deck.slides[3].notes_slide.notes_text_frame.text = "Tell them 77.3 %."
    elif where == "text":
        deck.slides[3].shapes[1].text_frame.text = "They bring 77.3 %."
    elif where == "table":
        next(shape for _, shape in shapes if shape.has_table).table.cell(1, 1).text = "77.3 %"
    else:
        data = CategoryChartData()
        data.categories = ["planted"]
        data.add_series("planted", [0.7731])
        next(shape for _, shape in shapes if shape.has_chart).chart.replace_data(data)
    deck.save(str(tmp_path / shelf.DECK))
    assert faults(tmp_path / shelf.DECK, contents) == ["0.7731" if where == "chart" else "77.3 %"]


@pytest.mark.parametrize(("value", "told"), [(0.7731, "0.7731"), ("They bring 77.3 %.", "77.3 %")])
def test_a_wrong_number_in_a_workbook_is_found(
    value: float | str, told: str, folder: Path, contents: Contents, tmp_path: Path
) -> None:
    from openpyxl import load_workbook

    book = load_workbook(folder / shelf.WORKBOOK)
    book["Segments"]["C2"] = value
    book.save(tmp_path / shelf.WORKBOOK)
    scope = checker.scope_of(shelf.WORKBOOK, contents.store, reading.names_of(contents, shelf.WORKBOOK))
    (fault,) = checker.faults(tmp_path / shelf.WORKBOOK, scope)
    assert (fault.place, fault.number) == ("Segments!C2", told)


def test_a_name_that_ends_in_a_digit_hides_no_figure(contents: Contents, tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text("<p>Top 7 sold 77.3 % and Top 773 sold.</p>", encoding="utf-8")
    scope = checker.Scope(contents.store, None, ["Top 7"])
    assert [fault.number for fault in checker.faults(page, scope)] == ["77.3 %", "773"]


def test_an_article_may_be_called_by_its_name_alone(contents: Contents, tmp_path: Path) -> None:
    (tmp_path / "made.html").write_text("<p>Alvety dress (773)</p><p>Alvety (773)</p>")
    scope = checker.Scope(contents.store, None, ["Alvety dress (773), Black, Dress (article 0749302033)"])
    assert [str(fault) for fault in checker.faults(tmp_path / "made.html", scope)] == [
        "made.html, line 1: 773 is not in playbooks/metrics"
    ]


def test_a_name_that_is_only_a_month_leaves_dates_whole(contents: Contents, tmp_path: Path) -> None:
    (tmp_path / "made.html").write_text("<p>As of 22 September 2020</p>")
    scope = checker.Scope(contents.store, None, ["September 2020"])
    assert not checker.faults(tmp_path / "made.html", scope)


def test_the_calendar_may_look_ahead_as_far_as_the_rules_say_and_no_further(
    contents: Contents, tmp_path: Path
) -> None:
    page = tmp_path / "segment-1-spenders.html"
    page.write_text("<h2>When: the next 47 weeks</h2>")
    assert faults(page, replace(contents, weeks=47)) == []
    assert faults(page, replace(contents, weeks=13)) == ["47"]


def test_no_document_prints_a_number_that_only_happens_to_be_a_figure(
    contents: Contents, tmp_path: Path
) -> None:
    # Figures as nobody writes them by hand; only what the lines of the strategy print keeps its text.
    lines = of_strategy(tables()["playbooks/strategy"])
    said = {figure.key for figure in lines}
    odd = [
        figure if figure.key in said else replace(figure, text=f"{7_000_000 + 13 * place:,}")
        for place, figure in enumerate(contents.store.figures.values())
    ]
    known = contents.store
    names = {segment: f"Group {letter}" for segment, letter in zip(known.names, "ABCDEF", strict=False)}
    strange = replace(contents, store=Store.of(known.month, known.as_of, names, odd, known.versions))
    for kind in shelf.SHELVES.values():
        shelf.write(strange, kind, tmp_path, {})
    written = [p for p in (tmp_path / "2020-09").iterdir() if p.suffix in checker.readers.READERS]
    assert len(written) > 8
    assert [fault for path in written for fault in faults(path, strange)] == []


def test_the_dictionary_of_all_tables_is_text_whatever_the_figures_are(
    contents: Contents, tmp_path: Path
) -> None:
    said = replace(contents, tables=list(TABLES.values()))
    page = tmp_path / "index.html"
    page.write_text("".join(f"<p>{html.escape(text)}</p>" for text in dictionary.texts(said)))
    no_figures = Store.of(contents.store.month, contents.store.as_of, {}, [], {})
    scope = checker.Scope(no_figures, None, reading.names_of(said, "data-dictionary.pdf"))
    assert [fault.number for fault in checker.faults(page, scope)] == []


def test_a_page_about_one_segment_may_not_print_another_ones_figures(
    contents: Contents, tmp_path: Path
) -> None:
    page = tmp_path / "segment-1-best.html"
    page.write_text("<p>They last bought 486 days ago.</p>", encoding="utf-8")  # those are segment 2's
    assert faults(page, contents) == ["486"]
    assert faults(page.rename(tmp_path / "index.html"), contents) == []


def test_a_digit_changed_at_random_is_mostly_found(folder: Path, contents: Contents) -> None:
    """Without marks a wrong number passes where it is another figure's; in a page of a segment that is seldom."""
    scope = checker.scope_of("segment-1-x.pdf", contents.store, contents.texts())
    tried, rng = [], random.Random(7)
    for figure in scope.figures:
        for number in numbers(figure.text):
            wrong = "".join(rng.choice("123456789") if c.isdigit() else c for c in number.text)
            if wrong != number.text:
                tried.append(bool(checker._free(f"They have {wrong}.", scope)))
    assert len(tried) > 50
    assert sum(tried) / len(tried) > 0.8


def test_what_cannot_be_read_is_refused(tmp_path: Path, contents: Contents) -> None:
    with pytest.raises(ContractError, match=r"reads [.]html"):
        faults(tmp_path / "facts.docx", contents)


def test_a_deck_is_an_archive_of_its_day(folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO((folder / shelf.DECK).read_bytes())) as archive:
        assert {entry.date_time[:3] for entry in archive.infolist()} == {(2020, 9, 22)}

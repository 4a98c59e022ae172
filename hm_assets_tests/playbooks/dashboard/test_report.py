"""The dashboard as a file: every figure is the table's, nothing of few people, readable whatever the month is like."""

import json
import random
import re

import plotly.graph_objects as go
import pytest

from hm_assets.playbooks.dashboard import report
from hm_assets.playbooks.dashboard.parts import Marked
from hm_assets.playbooks.metrics.figure import Figure
from hm_assets.profiles.fairness.privacy import K
from hm_assets.warehouse.charts import Chart, NotEnough
from hm_assets.warehouse.manifest import DASHBOARD_MANIFEST, SCRIPTED_KINDS, read_all, read_manifest
from hm_assets_tests.chart_pages import without_scripts
from hm_assets_tests.playbooks.dashboard import months
from hm_assets_tests.profiles.page.months import MONTH, shop

ATTACK = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
SIX_MEGABYTES = 6_000_000
STORED = ("profiles/segment_profiles", "forecasts/segments")


@pytest.fixture(scope="module")
def told():
    return months.told()


def views(told):
    return {view.name: view for tab in report.tabs(told) for view in tab.views()}


def write(told, folder, banner=""):
    return report.write_dashboard(
        told, reports=folder, versions=months.VERSIONS, source="a made-up <shop>", banner=banner
    )


def test_every_picture_states_its_finding_has_its_table_and_is_valid(told):
    found = [view for tab in report.tabs(told) for view in tab.views()]
    assert len({view.name for view in found}) == len(found)
    drawn = [view for view in found if isinstance(view.picture, Chart)]
    assert len(drawn) > 30
    for view in drawn:
        assert re.search(r"\d", view.picture.title), view.name
        assert len(view.picture.title.split()) > 4, view.name
        assert view.picture.note.startswith("How to read it: "), view.name
        assert view.sheet and view.sheet.lines, view.name
        assert all(len(line.cells) == len(view.sheet.columns) - 1 for line in view.sheet.lines), view.name
        figure = view.picture.plotly()
        narrow = figure.pop("narrow", {})
        go.Figure(figure)  # refuses what Plotly does not know
        assert all(path.split(".")[0] in figure["layout"] for path in narrow), view.name


def test_the_tabs_are_those_that_were_asked_for(told):
    assert [tab.name for tab in report.tabs(told)] == [
        *("overview", "segment", "differences", "comparison", "impact", "movement", "validity")
    ]
    chosen = {part.name: part for tab in report.tabs(told) for part in tab.parts if hasattr(part, "options")}
    assert [option.value for option in chosen["segment"].options] == [*map(str, told.month.ids), "0"]
    assert [option.value for option in chosen["cause"].options] == [
        "all",
        "behaviour",
        "time",
        "model",
        "price",
    ]


def test_every_figure_is_the_tables_and_names_it(told, tmp_path):
    page = months.Page(write(told, tmp_path).read_text())
    assert len(page.figures) > 500
    assert {each["asset"] for each in page.figures} <= set(months.VERSIONS)
    for each in page.figures:
        if each["asset"] in STORED and each["field"] != "effect":
            key = tuple(each[name] for name in months.ORIGIN)
            figure = told.store.figures[key]
            assert float(each["value"]) == figure.value
    by_hand = {(r["segment_id"], r["fact"]): r for r in told.month.profiles}
    spend = [
        f
        for f in page.figures
        if f["fact"] == "spend_365d" and f["field"] == "value" and f["asset"] == STORED[0]
    ]
    assert spend
    assert all(float(f["value"]) == by_hand[int(f["segment"]), "spend_365d"]["value"] for f in spend)


def test_a_number_in_a_table_is_a_figure_with_an_origin(told):
    """But for tiers and words of the passport and the ladder, which are the table's own text."""
    for view in views(told).values():
        if not view.sheet or view.name in ("criteria_of_all", "ladder"):
            continue
        for line in view.sheet.lines:
            for cell in line.cells:
                text = cell.text if isinstance(cell, Marked) else cell
                if not isinstance(text, Figure):
                    assert not re.search(r"\d", text.replace(f"fewer than {K}", "")), (view.name, text)


def test_what_is_assumed_says_so_and_nothing_is_money(told, tmp_path):
    text = write(told, tmp_path).read_text()
    page = months.Page(text)
    assumed = [each for each in page.figures if each["assumed"] == "True"]
    assert {each["fact"] for each in assumed} == {"one_order_of_some", "lift"}
    assert text.count('<small class="assumed">assumption</small>') == len(assumed)
    rows = {
        each["segment"]: each for each in assumed if each["field"] == "value" and each["kind"] == "growth"
    }
    for row in told.one_order_away:
        if row["rises"]:
            order = told.month.value(row["segment_id"], "spend_per_order")
            assert float(rows[str(row["segment_id"])]["value"]) == pytest.approx(row["rises"] * order / 10)
    assert "1" not in rows
    assert not re.search(r"[$€£¥]|USD|EUR", without_scripts(text))


def test_it_is_one_file_and_the_same_for_the_same_rows_in_any_order(told, tmp_path):
    first = write(told, tmp_path / "first").read_text()
    mixed = {name: random.Random(7).sample(rows, len(rows)) for name, rows in months.rows().items()}
    again = months.told(**mixed)
    assert write(again, tmp_path / "again").read_text() == first
    outside = without_scripts(first)
    assert not re.search(r'(src|href)="(?!data:|#|[a-z0-9-]+\.html")', outside)
    assert "default-src 'none'; script-src 'sha256-" in first
    assert "unsafe-eval" not in first
    assert re.search(r"script-src[^;]*unsafe-inline", first) is None


def test_it_lists_itself_and_takes_its_last_one_away(told, tmp_path):
    path = write(told, tmp_path, banner="Published although")
    folder = path.parent
    manifest = read_manifest(folder, DASHBOARD_MANIFEST)
    assert [entry.name for entry in manifest.files] == ["dashboard.html"]
    assert manifest.files[0].kind in SCRIPTED_KINDS
    assert manifest.files[0].bytes == path.stat().st_size
    assert read_all(folder).files == manifest.files
    assert '<p class="note signed">Published although</p>' in path.read_text()


def test_ten_segments_stay_under_six_megabytes(tmp_path):
    kinds = [(8 + 40 * i, 30 - 2 * i, 0.08 - 0.005 * i) for i in range(10)]
    names = {0: "No purchase yet"} | {i: f"Segment {i}: of some kind" for i in range(1, 11)}
    found = months.told(shop(25, kinds), names)
    assert len(found.month.ids) == 10
    assert write(found, tmp_path).stat().st_size < SIX_MEGABYTES


def test_text_of_the_data_never_becomes_markup(tmp_path):
    """Names with markup, a formula, ten thousand characters; a taste with a script."""
    names = {0: "No purchase yet", 1: ATTACK, 2: "=cmd|' /C calc'!A0 \U0001f457", 3: "x" * 10_000}
    plain = months.rows()["profiles"]
    taste = {
        **{"segment_id": 1, "segment_name": ATTACK, "kind": "category", "fact": ATTACK, "unit": "share"},
        **{"customers": 40, "value": 0.2, "low": 150.0, "high": 250.0, "base": 0.1, "index_to_base": 200.0},
        **{"effect": None, "as_of": plain[0]["as_of"], "month": MONTH},
    }
    made = months.told(names=names)
    rows = [{**row, "segment_name": names[row["segment_id"]]} for row in plain if row["segment_id"] in names]
    told = months.told(names=names, profiles=[*rows, taste])
    text = write(told, tmp_path).read_text()
    assert "<img" not in text
    assert text.count("<script") == write(made, tmp_path / "other").read_text().count("<script")
    assert "alert(1)</script>" not in text
    block = re.search(r'id="figures">(.*?)</script>', text, re.S).group(1)
    assert "<" not in block
    json.loads(block)
    assert "x" * 200 not in text
    assert "dashboard.html" not in [link for link in re.findall(r'href="([^"]*)"', text) if "<" in link]


def test_a_small_segment_tells_its_size_and_nothing_else(tmp_path):
    small = shop(40).filter([True] * 95 + [False] * 25)
    told = months.told(small)
    assert told.sizes[3] == 15
    page = months.Page(write(told, tmp_path).read_text())
    profiles = {
        (f["kind"], f["fact"])
        for f in page.figures
        if f["segment"] == "3"
        and f["asset"] in (*STORED, "features/customer_features", "forecasts/customers")
    }
    assert {fact for _, fact in profiles} <= {"customers", "share_of_customers"}
    assert not [f for f in page.figures if f["segment"] == "3" and f["kind"] == "growth"]


@pytest.mark.parametrize(
    ("people", "changed", "missing"),
    [
        (shop(kinds=((8, 30, 0.08),)), {}, {"radar", "beside_1", "effects"}),
        (shop(), {"outlook": [], "worth": []}, {"ahead", "spread_value_12m", "spread_spend_365d"}),
        (shop(), {"transitions": [], "validity": [], "criteria": []}, {"ladder", "causes", "passports"}),
        (shop(), {"strategy": [], "words": [], "one_order_away": []}, {"growth"}),
    ],
    ids=["one segment", "no forecasts", "first month", "no words"],
)
def test_a_month_that_lacks_something_says_so_and_does_not_break(people, changed, missing, tmp_path):
    told = months.told(people, **changed)
    found = {name for name, view in views(told).items() if isinstance(view.picture, NotEnough)}
    assert missing <= found
    text = write(told, tmp_path).read_text()
    assert text.count("data-not-enough=") == len(found)


def test_where_nobody_has_bought_there_is_still_a_page(tmp_path):
    rows = [row for row in months.told().month.profiles if row["segment_id"] == 0]
    told = months.told(
        profiles=rows,
        **dict.fromkeys(
            (
                "words",
                "transitions",
                "criteria",
                "validity",
                "outlook",
                "worth",
                "one_order_away",
                "strategy",
            ),
            (),
        ),
    )
    text = write(told, tmp_path).read_text()
    assert "0 customers in 0 segments" in text
    assert all(isinstance(view.picture, NotEnough) or view.sheet for view in views(told).values())


def test_what_segments_bring_says_when_some_is_withheld(told):
    """Of the last segment too few spent anything, and another is withheld with it."""
    assert told.month.value(3, "share_of_spend_365d") is None
    assert views(told)["contribution"].picture.title.endswith("; what 2 others bring is withheld")
    whole = months.told(shop(kinds=((8, 30, 0.08), (40, 9, 0.06), (60, 2, 0.03))))
    assert "withheld" not in views(whole)["contribution"].picture.title

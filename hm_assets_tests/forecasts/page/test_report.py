"""The page: findings with the tables' figures, nobody recognised, nothing of the data run, honest without a model."""

import json
import random
import re
import shutil
from dataclasses import fields, replace

import plotly.graph_objects as go
import pytest

from hm_assets.forecasts.page import cards, report
from hm_assets.forecasts.page import pictures_of_worth as worth
from hm_assets.forecasts.page.month import NO_MODEL
from hm_assets.warehouse.charts import Chart, NotEnough
from hm_assets.warehouse.manifest import FORECASTS_MANIFEST, read_manifest
from hm_assets_tests import chart_pages
from hm_assets_tests.chart_pages import titles, without_scripts
from hm_assets_tests.forecasts.page import months

ATTACK = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def month():
    return months.full()


def blocks(month):
    return {block.name: block for section in report.sections(month) for block in section.blocks}


def write(month, folder, banner=""):
    return report.write_report(
        month, reports=folder, versions=months.VERSIONS, source="a made-up <shop>", banner=banner
    )


def text_of(grid):
    return [[str(cell) for cell in row] for row in grid.rows]


def test_every_chapter_states_its_finding_and_every_picture_is_valid(month):
    for section in report.sections(month):
        assert re.search(r"\d", section.title), section.name
    found = blocks(month)
    assert not [name for name, block in found.items() if isinstance(block, NotEnough)]
    for name, block in found.items():
        assert len(block.title.split()) > 4, name
        assert re.search(r"\bn = (about )?\d", block.about), name
        assert block.note.startswith("How to read it: "), name
        assert set(block.sources) <= set(months.VERSIONS), name
        if isinstance(block, Chart):
            figure = block.plotly()
            narrow = figure.pop("narrow", {})
            go.Figure(figure)
            assert all(path.split(".")[0] in figure["layout"] for path in narrow), name
            assert all(titles(figure["layout"], figure["data"])), name
    assert sum(isinstance(block, Chart) for block in found.values()) >= 13


def test_what_is_printed_is_in_the_tables(month, tmp_path):
    table = {(row["segment"], row["measure"]): row for row in month.segments}
    page = without_scripts(write(month, tmp_path).read_text())
    found = re.findall(
        r'data-asset="([^"]+)" data-segment="([^"]+)" data-fact="([^"]+)" data-value="([^"]+)">([^<]+)<', page
    )
    assert [fact for _, _, fact, _, _ in found] == ["ordering_90d", "value_90d_sum", "customers", "share"]
    for asset, segment, fact, value, text in found:
        if asset == "forecasts/segments":
            assert float(value) == table[segment, fact]["value"]
            assert text.startswith("46" if fact == "ordering_90d" else "46.0")
    drawn = blocks(month)["segment_ordering_90d"].data[0]
    assert drawn["x"] == [90, 60, 20]
    for x, above, below in zip(
        drawn["x"], drawn["error_x"]["array"], drawn["error_x"]["arrayminus"], strict=True
    ):
        # Shares end at one.
        assert (x - below, x + above) == pytest.approx((0.9 * x, min(1.1 * x, 100)))
    assert text_of(blocks(month)["segment_table"])[0][:2] == ["Champions", "90 % (81 % to 99 %)"]


def test_the_headline_compares_with_customers_known_a_year_before(month):
    assert cards.cards(month)[0].text == "46 %"
    assert report.sections(month)[0].title == (
        "About 460 of 1,000 customers order within 90 days; on one past day such a share was off by at most 2.0 points"
    )
    assert blocks(month)["spend"].title.endswith(
        "8.0 % less than in the same 90 days a year before and 15 % more than in the 90 days before"
    )
    assert blocks(month)["spend"].data[0]["x"] == [50.0, 40.0, 46.0]


def test_where_a_plain_rule_wins_the_page_says_so(month):
    found = blocks(month)
    assert found["scores"].title == "A plain rule is better than the model taken on “Calibration error (ECE)”"
    assert found["value_scores"].title.startswith(
        "A plain rule is better than the model taken on “Expected by true”"
    )
    assert found["demand_scores"].title == "For all units last year’s figures were as good or better"
    worse = [
        row | {"value": 0.1} if (row["model"], row["metric"]) == ("recency", "brier") else row
        for row in month.scoreboard
    ]
    turned = {s.name: s for s in report.sections(replace(month, scoreboard=worse))}["trust"]
    assert (
        turned.title
        == "A plain rule is better than the model on these days: “Days since the last order alone”"
    )
    assert "not lower than" in blocks(replace(month, scoreboard=worse))["models"].title
    assert found["kept"].title.startswith("1 of 4 promised intervals held")


def test_lists_whose_intervals_meet_are_no_clear_difference(month):
    assert blocks(month)["warning_lift"].title.endswith("70 %, clearly fewer")
    near = [
        row | {"left_high": 0.86} if row["pick"] == "ninety_days" else row for row in month.warning_scores
    ]
    assert blocks(replace(month, warning_scores=near))["warning_lift"].title.endswith("no clear difference")


def test_of_few_customers_nothing_is_told(month, tmp_path):
    rows = {row[0]: row for row in text_of(blocks(month)["segment_table"])}
    # 4 of 200 are late in the first; 12 new customers in the third.
    assert rows["Champions"][-2] == "withheld"
    assert rows["Dormant"][-1] == "–"
    # What is withheld does not come back from everybody's share and the others'.
    assert [row[-2] for row in rows.values()].count("withheld") >= 2
    reasons = text_of(blocks(month)["warning_reasons"])
    assert [row[1:3] for row in reasons] == [["40", "2.50"], ["fewer than 20", "not told"]]
    assert blocks(month)["warning_segments"].data[0]["x"] == [40]
    drivers = text_of(blocks(month)["segment_reasons"])
    assert drivers[0] == ["Champions", "last order lowers it: nearly all", "–"]
    page = write(month, tmp_path).read_text()
    assert "customer_key" not in without_scripts(page)
    assert "customer_key" not in re.search(r'id="figures">(.*?)</script>', page, re.S).group(1)


def test_without_a_model_each_chapter_says_so_in_a_sentence_and_no_picture_is_empty(tmp_path):
    month = months.unknown()
    for section in report.sections(month):
        assert section.title.endswith("cannot be said yet")
        (block,) = section.blocks
        assert isinstance(block, NotEnough)
    text = without_scripts(write(month, tmp_path).read_text())
    assert f"Not enough data: {NO_MODEL}." in text
    assert 'id="slider"' not in text
    assert 'class="todo"' not in text
    assert "None" not in text
    assert "nan" not in text.lower().split()


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"segment_scores": (), "value_scores": (), "scoreboard": (), "rules": (), "timing": (), "profit": ()},
         {"past_shares", "past_spend", "models", "scores", "value_scores", "kept", "shift", "money", "rules"}),
        ({"explained": None, "importance": (), "reasons": ()}, {"drivers", "themes", "segment_reasons"}),
        ({"warned": (), "warning_scores": ()}, {"warning_reasons", "warning_segments", "warning_lift"}),
        ({"thresholds": (), "budgets": ()}, {"profit", "budgets", "orders"}),
        ({"demand": (), "demand_scores": ()}, {"demand", "demand_segments", "demand_categories", "demand_scores"}),
        ({"periods": (), "windows": ()}, {"windows"}),
    ],
    ids=["no past day", "not explained", "nobody warned", "no money", "no whole month", "no year before"],
)  # fmt: skip
def test_what_is_missing_is_said_and_the_rest_stands(month, changes, missing, tmp_path):
    made = replace(month, **changes)
    said = {name for name, block in blocks(made).items() if isinstance(block, NotEnough)}
    # Of a chapter without anything the first block says so for all.
    assert missing - blocks(made).keys() <= {"themes", "segment_reasons", "scores", "value_scores", "kept", "shift"} | {
        "warning_segments", "warning_lift", "demand_segments", "demand_categories", "demand_scores"
    }  # fmt: skip
    assert said == missing & blocks(made).keys()
    text = without_scripts(write(made, tmp_path).read_text())
    assert text.count("Not enough data") == len(said) > 0


def test_the_page_is_self_contained_and_the_same_for_rows_in_any_order(month, tmp_path):
    path = write(month, tmp_path / "a")
    assert path == tmp_path / "a" / "2020-09" / "forecasts.html"
    shuffled = {}
    for field in fields(month):
        rows = getattr(month, field.name)
        if isinstance(rows, list):
            shuffled[field.name] = random.Random(1).sample(rows, len(rows))
    assert path.read_bytes() == write(replace(month, **shuffled), tmp_path / "b").read_bytes()
    text = path.read_text()
    assert not re.search(r"src=[\"'](?!data:)", without_scripts(text))
    assert set(re.findall(r'href="([^"#][^"]*)"', without_scripts(text))) == {
        "data:,",
        "index.html",
        "segments.html",
    }
    assert set(re.findall(r'href="#([^"]+)"', without_scripts(text))) == {*report.CHAPTERS, "limits"}
    assert not re.search(r"[€$£¥]|\b(EUR|USD|GBP|SEK|euro|dollar)s?\b", without_scripts(text))
    manifest = read_manifest(path.parent, FORECASTS_MANIFEST)
    assert [(entry.kind, entry.name) for entry in manifest.files] == [("forecasts", path.name)]


def test_text_of_the_data_never_becomes_markup(month, tmp_path):
    called = {i: f"{ATTACK} {i}" for i in months.NAMES}
    demand = [row | {"category": ATTACK} if row["category"] == "Tops" else row for row in month.demand]
    text = write(
        replace(month, names=months.names(called), demand=demand), tmp_path, banner=ATTACK
    ).read_text()
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "<img" not in json.dumps(
        json.loads(re.search(r'id="figures">(.*?)</script>', text, re.S).group(1))
    )


def test_the_slider_holds_the_tables_sums_and_starts_where_it_pays_most(month):
    slider = worth.slider(month)
    rows = [row for row in month.thresholds if row["audience"] == "leaves"]
    assert len(slider.rows) == 100
    best = max(rows, key=lambda row: row["profit"])
    assert slider.percent == best["top_percent"]
    at, a = slider.rows[best["top_percent"] - 1], slider.assumed
    taken = at["customers"] - at["expected_hits"] + a["kept_share"] * at["expected_hits"]
    profit = a["kept_share"] * at["value_at_risk"] - a["contact"] * at["customers"] - a["incentive"] * taken
    assert profit == pytest.approx(best["profit"], abs=1e-3)
    poor = [
        row | {"profit": -1.0 * row["top_percent"]} if row["audience"] == "leaves" else row
        for row in month.thresholds
    ]
    assert worth.headline(replace(month, thresholds=poor)).startswith("By these assumptions it does not pay")
    assert worth.slider(replace(month, thresholds=poor)).percent == 1


@pytest.mark.slow
def test_the_page_opens_without_a_network_and_draws_every_chart(month, tmp_path):
    wanted = sum(isinstance(block, Chart) for block in blocks(month).values())
    chart_pages.opens_offline(write(month, tmp_path), wanted)


@pytest.mark.slow
def test_the_slider_works_out_the_profit_of_other_assumptions(month, tmp_path):
    from playwright.sync_api import sync_playwright

    path = write(replace(months.unknown(), thresholds=month.thresholds), tmp_path)
    row = next(r for r in month.thresholds if (r["audience"], r["top_percent"]) == ("leaves", 30))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        page = browser.new_page()
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-drawn]", state="attached", timeout=60_000)

        def shown(name):
            return page.inner_text(f'[data-shown="{name}"]').replace("−", "-").replace(",", "")

        def put(name, value):
            page.evaluate(
                "([name, value]) => { const field = document.getElementById('slider').elements[name]; "
                "field.value = value; field.dispatchEvent(new Event('input', { bubbles: true })); }",
                [name, value],
            )

        put("percent", "30")
        assert int(shown("customers")) == row["customers"]
        assert float(shown("profit")) == pytest.approx(row["profit"], abs=0.5)
        assert float(shown("cost")) == pytest.approx(row["cost"], abs=0.5)
        low, high = (float(end) for end in shown("between").split(" to "))
        assert (low, high) == pytest.approx((row["profit_low"], row["profit_high"]), abs=0.5)
        mark = page.evaluate("document.querySelector('[data-chart=\"profit\"]').data[3]")
        assert (mark["x"][0], mark["y"][0]) == pytest.approx((30, row["profit"]), abs=1e-3)
        # Nobody is kept: all of it is cost. An entry that makes no sense counts as it was at first.
        put("kept", "0")
        assert float(shown("profit")) == pytest.approx(
            -(row["customers"] * 0.01 + 0.1 * (row["customers"] - row["expected_hits"])), abs=0.5
        )
        put("kept", "-5")
        assert float(shown("profit")) == pytest.approx(row["profit"], abs=0.5)
        put("contact", "1000000")
        assert float(shown("profit")) == pytest.approx(row["profit"], abs=0.5)
        page.click("button[name=best]")
        assert int(shown("percent")) == worth.slider(month).percent
        browser.close()

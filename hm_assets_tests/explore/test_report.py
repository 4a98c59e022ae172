"""The page: every chart labelled and drawn without a network, nothing of the data run as a script."""

import json
import re

import plotly.graph_objects as go
import pytest

from hm_assets.explore import report
from hm_assets.warehouse.charts import Chart, NotEnough
from hm_assets.warehouse.manifest import EDA_MANIFEST, read_all, read_manifest
from hm_assets_tests import chart_pages
from hm_assets_tests.chart_pages import titles, without_scripts
from hm_assets_tests.explore import pages, shops

ATTACK = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def facts():
    return pages.facts(shops.lines(customers=70, days=760, each=40))


@pytest.fixture(scope="module")
def charts(facts):
    return {block.name: block for section in report.sections(facts) for block in section.blocks}


def test_every_chart_is_valid_and_says_what_it_shows(charts):
    for name, chart in charts.items():
        assert chart.title, name
        if isinstance(chart, NotEnough):
            continue
        assert chart.sources, name
        assert re.search(r"\bn\b", chart.about), name
        if isinstance(chart, Chart):
            figure = chart.plotly()
            go.Figure(figure)  # refuses what Plotly does not know
            labels = titles(figure["layout"], figure["data"])
            assert labels, name
            if name != "network":  # the place of a node has no unit
                assert all(labels), name
    assert sum(isinstance(chart, Chart) for chart in charts.values()) >= 20


def test_values_are_a_price_index_and_never_a_currency(facts, tmp_path):
    text = without_scripts(pages.write(facts, tmp_path).read_text())
    assert "price index" in text
    assert not re.search(r"[€$£¥]|\b(EUR|USD|GBP|SEK|euro|dollar)s?\b", text)


def test_the_page_is_self_contained_says_where_it_is_from_and_is_written_the_same_twice(facts, tmp_path):
    path = pages.write(facts, tmp_path / "a")
    assert path.read_bytes() == pages.write(facts, tmp_path / "b").read_bytes()
    text = path.read_text()
    assert path.stat().st_size < 10_000_000
    assert text.count("plotly.js v") == 1
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)""", without_scripts(text))
    for source in facts:
        assert f"v-{source}" in text
    manifest = read_manifest(path.parent, EDA_MANIFEST)
    assert [entry.kind for entry in manifest.files] == ["eda"]
    assert read_all(path.parent) == manifest


def test_nothing_in_the_data_becomes_markup(facts, tmp_path):
    bad = {path: [dict(line) for line in lines] for path, lines in facts.items()}
    for line in bad["explore/category_revenue"]:
        line["category"] = f"{ATTACK} {line['category']}"
    for line in bad["explore/questions"]:
        line["answer"] = ATTACK
    text = pages.write(bad, tmp_path).read_text()
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    figures = json.loads(re.search(r'id="figures">(.*?)</script>', text, re.S).group(1))
    assert "<img" not in json.dumps(figures)


@pytest.mark.parametrize(
    "lines",
    [
        [(1, shops.FIRST, 1, 0.03, 1)],
        pytest.param(shops.lines(customers=3, days=20, each=2), marks=pytest.mark.slow),
        pytest.param([(key, shops.FIRST, 10, 0.02, 2) for key in range(1, 40)], marks=pytest.mark.slow),
    ],
    ids=["one customer", "three weeks", "one day"],
)
def test_little_data_says_not_enough_and_does_not_break(lines, tmp_path):
    text = pages.write(pages.facts(lines), tmp_path).read_text()
    assert text.count("Not enough data") >= 5
    assert "nan" not in re.sub(r"<script.*?</script>", "", text, flags=re.S).lower().split()


def test_a_month_without_customers_has_no_page(facts, tmp_path):
    assert pages.write({path: [] for path in facts}, tmp_path) is None
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_page_opens_without_a_network_and_draws_every_chart(facts, charts, tmp_path):
    wanted = sum(isinstance(chart, Chart) for chart in charts.values())
    chart_pages.opens_offline(
        pages.write(facts, tmp_path), wanted, without_axes=("cube", "revenue_donut"), without_y=("network",)
    )


@pytest.mark.slow
def test_the_order_of_the_lines_changes_no_fact():
    lines = shops.lines(customers=12, days=200, each=6)
    assert pages.facts(lines) == pages.facts(lines[::-1])

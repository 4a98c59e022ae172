"""The page: findings with figures, nothing of the data run, nobody recognised, readable whatever the month is like."""

import dataclasses
import json
import random
import re

import plotly.graph_objects as go
import pytest

from hm_assets.profiles.page import cards, report
from hm_assets.warehouse.charts import Chart, Grid, NotEnough
from hm_assets.warehouse.manifest import SEGMENTS_MANIFEST, read_all, read_manifest
from hm_assets_tests import chart_pages
from hm_assets_tests.chart_pages import titles, without_scripts
from hm_assets_tests.profiles.page import months

ATTACK = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
WITHOUT_AXES = ("flow", *(f"radar_{i}" for i in (1, 2, 3)))


@pytest.fixture(scope="module")
def month():
    return months.month(months.shop(), validity=months.validity())


def blocks(month):
    return {block.name: block for section in report.sections(month) for block in section.blocks}


def write(month, folder, banner="", champion=months.CHAMPION):
    return report.write_report(
        month,
        reports=folder,
        versions=months.VERSIONS,
        source="a made-up <shop>",
        champion=champion,
        banner=banner,
    )


def figures(page):
    return re.search(r'id="figures">(.*?)</script>', page, re.S).group(1)


def test_every_chart_states_a_figure_is_valid_and_says_how_to_read_it(month):
    found = blocks(month)
    assert not [name for name, block in found.items() if isinstance(block, NotEnough)]
    for name, block in found.items():
        assert re.search(r"\d", block.title) or name == "channels", name
        assert len(block.title.split()) > 4, name
        assert re.search(r"\bn = \d", block.about), name
        assert block.note.startswith("How to read it: "), name
        if isinstance(block, Chart):
            figure = block.plotly()
            narrow = figure.pop("narrow", {})
            go.Figure(figure)  # refuses what Plotly does not know
            assert all(path.split(".")[0] in figure["layout"] for path in narrow), name
            assert all(titles(figure["layout"], figure["data"])), name
    assert sum(isinstance(block, Chart) for block in found.values()) >= 18
    assert isinstance(found["passports"], Grid)


def test_a_median_of_those_with_any_is_not_told_as_one_of_all(month):
    """Half of a segment of which nine in ten spent nothing spent nothing."""
    found = blocks(month)
    assert found["box_spend_365d"].title.startswith("Spend in 365 days of those with any: ")
    assert found["box_recency_days"].title.startswith("Days since the last order: ")


def test_the_finding_is_who_brings_the_spend_and_cards_follow_it(month):
    assert re.fullmatch(
        r"“Champions” bring \d+ % of the year’s spend and are 33 % of the customers", cards.headline(month)
    )
    found = cards.cards(month)
    shares = [month.value(card.segment_id, "share_of_spend_365d") or 0 for card in found]
    assert shares == sorted(shares, reverse=True)
    assert found[-1].segment_id == 0
    assert all(1 <= len(card.defining) <= 5 for card in found[:-1])
    assert found[0].links == [
        ("Playbook", "segment-1-champions-recent-frequent.html"),
        ("Passport", "passport-1.html"),
    ]
    assert [file for _, file in found[-1].links] == ["segment-0-no-purchase-yet.html"]


def test_a_segment_has_one_colour_everywhere_whatever_its_share(month):
    colour = month.colour(2)
    found = blocks(month)
    assert found["flow"].data[0]["node"]["color"].count(colour) == 2
    named = {
        "Regulars": found["price_curves"].data,
        "box": found["box_spend_365d"].data,
        "sizes": found["sizes"].data,
    }
    for traces in named.values():
        assert [t["line"]["color"] for t in traces if t.get("name") == "Regulars"][:1] == [colour]
    richer = [
        {**row, "value": 0.99} if (row["segment_id"], row["fact"]) == (2, "share_of_spend_365d") else row
        for row in month.profiles
    ]
    turned = dataclasses.replace(month, profiles=richer)
    assert turned.ids[0] == 2
    assert turned.colour(2) == colour


def test_only_clear_differences_are_coloured_fully(month):
    profiles = [dict(row) for row in month.profiles]
    for row in profiles:
        if row["fact"] == "orders" and row["segment_id"] in (1, 2):
            wide = row["segment_id"] == 2
            row |= {
                "value": 2.0,
                "base": 1.0,
                "index_to_base": 200.0,
                "low": 0.5 if wide else 1.9,
                "high": 2.1,
            }
    chart = blocks(dataclasses.replace(month, profiles=profiles))["heat_map"].data[0]
    line = chart["y"].index("Orders in all")
    at = {segment: place for place, segment in enumerate(chart["x"])}
    assert chart["z"][line][at["Champions"]] == 1
    assert chart["text"][line][at["Champions"]] == "200"
    assert 0 < chart["z"][line][at["Regulars"]] < 0.5
    assert chart["text"][line][at["Regulars"]] == "(200)"


def test_movement_adds_up_and_grey_are_those_who_stayed(month):
    found = blocks(month)
    link = found["flow"].data[0]["link"]
    # 25 who came in are told as 20.
    assert (
        sum(link["value"]) == sum(row["customers"] for row in month.transitions if row["step"] == "all") - 5
    )
    node = found["flow"].data[0]["node"]["label"]
    for source, target, colour in zip(link["source"], link["target"], link["color"], strict=True):
        stayed = node[source].partition(":")[0] == node[target].partition(":")[0]
        assert colour.startswith("rgba(150,158,168") == stayed
    assert found["flow"].title.startswith(
        "10 % of 1,200 customers moved; the widest flow is 40 from Champions to Regulars"
    )
    assert dict(zip(found["causes"].data[0]["y"], found["causes"].data[0]["x"], strict=True)) == {
        "Time passed": 80,
        "They bought": 65,
        "Prices changed": 0,
        "The model changed": 0,
    }
    change = found["spend_change"].data[0]
    assert sum(change["x"][:-1]) == pytest.approx(-1.21, abs=0.1)


@pytest.mark.parametrize(("moved", "told"), [(19, None), (20, 20), (29, 20), (30, 40)])
def test_flows_are_told_to_twenty_people_and_those_of_fewer_not_at_all(month, moved, told):
    found = blocks(dataclasses.replace(month, transitions=months.transitions([1, 2, 3], moved)))
    link, matrix = found["flow"].data[0]["link"], found["matrix"].data[0]
    stay = {19: 380, 20: 380, 29: 380, 30: 380}[moved]
    assert set(link["value"]) == {20, stay} | {told} - {None}
    assert ("fewer than 20 along any one way" in found["flow"].title) == (told is None)
    assert (f"the widest flow is {told} from" in found["flow"].title) == (told is not None)
    shares = {cell for row in matrix["z"] for cell in row}
    assert shares == {0, stay / 4, 100 * 20 / 25} | ({told / 4} if told else set())
    hovered = " ".join(link["customdata"])
    assert f"{400 - moved:,} " not in hovered or (400 - moved) % 20 == 0
    assert found["causes"].data[0]["x"] == [2 * moved, moved + 25, 0, 0]


def test_the_widest_flow_is_told_beside_small_ones(month):
    """One small flow must not take the month's largest event off the page, nor call it small."""
    sizes = {(1, 1): 556, (1, 2): 263, (2, 1): 1, (2, 2): 639, (2, 3): 9, (3, 3): 551}
    cells = [
        {**months.transitions([1])[0], "from_segment": a, "to_segment": b, "customers": many}
        for (a, b), many in sizes.items()
    ]
    found = blocks(dataclasses.replace(month, transitions=cells))
    assert "; the widest flow is 260 from" in found["flow"].title
    assert found["flow"].data[0]["link"]["value"] == [560, 260, 640, 560]
    assert found["flow"].data[0]["node"]["customdata"] == ["819", "649", "551", "557", "902", "560"]
    assert found["matrix"].data[0]["text"][0][:2] == ["68", "32"]
    assert found["matrix"].data[0]["z"][2][2] == 100


def test_the_ladder_shows_one_row_a_fact_and_counts_what_the_clustering_never_saw(month):
    chart = blocks(month)["ladder"]
    assert chart.title.startswith("1 of 2 facts")
    effects = [x for trace in chart.data[1:] for x in trace["x"]]
    assert sorted(effects) == [0.02, 0.4, 0.9]


def test_the_page_is_self_contained_and_the_same_for_the_same_rows_in_any_order(month, tmp_path):
    path = write(month, tmp_path / "a")
    assert path == tmp_path / "a" / "2020-09" / "segments.html"
    shuffled = {}
    for field in dataclasses.fields(month):
        rows = list(getattr(month, field.name))
        # The sample is drawn in an order that says nothing about anybody.
        if field.name != "sample":
            random.Random(1).shuffle(rows)
        shuffled[field.name] = rows
    assert path.read_bytes() == write(dataclasses.replace(month, **shuffled), tmp_path / "b").read_bytes()
    text = path.read_text()
    assert path.stat().st_size < 10_000_000
    assert not re.search(r"src=[\"'](?!data:)", without_scripts(text))
    links = set(re.findall(r'href="([^"#][^"]*)"', without_scripts(text))) - {"data:,"}
    assert links == {
        *("index.html", "../2020-06/segmentation-lab.html", "segment-0-no-purchase-yet.html"),
        *("segment-1-champions-recent-frequent.html", "segment-2-regulars-recent.html"),
        *("segment-3-dormant-lapsed.html", "passport-1.html", "passport-2.html", "passport-3.html"),
    }
    assert all(version in text for version in months.VERSIONS.values())
    assert "by how recently and how often: ward with 3 segments (rfm)" in text
    assert not re.search(r"[€$£¥]|\b(EUR|USD|GBP|SEK|euro|dollar)s?\b", without_scripts(text))
    manifest = read_manifest(path.parent, SEGMENTS_MANIFEST)
    assert [(entry.kind, entry.name) for entry in manifest.files] == [("segments", path.name)]
    assert read_all(path.parent) == manifest


def test_nobody_on_the_page_can_be_recognised(month, tmp_path):
    other = months.month(months.shop(first_key=5_000), validity=months.validity())
    page = write(month, tmp_path / "a").read_text()
    assert "customer_key" not in figures(page)
    assert page == write(other, tmp_path / "b").read_text()


def test_text_of_the_data_never_becomes_markup(month, tmp_path):
    profiles = [{**row, "segment_name": f"{ATTACK} {row['segment_id']}"} for row in month.profiles]
    words = [{**row, "sentence": ATTACK} for row in month.words]
    bought = [{**row, "value": ATTACK + row["value"]} for row in month.bought]
    validity = [{**row, "fact": ATTACK + row["fact"]} for row in month.validity]
    criteria = [{**row, "words": ATTACK, "title": ATTACK} for row in month.criteria]
    bad = dataclasses.replace(
        month, profiles=profiles, words=words, bought=bought, validity=validity, criteria=criteria
    )
    text = write(bad, tmp_path, banner=ATTACK).read_text()
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "<img" not in json.dumps(json.loads(figures(text)))


def test_what_was_signed_for_and_who_chose_stand_at_the_top(month, tmp_path):
    chosen = {**months.CHAMPION, "decision": {"headline": "kmeans 3", "override": "kmeans 3 rfm"}}
    text = without_scripts(write(month, tmp_path, "Published although … Signed by Jo", chosen).read_text())
    assert 0 < text.index("Signed by Jo") < text.index('class="people"')
    assert "the override “kmeans 3 rfm” stands" in text
    assert "Signed by" not in without_scripts(write(month, tmp_path).read_text())


ONE = months.shop(kinds=months.KINDS[:1])
LAPSED = months.shop(kinds=((900, 2, 0.03),))
NOTHING = {"forecasts": [], "history": [], "sample": [], "criteria": []}


@pytest.mark.parametrize(
    ("people", "changed", "missing"),
    [
        (ONE, {}, {"radars", "heat_map", "parallel", "price_bands", "price_curves"}),
        (months.shop(each=1, kinds=months.KINDS[:1]), {}, {"radars", "heat_map", "parallel"}),
        (months.shop(), {"transitions": months.transitions([1, 2, 3], moved=0)}, {"flow", "causes"}),
        (months.shop(), {"transitions": []}, {"flow", "matrix", "causes", "spend_change"}),
        (months.shop(), NOTHING, {"sizes", "ahead", "methods", "parallel", "passports", "criteria_of_all", "ladder"}),
        (LAPSED, {"bought": []}, {"groups", "box_spend_365d", "box_orders_365d", "channels"}),
    ],
    ids=["one segment", "one customer", "nobody moved", "first month", "nothing else", "nobody bought in the year"],
)  # fmt: skip
def test_a_degenerate_month_says_what_is_missing_and_does_not_break(people, changed, missing, tmp_path):
    made = months.month(people, **changed)
    found = blocks(made)
    assert missing <= {name for name, block in found.items() if isinstance(block, NotEnough)}
    text = without_scripts(write(made, tmp_path).read_text())
    assert text.count("Not enough data") >= len(missing)
    assert "nan" not in text.lower().split()
    assert "None" not in text.replace("None of", "")


def test_where_no_age_is_known_there_are_no_ages(month):
    profiles = [row for row in month.profiles if not row["fact"].startswith("age_")]
    block = blocks(dataclasses.replace(month, profiles=profiles))["ages"]
    assert isinstance(block, NotEnough)
    assert block.reason == "no age is known in the files"


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (["spend"], "for how much they bought"),
        (["recency_days", "own_column"], "how recently and own column"),
        ([f"clr_{i}" for i in range(30)], "30 features"),
        (["recency_days", *(f"clr_{i}" for i in range(30))], "how recently and 30 other features"),
    ],
)
def test_what_a_clustering_went_by_is_said_in_words(columns, words):
    assert cards.made_of(columns) == words


def test_namesakes_are_called_by_what_tells_them_apart(month):
    called = {
        0: "No purchase yet",
        1: "Loyal: recent, frequent",
        2: "Loyal: recent, larger baskets",
        3: "Gone: late",
    }
    profiles = [{**row, "segment_name": called[row["segment_id"]]} for row in month.profiles]
    named = dataclasses.replace(month, profiles=profiles)
    short = ["No purchase yet", "Loyal: frequent", "Loyal: larger baskets", "Gone"]
    assert [named.short(i) for i in range(4)] == short


def test_a_segment_that_is_gone_is_named_so(month):
    moved = [{**row, "from_segment": 9} if row["from_segment"] == 3 else row for row in month.transitions]
    chart = blocks(dataclasses.replace(month, transitions=moved))["flow"]
    assert any(text.startswith("Segment 9 (now empty): ") for text in chart.data[0]["node"]["label"])


@pytest.mark.slow
def test_the_page_opens_without_a_network_and_draws_every_chart(month, tmp_path):
    wanted = sum(isinstance(block, Chart) for block in blocks(month).values())
    chart_pages.opens_offline(write(month, tmp_path), wanted, without_axes=WITHOUT_AXES)

"""Lists hold no other colour; the back-test finds planted pairs, and no gain where there is none."""

import datetime as dt

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.recommendations.complements import back_test, shown
from hm_assets.recommendations.complements import baskets as windows
from hm_assets.recommendations.complements.back_test import ALL_WEEKS, BESTSELLERS, SAME_TYPE, TOGETHER
from hm_assets.recommendations.complements.lists import Listed, bestsellers, catalogue, complements, listed
from hm_assets.recommendations.complements.made import article_rules
from hm_assets.recommendations.lists import NONE
from hm_assets_tests.recommendations.complements.shops import COLOURS, LAST, PLANTED, articles, key, lines


@pytest.fixture(scope="module")
def known():
    return catalogue(articles())


@pytest.fixture(scope="module")
def shop():
    return lines(days=160, baskets=6_000)


@pytest.fixture(scope="module")
def judged(shop, known):
    return back_test.weeks(ibis.memtable(shop), known, LAST, LAST - dt.timedelta(days=159), 4)


def test_another_colour_is_a_rule_and_on_no_list(shop, known):
    rules = article_rules(ibis.memtable(shop), LAST).rules
    assert {key(c) for c in COLOURS} <= set(rules.antecedent.tolist())
    found = listed(*complements(rules, known))
    assert found.articles.tolist() == sorted(key(i) for pair in PLANTED for i in pair)
    assert found.of(np.array([key(0), key(5)]))[:, 0].tolist() == [key(1), NONE]


def test_bestsellers_are_of_the_same_type_and_of_other_products(known):
    keys = np.array([key(i) for i in range(40)])
    mine = bestsellers(np.array([key(20), key(39)]), np.arange(40.0), keys, known, same_type=True)
    assert mine.others[0][:3].tolist() == [key(38), key(32), key(26)], (
        "types of 20: every sixth, most sold first"
    )
    assert (mine.others[1] == NONE).all(), "of an unknown type nothing is popular"
    of_all = bestsellers(np.array([key(20)]), np.arange(40.0), keys, known, same_type=False)
    assert of_all.others[0][:2].tolist() == [key(39), key(38)]


def test_a_hit_is_one_of_the_first_five_in_the_same_basket():
    rows = pa.table(
        {
            "t_dat": pa.array([LAST] * 5, pa.date32()),
            "customer_key": [1, 1, 2, 3, 3],
            "article_key": [10, 11, 10, 10, 12],
            "price": [0.1] * 5,
            "sales_channel_id": [1] * 5,
        }
    )
    shop = windows.read(ibis.memtable(rows), LAST, 7)
    lists = Listed(np.array([10]), np.array([[11, 90, 91, 92, 93, 12]]))
    assert back_test.hit(lists, shop).tolist() == [True, False, False, False, False]


def test_planted_pairs_beat_what_is_popular_in_the_type(judged):
    rows = back_test.scores(judged)
    whole = {row["list"]: row for row in rows if row["week"] == ALL_WEEKS}
    assert len(judged) == 4 and set(whole) == {TOGETHER, SAME_TYPE, BESTSELLERS}
    assert whole[TOGETHER]["over_baseline_low"] > 0 and whole[TOGETHER]["share"] > 0.3
    assert all(row["low"] <= row["share"] <= row["high"] for row in rows)
    assert whole[SAME_TYPE]["over_baseline"] == 0
    assert "hold more" in shown.scores(rows)


def test_a_past_week_knows_nothing_of_its_future(shop, known, judged):
    """What was bought after the judged week, gone: the same hits."""
    oldest = judged[-1]
    end = oldest.as_of + dt.timedelta(days=7)
    past = shop.filter(pa.compute.less_equal(shop["t_dat"], pa.scalar(end)))
    again = back_test.week(ibis.memtable(past), known, oldest.as_of)
    assert again.asked == oldest.asked > 0
    assert all(np.array_equal(again.hits[name], oldest.hits[name]) for name in oldest.hits)


def test_without_rules_or_weeks_nothing_is_concluded(known):
    chance = ibis.memtable(lines(planted=False, days=60))
    found = back_test.scores(back_test.weeks(chance, known, LAST, LAST - dt.timedelta(days=59), 2))
    assert found == [] and shown.scores(found) == shown.NOTHING
    assert back_test.weeks(chance, known, LAST, LAST - dt.timedelta(days=5), 2) == []


@pytest.mark.parametrize(
    ("best", "said"),
    [
        ((0.30, 0.31, 0.29, 0.30), "Five bestsellers of all hold more"),
        ((0.05, 0.05, 0.06, 0.05), None),
        ((0.30, 0.02, 0.25, 0.01), "No difference to five bestsellers"),
    ],
)
def test_bestsellers_hold_more_where_the_weeks_say_so(best, said):
    rows = []
    for week, share in enumerate(best):
        for name, value in ((TOGETHER, 0.10 + week / 1000), (SAME_TYPE, 0.05), (BESTSELLERS, share)):
            rows.append({"week": str(week), "list": name, "share": value, "over_baseline": value - 0.05})
    for name in (TOGETHER, SAME_TYPE, BESTSELLERS):
        mine = [row for row in rows if row["list"] == name]
        share = float(np.mean([row["share"] for row in mine]))
        rows.append(
            {
                "week": ALL_WEEKS,
                "list": name,
                "share": share,
                "over_baseline_low": 0.01,
                "over_baseline_high": 0.1,
            }
        )
    words = shown.verdict(rows)
    assert "bestsellers" not in words if said is None else said in words


def test_an_interval_of_a_share_stays_a_share():
    hits = {name: np.zeros(100, dtype=bool) for name in (TOGETHER, SAME_TYPE, BESTSELLERS)}
    some = hits | {TOGETHER: np.arange(100) < 20}
    weeks = [
        back_test.Week(LAST - dt.timedelta(days=7 * i), 100, 100, np.arange(100), found)
        for i, found in enumerate((hits, some))
    ]
    rows = back_test.scores(weeks)
    assert all(0 <= row["low"] <= row["share"] <= row["high"] <= 1 for row in rows)

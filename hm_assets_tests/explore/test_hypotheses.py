"""Beliefs: planted effects are found, absent ones are not, and the tests are those of scipy."""

import datetime as dt

import ibis
import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from hm_assets.explore.hypotheses import BELIEFS, Data, holm, hypotheses, verdict
from hm_assets_tests.explore import shops
from hm_assets_tests.features.histories import days


def verdicts(lines, **columns):
    people, as_of = shops.people(lines, **columns)
    return {row["hypothesis"]: row for row in hypotheses(Data(days(lines), people, as_of))}


@pytest.fixture(scope="module")
def planted():
    """Online costs half as much again; with the news three times as often; weekends sell three times as much."""
    random = np.random.default_rng(8)
    found = []
    for customer in range(1, 161):
        for _ in range(int(random.poisson(18 if customer % 2 else 6)) + 1):
            day = shops.FIRST + dt.timedelta(days=int(random.integers(480)))
            if day.weekday() < 5 and random.random() < 2 / 3:
                continue
            channel = int(random.integers(1, 3))
            price = round(float(random.lognormal(-3.5, 0.3)) * (1.5 if channel == 2 else 1), 6)
            found.append((customer, day, int(random.integers(1, 10)), price, channel))
    return found


@pytest.fixture(scope="module")
def found(planted):
    return verdicts(planted)


def test_planted_effects_are_found(found):
    assert {found[name]["verdict"] for name in ("online_basket", "news_and_orders", "weekend")} == {"holds"}
    basket, weekend = found["online_basket"], found["weekend"]
    assert basket["low"] <= 1.5 <= basket["high"]
    assert weekend["low"] <= 3 <= weekend["high"]


def test_what_is_not_there_is_not_found(found):
    assert found["year_on_year"]["verdict"] in ("not shown", "too small to matter")
    assert found["age_and_spend"]["verdict"] in ("not shown", "too small to matter")


def test_the_difference_of_means_is_welchs(planted, found):
    people, _ = shops.people(planted)
    rows = people.to_pyarrow().to_pylist()
    groups = [[row["orders_365d"] for row in rows if row["fn"] == fn] for fn in (1, 0)]
    result = stats.ttest_ind(*groups, equal_var=False)
    interval = result.confidence_interval()
    line = found["news_and_orders"]
    assert line["statistic"] == pytest.approx(result.statistic)
    assert line["p_value"] == pytest.approx(result.pvalue, rel=1e-6)
    assert (line["low"], line["high"]) == pytest.approx((interval.low, interval.high))


def test_new_customers_are_counted_as_a_loop_would(planted, found):
    as_of = max(line[1] for line in planted)
    back = {1: [0, 0], 2: [0, 0]}
    start = min(line[1] for line in planted)
    for customer in {line[0] for line in planted}:
        mine = sorted({(day, channel) for c, day, _, _, channel in planted if c == customer})
        first = mine[0][0]
        channels = {channel for day, channel in mine if day == first}
        if first > as_of - dt.timedelta(days=90) or (first - start).days < 90 or len(channels) > 1:
            continue
        cell = back[channels.pop()]
        cell[1] += 1
        cell[0] += any(0 < (day - first).days <= 90 for day, _ in mine)
    line = found["first_channel_and_return"]
    if min(cell[1] for cell in back.values()) < 30:
        assert line["verdict"] == "not enough data"
    else:
        assert line["effect"] == pytest.approx(back[2][0] / back[2][1] - back[1][0] / back[1][1])


def test_nobody_gets_news_is_no_test_of_news(planted):
    assert verdicts(planted, fn=lambda key: 0)["news_and_orders"]["verdict"] == "not enough data"


def test_one_customer_is_too_few_for_any_belief():
    found = verdicts([(1, shops.FIRST, 1, 0.03, 1)])
    assert {row["verdict"] for row in found.values()} == {"not enough data"}
    assert len(found) == len(BELIEFS)


def test_later_rows_change_nothing(planted):
    as_of = shops.FIRST + dt.timedelta(days=300)
    people, _ = shops.people(planted, as_of)
    seen = [line for line in planted if line[1] <= as_of]
    whole = days(planted)
    cut = whole.filter(whole.t_dat <= ibis.literal(as_of, "date"))
    assert hypotheses(Data(cut, people, as_of)) == hypotheses(Data(days(seen), people, as_of))


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_holm_is_that_of_statsmodels(count):
    p_values = list(np.random.default_rng(count).random(count) ** 3)
    assert holm(p_values) == pytest.approx(list(multipletests(p_values, method="holm")[1]))


@pytest.mark.parametrize(
    ("effect", "low", "high", "p", "expected"),
    [
        (1.5, 1.3, 1.7, 0.001, "holds"),
        (0.7, 0.6, 0.8, 0.001, "the opposite holds"),
        (1.01, 1.005, 1.02, 0.0001, "too small to matter"),
        (1.3, 0.9, 1.7, 0.2, "not shown"),
        (1.3, 1.1, 1.7, 0.2, "not shown"),
    ],
)
def test_the_verdict_follows_from_the_interval(effect, low, high, p, expected):
    line = {"effect": effect, "low": low, "high": high, "p_adjusted": p}
    assert verdict(BELIEFS[0], line) == expected

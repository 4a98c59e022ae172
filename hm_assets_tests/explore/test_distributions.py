"""Moments, histograms and decisions, held against numpy and scipy."""

import ibis
import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from hm_assets.explore.distributions import distribution, distributions, histogram, transformed
from hm_assets.explore.measures import BY_NAME, MEASURES
from hm_assets_tests.explore import shops

PRICE = 0.004


def one(name: str, values: list[float | None]):
    table = ibis.memtable(pa.table({name: pa.array(values, pa.float64())}))
    return table, distribution(table, BY_NAME[name], PRICE)


def test_the_figures_are_those_of_scipy():
    values = np.random.default_rng(3).gamma(2, 10, 500)
    _, found = one("spend", [*values, None, None])
    assert found["customers"] == 502
    assert found["share_unknown"] == pytest.approx(2 / 502)
    assert found["mean"] == pytest.approx(values.mean())
    assert found["sd"] == pytest.approx(values.std(ddof=1))
    assert found["skewness"] == pytest.approx(stats.skew(values), abs=1e-4)
    assert found["kurtosis"] == pytest.approx(stats.kurtosis(values), abs=1e-4)
    assert found["skewness_logged"] == pytest.approx(stats.skew(np.log1p(values / PRICE)), abs=1e-4)
    low, high = np.quantile(values, [0.25, 0.75])
    far = (values < low - 1.5 * (high - low)) | (values > high + 1.5 * (high - low))
    assert found["outliers_iqr"] == pytest.approx(far.mean())
    assert found["outliers_z"] == pytest.approx((np.abs(stats.zscore(values, ddof=1)) > 3).mean())
    mad = stats.median_abs_deviation(values)
    robust = np.abs(values - np.median(values)) > 3.5 * 1.4826 * mad
    assert found["outliers_robust"] == pytest.approx(robust.mean())


def test_a_price_is_rescaled_before_its_logarithm_so_that_the_logarithm_does_something():
    prices = np.random.default_rng(4).gamma(1, 0.02, 2000)
    _, found = one("spend", list(prices))
    assert stats.skew(np.log1p(prices)) > 0.9 * stats.skew(prices)  # of the raw index it is a straight line
    assert abs(found["skewness_logged"]) < 0.3 * found["skewness"]
    assert found["decision"] == "transform"


@pytest.mark.parametrize(
    ("name", "values", "decision"),
    [
        ("age", list(np.random.default_rng(5).normal(40, 5, 300)), "keep"),
        ("overdue_days", [*np.random.default_rng(6).normal(0, 1, 300), *[60.0] * 9], "cap"),
        ("overdue_days", [*np.random.default_rng(7).normal(0, 1, 300), *[60.0] * 90], "keep"),
        ("orders_365d", [3.0] * 50, "leave out"),
        ("orders_365d", [None] * 5, "leave out"),
    ],
)
def test_the_decision_follows_from_skew_and_tails(name, values, decision):
    assert one(name, values)[1]["decision"] == decision


def test_histograms_hold_every_known_value_once():
    people, _ = shops.usual()
    found = distributions(people, PRICE)
    assert [line["feature"] for line in found] == [measure.name for measure in MEASURES]
    for line in found:
        bins = histogram(people, line, BY_NAME[line["feature"]])
        assert sum(b["customers"] for b in bins) == line["known"]
        assert [b["bin"] for b in bins] == list(range(len(bins)))
        values = [v for v in people[line["feature"]].to_pyarrow().to_pylist() if v is not None]
        for b in bins[1:-1]:
            assert b["customers"] == sum(b["low"] <= v < b["high"] for v in values), line["feature"]


def test_what_is_transformed_is_what_the_table_says():
    assert transformed([{"feature": "a", "decision": "transform"}, {"feature": "b", "decision": "cap"}]) == {
        "a"
    }

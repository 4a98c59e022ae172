import numpy as np
import pytest

from hm_assets.forecasts.timing.coverage import METRICS, measured, of_each

WINDOWS = np.array([[5, 10], [5, 10], [5, 10], [5, 10]])


def test_a_window_holds_both_its_ends_and_a_miss_costs_its_distance():
    found = of_each(np.array([5.0, 10, 12, 1]), WINDOWS, 80)
    assert found[:, 0].tolist() == [1, 1, 0, 0] and set(found[:, 1]) == {6.0}
    assert found[:, 2] == pytest.approx([6, 6, 6 + 10 * 2, 6 + 10 * 4])


def test_the_true_quantiles_have_the_lowest_interval_score():
    waited = np.random.default_rng(0).geometric(1 / 40, 40_000).astype(float)
    low, high = np.quantile(waited, (0.1, 0.9))
    scores = {}
    for name, pair in {
        "true": (low, high),
        "narrow": (low * 2, high / 2),
        "wide": (1, high * 2),
        "late": (low + 20, high + 20),
    }.items():
        windows = np.tile(np.rint(pair).astype(int), (len(waited), 1))
        scores[name] = of_each(waited, windows, 80)[:, 2].mean()
    assert min(scores, key=scores.get) == "true"


def test_intervals_hold_the_mean_and_shrink_with_the_customers():
    rng = np.random.default_rng(0)
    widths = []
    for n in (100, 1600):
        values = of_each(rng.integers(1, 13, n).astype(float), np.tile([5, 10], (n, 1)), 80)
        found = measured({("a", 80): values, ("b", 80): values}, 100, 0)
        one = found["a", 80, "coverage"]
        assert one.low <= one.value <= one.high and found["b", 80, "coverage"] == one, (
            "the same draws for all"
        )
        widths.append(one.high - one.low)
    assert widths[1] < widths[0] / 2


def test_nobody_who_ordered_has_no_measure():
    found = measured({("a", 80): np.zeros((0, 3))}, 10, 0)
    assert {key[2] for key in found} == set(METRICS) and all(each.value is None for each in found.values())
    assert measured({}, 10, 0) == {}

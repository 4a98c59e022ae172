import numpy as np
import pytest
from scipy.stats import spearmanr

from hm_assets.forecasts.measures.value_scores import (
    JudgedValue,
    capture,
    coverage,
    gini,
    mean_absolute_error,
    measured,
    spearman,
    tenths,
    total_ratio,
)

RNG = np.random.default_rng(0)
SAID = np.round(RNG.gamma(1.0, 2.0, 300), 1)
SPENT = np.where(RNG.random(300) < 0.4, np.round(SAID * RNG.gamma(2.0, 0.5, 300), 1), 0.0)
ONES = np.ones(300)


def judged(said=SAID, spent=SPENT) -> JudgedValue:
    return JudgedValue.of(said, 0.5 * said, 2 * said, spent)


def test_the_measures_are_the_published_ones():
    one = judged()
    assert spearman(one, ONES) == pytest.approx(spearmanr(SAID, SPENT).statistic)
    assert mean_absolute_error(one, ONES) == pytest.approx(np.abs(SAID - SPENT).mean())
    assert total_ratio(one, ONES) == pytest.approx(SAID.sum() / SPENT.sum())
    assert coverage(one, ONES) == pytest.approx(((0.5 * SAID <= SPENT) & (SPENT <= 2 * SAID)).mean())
    # Gini of a list, from the mean absolute difference of two of its members.
    difference = np.abs(SPENT[:, None] - SPENT[None, :]).mean() / (2 * SPENT.mean())
    assert gini(judged(SPENT), ONES) == pytest.approx(1.0)
    assert gini(judged(-SPENT), ONES) == pytest.approx(-1.0)
    untied = np.argsort(np.argsort(SAID, kind="stable")).astype(float)
    concentration = 2 * (SPENT * (untied + 1)).sum() / (300 * SPENT.sum()) - 301 / 300
    assert gini(judged(untied), ONES) == pytest.approx(concentration / difference)


def test_what_the_top_tenth_holds_counts_ties_at_its_edge_in_part():
    said = np.array([9.0] * 5 + [1.0] * 45)
    spent = np.array([2.0] * 5 + [1.0] * 45)
    assert capture(JudgedValue.of(said, said, said, spent), np.ones(50)) == pytest.approx(10 / 55)
    same = np.ones(50)
    assert capture(JudgedValue.of(same, same, same, spent), np.ones(50)) == pytest.approx(0.1)


@pytest.mark.parametrize("measure", [spearman, gini, capture, mean_absolute_error, total_ratio, coverage])
def test_a_weight_counts_a_customer_so_many_times(measure):
    weights = RNG.integers(0, 4, 300).astype(float)
    repeated = np.repeat(np.arange(300), weights.astype(int))
    one = judged()
    again = judged(SAID[repeated], SPENT[repeated])
    assert measure(one, weights[one.order]) == pytest.approx(measure(again, np.ones(len(repeated))))


def test_intervals_hold_as_often_as_they_say():
    """Of 40 draws of 100 customers, the true Spearman correlation lies within about 95 % of the intervals."""
    inside = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        said = rng.normal(size=100)
        spent = np.maximum(0.5 * said + np.sqrt(0.75) * rng.normal(size=100), -9) + 9
        found = measured(said + 9, said, said, spent, 40, seed)["spearman"]
        inside += found.low <= 6 / np.pi * np.arcsin(0.25) <= found.high
    assert 33 <= inside <= 40


def test_nothing_spent_alike_for_all_and_nobody_have_no_ranking():
    nothing = measured(SAID, SAID, SAID, np.zeros(300), 5, 0)
    assert (
        nothing["gini"].value is None
        and nothing["total_ratio"].value is None
        and nothing["spearman"].value is None
    )
    same = measured(np.ones(300), np.ones(300), np.ones(300), SPENT, 5, 0)
    assert same["spearman"].value is None and same["gini"].value == pytest.approx(0.0)
    nobody = measured(*(np.zeros(0) for _ in range(4)), 5, 0)
    assert all(one.value is None for one in nobody.values())


def test_tenths_hold_everybody_once_in_the_order_of_the_prediction():
    found = tenths(SAID, SPENT)
    assert sum(count for count, _, _ in found) == 300 and len(found) == 10
    assert sum(count * spent for count, _, spent in found) == pytest.approx(SPENT.sum())
    said = [mean for _, mean, _ in found]
    assert said == sorted(said)
    assert len(tenths(SAID[:3], SPENT[:3])) == 3 and tenths(SAID[:0], SPENT[:0]) == []

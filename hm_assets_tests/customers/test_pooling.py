"""Rubin's rules."""

import numpy as np
import pytest

from hm_assets.customers.pooling import pool


def test_a_textbook_example_by_hand():
    # Three completed sets: mean 12, within (1 + 1.5 + 2) / 3 = 1.5, between 1; total 1.5 + 4/3.
    pooled = pool([11.0, 12.0, 13.0], [1.0, 1.5, 2.0])
    total = 1.5 + 4 / 3
    assert pooled.estimate == 12
    assert pooled.standard_error == pytest.approx(total**0.5)
    assert pooled.missing_share == pytest.approx(4 / 3 / total)
    assert pooled.degrees_of_freedom == pytest.approx(2 / (4 / 3 / total) ** 2)
    # t with 9.03 degrees of freedom at 97.5 %: 2.261
    assert pooled.high - pooled.estimate == pytest.approx(2.261 * total**0.5, rel=1e-3)


def test_degrees_of_freedom_of_a_small_sample_are_those_of_barnard_and_rubin():
    share = (4 / 3) / (1.5 + 4 / 3)
    old, observed = 2 / share**2, (25 / 27) * 24 * (1 - share)
    pooled = pool([11.0, 12.0, 13.0], [1.0, 1.5, 2.0], complete_degrees_of_freedom=24)
    assert pooled.degrees_of_freedom == pytest.approx(1 / (1 / old + 1 / observed))


def test_without_anything_missing_it_is_the_plain_interval():
    pooled = pool([5.0, 5.0, 5.0], [4.0, 4.0, 4.0])
    assert (pooled.low, pooled.high) == (
        pytest.approx(5 - 1.96 * 2, abs=0.01),
        pytest.approx(5 + 3.92, abs=0.01),
    )
    assert pooled.missing_share == 0


def test_several_quantities_are_pooled_at_once_as_each_alone():
    rng = np.random.default_rng(1)
    estimates, variances = rng.normal(size=(6, 4)), rng.random((6, 4))
    together = pool(estimates, variances)
    for i in range(4):
        alone = pool(estimates[:, i], variances[:, i])
        assert (together.low[i], together.high[i]) == (pytest.approx(alone.low), pytest.approx(alone.high))


def test_the_interval_of_one_unknown_value_covers_nine_in_ten():
    rng = np.random.default_rng(2)
    values = rng.normal(40, 12, size=(11, 20_000))
    interval = pool(values[:10], 0.0, confidence=0.90)
    assert ((interval.low <= values[10]) & (values[10] <= interval.high)).mean() == pytest.approx(
        0.9, abs=0.01
    )
    assert (interval.degrees_of_freedom == 9).all()


def test_one_draw_is_no_multiple_imputation():
    with pytest.raises(ValueError, match="at least 2 completed data sets, got 1"):
        pool([1.0], [1.0])

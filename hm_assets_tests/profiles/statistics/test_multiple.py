import numpy as np
import pytest

from hm_assets.profiles.statistics.multiple import benjamini_hochberg, holm

# Benjamini and Hochberg (1995), 3.3: 15 hypotheses on thrombolysis; at 5 % Bonferroni rejects 3, their own method 4.
THROMBOLYSIS = (
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
)


def test_benjamini_and_hochbergs_own_example():
    found = benjamini_hochberg(THROMBOLYSIS)
    assert sum(p <= 0.05 for p in found) == 4
    assert found[3] == pytest.approx(0.0095 * 15 / 4)
    assert sum(p <= 0.05 for p in holm(THROMBOLYSIS)) == 3


def test_holms_worked_example():
    """The four p-values of Wikipedia's Holm-Bonferroni method: 0.01, 0.04, 0.03, 0.005."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_what_was_not_tested_counts_for_nothing():
    assert holm([None, 0.01, None, 0.02]) == [None, pytest.approx(0.02), None, pytest.approx(0.02)]
    assert benjamini_hochberg([]) == []
    assert holm([None]) == [None]


def test_adjusting_keeps_the_order_and_lowers_nothing():
    p = np.random.default_rng(1).uniform(size=40) ** 2
    for adjusted in (holm(p), benjamini_hochberg(p)):
        assert all(a >= b for a, b in zip(adjusted, p, strict=True))
        assert (np.diff(np.array(adjusted)[np.argsort(p)]) >= 0).all()

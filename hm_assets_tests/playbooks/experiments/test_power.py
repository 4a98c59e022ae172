"""Power and sample sizes against statsmodels and a published table."""

import pytest

from hm_assets.playbooks.experiments.power import customers_needed, detectable_gain, power


@pytest.mark.parametrize(
    ("base", "gain", "treated", "holdout"),
    [(0.2, 0.03, 4500, 500), (0.2, 0.03, 2500, 2500), (0.9, 0.02, 900, 300), (0.01, 0.01, 5000, 1000)],
)
def test_power_is_that_of_statsmodels(base, gain, treated, holdout):
    from statsmodels.stats.proportion import power_proportions_2indep

    theirs = power_proportions_2indep(gain, base, treated, ratio=holdout / treated).power
    assert power(base, gain, treated, holdout) == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize(
    ("base", "raised", "per_arm"),
    # Fleiss, Levin and Paik (2003), formula 4.14 (without continuity correction), two-sided 5 %, power 80 %.
    [(0.10, 0.15, 686), (0.20, 0.30, 294), (0.50, 0.60, 388), (0.60, 0.70, 356)],
)
def test_the_sample_is_that_of_the_textbook(base, raised, per_arm):
    assert customers_needed(base, raised - base, 0.5) / 2 == pytest.approx(per_arm, abs=1)


def test_the_detectable_gain_has_the_power_asked_for_and_needs_as_many_customers():
    gain = detectable_gain(0.3, 4000, 1000)
    assert power(0.3, gain, 4000, 1000) == pytest.approx(0.8)
    assert customers_needed(0.3, gain, 0.2) == pytest.approx(5000, abs=5)


def test_power_is_the_level_where_there_is_no_gain_and_rises_with_it():
    assert power(0.3, 0.0, 800, 200) == pytest.approx(0.05)
    rising = [power(0.3, gain / 100, 800, 200) for gain in range(12)]
    assert rising == sorted(rising)


def test_nothing_can_be_shown_where_everybody_orders_anyhow():
    assert detectable_gain(0.99, 80, 20) is None
    assert detectable_gain(1.0, 8000, 2000) is None
    assert power(1.0, 0.0, 80, 20) == 0.05
    assert power(0.0, 1.0, 80, 20) == 1.0
    assert customers_needed(0.5, 0.0, 0.1) is None

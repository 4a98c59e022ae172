"""What results make of the assumption."""

import numpy as np
import pytest

from hm_assets.playbooks.experiments.updating import Counts, belief, measured, update

PRIOR = belief(6, 14)


def test_the_prior_is_what_the_settings_say():
    assert PRIOR.mean == 0.3
    assert (PRIOR.low, PRIOR.high) == pytest.approx((0.126, 0.512), abs=5e-4)


def test_with_a_holdout_that_is_known_for_certain_it_is_the_beta_of_the_textbook():
    """Of a million held out nobody orders: orders of the treated are draws of the share itself."""
    found = update(PRIOR, [Counts(2000, 300, 1_000_000, 0)])
    assert (found.alpha, found.beta) == pytest.approx((6 + 300, 14 + 1700), rel=0.02)


def test_the_share_is_found_again_and_the_interval_covers_it():
    generator, covered = np.random.default_rng(5), 0
    for _ in range(200):
        counts = Counts(4000, generator.binomial(4000, 0.3 + 0.15 * 0.7), 1000, generator.binomial(1000, 0.3))
        told = measured([counts])
        covered += told.low <= 0.15 <= told.high
    assert 180 <= covered <= 199


def test_many_results_outweigh_the_assumption_and_none_leave_it():
    large = update(PRIOR, [Counts(400_000, 136_000, 100_000, 20_000)])
    assert large.mean == pytest.approx((0.8 - 0.66) / 0.8, abs=0.003)
    assert large.high - large.low < 0.01
    assert update(PRIOR, []) == PRIOR
    assert measured([]) is None


def test_two_campaigns_say_what_one_of_both_would():
    one = update(PRIOR, [Counts(2000, 700, 500, 140)])
    two = update(PRIOR, [Counts(1000, 350, 250, 70)] * 2)
    assert (two.mean, two.low, two.high) == pytest.approx((one.mean, one.low, one.high), abs=5e-3)


def test_a_campaign_that_drove_people_away_is_measured_as_such():
    told = measured([Counts(4000, 800, 1000, 300)])
    assert told.value == pytest.approx(1 - 0.8 / 0.7, abs=1e-3)
    assert told.high < 0
    assert 0 < update(PRIOR, [Counts(4000, 800, 1000, 300)]).mean < 0.1


def test_too_few_who_left_tell_nothing():
    assert not Counts(100, 98, 100, 50).tells
    assert update(PRIOR, [Counts(100, 98, 100, 50)]) == PRIOR
    assert Counts(100, 0, 100, 0).tells
    assert measured([Counts(100, 0, 100, 0)]).value == pytest.approx(0, abs=0.01)

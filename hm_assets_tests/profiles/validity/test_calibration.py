import numpy as np

from hm_assets.profiles.statistics.means import welch_anova
from hm_assets.profiles.statistics.moments import Moments
from hm_assets.profiles.validity.calibration import Calibrated, band, shuffled
from hm_assets.segments.fitting import CannotFit
from hm_assets_tests.profiles.validity.retailers import segments


def test_the_band_holds_five_percent_in_at_least_99_of_100_cases():
    low, high = band(200)
    assert (low, high) == (3, 19)
    draws = np.random.default_rng(0).binomial(200, 0.05, 20_000)
    assert ((draws >= low) & (draws <= high)).mean() >= 0.99


def test_a_test_that_holds_its_level_is_in_the_band_and_one_that_does_not_is_seen():
    groups = segments(400)
    values = np.random.default_rng(1).lognormal(size=400) + groups

    def welch(rows, labels):
        return welch_anova(Moments.of(labels, values[rows], 3)).p, 0.0

    assert shuffled(groups, welch, 100, 300, 0).holds
    eager = shuffled(groups, lambda rows, labels: (0.01, 1.0), 100, 300, 0)
    assert (eager.rejected, eager.effect) == (100, 1.0)
    assert not eager.holds


def test_a_run_that_cannot_be_tested_is_not_counted():
    def never(rows, labels):
        raise CannotFit("nobody")

    assert shuffled(segments(50), never, 5, 50, 0) == Calibrated(0, 0, None)


def test_the_same_seed_shuffles_alike():
    def test(rows, labels):
        return float(labels[:5].sum()) / 10, float(rows.sum())

    groups = segments(200)
    assert shuffled(groups, test, 10, 50, 3) == shuffled(groups, test, 10, 50, 3)
    assert shuffled(groups, test, 10, 50, 3) != shuffled(groups, test, 10, 50, 4)

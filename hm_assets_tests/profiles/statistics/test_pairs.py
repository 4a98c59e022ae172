import numpy as np
import pytest
from scipy import stats

from hm_assets.profiles.statistics.moments import Moments
from hm_assets.profiles.statistics.pairs import games_howell, tukey_hsd
from hm_assets.segments.fitting import CannotFit
from hm_assets_tests.profiles.statistics.examples import INSECT_SPRAYS, PLANT_GROWTH, stacked

# scipy takes seconds for the pairs of all six.
THREE_SPRAYS = {name: INSECT_SPRAYS[name] for name in "ACF"}


def test_tukey_of_plant_growth_is_that_of_r():
    """`TukeyHSD(aov(weight ~ group, PlantGrowth))`: second minus first, low, high, p adj."""
    published = {
        (0, 1): (-0.371, -1.0622161, 0.3202161, 0.3908711),
        (0, 2): (0.494, -0.1972161, 1.1852161, 0.1979960),
        (1, 2): (0.865, 0.1737839, 1.5562161, 0.0120064),
    }
    found = tukey_hsd(Moments.of(*stacked(PLANT_GROWTH)))
    assert [(pair.first, pair.second) for pair in found] == list(published)
    for pair in found:
        difference, low, high, p = published[pair.first, pair.second]
        assert -pair.difference == pytest.approx(difference, abs=1e-6)
        assert (-pair.high, -pair.low) == pytest.approx((low, high), abs=2e-6)
        assert pair.p == pytest.approx(p, abs=2e-6)


def test_games_howell_of_the_penguins_is_that_of_pingouin():
    """The example of `pingouin.pairwise_gameshowell` (body mass by species, Palmer penguins): diff, T, df.

    Counts, means and standard deviations are those of the data set's own tables (Horst, Hill and Gorman 2020). Its p
    came from an approximation that it warns of; those here are held against scipy's below.
    """
    penguins = Moments(
        np.array([151.0, 68.0, 123.0]),
        np.array([3700.662, 3733.088, 5076.016]),
        np.array([458.566, 384.335, 504.116]) ** 2,
    )
    published = [(-32.426, -0.543, 152.455), (-1375.354, -23.386, 249.643), (-1342.928, -20.628, 170.404)]
    for pair, (difference, t, df) in zip(games_howell(penguins), published, strict=True):
        assert pair.difference == pytest.approx(difference, abs=1e-3)
        assert pair.statistic / np.sqrt(2) == pytest.approx(-t, abs=1e-3)
        assert pair.df == pytest.approx(df, abs=2e-2)


@pytest.mark.parametrize("data", [PLANT_GROWTH, THREE_SPRAYS], ids=["PlantGrowth", "InsectSprays"])
@pytest.mark.parametrize("test, equal_var", [(tukey_hsd, True), (games_howell, False)])
def test_pairs_are_those_of_scipy(data, test, equal_var):
    """From counts, means and variances the same as scipy makes from all values."""
    groups, values, k = stacked(data)
    other = stats.tukey_hsd(*(values[groups == g] for g in range(k)), equal_var=equal_var)
    ends = other.confidence_interval(0.95)
    for pair in test(Moments.of(groups, values, k)):
        place = pair.first, pair.second
        assert pair.difference == pytest.approx(other.statistic[place])
        assert pair.p == pytest.approx(other.pvalue[place], abs=1e-8)
        assert (pair.low, pair.high) == pytest.approx((ends.low[place], ends.high[place]), abs=1e-6)


def test_a_million_customers_are_no_different_from_a_hundred_thousand_but_for_the_error():
    few = Moments(np.array([1e5, 1e5]), np.array([0.0, 0.01]), np.array([1.0, 1.0]))
    many = Moments(np.array([1e6, 1e6]), np.array([0.0, 0.01]), np.array([1.0, 1.0]))
    (a,), (b,) = games_howell(few), games_howell(many)
    assert (a.high - a.low) / (b.high - b.low) == pytest.approx(np.sqrt(10), rel=1e-4)
    assert b.p < a.p < 0.05


def test_two_groups_without_spread_are_a_sentence():
    with pytest.raises(CannotFit, match="no variance"):
        games_howell(Moments.of(np.array([0, 0, 1, 1, 2, 2]), np.array([1.0, 1, 2, 2, 3, 4]), 3))

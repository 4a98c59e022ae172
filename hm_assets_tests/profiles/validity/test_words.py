import pytest

from hm_assets.profiles.validity import words
from hm_assets.profiles.validity.calibration import Calibrated
from hm_assets.profiles.validity.facts import BY_NAME

AGE = BY_NAME["age"]


@pytest.mark.parametrize(
    "effect, size",
    [(0.0099, "negligible"), (0.01, "small"), (0.06, "medium"), (0.14, "large"), (-0.2, "large")],
)
def test_sizes_are_cohens(effect, size):
    assert words.size(effect, words.EXPLAINED) == size


def test_v_of_a_larger_table_needs_less_to_be_large():
    assert words.v_thresholds(2, 5) == words.W
    assert words.v_thresholds(5, 5) == pytest.approx((0.05, 0.15, 0.25))


def test_an_interval_that_holds_zero_shows_no_difference_however_large_the_middle():
    assert words.explained(AGE, 0.2, -0.01, 0.4).startswith("no difference shown")
    assert words.explained(AGE, 0.2, 0.01, 0.4).startswith("large")
    assert words.likelier(1, 2, 0.9, -0.1, 1.0).startswith("no difference shown")


def test_more_is_said_of_the_segment_that_has_more():
    assert "segment 2 has 3 more than segment 1" in words.apart(1, 2, -3.0, -4.0, -2.0)
    assert "segment 2 tends to have more than one of segment 1" in words.likelier(1, 2, -0.5, -0.6, -0.4)


def test_by_construction_is_held_against_slices_of_nothing():
    assert "more than the 75 %" in words.by_construction("spend", 0.84, 0.8, 0.75)
    assert "no more than the 82 %" in words.by_construction("spend", 0.84, 0.8, 0.82)


def test_p_says_little_of_many_customers_and_nothing_of_a_test_that_does_not_hold():
    assert "says little: the size counts" in words.sure(0.0, 1_000_000, None, True)
    assert "says little" not in words.sure(0.0, 500, None, True)
    assert "do not trust p" in words.sure(0.001, 500, Calibrated(40, 200, 0.0), True)
    assert "trust" not in words.sure(0.001, 500, Calibrated(10, 200, 0.0), True)
    assert words.sure(None, 500, None, True) == ""


@pytest.mark.parametrize(
    "p, shown, doubts", [(0.005, False, True), (0.2, True, True), (0.005, True, False), (0.2, False, False)]
)
def test_the_interval_decides_and_a_p_that_says_otherwise_is_a_doubt(p, shown, doubts):
    assert ("leaves a doubt" in words.sure(p, 500, None, shown)) == doubts


@pytest.mark.parametrize(
    "share, said", [(-0.0004, "0.0 %"), (-0.001, "-0.1 %"), (0.0994, "9.9 %"), (0.1, "10 %")]
)
def test_nothing_has_no_sign(share, said):
    assert words.percent(share) == said

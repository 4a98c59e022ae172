"""A challenger against the champion: who wins, when one is fitted at all, and later value on the same customers."""

import dataclasses
import datetime as dt

import numpy as np
import pytest

from hm_assets.monitoring.challenge import Comparison, is_due, judge, later_month
from hm_assets.segments.algorithms.catalogue import Algorithm
from hm_assets.segments.algorithms.centres import kmeans
from hm_assets.segments.lab.back_test import gain
from hm_assets.segments.lab.effort import EFFORTS
from hm_assets.segments.measures.later import later_gain
from hm_assets_tests.segments.customers import AS_OF, MONTH, champion, groups, load_of

BETTER, SAME, WORSE = (0.03, 0.01, 0.05), (0.01, -0.02, 0.04), (-0.05, -0.09, -0.01)
CASES = {
    "later value alone": (Comparison(0.1, 0.0, 0.0, BETTER), True, "+0.030 (+0.010 to +0.050), better"),
    "separation alone": (Comparison(0.1, -0.04, 0.06, SAME), True, "separation over null +0.06, better"),
    "nothing that can be told": (Comparison(0.1, 0.04, 0.04, SAME), False, "no difference that can be told"),
    "better and worse": (Comparison(0.1, 0.2, 0.2, WORSE), False, "(-0.090 to -0.010), worse"),
    "less stable": (Comparison(0.1, -0.06, 0.2, BETTER), False, "stability over null -0.06, worse"),
    "no better than noise": (
        Comparison(-0.01, 0.2, 0.2, BETTER),
        False,
        "not above that of data without segments",
    ),
    "too young a champion": (Comparison(0.1, 0.2, 0.2, None), False, "later value cannot be compared"),
    "a recipe that the lab has no more": (Comparison(0.1, None, None, BETTER), True, "cannot be compared"),
}


@pytest.mark.parametrize(("measured", "won", "said"), CASES.values(), ids=CASES)
def test_the_challenger_must_be_better_in_one_and_worse_in_none(measured, won, said):
    found = judge(measured)
    assert found.won == won
    assert any(said in reason for reason in found.reasons), found.reasons


def test_a_persons_choice_stays_whatever_was_measured():
    found = judge(Comparison(0.1, 0.2, 0.2, BETTER), override="kmeans 3 rfm")
    assert not found.won
    assert "a person chose the champion (kmeans 3 rfm)" in found.reasons[-1]


MODEL = champion([[2.0, 3.5, 1.5], [6.0, 0.5, 0.02]], ids=[1, 2])


def test_the_later_month_lies_after_the_training_and_has_its_90_days():
    ends = {dt.date(2020, month, 1): dt.date(2020, month, 22) for month in range(9, 13)}
    assert later_month(ends, dt.date(2021, 1, 22), MODEL) == dt.date(2020, 10, 1)
    assert later_month(ends, dt.date(2020, 12, 1), MODEL) is None
    older = {dt.date(2020, 8, 1): dt.date(2020, 8, 31), **ends}
    assert later_month(older, dt.date(2020, 12, 1), MODEL) is None


def test_after_a_challenge_a_quarter_passes_and_nobody_undoes_a_roll_back():
    later = dataclasses.replace(MODEL, trained_as_of=dt.date(2021, 6, 22))
    lost = {"champion_version": MODEL.version, "as_of": dt.date(2021, 1, 22), "won": False}
    assert is_due(MODEL, [MODEL], [], dt.date(2021, 2, 22)) == ""
    assert "lost against it" in is_due(MODEL, [MODEL], [lost], dt.date(2021, 3, 22))
    assert is_due(MODEL, [MODEL], [lost], dt.date(2021, 4, 22)) == ""
    assert "a person went back" in is_due(MODEL, [MODEL], [{**lost, "won": True}], dt.date(2021, 3, 22))
    assert "a person chose another" in is_due(MODEL, [MODEL, later], [], dt.date(2021, 6, 22))
    assert is_due(MODEL, [MODEL, later], [], dt.date(2021, 7, 22)) == ""


def test_the_gain_of_the_same_segments_is_nothing_and_of_better_ones_above_0():
    rng = np.random.default_rng(0)
    truth = np.arange(2_000) % 4
    outcome = truth + rng.normal(0, 1, 2_000)
    coarse, folds = truth // 2, rng.permutation(2_000) % 4
    assert later_gain([truth] * 4, [truth] * 4, outcome, folds) == pytest.approx((0, 0, 0), abs=1e-12)
    value, low, high = later_gain([truth] * 4, [coarse] * 4, outcome, folds)
    assert 0 < low < value < high
    value, low, high = later_gain([coarse] * 4, [truth] * 4, outcome, folds)
    assert low < value < high < 0


def test_a_fresh_fit_is_told_from_a_frozen_champion_that_misses_a_group():
    def spent(people):
        return 100.0 / people.rows["recency_days"].to_numpy()

    algorithm = Algorithm("mine", lambda _: kmeans, "rfm", (4,), None, "")
    effort = dataclasses.replace(EFFORTS["quick"], most_fitted=None)
    found = gain(load_of(groups(60)), spent, MONTH, algorithm, MODEL, effort, 42)
    assert found is not None
    assert 0 < found[1] < found[0] < found[2]
    assert MODEL.trained_as_of == AS_OF

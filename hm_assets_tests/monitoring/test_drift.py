"""Drift within a budget of false alarms: stable years, planted shifts, seasons, and what is judged against what."""

import datetime as dt

import numpy as np
import pytest

from benchmarks.drift import SHIFTED, year
from hm_assets.monitoring import drift as module
from hm_assets.monitoring.counting import ALL, SIZES, of_rows, rows_of
from hm_assets.monitoring.drift import LAST_YEAR, LEAST_WASSERSTEIN, TRAINING, drift, lasting

LAST, TRAINED = dt.date(2019, 9, 1), dt.date(2020, 6, 1)


def counts(mean=0.0, customers=3_000, feature="orders_365d", seed=0):
    rng = np.random.default_rng(seed)
    cells, n = np.unique(np.round(rng.normal(mean * 20, 20, customers)).astype(int), return_counts=True)
    return of_rows(
        {"feature": feature, "segment": "1", "cell": int(cell), "customers": int(k)}
        for cell, k in zip(cells, n, strict=True)
    )


def judged(now, references, growing=True):
    return drift(now, references, growing, 1)


def row(rows, feature="orders_365d", segment=ALL, reference=LAST_YEAR):
    (found,) = [
        r for r in rows if (r["feature"], r["segment"], r["reference"]) == (feature, segment, reference)
    ]
    return found


@pytest.mark.parametrize("champion", ["rfm_rhythm", "last year"])
def test_files_that_grow_and_have_a_season_raise_no_alarm_until_a_fifth_of_a_standard_deviation_is_planted(
    champion,
):
    *stable, first, second = year(5_000, champion, 0.2, 5, (0, 6, 10, 11))
    assert sum(map(len, stable)) <= 1
    assert f"{SHIFTED} all" in first | second


def test_a_season_is_an_alarm_against_the_training_month_and_none_against_the_year_before():
    summer = counts(0.6, seed=2)
    references = {LAST_YEAR: (LAST, counts(0.6, seed=1)), TRAINING: (TRAINED, counts(seed=3))}
    rows = judged(summer, references)
    assert row(rows)["judged"]
    assert not row(rows)["alarm"]
    assert row(rows, reference=TRAINING)["large"]
    assert not row(rows, reference=TRAINING)["judged"]
    alone = judged(summer, {TRAINING: references[TRAINING]})
    assert not any(r["judged"] or r["alarm"] for r in alone)


@pytest.mark.parametrize(("feature", "is_judged"), [("spend", False), ("spend_365d", True)])
def test_what_grows_with_the_file_is_shown_and_not_judged(feature, is_judged):
    then, now = counts(feature=feature, seed=1), counts(0.5, feature=feature, seed=2)
    rows = judged(now, {LAST_YEAR: (LAST, then), TRAINING: (TRAINED, then)}, growing=False)
    assert row(rows, feature)["large"]
    assert row(rows, feature)["alarm"] == is_judged


def test_segments_that_are_cut_by_what_grows_are_judged_where_everybody_moved():
    def both(one, other, seed):
        return of_rows(
            {**r, "segment": segment}
            for segment, mean in (("1", one), ("2", other))
            for r in rows_of(counts(mean, seed=seed + int(segment)))
        )

    then = {LAST_YEAR: (LAST, both(0, 0, 1))}
    for now, growing, found in (
        (both(0.5, 0.5, 5), True, {"1", "2", ALL}),
        (both(0.5, -0.5, 5), False, {"1", "2", ALL}),
        (both(0.15, 0, 5), False, {"1"}),
        (both(0.15, 0, 5), True, set()),
    ):
        rows = judged(now, then, growing)
        assert {r["segment"] for r in rows if r["alarm"] and r["feature"] == "orders_365d"} == found
        assert row(rows, SIZES)["judged"] != growing


def test_what_is_certain_but_small_is_no_alarm():
    rows = judged(counts(0.06, 400_000, seed=2), {LAST_YEAR: (LAST, counts(customers=400_000, seed=1))})
    found = row(rows)
    assert found["p_year"] < 1e-6
    assert found["wasserstein"] < LEAST_WASSERSTEIN
    assert not found["alarm"]


def test_segments_under_twenty_customers_are_left_out():
    assert judged(counts(customers=19), {LAST_YEAR: (LAST, counts())}) == []


def test_the_same_question_has_the_same_answer_whatever_else_is_asked():
    references = {LAST_YEAR: (LAST, counts(seed=1))}
    alone = row(judged(counts(seed=2), references))
    both = {**counts(seed=2), **counts(feature="age", seed=4)}
    more = row(judged(both, {LAST_YEAR: (LAST, {**counts(seed=1), **counts(feature="age", seed=5)})}))
    assert (alone["p"], alone["psi_null"]) == (more["p"], more["psi_null"])


def test_an_alarm_lasts_where_the_month_before_had_it_too():
    references = {LAST_YEAR: (LAST, counts(seed=1))}
    now = judged(counts(0.5, seed=2), references)
    assert any(r["alarm"] for r in now)
    assert [r["lasting"] for r in lasting(now, now)] == [r["alarm"] for r in now]
    assert not any(r["lasting"] for r in lasting(now, judged(counts(seed=4), references)))


def test_the_budget_of_a_month_is_split_over_the_year():
    rows = judged(counts(seed=2), {LAST_YEAR: (LAST, counts(seed=1))}, growing=False)
    # Two questions about everybody: the feature, and the sizes of segments.
    least = min(r["p"] for r in rows if r["segment"] == ALL)
    assert min(r["p_year"] for r in rows if r["segment"] == ALL) == pytest.approx(
        min(1, least * 2 * module.MONTHS * module.HALVES)
    )

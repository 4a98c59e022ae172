"""Drift within a budget of false alarms: stable years, planted shifts, seasons, and what is judged against what."""

import datetime as dt

import numpy as np
import pytest

from benchmarks.drift import SHIFTED, year
from hm_assets.monitoring import drift as module
from hm_assets.monitoring.counting import ALL, of_rows
from hm_assets.monitoring.drift import LAST_YEAR, LEAST_WASSERSTEIN, TRAINING, drift, lasting

LAST, TRAINED = dt.date(2019, 9, 1), dt.date(2020, 6, 1)


def counts(mean=0.0, customers=3_000, feature="orders_365d", seed=0):
    rng = np.random.default_rng(seed)
    cells, n = np.unique(np.round(rng.normal(mean * 20, 20, customers)).astype(int), return_counts=True)
    return of_rows(
        {"feature": feature, "segment": "1", "cell": int(cell), "customers": int(k)}
        for cell, k in zip(cells, n, strict=True)
    )


def row(rows, feature="orders_365d", segment=ALL, reference=LAST_YEAR):
    (found,) = [
        r for r in rows if (r["feature"], r["segment"], r["reference"]) == (feature, segment, reference)
    ]
    return found


def test_a_stable_year_with_a_season_raises_at_most_one_false_alarm():
    assert sum(map(len, year(800, False, 0.3, 0.0, LAST_YEAR, seed=5))) <= 1


def test_a_planted_shift_of_a_fifth_of_a_standard_deviation_is_found_within_two_months():
    months = year(4_000, False, 0.3, 0.2, LAST_YEAR, seed=6, first_month=10)
    assert any(f"{SHIFTED} all" in month for month in months)


def test_a_season_is_an_alarm_against_the_training_month_and_none_against_the_year_before():
    summer = counts(0.6, seed=2)
    references = {LAST_YEAR: (LAST, counts(0.6, seed=1)), TRAINING: (TRAINED, counts(seed=3))}
    rows = drift(summer, references, seed=1)
    assert not row(rows)["alarm"]
    assert row(rows, reference=TRAINING)["large"]
    assert not row(rows, reference=TRAINING)["judged"]
    alone = drift(summer, {TRAINING: references[TRAINING]}, seed=1)
    assert row(alone, reference=TRAINING)["alarm"]


def test_what_grows_with_the_file_is_judged_against_the_training_month_alone():
    then, now = counts(feature="spend", seed=1), counts(0.5, feature="spend", seed=2)
    (judged,) = {
        r["reference"]
        for r in drift(now, {LAST_YEAR: (LAST, then), TRAINING: (TRAINED, then)}, 1)
        if r["judged"] and r["feature"] == "spend"
    }
    assert judged == TRAINING
    assert not any(r["judged"] for r in drift(now, {LAST_YEAR: (LAST, then)}, 1) if r["feature"] == "spend")


def test_what_is_certain_but_small_is_no_alarm():
    rows = drift(counts(0.06, 400_000, seed=2), {LAST_YEAR: (LAST, counts(customers=400_000, seed=1))}, 1)
    found = row(rows)
    assert found["p_year"] < 1e-6
    assert found["wasserstein"] < LEAST_WASSERSTEIN
    assert not found["alarm"]


def test_segments_under_twenty_customers_are_left_out():
    assert drift(counts(customers=19), {LAST_YEAR: (LAST, counts())}, 1) == []


def test_the_same_question_has_the_same_answer_whatever_else_is_asked():
    references = {LAST_YEAR: (LAST, counts(seed=1))}
    alone = row(drift(counts(seed=2), references, 1))
    both = {**counts(seed=2), **counts(feature="age", seed=4)}
    more = row(drift(both, {LAST_YEAR: (LAST, {**counts(seed=1), **counts(feature="age", seed=5)})}, 1))
    assert (alone["p"], alone["psi_null"]) == (more["p"], more["psi_null"])


def test_an_alarm_lasts_where_the_month_before_had_it_too():
    references = {LAST_YEAR: (LAST, counts(seed=1))}
    now = drift(counts(0.5, seed=2), references, 1)
    assert [r["lasting"] for r in lasting(now, now)] == [r["alarm"] for r in now]
    assert not any(r["lasting"] for r in lasting(now, drift(counts(seed=4), references, 1)))


def test_the_budget_of_a_month_is_split_over_the_year():
    rows = drift(counts(seed=2), {LAST_YEAR: (LAST, counts(seed=1))}, 1)
    # Two questions about everybody: the feature, and the sizes of segments.
    least = min(r["p"] for r in rows if r["segment"] == ALL)
    assert min(r["p_year"] for r in rows if r["segment"] == ALL) == pytest.approx(
        min(1, least * 2 * module.MONTHS * module.HALVES)
    )

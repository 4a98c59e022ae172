"""Sizes to come: a chain that is known, a year that repeats, and a back-test that knows nothing later."""

import itertools

import numpy as np
import pytest

from hm_assets.profiles.movement import back_test, forecast
from hm_assets.profiles.movement.back_test import Score, forecasts, leader, rows_of, words
from hm_assets.profiles.movement.forecast import METHODS, Known

MATRIX = np.array([[0.9, 0.1, 0.0], [0.0, 0.8, 0.2], [0.0, 0.3, 0.7]])


def markov_past(months: int, start=(4000, 6000, 1000), seed: int = 0, newcomers: int = 400) -> Known:
    """Customers who follow one matrix, and newcomers into the first segment."""
    rng = np.random.default_rng(seed)
    sizes, pairs = np.array(start[1:]), []
    for _ in range(months - 1):
        moved = np.stack([rng.multinomial(n, p) for n, p in zip(sizes, MATRIX[1:], strict=True)])
        arrived = rng.poisson(newcomers)
        pairs.append(np.vstack([[3600, arrived, 0], moved]))
        sizes = moved.sum(axis=0)[1:] + np.array([arrived, 0])
    return Known.of(np.array(pairs), np.array(start[1:]))


def with_sizes(sizes: np.ndarray) -> Known:
    """A past of these sizes in which everybody who can stays, and the rest come new or leave."""
    pairs = []
    for before, after in itertools.pairwise(sizes):
        stay = np.minimum(before, after)
        pair = np.zeros((len(before) + 1, len(before) + 1), dtype=int)
        pair[0, 1:], pair[1:, 0] = after - stay, before - stay
        pair[1:, 1:] = np.diag(stay)
        pairs.append(pair)
    return Known.of(np.array(pairs), sizes[0])


def test_the_markov_projection_is_the_matrix_where_there_is_one():
    known = markov_past(20)
    made = forecast.markov(known, seed=1)
    expected = known.sizes[-1]
    for step in made:
        expected = expected @ MATRIX[1:, 1:] + [400, 0]
        assert step.expected == pytest.approx(expected, rel=0.02)
        assert (step.low[1] <= step.low[0]).all() and (step.high[0] <= step.high[1]).all()


def test_on_a_chain_the_chain_leads_and_its_intervals_hold():
    scores, held = [], []
    for seed in range(6):
        _, found = forecasts(markov_past(20, start=(4000, 9000, 500), seed=seed), seed)
        scores.append(leader(found, 1))
        held.append(found["markov", 1].coverage[1])
    assert scores.count("markov") >= 5
    assert np.mean(held) > 0.85


def test_where_nothing_changes_today_leads_and_says_so():
    known = with_sizes(np.tile([500, 300], (24, 1)))
    latest, scores = forecasts(known, 1)
    assert scores["as_today", 1].error == 0
    assert leader(scores, 1) == "as_today"
    assert words(scores, 1).startswith("As today leads: off by 0.0 % a month ahead")
    leads = [row["method"] for row in rows_of([1, 2], known, latest, scores) if row["leads"]]
    assert set(leads) == {"as_today"} and len(leads) == 6


def test_where_a_year_repeats_the_change_of_last_year_leads():
    season = np.array([500, 900, 300, 700, 200, 800, 400, 600, 1000, 350, 750, 150])
    sizes = np.stack([np.tile(season, 3), np.tile(season[::-1], 3)], axis=1)
    latest, scores = forecasts(with_sizes(sizes), 1)
    assert [leader(scores, ahead) for ahead in (1, 2, 3)] == ["as_last_year"] * 3
    assert latest["as_last_year", 2].expected.tolist() == [season[1], season[-2]]


def test_a_back_test_knows_nothing_of_what_came_after(monkeypatch):
    """What was forecast from an origin is what would have been forecast then, whatever followed."""
    known = markov_past(20)
    other = Known(known.sizes.copy(), known.pairs.copy())
    other.sizes[15:], other.pairs[14:] = 1, 7
    tried = []
    monkeypatch.setattr(
        back_test, "Tried", lambda made, truth: tried.append(made) or forecast.Tried(made, truth)
    )
    forecasts(other, 3)
    then, _ = forecasts(known.upto(14), 3)
    for made in then.values():
        same = [f for f in tried if np.array_equal(f.expected, made.expected)]
        assert any(np.array_equal(f.low, made.low, equal_nan=True) for f in same)


def test_older_than_half_a_year_is_not_drawn_from():
    known = markov_past(20)
    older = Known(known.sizes, known.pairs.copy())
    older.pairs[: -forecast.MOST_MATRICES] = older.pairs[: -forecast.MOST_MATRICES, ::-1]
    one, other = (forecast.markov(past, 1) for past in (known, older))
    assert all(np.array_equal(a.expected, b.expected) for a, b in zip(one, other, strict=True))
    older.pairs[-forecast.MOST_MATRICES] = older.pairs[0]
    assert not np.array_equal(forecast.markov(older, 1)[0].expected, one[0].expected)


def test_the_same_seed_gives_the_same_forecast_and_another_another():
    known = markov_past(12)
    one, again, other = (forecast.markov(known, seed)[0].expected for seed in (1, 1, 2))
    assert np.array_equal(one, again) and not np.array_equal(one, other)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("months", [1, 2, 3, 4, 13])
def test_a_short_past_gives_what_it_can(months):
    known = markov_past(months) if months > 1 else Known(np.array([[5, 2]]), np.zeros((0, 3, 3), dtype=int))
    latest, scores = forecasts(known, 1)
    assert ("as_today", 1) in latest
    assert (("markov", 1) in latest) == (months >= 4)
    assert (("as_last_year", 1) in latest) == (months >= 13)
    for row in rows_of([1, 2], known, latest, scores):
        assert row["low_80"] is None or row["low_95"] <= row["low_80"] <= row["customers"] <= row["high_80"]
    if months < 5:
        assert words(scores, 1) == "As today: there are too few earlier months for a back-test"


@pytest.mark.filterwarnings("error")
def test_a_segment_that_nobody_is_in_stays_empty():
    latest, _ = forecasts(with_sizes(np.tile([500, 0], (12, 1))), 1)
    assert latest["markov", 3].expected[1] == 0


def test_of_equal_errors_the_simplest_leads():
    same = {(method, 1): Score(0.1, (None, None), 5) for method in METHODS}
    assert leader(same, 1) == "as_today"

"""Lifts against a planted truth: noise is not listed, what was planted is, and intervals hold what they say."""

import numpy as np
import pytest
from scipy import stats

from hm_assets.recommendations.lists_for.over_index import jaccard, lifts, ranked

SHARES = np.array([0.5, 0.3, 0.2])


def drawn(rng, true, articles=400, buyers=150):
    """Buyers by segment and article, with this many times the expected ones (segments x articles)."""
    return rng.poisson(buyers * SHARES[:, None] * np.broadcast_to(true, (3, articles)))


def test_noise_is_hardly_ever_listed_and_shrinks_to_one():
    rng = np.random.default_rng(5)
    listed = 0
    for _ in range(20):
        found = lifts(drawn(rng, 1.0), np.ones(400, dtype=bool))
        listed += bool(found.listed.any())
        assert np.abs(found.lift - 1).max() < 0.5
    # The false discovery rate is the share of shops of pure noise in which anything is listed.
    assert listed <= 3


def test_what_was_planted_is_found_and_leads():
    rng = np.random.default_rng(6)
    true = np.ones((3, 400))
    true[2, :8] = 3.0
    found = lifts(drawn(rng, true), np.ones(400, dtype=bool))
    assert set(ranked(found, 2, 12)[:8]) == set(range(8))
    assert (found.low[found.listed] > 1).all() and (found.p_adjusted[found.listed] <= 0.05).all()
    # Of twenty listed at most one is to be false.
    assert found.listed[:2].sum() + found.listed[2, 8:].sum() <= 2


def test_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(7)
    held = []
    for _ in range(10):
        true = rng.gamma(8, 1 / 8, (3, 400))
        # The expected number is that of a lift of 1: the base moves with its parts.
        counts = drawn(rng, true)
        found = lifts(counts, np.ones(400, dtype=bool))
        base = (SHARES[:, None] * true).sum(axis=0)
        held.append(((found.low <= true / base) & (true / base <= found.high)).mean())
    assert 0.92 <= np.mean(held) <= 0.99


def test_p_values_are_those_of_the_binomial_test():
    counts = np.array([[30, 5, 100], [10, 15, 100]])
    found = lifts(counts, np.array([True, True, False]))
    p = [
        stats.binomtest(
            int(counts[s, a]), int(counts[:, a].sum()), counts[s].sum() / counts.sum(), "greater"
        ).pvalue
        for s in range(2)
        for a in range(2)
    ]
    assert found.p_adjusted.reshape(-1) == pytest.approx(stats.false_discovery_control(p))


def test_without_others_or_articles_nothing_is_listed():
    assert not lifts(np.array([[30, 5, 100]]), np.ones(3, dtype=bool)).listed.any()
    assert lifts(np.zeros((2, 0), dtype=int), np.zeros(0, dtype=bool)).listed.shape == (2, 0)
    assert lifts(np.zeros((0, 4), dtype=int), np.ones(4, dtype=bool)).listed.shape == (0, 4)
    assert not lifts(np.zeros((2, 4), dtype=int), np.ones(4, dtype=bool)).listed.any()
    # Four buyers are too few to be told of, however much they stand out.
    assert not lifts(np.array([[4, 0, 500], [0, 5000, 5000]]), np.ones(3, dtype=bool)).listed[0, 0]


def test_jaccard_is_the_mean_over_pairs():
    assert jaccard([{1, 2}, {2, 3}, {1, 2}]) == pytest.approx((1 / 3 + 1 + 1 / 3) / 3)
    assert jaccard([{1}]) is None and jaccard([]) is None

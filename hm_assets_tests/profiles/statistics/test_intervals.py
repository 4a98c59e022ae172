"""Intervals against published values, and their coverage by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hm_assets.profiles.statistics import intervals

SAMPLES = st.lists(st.integers(-1000, 1000).map(float), min_size=1, max_size=60)


def test_the_mean_of_a_textbook_sample():
    """Gardner and Altman (1986), British Medical Journal 292: mean 146.4, s.d. 18.5, n 100; theirs is a t interval."""
    sample = np.repeat([146.4 - 18.5, 146.4 + 18.5], 50)
    sample = 146.4 + (sample - 146.4) * 18.5 / sample.std(ddof=1)
    value, low, high = intervals.mean(sample)
    assert (value, low, high) == pytest.approx((146.4, 142.7, 150.1), abs=0.08)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe (1998), Statistics in Medicine 17, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_is_that_of_newcombes_table(hits, of, low, high):
    assert intervals.share(hits, of) == pytest.approx((hits / of, low, high), abs=5e-5)


@pytest.mark.parametrize("of", [1, 2, 7, 1000, 1_371_980])
def test_no_hit_and_only_hits_have_an_interval_that_ends_exactly_at_the_border(of):
    _, low, high = intervals.share(0, of)
    assert low == 0.0 < high < 1
    assert intervals.share(of, of)[1:] == pytest.approx((1 - high, 1 - low), abs=1e-12)
    assert intervals.share(of, of)[2] == 1.0


@pytest.mark.parametrize(("n", "rank"), [(6, 1), (8, 1), (10, 2), (20, 6), (30, 10), (50, 18), (100, 40)])
def test_the_median_has_the_ranks_of_the_exact_table(n, rank):
    """Ranks of the exact 95 % interval: Campbell and Gardner (1988), British Medical Journal 296."""
    values = np.random.default_rng(0).permutation(n).astype(float)
    assert intervals.median(values) == ((n - 1) / 2, rank - 1, n - rank)


def test_the_median_interval_covers_the_median_of_skewed_values():
    rng = np.random.default_rng(1)
    for n in (15, 40, 200):
        found = [intervals.median(sample) for sample in rng.lognormal(0, 1.5, (1500, n))]
        covered = np.mean([low <= 1 <= high for _, low, high in found])
        assert 0.93 <= covered <= 0.985


@pytest.mark.parametrize("n", range(6, 400, 7))
def test_the_median_interval_never_covers_much_less_than_it_says(n):
    """By the binomial distribution, whatever the values are distributed like."""
    _, low, high = intervals.median(np.arange(n, dtype=float))
    assert stats.binom.cdf(high, n, 0.5) - stats.binom.cdf(low, n, 0.5) > 0.94


@pytest.mark.parametrize(("values", "interval"), [([3.0], intervals.median), ([3.0] * 5, intervals.median),
                                                  ([3.0], intervals.mean)])  # fmt: skip
def test_too_few_values_have_no_interval_rather_than_a_made_up_one(values, interval):
    assert interval(np.array(values)) == (3.0, None, None)


@given(SAMPLES, st.sampled_from([intervals.mean, intervals.median]))
@settings(max_examples=60)
def test_mirrored_values_have_the_mirrored_interval(values, interval):
    value, low, high = interval(np.array(values))
    mirrored = interval(-np.array(values))
    wanted = (-value, None, None) if low is None else (-value, -high, -low)
    assert mirrored == pytest.approx(wanted, abs=1e-9)
    if low is not None:
        assert low <= value <= high


@given(SAMPLES, st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_order_of_the_values_does_not_matter_for_the_median(values, random):
    assert intervals.median(np.array(values)) == intervals.median(
        np.array(random.sample(values, len(values)))
    )

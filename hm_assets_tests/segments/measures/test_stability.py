"""Stability under resampling, and against data without segments."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from benchmarks.structure import repeat_buyers
from hm_assets.segments.fitting import CannotFit, Data, Fitted
from hm_assets.segments.measures.stability import (
    Effort,
    adjusted_rand,
    against_null,
    ambiguous_share,
    jaccard,
    stability,
)
from hm_assets.segments.models import Centres
from hm_assets.segments.space import sample
from hm_assets_tests.segments.blobs import blobs, kmeans

THREE = Data(blobs(60, [[0, 0], [8, 0], [0, 8]]))
# Seven groups on a ring: their columns overlap, so a copula fills the ring. Of three groups at corners it would make
# the same three again.
TURNS = np.arange(7) * 2 * np.pi / 7
RING = Data(blobs(40, 8 * np.column_stack([np.cos(TURNS), np.sin(TURNS)])))
ONE = Data(blobs(180, [[0, 0]]))
EFFORT = Effort(resamples=8, nulls=19, blobs=3, null_resamples=1)


def test_jaccard_by_hand():
    original = np.array([0, 0, 0, 1, 1, 2])
    other = np.array([1, 1, 0, 0, 0, 0])
    # 0: two of three in the other 1; 1: both of the four in the other 0; 2: one of the four. 3 has nobody.
    assert jaccard(4, original, other).tolist() == [2 / 3, 2 / 4, 1 / 4, 0]


def test_the_adjusted_rand_index_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    for k in (1, 2, 5):
        one, other = rng.integers(0, k, 50), rng.integers(0, 3, 50)
        assert adjusted_rand(one, other) == pytest.approx(adjusted_rand_score(one, other))
    assert adjusted_rand(np.zeros(4, dtype=int), np.zeros(4, dtype=int)) == 1


def test_pac_by_hand():
    same = np.array([0, 0, 1])
    assert ambiguous_share([same, same, 1 - same]) == 0  # the numbers of the labels do not matter
    # Of the three pairs one is together in all, two in half of them.
    assert ambiguous_share([np.array([0, 0, 1]), np.array([0, 0, 0])]) == pytest.approx(2 / 3)
    assert np.isnan(ambiguous_share([same]))


def test_planted_groups_are_stable_and_above_the_null():
    found = stability(THREE, kmeans, 3, seed=1, resamples=8)
    assert len(found.jaccard) == 3
    assert found.worst == min(found.jaccard) > 0.97
    assert found.low <= found.mean <= found.high
    assert found.ari > 0.97
    assert found.pac < 0.02


def test_planted_groups_are_above_the_null():
    found = stability(RING, kmeans, 7, seed=1, resamples=8)
    null = against_null(RING, kmeans, 7, 1, found.mean, EFFORT)
    assert null.above
    assert null.excess == pytest.approx(found.mean - null.null_mean)
    assert null.null_mean < null.null_upper < found.mean
    assert null.failed == 0


@pytest.mark.parametrize("k", [2, 3, 5])
def test_one_gaussian_is_not_above_the_null_however_stable(k):
    found = stability(ONE, kmeans, k, seed=1, resamples=8)
    assert not against_null(ONE, kmeans, k, 1, found.mean, EFFORT).above
    if k == 5:
        assert found.pac > 0.1


def test_the_same_seed_gives_the_same_and_the_numbers_of_labels_do_not_matter():
    def renumbered(data, k, seed):
        model = kmeans(data, k, seed).model
        return Fitted(model.reordered(np.argsort(model.centres[:, seed % 2])))

    first = stability(ONE, renumbered, 3, seed=2, resamples=4)
    assert first == stability(ONE, renumbered, 3, seed=2, resamples=4)
    plain = stability(ONE, kmeans, 3, seed=2, resamples=4)
    assert (plain.mean, plain.ari, plain.pac) == pytest.approx((first.mean, first.ari, first.pac))
    null = against_null(ONE, kmeans, 3, 2, 0.5, EFFORT)
    assert null == against_null(ONE, kmeans, 3, 2, 0.5, EFFORT)


def test_a_resample_that_cannot_be_fitted_counts_as_0_and_is_told():
    calls = []

    def fails_twice(data, k, seed):
        calls.append(seed)
        if len(calls) in (2, 4):
            raise CannotFit("too few")
        return kmeans(data, k, seed)

    found = stability(THREE, fails_twice, 3, seed=1, resamples=8)
    assert (found.resamples, found.failed) == (8, 2)
    assert found.mean == pytest.approx(6 / 8, abs=0.02)
    assert found.ari == pytest.approx((6 * 5) / (8 * 7), abs=0.02)


def test_what_cannot_be_fitted_without_segments_is_left_out_and_told():
    def only_groups(data, k, seed):
        if (data.points.min(axis=1) > 5).any():
            raise CannotFit("there is somebody between the groups")
        return kmeans(data, k, seed)

    found = against_null(THREE, only_groups, 3, 1, 1.0, EFFORT)
    assert found.failed >= EFFORT.nulls
    assert not found.above  # nothing is known of the null, so nothing is claimed


def test_an_algorithm_that_finds_the_number_itself_may_find_another_on_a_resample():
    def finds(data, k, seed):
        assert k == 0
        return kmeans(data, 2 + seed % 2, seed)

    found = stability(THREE, finds, 0, seed=3, resamples=6)
    assert 0.3 < found.mean < 1


def test_a_segment_with_nobody_has_the_jaccard_0():
    far = Fitted(Centres(np.array([[0.0, 0], [8, 0], [0, 8], [999, 999]])))
    assert stability(THREE, lambda data, k, seed: far, 4, seed=0, resamples=2).jaccard == (1, 1, 1, 0)


def test_data_that_cannot_be_fitted_are_told():
    with pytest.raises(CannotFit, match="fewer than 4"):
        stability(Data(np.zeros((9, 2))), kmeans, 4, seed=0, resamples=2)


@pytest.mark.parametrize(
    ("setting", "k", "above"), [("noise", 2, False), ("noise", 4, False), ("easy", 5, True)]
)
def test_generated_customers_are_more_stable_than_without_segments_only_if_they_have_some(setting, k, above):
    data = repeat_buyers(setting, 0.25, 0, "rfm")
    few = data.take(sample(len(data), 500, np.random.default_rng(0)))
    null = against_null(few, kmeans, k, 1, stability(few, kmeans, k, 1, 10).mean, EFFORT)
    assert null.above == above
    assert (null.excess > 0.1) == above

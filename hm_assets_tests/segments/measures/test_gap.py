"""The gap statistic."""

import numpy as np
import pytest

from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.measures.gap import GapRow, at_maximum, by_one_se, gap_statistic
from hm_assets_tests.segments.blobs import blobs


def test_three_blobs_are_three_by_both_readings():
    found = gap_statistic(blobs(40, [[0, 0], [9, 0], [0, 9]]), seed=1)
    assert (by_one_se(found), at_maximum(found)) == (3, 3)
    assert [row.k for row in found] == list(range(1, 11))
    assert all(row.se > 0 for row in found)


def test_the_rule_takes_the_first_k_that_the_next_does_not_beat_by_its_error():
    def rows(gaps, errors):
        return [GapRow(k, gap, se) for k, (gap, se) in enumerate(zip(gaps, errors, strict=True), 1)]

    assert by_one_se(rows([0.1, 0.3, 0.32, 0.5], [0.01, 0.01, 0.03, 0.01])) == 2
    assert by_one_se(rows([0.1, 0.2, 0.3], [0.01, 0.01, 0.01])) == 3


def test_uniform_data_are_one():
    points = np.random.default_rng(1).uniform(size=(150, 2))
    assert by_one_se(gap_statistic(points, seed=1, most=5)) == 1


def test_correlation_is_not_taken_for_clusters():
    """A thin diagonal band in the box along the axes would be; the box along its own axes fits it (trap T9)."""
    rng = np.random.default_rng(2)
    band = rng.uniform(size=(150, 1)) * [10, 10] + rng.uniform(size=(150, 2))
    assert by_one_se(gap_statistic(band, seed=1, most=5)) == 1


def test_the_same_seed_gives_the_same_bytes():
    points = blobs(30, [[0, 0], [5, 5]])
    assert gap_statistic(points, seed=4, most=4) == gap_statistic(points, seed=4, most=4)


def test_no_more_clusters_are_tried_than_leave_something_within_them():
    points = np.repeat([[0.0, 0], [1, 0], [0, 1], [5, 5]], 10, axis=0)
    assert [row.k for row in gap_statistic(points, seed=0)] == [1, 2, 3]


@pytest.mark.parametrize("points", [np.zeros((20, 3)), np.ones((1, 2))])
def test_equal_points_are_told(points):
    with pytest.raises(CannotFit, match="all points are the same"):
        gap_statistic(points, seed=0)

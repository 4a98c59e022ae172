"""What several algorithms agree on."""

import numpy as np
import pytest

from hm_assets.segments.algorithms import consensus
from hm_assets.segments.fitting import Data
from hm_assets.segments.models import nearest
from hm_assets_tests.segments.algorithms.planted import blobs, one_cloud

PARTITIONS = [np.array([0, 0, 1, 1]), np.array([0, 0, 0, -1])]


def test_noise_abstains_and_votes_are_weighted():
    found = consensus.co_association(PARTITIONS, [1.0, 3.0])
    assert found.tolist() == [[1, 1, 0.75, 0], [1, 1, 0.75, 0], [0.75, 0.75, 1, 1], [0, 0, 1, 1]]


def test_a_partition_without_a_vote_changes_nothing():
    alone = consensus.co_association(PARTITIONS[:1], [1.0])
    assert (consensus.co_association(PARTITIONS, [1.0, 0.0]) == alone).all()


def test_clear_partitions_outvote_a_majority_that_is_not(monkeypatch):
    points, truth = blobs(40)
    lot = np.random.default_rng(0).integers(0, 4, len(points))

    def partitions(data, k, seed):
        same = (data.points[:, None] == points[None]).all(axis=2).argmax(axis=1)
        return [truth[same], lot[same], lot[same]]

    monkeypatch.setattr(consensus, "_partitions", partitions)
    found = nearest(consensus.consensus(Data(points), 4, 42).model, points)
    assert len(set(zip(truth.tolist(), found.tolist(), strict=True))) == 4


def test_pac_counts_the_pairs_that_are_neither_together_nor_apart():
    together = consensus.co_association(PARTITIONS, [1.0, 3.0])
    assert consensus.pac(together) == pytest.approx(2 / 6)


def test_there_is_more_to_agree_on_where_there_are_segments():
    points, _ = blobs(40)
    clear, cloud = (consensus.consensus(Data(x), 4, 42).facts for x in (points, one_cloud(160)))
    assert clear["pac"] < cloud["pac"]
    assert clear["agreement"] > cloud["agreement"]


def test_many_rows_are_placed_from_a_sample(monkeypatch):
    monkeypatch.setattr(consensus, "MOST_ROWS", 100)
    points, truth = blobs(60)
    found = consensus.consensus(Data(points), 4, 42)
    assert found.own is None
    assert len(set(zip(truth.tolist(), found.model.costs(points).argmin(axis=1).tolist(), strict=True))) <= 6

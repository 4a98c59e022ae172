"""Parts of a large segment."""

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.segments.champion import subsegments as module
from hm_assets.segments.champion.subsegments import Parts


def subsegments(points, labels, spend, proof, seed, again=None):
    """All bought again unless told otherwise, and nothing is on a lattice."""
    again = np.ones(len(points), dtype=bool) if again is None else again
    return module.subsegments(points, points, labels, spend, again, proof, seed)


def always(stability=0.9, apart=True):
    return lambda points, ks, segments: (dict.fromkeys(ks, stability), apart)


def two_in_one(each=(180, 120), seed=0):
    """Segment 0 of two blobs that differ along a short axis only, a small segment 1; the second blob spends more."""
    rng = np.random.default_rng(seed)
    points = np.concatenate(
        [rng.normal((0, y), (1.0, 0.02), (n, 2)) for n, y in zip(each, (0.0, 0.3), strict=True)]
        + [rng.normal((9, 9), 0.1, (60, 2))]
    )
    truth = np.repeat([2, 1, 0], [*each, 60])
    return points, (truth == 0).astype(np.int64), np.where(truth == 1, 8.0, 3.0), truth


def only_two(points, ks, segments):
    return {k: 0.9 if k == 2 else 0.7 for k in ks}, True


def test_a_large_segment_is_split_along_what_differs_within_it_and_parts_go_by_spend():
    points, labels, spend, truth = two_in_one()
    found = subsegments(points, labels, spend, only_two, seed=1)
    assert (found[0].parts.place(points[labels == 0]) == truth[labels == 0]).all()
    assert found[0].parts.centres == pytest.approx(np.array([[0, 0.3], [0, 0]]), abs=0.2)
    assert found[0].reason == "split in 2 parts: stability 0.90, and there are gaps between parts"
    assert found[1].parts is None
    assert found[1].reason == "not split: it holds 17 % of the customers, and only over 25 % is large"


def test_the_engine_and_a_copy_from_json_place_as_numpy_does():
    points, labels, spend, _ = two_in_one()
    parts = subsegments(points, labels, spend, only_two, seed=1)[0].parts
    table = ibis.memtable(pa.table({"x": points[:, 0], "y": points[:, 1]}))
    first, second = parts.expressions([table.x, table.y])
    engine = table.select(part=ibis.ifelse(first <= second, 1, 2)).to_pyarrow()["part"].to_numpy()
    assert engine.tolist() == parts.place(points).tolist()
    copy = Parts.from_json(parts.as_json())
    assert copy.place(points).tolist() == parts.place(points).tolist()
    assert copy.as_json() == parts.as_json()


def test_of_several_splits_the_most_stable_wins_and_of_equals_the_coarsest():
    points, labels, spend, _ = two_in_one()
    by_k = {2: 0.8, 3: 0.95, 4: 0.7}
    assert subsegments(points, labels, spend, lambda *_: (by_k, True), 1)[0].parts.model.k == 3
    assert subsegments(points, labels, spend, always(), 1)[0].parts.model.k == 2


@pytest.mark.parametrize(("stability", "apart"), [(0.75, True), (0.9, False), (0.5, False)])
def test_a_split_that_is_not_stable_or_not_there_is_not_made(stability, apart):
    points, labels, spend, _ = two_in_one()
    found = subsegments(points, labels, spend, always(stability, apart), 1)[0]
    assert found.parts is None
    assert f"2 parts: stability {stability:.2f}" in found.reason
    assert ("but no gap between them" in found.reason) == (stability > 0.75)


def test_a_splinter_is_not_a_part():
    points, labels, spend, _ = two_in_one(each=(270, 12))
    found = subsegments(points, labels, spend, only_two, 1)[0]
    assert found.parts is None
    assert "2 parts: the smallest holds 4.3 %" in found.reason


def test_too_few_customers_are_not_split():
    points, labels, spend, _ = two_in_one(each=(90, 60))
    assert subsegments(points, labels, spend, always(), 1)[0].reason == (
        "not split: 150 customers are too few, 200 are needed"
    )


def test_who_bought_once_is_not_learned_from_but_placed():
    """400 of them at one place would draw a part of their own."""
    points, labels, spend, truth = two_in_one()
    once = np.repeat([[4.0, 0.3]], 400, axis=0)
    points, labels = np.concatenate([points, once]), np.concatenate([labels, np.zeros(400, dtype=np.int64)])
    spend, again = np.concatenate([spend, np.full(400, 8.0)]), np.arange(len(points)) < len(truth)
    parts = subsegments(points, labels, spend, only_two, 1, again)[0].parts
    assert (parts.place(points[:300]) == truth[:300]).mean() > 0.99
    assert len(set(parts.place(once).tolist())) == 1
    few = np.arange(len(points)) < 150
    assert subsegments(points, labels, spend, only_two, 1, few)[0].reason == (
        "not split: 150 customers who bought again are too few, 200 are needed"
    )


def test_equal_customers_are_not_split_and_no_library_complains(recwarn):
    found = subsegments(np.ones((300, 3)), np.zeros(300, dtype=np.int64), np.ones(300), always(), 1)
    assert found[0].parts is None
    assert "2 parts: only 1 different customers" in found[0].reason
    assert not recwarn.list


def test_a_constant_axis_and_customers_in_no_segment_do_no_harm():
    points, labels, spend, truth = two_in_one()
    points = np.column_stack([points, np.full(len(points), 4.0)])
    labels[labels == 1] = -1
    found = subsegments(points, labels, spend, only_two, 1)
    assert list(found) == [0]
    assert (found[0].parts.place(points[labels == 0]) == truth[labels == 0]).all()


def test_the_same_seed_gives_the_same_bytes_and_another_one_the_same_parts():
    points, labels, spend, _ = two_in_one()
    one, two, other = (subsegments(points, labels, spend, only_two, seed)[0].parts for seed in (1, 1, 2))
    assert one.as_json() == two.as_json()
    assert one.place(points).tolist() == other.place(points).tolist()

"""Segment ids depend on who is in the segments, not on the labels that an algorithm happened to give."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.segments.champion.canonical import matched_ids, ordered

CUSTOMERS = 30
PARTITIONS = st.lists(st.integers(0, 5), min_size=CUSTOMERS, max_size=CUSTOMERS)
RANDOMS = st.randoms(use_true_random=False)


def dense(labels) -> np.ndarray:
    return np.unique(labels, return_inverse=True)[1]


def in_order(labels) -> np.ndarray:
    """Positions in the canonical order, from customers whose values are made up and partly equal."""
    labels = dense(labels)
    keys = np.arange(CUSTOMERS)
    counts = np.bincount(labels)
    means = [np.bincount(labels, keys % step) / counts for step in (2, 3, 5)]
    first = np.array([keys[labels == label].min() for label in range(labels.max() + 1)])
    return np.argsort(ordered(*means, first))[labels]


def shared(new, old) -> np.ndarray:
    found = np.zeros((new.max() + 1, old.max() + 1), dtype=np.int64)
    np.add.at(found, (new, old), 1)
    return found


def relabelled(labels, random) -> list[int]:
    names = random.sample(range(6), 6)
    return [names[label] for label in labels]


def test_first_ids_go_from_the_highest_spend_down_then_by_recency_frequency_and_first_key():
    spend = np.array([1.0, 2, 1, 1, 1])
    recency = np.array([5.0, 9, 5, 4, 5])
    frequency = np.array([1.0, 9, 2, 1, 1])
    assert ordered(spend, recency, frequency, np.array([7, 1, 2, 3, 6])) == [1, 3, 2, 4, 0]


def test_a_segment_without_members_cannot_be_ordered():
    with pytest.raises(ValueError, match="segment 1 has no members"):
        ordered(np.array([1, np.nan]), np.array([1.0, 1]), np.array([1.0, 1]), np.array([1, 2]))


@given(PARTITIONS, RANDOMS)
@settings(max_examples=60)
def test_first_ids_do_not_depend_on_the_labels(labels, random):
    assert in_order(labels).tolist() == in_order(relabelled(labels, random)).tolist()


@given(PARTITIONS, PARTITIONS, RANDOMS)
@settings(max_examples=60)
def test_ids_after_a_refit_do_not_depend_on_the_labels(before, after, random):
    old = in_order(before)
    previous_ids = list(range(1, old.max() + 2))

    def ids(labels) -> list[int]:
        new = in_order(labels)
        found = matched_ids(shared(new, old), previous_ids, len(previous_ids))
        return [found[place] for place in new]

    assert ids(after) == ids(relabelled(after, random))


@given(PARTITIONS, PARTITIONS)
@settings(max_examples=60)
def test_a_refit_keeps_only_ids_of_segments_that_go_on_and_never_reuses_a_number(before, after):
    new, old = dense(after), dense(before)
    overlap = shared(new, old)
    previous_ids = list(range(3, 3 + overlap.shape[1]))
    ids = matched_ids(overlap, previous_ids, 20)
    assert len(set(ids)) == len(ids)
    for row, segment in enumerate(ids):
        if segment <= 20:
            column = previous_ids.index(segment)
            assert overlap[row, column] == overlap[row].max() == overlap[:, column].max() > 0
    fresh = sorted(segment for segment in ids if segment > 20)
    assert fresh == list(range(21, 21 + len(fresh)))


@given(PARTITIONS, PARTITIONS)
@settings(max_examples=60)
def test_half_of_an_old_segment_keeps_its_id_where_it_is_the_largest_group(before, after):
    overlap = shared(dense(after), dense(before))
    ids = matched_ids(overlap, list(range(1, overlap.shape[1] + 1)), overlap.shape[1])
    for row, column in np.argwhere(2 * overlap > overlap.sum(axis=0)):
        others = np.delete(overlap[row], column)
        if (overlap[row, column] > others).all():
            assert ids[row] == column + 1


@given(PARTITIONS)
@settings(max_examples=30)
def test_the_same_segments_again_keep_every_id(labels):
    labels = dense(labels)
    previous_ids = list(range(labels.max() + 1, 0, -1))
    assert matched_ids(shared(labels, labels), previous_ids, 9) == previous_ids


def test_two_halves_of_an_old_segment_cannot_both_be_it():
    assert matched_ids(np.array([[50, 0], [0, 60], [0, 40]]), [1, 2], 2) == [1, 2, 3]


def test_equal_halves_leave_the_id_to_the_first():
    assert matched_ids(np.array([[50, 0], [0, 50], [0, 50]]), [1, 2], 2) == [1, 2, 3]


def test_two_old_segments_that_merge_leave_the_larger_ones_id():
    assert matched_ids(np.array([[30, 70]]), [4, 6], 6) == [6]


def test_other_people_do_not_inherit_the_id_that_is_left_over():
    """Most of 3 went into the first new segment; the last one is a part of 2."""
    assert matched_ids(np.array([[90, 0, 30], [0, 60, 0], [0, 40, 10]]), [1, 2, 3], 3) == [1, 2, 4]


def test_customers_who_are_in_no_previous_segment_get_a_new_id():
    assert matched_ids(np.array([[0, 0], [5, 0]]), [1, 2], 7) == [8, 1]


def test_a_retired_number_stays_retired():
    fewer = matched_ids(np.array([[50, 0, 0], [0, 50, 20]]), [1, 2, 3], 3)
    more = matched_ids(np.array([[50, 0], [0, 50], [0, 20]]), fewer, 3)
    assert (fewer, more) == ([1, 2], [1, 2, 4])


def test_a_first_model_has_nothing_to_match():
    assert matched_ids(np.zeros((3, 0), dtype=np.int64), [], 0) == [1, 2, 3]


@pytest.mark.parametrize(("ids", "last"), [([1], 1), ([1, 5], 4)])
def test_ids_that_do_not_fit_the_overlap_are_refused(ids, last):
    with pytest.raises(ValueError, match="does not fit"):
        matched_ids(np.ones((2, 2), dtype=np.int64), ids, last)

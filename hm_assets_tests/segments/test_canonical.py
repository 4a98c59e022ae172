"""Segment ids depend on the segments, not on the labels that an algorithm happened to give."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.segments.canonical import matched_ids, ordered
from hm_assets.segments.champion import Champion
from hm_assets.segments.space import Space
from hm_assets_tests.segments.customers import AS_OF, GROUPS, PLAIN

COORDINATE = st.integers(0, 12)
CENTRES = st.lists(st.tuples(COORDINATE, COORDINATE, COORDINATE), min_size=1, max_size=8, unique=True)


def by_centre(centres, ids) -> dict[tuple, int]:
    return dict(zip(map(tuple, centres), ids, strict=True))


def named(points, previous: Champion | None = None) -> Champion:
    return Champion.named("kmeans", PLAIN, np.array(points, dtype=float), AS_OF, 42, previous)


def test_first_ids_go_from_the_highest_spend_down_then_by_recency_then_by_frequency():
    centres = np.array([[5, 1, 1.0], [9, 9, 2.0], [5, 2, 1.0], [4, 1, 1.0]])
    assert ordered(centres).tolist() == centres[[1, 3, 2, 0]].tolist()


@given(CENTRES, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_first_ids_do_not_depend_on_the_labels(centres, random):
    shuffled = random.sample(centres, len(centres))
    assert named(centres).as_json() == named(shuffled).as_json()


@given(CENTRES, CENTRES, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_ids_after_a_refit_do_not_depend_on_the_labels(before, after, random):
    previous = named(before)
    shuffled = random.sample(after, len(after))
    one, other = named(after, previous), named(shuffled, previous)
    assert one.as_json() == other.as_json()


@given(CENTRES, CENTRES)
@settings(max_examples=60)
def test_a_refit_keeps_only_ids_of_segments_that_it_still_finds_and_never_reuses_a_number(before, after):
    previous = named(before)
    points = ordered(np.array(after, dtype=float))
    ids = matched_ids(points, previous.centres, list(previous.ids), previous.last_id)
    assert len(set(ids)) == len(after)
    distances = np.linalg.norm(points[:, None] - previous.centres[None], axis=2)
    for row, segment in enumerate(ids):
        if segment <= previous.last_id:
            place = previous.ids.index(segment)
            assert distances[row, place] == distances[row].min()
    fresh = sorted(segment for segment in ids if segment > previous.last_id)
    assert fresh == list(range(previous.last_id + 1, previous.last_id + 1 + len(fresh)))


@given(CENTRES)
@settings(max_examples=30)
def test_the_same_centres_again_keep_every_id(centres):
    first = named(centres)
    assert named(list(reversed(centres)), first).as_json() == first.as_json()


def test_a_refit_on_data_that_moved_a_little_keeps_the_ids():
    values = np.array(GROUPS, dtype=float)
    old = Space.fit(values, 0.025)
    new = Space.fit(values * [1.1, 1.2, 1.15], 0.03)
    first = Champion.named("kmeans", old, old.transform(values), AS_OF, 42, None)
    moved = values * [1.15, 0.9, 1.2]
    second = Champion.named("kmeans", new, new.transform(moved)[::-1], AS_OF, 42, first)
    assert second.ids == first.ids == (1, 2, 3, 4)
    assert np.allclose(new.values(second.centres), moved)


def test_a_refit_in_another_space_matches_what_the_coordinates_stand_for():
    """A wave of one-time buyers moves every mean and spread, so equal people get other coordinates."""
    values = np.array(GROUPS, dtype=float)
    old = Space.fit(values, 0.025)
    new = Space.fit(np.concatenate([values, np.tile([700.0, 1, 0.01], (60, 1))]), 0.025)
    first = Champion.named("kmeans", old, old.transform(values), AS_OF, 42, None)
    second = Champion.named("kmeans", new, new.transform(values), AS_OF, 42, first)
    assert second.ids == first.ids


def test_a_split_segment_leaves_its_id_to_the_nearer_half():
    first = named([[0, 0, 9], [0, 0, 3]])
    second = named([[0, 0, 9], [0, 0, 3.5], [0, 0, 1]], first)
    assert by_centre(second.centres, second.ids) == {(0, 0, 9): 1, (0, 0, 3.5): 2, (0, 0, 1): 3}


def test_another_kind_of_customers_does_not_inherit_the_id_that_is_left_over():
    first = named([[0, 0, 9], [0, 0, 3], [9, 0, 0]])
    second = named([[0, 0, 9], [0, 0, 3.5], [0, 0, 1.5]], first)
    assert second.ids == (1, 2, 4)


def test_a_retired_number_stays_retired():
    first = named([[0, 0, 9], [0, 0, 6], [0, 0, 0]])
    fewer = named([[0, 0, 9], [0, 0, 6]], first)
    more = named([[0, 0, 9], [0, 0, 6], [0, 0, 0]], fewer)
    assert (fewer.ids, more.ids) == ((1, 2), (1, 2, 4))


@pytest.mark.parametrize("k", [1, 3])
def test_fewer_segments_than_before_keep_the_ids_of_the_nearest(k):
    first = named([[0, 0, 9], [0, 0, 6], [0, 0, 3], [0, 0, 0]])
    second = named([[0, 0, 3.1], [0, 0, 6.2], [0, 0, 0.5]][:k], first)
    assert second.ids == (3,) if k == 1 else (2, 3, 4)

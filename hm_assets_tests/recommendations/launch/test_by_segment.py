"""Segments and sizes: figures by hand, intervals that hold, few people told of by nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hm_assets.recommendations.launch import document
from hm_assets.recommendations.launch.by_segment import NOT_PLACED, by_segment
from hm_assets.recommendations.launch.past import Launches
from hm_assets.recommendations.launch.size import Resembled, quantiles
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets_tests.recommendations.launch.tastes import garments

BUYERS, EVEN = np.array([10, 20, 30]), np.full(3, 1 / 3)


def told(scores, segments, members, buyers=BUYERS):
    usual = {1: 0.5, 2: 0.5}
    return by_segment(np.array(scores), np.array(segments), usual, members, buyers, EVEN[: len(buyers)], 0.5)


def test_expected_buyers_and_indexes_by_hand():
    first, second = told([0.3, 0.3, 0.2], [1, 1, 2], {1: 100, 2: 300, NO_PURCHASE: 50})
    assert (first["segment_id"], first["rank"], second["rank"]) == (1, 1, 2)
    # 20 buyers, half of them known, three quarters of these in the first segment of 100.
    assert first["expected_per_1000"] == pytest.approx(20 * 0.5 * 0.75 * 10)
    assert first["over_index"] == pytest.approx(0.75 / 0.25)
    assert first["taste_index"] == pytest.approx(0.75 / 0.5)
    assert first["low_per_1000"] < first["expected_per_1000"] < first["high_per_1000"]


def test_the_interval_holds_as_often_as_it_says():
    rng = np.random.default_rng(1)
    row = told([0.5, 0.5], [1, 2], {1: 1000, 2: 1000}, np.array([100, 200, 300]))[0]
    came = rng.poisson(rng.choice([100, 200, 300], 20_000) * 0.5 * 0.5)
    inside = (came >= row["low_per_1000"]) & (came <= row["high_per_1000"])
    assert 0.79 < inside.mean() < 0.84


def test_small_segments_and_those_without_a_purchase_are_left_out():
    rows = told([0.3, 0.3, 0.2], [1, 2, 3], {1: 100, 2: 300, 3: 5, NO_PURCHASE: 50})
    assert 3 not in {row["segment_id"] for row in rows} and len(rows) <= 2
    assert told([0.3], [NOT_PLACED], {}) == []


def test_nothing_is_known_without_a_past_launch_or_a_score():
    (row,) = told([0.0, 0.0], [1, 1], {1: 100}, np.array([]))
    assert (row["expected_per_1000"], row["high_per_1000"], row["over_index"]) == (None, None, 0.0)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=40))
def test_quantiles_of_equal_weights_are_those_of_the_values(values):
    middle, low, high = quantiles(np.array(values), np.full(len(values), 1 / len(values)))
    for found, level in ((low, 0.1), (middle, 0.5), (high, 0.9)):
        assert found in values
        assert np.mean(np.array(values) <= found) >= level - 1e-9
        assert np.mean(np.array(values) < found) <= level + 1e-9


def test_a_size_is_that_of_launches_of_its_kind():
    range_ = garments()
    rows = np.arange(60, 180)
    units = np.where(rows % 4 == 0, 1000, 10)
    days = np.full(len(rows), np.datetime64("2019-06-01"))
    sold = Launches(range_.keys[rows], days, units, units, np.ones(len(rows)), np.zeros(len(rows)))
    past = Resembled(sold, range_.at(rows))
    for place, wanted in ((0, 1000), (1, 10)):
        similar = past.similar(range_.vectors[place], range_.codes[place], 20)
        assert past.size(similar).units == (wanted,) * 3
        assert similar.weights.sum() == pytest.approx(1) and (np.diff(similar.similarity) <= 0).all()
        assert past.of_type(int(range_.codes[place, 0]))[0] == wanted
    nothing = Resembled(sold.where(np.zeros(len(rows), bool)), range_.at(rows[:0]))
    assert nothing.size(nothing.similar(range_.vectors[0], range_.codes[0])) is None
    assert nothing.of_type(0) is None


def test_a_page_names_no_segment_that_most_likely_buys_none():
    row = {"customers": 500, "expected_per_1000": 0.1, "low_per_1000": 0.0, "over_index": 1.0}
    rows = [
        row | {"segment_id": 1, "rank": 1, "high_per_1000": 4.0, "taste_index": 1.3},
        row | {"segment_id": 2, "rank": 2, "high_per_1000": 0.0, "taste_index": 1.9},
    ]
    assert document.leaning(rows)["segment_id"] == 1
    assert document.leaning(rows[1:]) is None
    assert document.leaning([rows[0] | {"taste_index": 0.9}]) is None
    assert document.leaning([rows[0] | {"taste_index": None}]) is None

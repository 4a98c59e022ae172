"""The measures against numbers that were worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.recommendations.measures.ranking import average_precision, hits, recall


def test_average_precision_is_kaggle_s():
    # Hits on places 1 and 3 of three, five bought: (1/1 + 2/3) / min(5, 3).
    hit = hits(np.array([[7, 8, 9]]), [np.array([7, 9, 1, 2, 3])])
    assert hit.tolist() == [[True, False, True]]
    assert average_precision(hit, np.array([5])) == pytest.approx([(1 + 2 / 3) / 3])
    assert recall(hit, np.array([5])) == pytest.approx([2 / 5])


def test_a_perfect_list_has_one_whatever_was_bought_besides():
    for bought in (1, 2, 12, 30):
        hit = np.arange(12)[None, :] < bought
        assert average_precision(hit, np.array([bought])) == pytest.approx([1.0])


def test_the_same_hits_count_more_at_the_front_and_an_empty_place_never_hits():
    hit = hits(np.array([[1, -1], [-1, 1]]), [np.array([1, -1]), np.array([1, -1])])
    assert average_precision(hit, np.array([1, 1])) == pytest.approx([1.0, 0.5])


def test_who_bought_nothing_cannot_be_judged():
    with pytest.raises(ValueError, match="bought something"):
        average_precision(np.zeros((1, 12), dtype=bool), np.array([0]))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_hits_are_those_of_a_plain_loop(seed):
    rng = np.random.default_rng(seed)
    lists = np.array([rng.choice(np.append(np.arange(20) * 7, -1), 5, replace=False) for _ in range(6)])
    bought = [np.unique(rng.integers(0, 25, rng.integers(0, 6)) * 7) for _ in range(6)]
    plain = [[each in set(mine.tolist()) for each in row] for row, mine in zip(lists, bought, strict=True)]
    assert hits(lists, bought).tolist() == plain

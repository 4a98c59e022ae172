"""The measures against numbers that were worked out by hand."""

import numpy as np
import pytest

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

"""Lists in a total order, with what they must not hold left out, and filled."""

import numpy as np
import pytest
from scipy import sparse

from hm_assets.recommendations.lists import NONE, Lists, top


def test_the_best_come_first_and_equal_ones_by_key():
    scores = sparse.csr_array(np.array([[0.0, 2.0, 5.0, 2.0], [0.0, 0.0, 0.0, -1.0]]))
    found = top(scores, 3)
    assert found.articles.tolist() == [[2, 1, 3], [NONE, NONE, NONE]]
    assert found.scores.tolist() == [[5, 2, 2], [0, 0, 0]]


def test_what_is_not_allowed_or_owned_is_left_out():
    scores = sparse.csr_array(np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]))
    without = sparse.csr_array(np.array([[0, 0, 1], [0, 0, 0]]))
    found = top(scores, 2, np.array([True, False, True]), without)
    assert found.articles.tolist() == [[0, NONE], [2, 0]]


def test_free_places_are_filled_with_what_is_not_there_yet():
    lists = Lists(np.array([[4, NONE, NONE], [NONE] * 3, [1, 2, 3]]), np.zeros((3, 3)))
    assert lists.filled(np.array([4, 5, 6])).articles.tolist() == [[4, 5, 6], [4, 5, 6], [1, 2, 3]]
    assert lists.filled(np.array([4])).articles.tolist() == [[4, NONE, NONE], [4, NONE, NONE], [1, 2, 3]]
    with pytest.raises(ValueError, match="twice"):
        lists.filled(np.array([4, 4]))

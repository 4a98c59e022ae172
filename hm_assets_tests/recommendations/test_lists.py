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


def test_nobody_is_filled_up_with_what_they_must_not_get():
    lists = Lists(np.array([[4, NONE, NONE], [NONE] * 3]), np.zeros((2, 3)))
    owned = sparse.csr_array(np.array([[0, 0, 0, 0, 0, 1, 0, 0], [1, 0, 0, 0, 1, 0, 1, 0]]))
    assert lists.filled(np.array([4, 5, 6, 7]), owned).articles.tolist() == [[4, 6, 7], [5, 7, NONE]]


def test_many_are_filled_as_each_would_be_alone():
    rng = np.random.default_rng(3)
    articles = np.array([rng.permutation(20)[:6] for _ in range(200)])
    articles[np.arange(6) >= rng.integers(0, 7, 200)[:, None]] = NONE
    fill = rng.permutation(20)[:9]
    found = Lists(articles, np.zeros(articles.shape)).filled(fill).articles
    for before, after in zip(articles, found, strict=True):
        have = [a for a in before if a != NONE]
        wanted = (have + [a for a in fill if a not in have])[:6]
        assert after.tolist() == wanted + [NONE] * (6 - len(wanted))

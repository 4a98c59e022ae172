"""Variety is bought with relevance: nothing changes at 0, and at 1 the list is as different as it gets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.recommendations.lists import NONE, Lists
from hm_assets.recommendations.measures.variety import Content, diversity
from hm_assets.recommendations.rerank import varied


def shelf(seed: int, customers: int = 20, candidates: int = 30) -> tuple[Lists, Content]:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(100, 5))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    articles = np.array([rng.choice(100, candidates, replace=False) for _ in range(customers)])
    scores = -np.sort(-rng.random((customers, candidates)), axis=1)
    short = rng.integers(1, candidates, customers)
    articles[np.arange(candidates) >= short[:, None]] = NONE
    scores[np.arange(candidates) >= short[:, None]] = 0
    return Lists(articles, scores), Content(np.arange(100), vectors.astype(np.float32))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(0, 1))
def test_a_list_holds_candidates_once_and_the_best_first(seed, variety):
    candidates, content = shelf(seed)
    found = varied(candidates, content, variety)
    for row, mine in zip(found, candidates.articles, strict=True):
        named = row[row != NONE]
        assert len(set(named)) == len(named) == min(12, (mine != NONE).sum())
        assert set(named) <= set(mine) and named[0] == mine[0]


def test_nothing_changes_without_variety_and_more_of_it_is_more_diverse():
    candidates, content = shelf(1, customers=200)
    assert np.array_equal(varied(candidates, content, 0.0), candidates.articles[:, :12])
    means = [np.nanmean(diversity(varied(candidates, content, v), content)) for v in (0.0, 0.3, 1.0)]
    assert means[0] < means[1] < means[2]


def test_the_second_article_is_worked_out_by_hand():
    content = Content(np.array([1, 2, 3]), np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32))
    candidates = Lists(np.array([[1, 2, 3]]), np.array([[10.0, 9.0, 4.0]]))
    # 0.7 * 0.9 - 0.3 * 1 = 0.33 > 0.7 * 0.4 = 0.28; 0.6 * 0.9 - 0.4 * 1 = 0.14 < 0.6 * 0.4 = 0.24.
    assert varied(candidates, content, 0.3, 2).tolist() == [[1, 2]]
    assert varied(candidates, content, 0.4, 2).tolist() == [[1, 3]]


def test_a_customer_s_list_does_not_hang_on_who_else_is_asked_for():
    candidates, content = shelf(5)
    whole = varied(candidates, content, 0.5)
    for i in range(len(whole)):
        one = Lists(candidates.articles[i : i + 1], candidates.scores[i : i + 1])
        assert np.array_equal(varied(one, content, 0.5)[0], whole[i])


def test_a_setting_out_of_bounds_is_named():
    candidates, content = shelf(0)
    with pytest.raises(ValueError, match="variety is"):
        varied(candidates, content, 1.5)

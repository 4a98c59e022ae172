"""Segments by what customers choose."""

import numpy as np
import pytest
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.metrics import adjusted_rand_score

from hm_assets.segments.algorithms.taste import taste_topics
from hm_assets.segments.fitting import CannotFit, Data
from hm_assets.segments.models import nearest
from hm_assets_tests.segments.algorithms.planted import baskets


def test_how_much_somebody_buys_says_nothing_about_their_taste():
    counts, truth = baskets()
    model = taste_topics(Data(counts), 4, 42).model
    more = counts * np.random.default_rng(0).integers(1, 9, (len(counts), 1))
    assert adjusted_rand_score(truth, nearest(model, more)) > 0.95


def test_the_model_repeats_the_largest_topic():
    counts, _ = baskets()
    found = taste_topics(Data(counts), 4, 42)
    assert found.facts["agreement"] == np.mean(nearest(found.model, counts) == found.own)
    assert found.facts["agreement"] > 0.95
    assert np.allclose(found.model.shares.sum(axis=1), 1)
    assert found.model.weights.sum() == pytest.approx(1)


def test_topics_are_as_likely_as_scikit_learns():
    rng = np.random.default_rng(3)
    topics = rng.dirichlet(np.full(30, 0.2), 3)
    mixtures = rng.dirichlet(np.full(3, 0.5), 250)
    counts = np.array([rng.multinomial(30, shares) for shares in mixtures @ topics]).astype(float)
    found = taste_topics(Data(counts), 3, 42)
    bare = LatentDirichletAllocation(3, max_iter=20, random_state=0)
    theirs = bare.fit_transform(counts)
    words = bare.components_ / bare.components_.sum(axis=1, keepdims=True)
    perplexity = np.exp(-(counts * np.log(theirs @ words)).sum() / counts.sum())
    assert found.facts["perplexity"] < perplexity * 1.01
    assert adjusted_rand_score(mixtures.argmax(axis=1), found.own) > 0.7


def test_another_seed_finds_the_same_tastes():
    counts, _ = baskets()
    one, other = (taste_topics(Data(counts), 4, seed).own for seed in (1, 2))
    assert adjusted_rand_score(one, other) > 0.95


def test_who_has_bought_nothing_goes_to_the_most_frequent_topic():
    counts, truth = baskets()
    counts = np.concatenate([counts, counts[truth == 2], np.zeros((5, counts.shape[1]))])
    found = taste_topics(Data(counts), 4, 42)
    most = np.bincount(found.own[:-5]).argmax()
    assert (found.own[-5:] == most).all()
    assert (nearest(found.model, counts[-5:]) == most).all()


def test_counts_are_counts():
    counts, _ = baskets()
    with pytest.raises(CannotFit, match="below 0"):
        taste_topics(Data(counts - 1), 4, 42)

"""Measures of topics on cases whose answer is known."""

import numpy as np
import pytest

from hm_assets.articles import coherence


def test_words_that_stand_together_are_coherent_and_words_that_do_not_are_not():
    texts = [["denim", "fly", "zip"], ["cups", "lace", "bust"]] * 50
    together, apart = coherence.c_npmi([["denim", "fly", "zip"], ["denim", "cups", "lace"]], texts)
    assert together == pytest.approx(1, abs=0.01)
    assert apart < 0


def test_each_topic_is_measured_alone_and_in_its_place():
    texts = [["denim", "fly"], ["cups", "lace"], ["denim", "lace"]] * 20
    topics = [["denim", "fly"], ["cups", "fly"], ["denim", "fly"]]
    scores = coherence.c_npmi(topics, texts)
    assert scores[0] == scores[2] == coherence.c_npmi(topics[:1], texts)[0]
    assert scores[1] < scores[0]


def test_the_order_of_topics_does_not_matter_to_their_match():
    topics = np.random.default_rng(0).dirichlet(np.ones(20), size=5)
    assert coherence.matched_cosine(topics, topics[[3, 1, 4, 0, 2]]) == pytest.approx(np.ones(5))
    changed = topics.copy()
    changed[2] = np.eye(20)[7]
    matched = coherence.matched_cosine(topics, changed)
    assert (matched > 0.999).sum() == 4
    assert matched.min() < 0.6


def test_diversity_counts_different_words():
    assert coherence.diversity([["a", "b"], ["c", "d"]]) == 1
    assert coherence.diversity([["a", "b"], ["a", "b"]]) == 0.5

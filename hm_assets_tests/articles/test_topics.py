"""Planted topics are found, new texts get a mix, and the same seed gives the same bytes in any process."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.articles import text, topics
from hm_assets.articles.topics import METHODS, TopicModel
from hm_assets.articles.vectorising import Terms, Vectoriser
from hm_assets_tests.articles.retail import PLANTED, catalogue

K = len(PLANTED)


def texts() -> list[str]:
    return [each.values["detail_desc"] for each in text.documents(catalogue())]


def fitted(method: str, seed: int = 3) -> tuple[TopicModel, Terms]:
    terms = Vectoriser.fit(texts(), "fashion", seed=1).terms.single_words(texts())
    return topics.fit(method, terms, terms.counts(texts()), K, seed, "full"), terms


@pytest.fixture(scope="module")
def models() -> dict[str, TopicModel]:
    return {method: fitted(method)[0] for method in METHODS}


@pytest.mark.parametrize("method", METHODS)
def test_planted_topics_are_recovered(models, method):
    model = models[method]
    planted = [set(words) for words in PLANTED.values()]
    mixes, _ = model.mix(model.terms.counts(texts()))
    kinds = np.arange(len(mixes)) % K
    found = [np.bincount(kinds[mixes.argmax(axis=1) == topic], minlength=K) for topic in range(K)]
    assert sum(counts.max() for counts in found) >= 0.95 * len(mixes)
    for topic, words in enumerate(model.top_words(8)):
        assert len(set(words) & planted[int(found[topic].argmax())]) >= 6, words


@pytest.mark.parametrize("method", METHODS)
@given(
    told=st.lists(
        st.lists(
            st.sampled_from([*(w for ws in PLANTED.values() for w in ws), "soft", "zzz", "👗"]), max_size=30
        ),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=40)
def test_mixes_are_shares_and_depend_on_the_text_alone(models, method, told):
    model = models[method]
    lines = [" ".join(words) for words in told]
    mixes, known = model.mix(model.terms.counts(lines))
    assert np.all(mixes >= 0)
    assert np.allclose(mixes.sum(axis=1), 1, rtol=0, atol=1e-12)
    backwards, _ = model.mix(model.terms.counts(lines[::-1]))
    assert np.array_equal(backwards[::-1], mixes)
    alone, _ = model.mix(model.terms.counts(lines[:1]))
    assert np.array_equal(alone[0], mixes[0])
    assert known.tolist() == [sum(word in model.terms.names for word in words) for words in told]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("told", ["", "zzz", "ワンピース", "👗"])
def test_a_text_without_a_known_word_has_the_usual_mix(models, method, told):
    model = models[method]
    mixes, known = model.mix(model.terms.counts([told]))
    assert known.tolist() == [0]
    assert np.array_equal(mixes[0], model.usual)
    assert np.allclose(model.usual, 1 / K, atol=0.1)


@pytest.mark.parametrize("method", METHODS)
def test_a_new_text_is_about_its_words(models, method):
    model = models[method]
    mixes, _ = model.mix(model.terms.counts([" ".join(words[:6]) for words in PLANTED.values()]))
    assert sorted(mixes.argmax(axis=1)) == list(range(K))
    assert mixes.max(axis=1).min() > 0.6


@pytest.mark.parametrize("method", METHODS)
def test_the_json_holds_all_of_the_model(models, method):
    model = models[method]
    back = TopicModel.from_json(model.as_json())
    counts = model.terms.counts(texts())
    assert np.array_equal(back.mix(counts)[0], model.mix(counts)[0])
    assert back.as_json() == model.as_json()


@pytest.mark.parametrize("method", METHODS)
def test_scoring_agrees_with_the_library_that_fitted(models, method):
    """Not to the digit: gensim starts at random and scikit-learn stops all rows at once."""
    model = models[method]
    counts = model.terms.counts(texts())
    ours, _ = model.mix(counts)
    if method == "nmf":
        from sklearn.decomposition import non_negative_factorization

        weights = model.terms.weights(counts)
        scores, *_ = non_negative_factorization(
            weights, H=model.topics, n_components=K, init=None, update_H=False, tol=1e-8, max_iter=1000
        )
        theirs = scores / scores.sum(axis=1, keepdims=True)
    else:
        from gensim.models.ldamodel import LdaModel

        lda = LdaModel(
            id2word={i: w for i, w in enumerate(model.terms.names)}, num_topics=K, alpha=model.prior
        )
        lda.state.sstats = (model.evidence - lda.eta).astype(np.float32)
        lda.sync_state()
        bags = [list(zip(row.indices.tolist(), row.data.tolist(), strict=True)) for row in counts]
        gamma, _ = lda.inference(bags)
        theirs = gamma / gamma.sum(axis=1, keepdims=True)
    assert np.abs(ours - theirs).max() < 0.02


def test_lda_refuses_weights():
    terms = Vectoriser.fit(texts(), "fashion", seed=1).terms.single_words(texts())
    with pytest.raises(ValueError, match="was given weights"):
        topics.fit("lda", terms, terms.weights(terms.counts(texts())), K, 1, "quick")


def test_more_topics_than_texts_is_refused():
    terms = Vectoriser.fit(texts(), "fashion", seed=1).terms.single_words(texts())
    with pytest.raises(ValueError, match="4 topics need as many texts"):
        topics.fit("nmf", terms, terms.counts(texts()[:3]), 4, 1, "quick")


def test_the_same_seed_gives_the_same_bytes_here_and_in_another_process(models):
    code = (
        "import hashlib; from hm_assets_tests.articles.test_topics import METHODS, fitted;"
        "print(*(hashlib.sha256(fitted(m)[0].as_json().encode()).hexdigest() for m in METHODS))"
    )
    here = [hashlib.sha256(models[method].as_json().encode()).hexdigest() for method in METHODS]
    assert [hashlib.sha256(fitted(m)[0].as_json().encode()).hexdigest() for m in METHODS] == here
    there = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "12345"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.split() == here


def test_another_seed_gives_another_lda():
    assert fitted("lda", seed=3)[0].as_json() != fitted("lda", seed=4)[0].as_json()

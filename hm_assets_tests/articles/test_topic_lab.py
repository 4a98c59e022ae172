"""The rule that chooses a model, and the candidates on a catalogue with planted topics."""

import numpy as np
import pytest

from hm_assets.articles import text, topic_lab
from hm_assets.articles.topic_lab import BESIDE, USED, Candidate
from hm_assets.articles.topics import TopicModel
from hm_assets.articles.vectorising import Terms, Vectoriser
from hm_assets.warehouse import artifacts
from hm_assets_tests.articles.retail import catalogue


def tried(method: str, k: int, coherence: float, matched: float) -> Candidate:
    terms = Terms("fashion", ("denim", "lace"), np.ones(2))
    model = TopicModel(method, terms, np.ones((k, 2)) / 2, np.ones((k, 2)), np.ones(k), np.ones(k) / k)
    return Candidate(model, coherence, coherence, coherence, matched, matched, 1.0, 1.0, 0.5, 3)


def verdicts(*candidates: Candidate) -> dict[tuple[str, int], str]:
    found = topic_lab._with_verdicts(candidates)
    return {(each.model.method, each.model.k): each.verdict for each in found}


def test_the_most_topics_within_the_noise_of_the_most_coherent_steady_candidate():
    found = verdicts(
        tried("nmf", 8, 0.255, 1.0),
        tried("nmf", 12, 0.250, 0.99),
        tried("nmf", 16, 0.230, 0.97),
        tried("nmf", 24, 0.300, 0.60),
        tried("lda", 8, 0.150, 0.80),
    )
    assert found == {
        ("nmf", 8): "as coherent as k=12 within 0.01, but fewer topics",
        ("nmf", 12): USED,
        ("nmf", 16): "less coherent than k=12",
        ("nmf", 24): "topics change from fit to fit: matched cosine 0.60, 0.75 wanted",
        ("lda", 8): BESIDE,
    }


def test_a_method_that_stays_the_same_goes_before_a_more_coherent_one_that_does_not():
    found = verdicts(tried("nmf", 8, 0.10, 0.9), tried("lda", 8, 0.30, 0.5), tried("lda", 12, 0.20, 0.6))
    assert found[("nmf", 8)] == USED
    assert found[("lda", 8)].startswith(f"{BESIDE}, though topics change")
    assert found[("lda", 12)].startswith("topics change")


def test_lda_is_used_where_it_wins():
    assert verdicts(tried("nmf", 8, 0.1, 1.0), tried("lda", 8, 0.2, 0.9))[("lda", 8)] == USED


def test_the_recipe_follows_each_setting_and_the_vocabulary():
    given = ["1", "quick", 42, "abc"]
    recipes = {artifacts.recipe(*given)}
    for place, other in enumerate(["2", "full", 43, "abd"]):
        recipes.add(artifacts.recipe(*given[:place], other, *given[place + 1 :]))
    assert len(recipes) == 5


@pytest.fixture(scope="module")
def judged() -> list[Candidate]:
    products = text.documents(catalogue())
    texts = [each.values["detail_desc"] for each in products]
    terms = Vectoriser.fit(texts, "fashion", seed=1).terms.single_words(texts)
    counts = terms.counts(texts)
    kinds = [each.values["product_type_name"] for each in products]
    return topic_lab.judge(list(topic_lab.fits(terms, counts, 1, "quick")), texts, counts, kinds)


def test_both_methods_are_measured_and_one_is_used(judged):
    assert [(each.model.method, each.model.k) for each in judged] == [
        (method, k) for method in ("nmf", "lda") for k in topic_lab.KS["quick"]
    ]
    assert [each.verdict.startswith(USED) for each in judged].count(True) == 1
    assert [each.verdict.startswith(BESIDE) for each in judged].count(True) == 1
    for each in judged:
        assert each.coherence_low <= each.coherence <= each.coherence_high
        assert 0 <= each.matched_cosine_min <= each.matched_cosine <= 1 + 1e-9
        assert each.nmi_product_type > 0.5  # the planted topics are the product types


def test_only_kept_candidates_carry_their_model(judged):
    rows = [topic_lab.as_row(each, 240, "quick", "r") for each in judged]
    assert [row["model"] is not None for row in rows] == [
        each.verdict.startswith((USED, BESIDE)) for each in judged
    ]


def test_a_shop_of_a_few_products_has_fewer_topics():
    texts = [each.values["detail_desc"] for each in text.documents(catalogue(8))]
    terms = Vectoriser.fit(texts, "fashion", seed=1).terms.single_words(texts)
    found = list(topic_lab.fits(terms, terms.counts(texts), 1, "quick"))
    assert [each.model.k for each in found] == [4, 4]
    assert topic_lab.judge(found, texts, terms.counts(texts), [None] * 8)


def test_the_share_of_unknown_words_is_of_words_that_could_say_something():
    terms = Terms("fashion", ("denim", "lace"), np.ones(2))
    assert topic_lab.unknown_share(terms, ["denim and lace", "the crochet"]) == pytest.approx(1 / 3)
    assert topic_lab.unknown_share(terms, ["", "and the"]) == 0

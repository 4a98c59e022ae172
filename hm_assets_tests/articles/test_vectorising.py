"""The presets, their fitted state as a table, and texts that were not there when it was fitted."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from hm_assets.articles import tables, text, vectorising
from hm_assets.articles.vectorising import PRESETS, Vectoriser
from hm_assets_tests.articles.retail import catalogue


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [each.text for each in text.documents(catalogue())]


def test_s0_has_the_settings_of_the_original_analysis(texts):
    required = TfidfVectorizer(
        stop_words="english",
        max_features=5000,
        ngram_range=(1, 2),
        min_df=2,
        max_df=0.95,
        token_pattern=r"\b[a-zA-Z][a-zA-Z]+\b",
    )
    assert dict(PRESETS["s0"]) == {name: getattr(required, name) for name in PRESETS["s0"]}
    wanted = required.fit_transform(texts)
    fitted = Vectoriser.fit(texts, "s0", seed=1)
    assert list(fitted.terms.names) == required.get_feature_names_out().tolist()
    assert np.allclose(fitted.terms.weights(fitted.terms.counts(texts)).toarray(), wanted.toarray())


def test_fashion_keeps_the_words_that_s0_destroys():
    told = [
        "V-neck T-shirt in jersey",
        "3-pack T-shirts with a V-neck",
        "A-line skirt, 3-pack",
        "A-line T-shirt dress",
    ]
    fashion, s0 = (set(Vectoriser.fit(told * 3, preset, seed=1).terms.names) for preset in ("fashion", "s0"))
    assert {"v-neck", "t-shirt", "3-pack", "a-line"} <= fashion
    assert {"neck", "shirt", "pack", "line"} <= s0
    assert not {"v-neck", "t-shirt", "3-pack", "a-line"} & s0


def test_the_difference_between_the_presets_is_counted_in_products():
    lost, damaged = vectorising.lost_words(["V-neck T-shirt", "T-shirt", "Soft top in the sun", "3-pack Été"])
    assert [(each.word, each.products, each.becomes) for each in lost] == [
        ("t-shirt", 2, "shirt"),
        ("3-pack", 1, "pack"),
        ("v-neck", 1, "neck"),
        ("été", 1, "nothing"),
    ]
    assert damaged == 0.75


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_the_table_holds_all_of_the_fitted_state(texts, preset):
    fitted = Vectoriser.fit(texts, preset, seed=1)
    table = fitted.as_table("recipe", tables.VOCABULARY.arrow_schema())
    shuffled = table.take(pa.array(np.random.default_rng(1).permutation(len(table))))
    back = Vectoriser.from_table(shuffled)
    new = ["Washed denim in a V-neck", "", "ワンピース"]
    rows = fitted.terms.weights(fitted.terms.counts(new))
    again = back.terms.weights(back.terms.counts(new))
    assert (rows != again).nnz == 0
    assert np.array_equal(fitted.embed(rows), back.embed(again))
    assert back.terms.version == fitted.terms.version


def test_a_product_is_embedded_the_same_alone_and_among_others(texts):
    fitted = Vectoriser.fit(texts, "fashion", seed=1)
    together = fitted.embed(fitted.terms.weights(fitted.terms.counts(texts)))
    alone = np.vstack(
        [fitted.embed(fitted.terms.weights(fitted.terms.counts([each]))) for each in texts[:20]]
    )
    assert np.array_equal(together[:20], alone)
    assert np.allclose((together**2).sum(axis=1), 1, atol=1e-5)


def test_products_of_one_kind_lie_nearer_to_each_other(texts):
    fitted = Vectoriser.fit(texts, "fashion", seed=1)
    vectors = fitted.embed(fitted.terms.weights(fitted.terms.counts(texts)))
    similarity = vectors @ vectors.T
    kinds = np.arange(len(texts)) % 4
    same = kinds[:, None] == kinds[None, :]
    assert similarity[same].mean() > similarity[~same].mean() + 0.3


def test_a_text_without_a_known_term_is_a_row_of_zeros(texts):
    fitted = Vectoriser.fit(texts, "fashion", seed=1)
    rows = fitted.terms.weights(fitted.terms.counts(["", "zzz 👗"]))
    assert rows.nnz == 0
    assert not fitted.embed(rows).any()


@pytest.mark.parametrize("told", [["Soft top"], ["Soft top", "Soft top"], ["Soft top", "Denim jeans"]])
@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_a_handful_of_products_has_a_vocabulary_too(told, preset):
    assert Vectoriser.fit(told, preset, seed=1).terms.names


def test_no_word_at_all_is_named():
    with pytest.raises(ValueError, match="the article texts share no word: 2 products, preset fashion"):
        Vectoriser.fit(["", "100 %"], "fashion", seed=1)

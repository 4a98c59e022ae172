"""Topics as a buyer reads them."""

import numpy as np

from hm_assets.articles import topic_names
from hm_assets.articles.topics import TopicModel
from hm_assets.articles.vectorising import Terms

WORDS = ("bodice", "cups", "denim", "dress", "flared", "lace", "short", "trousers", "washed", "zip")


def model(*topics: str) -> TopicModel:
    rows = np.zeros((len(topics), len(WORDS)))
    for row, words in zip(rows, topics, strict=True):
        for rank, word in enumerate(words.split()):
            row[WORDS.index(word)] = 1 / (rank + 1)
    empty = np.empty((0, 0))
    return TopicModel(
        "nmf", Terms("fashion", WORDS, np.ones(len(WORDS))), rows, empty, np.empty(0), np.ones(2) / 2
    )


def product(kind: str | None, name: str | None) -> dict[str, str | None]:
    return {"product_type_name": kind, "prod_name": name}


def described(
    mixes, articles, products, known=None, topics=("denim washed zip trousers", "lace cups dress short")
):
    known = np.full(len(mixes), 9) if known is None else np.array(known)
    return topic_names.describe(model(*topics), np.array(mixes), known, articles, products)


def test_a_name_says_what_it_is_about_and_repeats_nothing():
    jeans, bras = described(
        [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.0, 1.0]],
        [1, 1, 1, 3],
        [product("Trousers", "Jon"), product("Shorts", "Al"), product("Bra", "Ida"), product("Dress", "Eva")],
    )
    assert jeans.name == "Shorts and Trousers: denim, washed, zip"
    assert bras.name == "Dress: lace, cups, short"  # mostly dresses, counted in articles
    assert bras.product_types == (("Dress", 0.75), ("Bra", 0.25))
    assert bras.exemplars == ("Eva (Dress)", "Ida (Bra)")
    assert jeans.share + bras.share == 1
    assert jeans.share == (0.9 + 0.8 + 0.1) / 6


def test_names_of_one_model_differ():
    topics = ("denim washed zip flared bodice", "denim washed zip short bodice")
    one, two = described([[1, 0], [0, 1]], [1, 1], [product("Trousers", "Jon")] * 2, topics=topics)
    assert one.name == "Trousers: denim, washed, zip"
    assert two.name == "Trousers: denim, washed, zip, short"
    same = described([[1, 0], [0, 1]], [1, 1], [product("Bra", "A")] * 2, topics=("lace cups",) * 2)
    assert len({topic.name for topic in same}) == 2


def test_products_without_a_known_word_stand_for_no_topic():
    first, _ = described(
        [[0.9, 0.1], [0.6, 0.4]],
        [5, 1],
        [product("Umbrella", "Rain"), product("Trousers", "Jon")],
        known=[0, 9],
    )
    assert first.product_types == (("Trousers", 1.0),)
    assert first.exemplars == ("Jon (Trousers)",)


def test_a_topic_that_leads_nowhere_and_a_product_without_name_or_type_are_shown_too():
    first, second = described([[1, 0]], [1], [product(None, None)])
    assert (first.product_types, first.exemplars) == ((("unknown type", 1.0),), ())
    assert second.name.startswith("No product: lace")

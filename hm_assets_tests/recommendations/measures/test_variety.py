"""Diversity, novelty and coverage against numbers that were worked out by hand."""

import datetime as dt

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.recommendations.lists import NONE
from hm_assets.recommendations.measures.variety import Content, content_of, diversity, novelty, range_of
from hm_assets.recommendations.purchases import of_rows

CONTENT = Content(
    np.array([1, 2, 3, 4]), np.array([[1, 0], [0, 1], [np.sqrt(0.5), np.sqrt(0.5)], [0, 0]], dtype=np.float32)
)


def test_diversity_is_one_minus_the_mean_cosine_of_pairs():
    lists = np.array([[1, 2, 3], [1, 1, NONE], [1, NONE, NONE], [1, 2, 4], [1, 2, 99]])
    root = np.sqrt(0.5)
    found = diversity(lists, CONTENT)
    assert found[:2] == pytest.approx([1 - (0 + root + root) / 3, 0.0], abs=1e-6)
    assert np.isnan(found[2]), "one article is no pair"
    assert found[3:] == pytest.approx([1.0, 1.0]), "what has no vector, or is not known, is in no pair"


def test_without_vectors_there_is_no_diversity():
    nothing = Content(np.zeros(0, dtype=np.int64), np.zeros((0, 1), dtype=np.float32))
    assert np.isnan(diversity(np.array([[1, 2]]), nothing)).all()


def bought():
    rows = [(1, 10, 40), (1, 10, 2), (2, 10, 30), (3, 10, 0), (4, 10, 1), (4, 20, 27), (4, 30, 28)]
    day = dt.date(2019, 6, 30)
    return of_rows(
        pa.table(
            {
                "customer_key": [row[0] for row in rows],
                "article_key": [row[1] for row in rows],
                "t_dat": pa.array([day - dt.timedelta(days=row[2]) for row in rows], pa.date32()),
                "units": pa.array([1] * len(rows), pa.int32()),
                "spend": [0.1] * len(rows),
            }
        ),
        day,
    )


def test_novelty_is_the_mean_of_bits_and_a_repeated_buyer_is_one():
    sold = range_of(bought())
    assert sold.bits == pytest.approx([0, 2, 2]), "all of four customers, one of four, one of four"
    found = novelty(np.array([[10, 20, 30], [20, NONE, NONE], [NONE] * 3, [99, 20, NONE]]), sold)
    assert found[[0, 1, 3]] == pytest.approx([4 / 3, 2, 2]) and np.isnan(found[2])
    assert sold.recent.tolist() == [True, True, False], "28 days are those from 0 to 27 days ago"


def test_an_article_has_the_vector_of_its_product():
    articles = ibis.memtable({"article_key": [12, 11, 13], "product_code": ["b", "a", "c"]})
    embeddings = ibis.memtable({"product_code": ["a", "b"], "vector": [[1.0, 0.0], [0.0, 1.0]]})
    found = content_of(articles, embeddings)
    assert found.keys.tolist() == [11, 12] and found.vectors.tolist() == [[1, 0], [0, 1]]

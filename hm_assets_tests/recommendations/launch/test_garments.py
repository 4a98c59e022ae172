"""Garments side by side: cosines as by hand, and a new one lies where the same article of the range lies."""

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.recommendations.launch.garments import ATTRIBUTES, UNKNOWN, Levels, new
from hm_assets_tests.recommendations.launch.tastes import articles, garments, vectoriser

RANGE, ROWS = garments(), articles()


def test_an_article_given_as_new_lies_where_it_lies_in_the_range():
    found = new(ROWS.slice(3, 2).to_pylist(), vectoriser(), RANGE.levels)
    assert np.allclose(found.vectors, RANGE.vectors[3:5], atol=1e-6)
    assert found.codes.tolist() == RANGE.codes[3:5].tolist()


def test_similarities_are_cosines():
    text = RANGE.in_text(RANGE.vectors[7])
    assert text[7] == pytest.approx(1) and text.max() <= 1 + 1e-9
    one_hot = np.zeros((len(RANGE), sum(len(names) for names in RANGE.levels.names.values())))
    start = 0
    for j, column in enumerate(ATTRIBUTES):
        weights = RANGE.levels.weights[column]
        one_hot[np.arange(len(RANGE)), start + RANGE.codes[:, j]] = weights[RANGE.codes[:, j]]
        start += len(weights)
    unit = one_hot / np.linalg.norm(one_hot, axis=1, keepdims=True)
    assert np.allclose(RANGE.in_attributes(RANGE.codes[7]), unit @ unit[7])


def test_what_is_unknown_is_shared_with_nobody():
    found = new([{"product_type_name": "Spacesuit", "detail_desc": "zzz qqq"}], vectoriser(), RANGE.levels)
    assert (found.codes == UNKNOWN).all() and not found.vectors.any()
    assert not RANGE.in_attributes(found.codes[0]).any() and not RANGE.in_text(found.vectors[0]).any()
    empty = Levels.of(ROWS.slice(0, 0))
    assert (empty.codes(ROWS) == UNKNOWN).all()


def test_rarer_values_weigh_more_and_unknown_articles_are_named():
    weights = RANGE.levels.weights
    assert weights["product_type_name"].min() > weights["colour_group_name"].max()
    with pytest.raises(ValueError, match="articles/articles"):
        RANGE.positions(np.array([5]))


def test_an_empty_value_of_the_range_is_unknown():
    column = pa.nulls(ROWS.num_rows, pa.string())
    rows = ROWS.set_column(ROWS.schema.get_field_index("department_name"), "department_name", column)
    codes = Levels.of(rows).codes(rows)
    assert (codes[:, list(ATTRIBUTES).index("department_name")] == UNKNOWN).all()

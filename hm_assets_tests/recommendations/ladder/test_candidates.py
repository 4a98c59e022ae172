"""The best of each row in a total order, and sums that do not depend on the other rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from hm_assets.recommendations.ladder.candidates import inner, latest, most_bought, unit_rows
from hm_assets.recommendations.lists import strongest
from hm_assets.recommendations.purchases import purchases
from hm_assets_tests.recommendations.baskets import LAST, as_ibis, lines


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), min_size=7, max_size=7), max_size=6), st.integers(1, 8))
def test_the_strongest_are_those_of_a_sort(values, most):
    dense = np.array(values, dtype=np.float64).reshape(-1, 7)
    expected = np.zeros_like(dense)
    for row, each in enumerate(dense):
        best = np.lexsort((np.arange(7), -each))[:most]
        expected[row, best] = each[best]
    assert np.array_equal(strongest(sparse.csr_array(dense), most).toarray(), expected)


def test_products_do_not_depend_on_the_number_of_rows():
    rng = np.random.default_rng(1)
    left, right = rng.normal(size=(50, 33)), rng.normal(size=(40, 33))
    whole = inner(left, right)
    assert whole == pytest.approx(left @ right.T)
    assert np.array_equal(np.vstack([inner(left[[i]], right) for i in range(50)]), whole)


def test_rows_have_length_one_or_are_empty():
    found = unit_rows(sparse.csr_array(np.array([[3.0, 4.0], [0.0, 0.0]])))
    assert found.toarray() == pytest.approx(np.array([[0.6, 0.8], [0.0, 0.0]]))


def test_who_bought_last_and_what_most_customers_bought():
    bought = purchases(as_ibis(lines()), LAST)
    matrix = bought.matrix().toarray() > 0
    count = matrix.sum(axis=0)
    few = most_bought(bought, 5)
    assert count[few].min() >= np.sort(count)[-5] and len(few) == 5
    assert len(most_bought(bought, 1000, buyers=int(count.max()) + 1)) == 0
    last = {who: bought.ago[bought.customer == who].min() for who in range(len(bought.customers))}
    chosen = latest(bought, 10)
    assert max(last[who] for who in chosen) <= sorted(last.values())[9]

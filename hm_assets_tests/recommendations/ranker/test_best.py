"""The best of a row are what a full sort would put first."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from hm_assets.recommendations.lists import NONE, top
from hm_assets.recommendations.ranker.best import best_of_rows

VALUES = st.sampled_from([-1, 0, 0.5, 1, 3])


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=9),
        elements=st.sampled_from([-1, 0, 0.5, 1, 3]),
    ),
    st.integers(1, 5),
)
def test_they_are_those_of_the_lists_with_the_same_ties(scores, count):
    row, column, value, place = best_of_rows(sparse.csr_array(scores), count)
    found = np.full((len(scores), count), NONE)
    found[row, place] = column
    assert np.array_equal(found, top(sparse.csr_array(scores), count).articles)
    assert np.array_equal(value, scores[row, column])

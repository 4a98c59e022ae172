"""Ward's tree."""

import numpy as np
import pytest
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from hm_assets.segments.algorithms.hierarchical import cut, ward, ward_linkage
from hm_assets.segments.fitting import Data
from hm_assets_tests.segments.algorithms.planted import blobs, one_cloud


@pytest.mark.parametrize("k", [1, 2, 3, 7, 300])
def test_a_cut_is_scikit_learns(k):
    points = one_cloud()
    labels = cut(ward_linkage(points), k)
    assert adjusted_rand_score(AgglomerativeClustering(k, linkage="ward").fit_predict(points), labels) == 1.0
    assert sorted(set(labels.tolist())) == list(range(k))


def test_a_cut_has_exactly_k_groups_where_heights_are_equal():
    corners = np.array([[x, y] for x in (0.0, 1.0) for y in (0.0, 1.0)])
    points = np.repeat(corners, 5, axis=0)
    assert [len(set(cut(ward_linkage(points), k).tolist())) for k in (2, 3, 4)] == [2, 3, 4]


def test_cuts_nest():
    merges = ward_linkage(one_cloud())
    for k in range(2, 8):
        pairs = set(zip(cut(merges, k + 1).tolist(), cut(merges, k).tolist(), strict=True))
        assert len(pairs) == k + 1


def test_facts_say_how_high_the_next_merge_is_and_how_often_the_tree_repeats_the_labels():
    points, _ = blobs()
    facts = {k: ward(Data(points), k, 42).facts for k in (4, 5)}
    # The four planted ones are far apart, the fifth is a piece of one.
    assert facts[4]["merge_height"] > 5 * facts[5]["merge_height"]
    assert facts[4]["agreement"] > 0.95

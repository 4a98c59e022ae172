"""Segments by what happened later."""

import numpy as np
import pytest

from hm_assets.segments.algorithms.supervised import supervised_tree
from hm_assets.segments.fitting import CannotFit, Data
from hm_assets.segments.models import nearest
from hm_assets_tests.segments.algorithms.planted import later, one_cloud


def test_leaves_tell_what_happened_later_and_hold_a_twentieth_each():
    points = one_cloud(600) * 3
    data = Data(points, later(points))
    found = supervised_tree(data, 5, 42)
    own = nearest(found.model, points)
    assert 3 <= found.model.k <= 5
    assert np.bincount(own, minlength=found.model.k).min() >= 30
    means = np.array([data.later[own == segment].mean() for segment in range(found.model.k)])
    explained = 1 - ((data.later - means[own]) ** 2).mean() / data.later.var()
    assert found.facts["r2"] == pytest.approx(explained)
    assert explained > 0.95


def test_the_next_likely_segment_is_across_the_last_split():
    points = np.linspace(-1, 1, 400)[:, None]
    found = supervised_tree(Data(points, np.repeat([0.0, 1.0, 10.0, 12.0], 100)), 4, 42)
    own = nearest(found.model, points)
    second = np.argsort(found.model.costs(points), axis=1)[:, 1]
    first = own[[0, 100, 200, 300]]
    assert second[[0, 100, 200, 300]].tolist() == first[[1, 0, 3, 2]].tolist()


@pytest.mark.parametrize("unknown", [None, np.full(100, np.nan)])
def test_it_must_be_told_what_happened(unknown):
    with pytest.raises(CannotFit, match="needs to know"):
        supervised_tree(Data(one_cloud(100), unknown), 5, 42)


def test_nothing_happened():
    with pytest.raises(CannotFit, match="nothing that is known"):
        supervised_tree(Data(one_cloud(100), np.zeros(100)), 5, 42)

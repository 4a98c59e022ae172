"""The RFM grid, merged."""

import numpy as np
import pytest

from hm_assets.segments.algorithms.grid import NAMES, named_grid
from hm_assets.segments.algorithms.merging import merged_grid
from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.models import nearest
from hm_assets_tests.segments.algorithms.planted import customers


@pytest.mark.parametrize("once", [0.0, 0.5, 0.8, 0.95, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_merged_cells_hold_5_to_60_percent_each(once, seed):
    points = customers(once=once, seed=seed)
    found = merged_grid(points)
    shares = np.bincount(nearest(found.model, points), minlength=found.model.k) / len(points)
    assert found.model.k == len(found.parts) >= 4
    assert shares.min() >= 0.05
    assert shares.max() <= 0.60


def test_merging_moves_whole_names_and_keeps_them():
    points = customers()
    whole, merged = named_grid(points), merged_grid(points)
    names = np.array(NAMES)[nearest(whole.model, points)]
    segments = nearest(merged.model, points)
    assert sorted(name for part in merged.parts for name in part) == sorted(NAMES)
    assert all(name in merged.parts[segment] for name, segment in zip(names, segments, strict=True))
    firsts = [NAMES.index(part[0]) for part in merged.parts]
    assert firsts == sorted(firsts)


def test_what_merges_borders_on_each_other():
    """Champions and the lost share no border, so no merged segment is only those."""
    for seed in range(5):
        for part in merged_grid(customers(once=0.6, seed=seed)).parts:
            assert set(part) != {"Champions", "Lost"}


def test_the_order_of_rows_does_not_matter():
    points = customers(once=0.5)
    other = merged_grid(points[np.random.default_rng(0).permutation(len(points))])
    assert merged_grid(points).model.as_json() == other.model.as_json()
    assert merged_grid(points).parts == other.parts


def test_customers_who_are_nearly_all_alike_cannot_be_merged_into_shape():
    points = np.zeros((100, 3))
    points[:20] = customers(20)
    with pytest.raises(CannotFit, match="no merging of cells"):
        merged_grid(points)

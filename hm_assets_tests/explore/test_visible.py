"""Groups are seen where they are, and not in one smooth cloud."""

import numpy as np
import pytest

from hm_assets.explore.visible import visible_groups


def cloud(centres: list[tuple[float, float, float]], spread: float) -> list[dict]:
    random = np.random.default_rng(2)
    logs = np.concatenate([random.normal(centre, spread, (150, 3)) for centre in centres])
    return [
        {
            "point": i,
            "recency_days": float(np.expm1(max(0, r))),
            "purchase_days": float(np.exp(f)),
            "spend": float(np.exp(m)),
        }
        for i, (r, f, m) in enumerate(logs)
    ]


def test_two_far_groups_are_visible():
    found = visible_groups(cloud([(3, 1, -2), (6, 3, 2)], 0.3), seed=42)
    assert (found["verdict"], found["groups"]) == ("yes", 2)


def test_one_cloud_has_no_groups():
    assert visible_groups(cloud([(4, 1, -1)], 0.5), seed=42)["verdict"] == "no"


@pytest.mark.parametrize("points", [cloud([(4, 1, -1)], 0.5)[:50], cloud([(4, 1, -1)], 0.0)])
def test_too_few_or_all_equal_is_no_answer(points):
    assert visible_groups(points, seed=42) is None

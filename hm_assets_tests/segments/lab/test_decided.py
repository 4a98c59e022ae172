"""Where structure is looked for before a candidate is crowned, and what is said of where it was not."""

import pytest

from hm_assets.segments.choice import decision
from hm_assets.segments.lab.lab import decided
from hm_assets.segments.measures.structure import Comparison, Structure

HERE, NOWHERE = (
    Structure(*(Comparison(kind, p, p, "kmeans 4", 0.9, 0.1) for kind in ("copula", "blob")), (), 39)
    for p in (0.025, 0.5)
)


def row(algorithm: str, space: str, stability: float) -> dict:
    return {
        "algorithm": algorithm, "space": space, "k": 4, "segments": 4, "min_share": 0.2, "max_share": 0.3,
        "stability": stability, "null_stability": 0.5, "centroid_silhouette": 0.5, "null_silhouette": 0.3,
        "fidelity": 0.9, "noise_share": 0.0, "customers": 900, "model": "{}", "verdict": "",
    }  # fmt: skip


ROWS = [
    row("kmeans", "rfm", 0.8),
    row("kmeans", "rfm_rhythm", 0.88),
    row("temporal", "monthly_shape", 0.95),
    row("taste", "taste", 0.7),
    row("merged_rfm_grid", "rfm", 0.6),
]


@pytest.mark.parametrize(
    ("in_space", "champion"),
    [
        ({"rfm": HERE, "monthly_shape": HERE}, "temporal 4 monthly_shape"),
        ({"rfm": HERE, "monthly_shape": NOWHERE, "rfm_rhythm": HERE}, "kmeans 4 rfm_rhythm"),
        ({"rfm": HERE, "monthly_shape": "no structure found", "rfm_rhythm": NOWHERE}, "kmeans 4 rfm"),
        ({"rfm": NOWHERE}, "merged_rfm_grid 4 rfm"),
        ({"rfm": "no structure found: nobody bought again"}, "merged_rfm_grid 4 rfm"),
    ],
)
def test_nobody_is_crowned_in_a_space_that_was_not_tested(in_space, champion):
    """No other space is tested than those of `in_space`."""
    choice, structure = decided(ROWS, in_space.__getitem__)
    assert choice.champion.name == champion
    assert structure == in_space


def test_each_row_says_what_was_found_in_its_space_or_that_nobody_looked():
    words = {"rfm": HERE.words("recency"), "monthly_shape": NOWHERE.words("months")}
    rows = decision.with_structure(ROWS, words)
    assert rows[0]["structure"].startswith("structure in recency: with kmeans 4 it is 90 % emptier")
    assert rows[2]["structure"].startswith("no structure found in months: ")
    assert rows[3]["structure"].startswith("not tested in taste; structure in recency: ")
    assert decision.has_structure(rows) == {"rfm": True, "monthly_shape": False}

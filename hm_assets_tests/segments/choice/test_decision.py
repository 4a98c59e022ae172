"""From stored rows to what the choice weighs: which null counts, and what several past months tell together."""

import math

import pytest

from hm_assets.segments.choice.decision import FALLBACK, decide, entries, later_value


def row(algorithm: str, k: int = 5, space: str = "rfm", segments: int = 5, **figures) -> dict:
    plain = {
        "stability": 0.9, "null_stability": 0.7, "centroid_silhouette": 0.6, "null_silhouette": 0.5, "later_value": 0.3,
        "later_low": 0.25, "later_high": 0.35, "fidelity": 0.8, "min_share": 0.1, "max_share": 0.4, "model": "{}",
        "verdict": "", "noise_share": 0.0, "customers": 100,
    }  # fmt: skip
    return {"algorithm": algorithm, "k": k, "space": space, "segments": segments} | plain | figures


GRID = row(FALLBACK, 0, null_stability=0.99, null_silhouette=0.9)


def test_nobody_gains_by_doing_badly_on_data_without_segments():
    """Ward cut noise anew each time, k-means did not: with k-means more stable, it has to be ahead."""
    ward = row("ward", stability=0.987, null_stability=0.681, null_silhouette=0.3)
    kmeans = row("kmeans", stability=1.0, null_stability=0.903, null_silhouette=0.5)
    of_ward, of_kmeans, _ = entries([ward, kmeans, GRID])
    assert of_ward.stability_excess == pytest.approx(0.987 - 0.903)
    assert of_kmeans.stability_excess == pytest.approx(1.0 - 0.903)
    assert of_ward.separation == of_kmeans.separation == pytest.approx(0.1)
    assert decide([ward, kmeans, GRID], {"rfm": True}).champion.algorithm == "kmeans"


def test_a_null_is_that_of_the_same_space_and_number_and_the_own_where_nobody_else_is_there():
    rows = [
        row("kmeans"),
        row("kmeans", 4, segments=4, null_stability=0.8, null_silhouette=0.4),
        row("taste", space="taste", null_stability=0.6, null_silhouette=-0.1),
        # DBSCAN finds five as well, and its null could not be had.
        row("dbscan", 0, null_stability=None, null_silhouette=None),
        GRID,
    ]
    found = entries(rows)
    assert [e.stability_excess for e in found] == pytest.approx([0.2, 0.1, 0.3, 0.2, -0.09])
    assert [e.separation for e in found] == pytest.approx([0.1, 0.2, 0.7, 0.1, -0.3])
    (alone,) = entries(rows[3:4])
    assert math.isnan(alone.stability_excess)


def test_separation_alone_wins_nothing_where_data_without_segments_reach_it_too():
    """A space with fewer columns has higher silhouettes for nothing."""
    easy = row(
        "kmeans", 3, space="narrow", segments=3, centroid_silhouette=0.7, null_silhouette=0.69, fidelity=0.95
    )
    clear = row("kmeans", 5)
    assert decide([easy, clear, GRID], {"rfm": True}).champion.space == "rfm"


def test_several_months_of_the_same_customers_are_no_surer_than_one():
    def months(half: float) -> dict:
        values = [
            {"algorithm": "kmeans", "space": "rfm", "k": 5, "outcome": "log_spend", "value": value,
             "low": value - half, "high": value + half}
            for value in (0.2, 0.3, 0.4)
        ]  # fmt: skip
        return later_value(values, row("kmeans"))

    assert months(0.1) == pytest.approx({"later_value": 0.3, "later_low": 0.2, "later_high": 0.4})
    assert later_value([], row("kmeans")) == {}


def test_how_wide_the_interval_is_decides_who_is_dropped():
    best = row("ward", stability=0.8, later_value=0.40, later_low=0.38, later_high=0.42)
    stable = row("kmeans", stability=0.95, later_value=0.32, later_low=0.23, later_high=0.41)
    assert decide([best, stable, GRID], {"rfm": True}).champion.algorithm == "kmeans"
    narrow = {**stable, "later_low": 0.311, "later_high": 0.329}
    assert decide([best, narrow, GRID], {"rfm": True}).champion.algorithm == "ward"
    # Nor is anybody behind a best that may be so by chance.
    unsure = {**best, "later_low": 0.30, "later_high": 0.50}
    assert decide([unsure, narrow, GRID], {"rfm": True}).champion.algorithm == "kmeans"

"""Whether groups of customers are visible to the eye, held against one smooth cloud without any.

k-means finds k groups in anything. What counts is whether they lie apart better (silhouette, Rousseeuw 1987) than the
groups that it finds in as many draws from one normal distribution of the same spread and correlation: the idea of the
gap statistic (Tibshirani, Walther and Hastie, 2001).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
COUNTS = (2, 3, 4, 5, 6)
NULLS = 5
FEWEST, MOST = 100, 1500
CLEAR, SLIGHT = 0.08, 0.02


def visible_groups(points: list[dict[str, Any]], seed: int) -> dict[str, Any] | None:
    """The best silhouette over 2 to 6 groups of log RFM, beside that of smooth clouds; None for too few customers."""
    if len(points) < FEWEST:
        return None
    ordered = sorted(points, key=lambda point: point["point"])[:MOST]
    recency, often, spend = (
        np.array([p[n] for p in ordered]) for n in ("recency_days", "purchase_days", "spend")
    )
    values = np.column_stack(
        [np.log1p(recency), np.log(often), np.log(np.maximum(spend, spend.max() * 1e-6))]
    )
    spread = values.std(axis=0)
    if not spread.all():
        return None
    values = (values - values.mean(axis=0)) / spread
    best, groups = _best(values, seed)
    generator = np.random.default_rng(seed)
    cloud = np.cov(values.T)
    smooth = [
        _best(generator.multivariate_normal(np.zeros(3), cloud, len(values)), seed)[0] for _ in range(NULLS)
    ]
    return {
        "customers": len(values),
        "groups": groups,
        "silhouette": round(best, 3),
        "smooth": round(max(smooth), 3),
        "verdict": _verdict(best - max(smooth)),
    }


def _best(values: Floats, seed: int) -> tuple[float, int]:
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    scores = []
    for count in COUNTS:
        labels = KMeans(count, n_init=3, random_state=seed).fit_predict(values)
        scores.append((float(silhouette_score(values, labels)), -count))
    score, count = max(scores)
    return score, -count


def _verdict(ahead: float) -> str:
    if ahead >= CLEAR:
        return "yes"
    return "slightly" if ahead >= SLIGHT else "no"

"""Segments and facts of made-up customers, with nothing or something behind them."""

import numpy as np

from hm_assets.profiles.validity.effort import Effort

IDS = (1, 2, 3)
BRIEF = Effort(resamples=40, null_runs=20, null_customers=300, null_fits=2, null_fit_customers=300)


def segments(n: int = 600, seed: int = 0) -> np.ndarray:
    """Three segments of unequal size (n)."""
    return np.random.default_rng(seed).choice(3, n, p=[0.5, 0.3, 0.2])


def by_test(rows, test):
    """The rows of a test by subject."""
    return {row["subject"]: row for row in rows if row["test"] == test}

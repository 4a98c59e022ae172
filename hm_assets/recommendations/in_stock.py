"""What may be in stock: the files do not say, so it is what was sold lately."""

import numpy as np

from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Bools

WINDOWS = (7, 14, 28, 90)
ACTIVE = 365
"""Days in which an article was sold that belongs to the active range."""
ENOUGH = 0.1


def in_stock(known: Purchases) -> tuple[Bools, int]:
    """Which articles (of `Purchases.articles`) were sold lately, and in how many days.

    The first of the windows in which a tenth of the active range was sold; the whole year where none is enough.
    """
    active = len(np.unique(known.article[known.ago < ACTIVE]))
    for days in (*WINDOWS, ACTIVE):
        sold = np.bincount(known.article[known.ago < days], minlength=len(known.articles)) > 0
        if sold.sum() >= ENOUGH * active:
            break
    return np.asarray(sold), days

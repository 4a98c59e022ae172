"""Which articles can be had: stock is not in the data, so what sold in the last days stands for it.

The last seven days, unless hardly anything sold in them (a small shop, a quiet week): then 14, 28, 90 days and so on,
until a tenth of the active range is in. The active range is what sold in the last 365 days.
"""

from dataclasses import dataclass

import numpy as np

from hm_assets.recommendations.ladder.popular import best, sold
from hm_assets.recommendations.lists import LENGTH
from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Bools, Floats, Ints

WINDOWS = (7, 14, 28, 90, 180, 365)
ACTIVE_DAYS = 365
SHARE = 0.1


@dataclass(frozen=True)
class Stock:
    """What sold in the last `days`.

    Attributes
    ----------
    days
        The window that it took.
    units
        Units sold in it (articles).
    active
        Articles of the active range.
    """

    days: int
    units: Floats
    active: int

    @property
    def allowed(self) -> Bools:
        """Which articles are in stock (articles)."""
        return np.asarray(self.units > 0)

    @property
    def bestsellers(self) -> Ints:
        """All that are in stock (positions), most units first; equal ones by key."""
        return best(self.units, len(self.units))

    @property
    def words(self) -> str:
        """The window and what is in it."""
        return (
            f"sold in the last {self.days} days: {int(self.allowed.sum()):,} of {self.active:,} articles "
            f"that sold in the last {ACTIVE_DAYS}"
        )


def in_stock(purchases: Purchases) -> Stock:
    """The first window that holds a tenth of the active range, and twelve articles where so many are active."""
    active = int((sold(purchases, ACTIVE_DAYS) > 0).sum())
    enough = max(SHARE * active, min(LENGTH, active), 1)
    for days in WINDOWS:
        units = sold(purchases, days)
        if (units > 0).sum() >= enough:
            break
    return Stock(days, units, active)

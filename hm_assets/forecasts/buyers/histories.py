"""What the models of buying know of a customer: how often she came back, when last, and since when she is known.

Counted are *days* with a purchase after the first one: two baskets of one day are one occasion, and the first
purchase makes a customer, it is no repeat (Fader and Hardie 2005). Time is counted in days from the first purchase.
"""

from dataclasses import dataclass

import numpy as np

from hm_assets.segments.space import Bools, Floats
from hm_assets.warehouse.errors import ContractError, HmAssetsError

COLUMNS = ("x", "t_x", "T")


class TooFewBuyersError(HmAssetsError):
    """No model of buying can be learned from these histories."""


@dataclass(frozen=True)
class Histories:
    """Customers as the models see them; three arrays of equal length, in one unit of time (here: days).

    Attributes
    ----------
    x
        Days with a purchase after the first one.
    t_x
        From the first to the last such day; 0 for who bought on one day only ("recency" in this literature).
    T
        From the first day to the day that all of this is true on.

    Raises
    ------
    ContractError
        A value is missing, negative or no number, x is no whole number, t_x > T, or t_x is 0 where x is not (or the
        other way round). The first such customer is named by position.
    """

    x: Floats
    t_x: Floats
    T: Floats

    def __post_init__(self) -> None:
        for name in COLUMNS:
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype=np.float64))
        if not len(self.x) == len(self.t_x) == len(self.T):
            raise ContractError(
                f"Histories need as many x ({len(self.x)}) as t_x ({len(self.t_x)}) and T ({len(self.T)})."
            )
        finite = np.isfinite(self.x) & np.isfinite(self.t_x) & np.isfinite(self.T)
        self._refuse(~finite, "is not a number; leave out customers without a purchase")
        self._refuse((self.x < 0) | (self.x % 1 != 0), "x must be a whole number of days, 0 or more")
        self._refuse((self.t_x < 0) | (self.t_x > self.T), "t_x must lie between 0 and T")
        self._refuse(
            (self.x == 0) != (self.t_x == 0), "t_x must be 0 for who never came back, and only for them"
        )

    def _refuse(self, wrong: Bools, why: str) -> None:
        if wrong.any():
            at = int(np.argmax(wrong))
            values = ", ".join(f"{name} = {getattr(self, name)[at]:g}" for name in COLUMNS)
            raise ContractError(f"Customer {at} of the histories has {values}: {why}.")

    def __len__(self) -> int:
        return len(self.x)

    def where(self, chosen: Bools) -> "Histories":
        """Those of the customers that are chosen."""
        return Histories(self.x[chosen], self.t_x[chosen], self.T[chosen])

    def in_units_of(self, unit: float) -> "Histories":
        """The same with time counted in another unit."""
        return Histories(self.x, self.t_x / unit, self.T / unit)

    def distinct(self) -> tuple["Histories", Floats]:
        """The different histories in the order of their values, and how many customers have each."""
        order = np.lexsort((self.T, self.t_x, self.x))
        rows = np.stack([self.x, self.t_x, self.T])[:, order]
        new = np.append(True, (rows[:, 1:] != rows[:, :-1]).any(axis=0)) if len(self) else np.zeros(0, bool)
        starts = np.flatnonzero(new)
        counts = np.diff(np.append(starts, len(self))).astype(np.float64)
        return Histories(*rows[:, starts]), counts

    def worth_learning_from(self) -> "Histories":
        """These histories.

        Raises
        ------
        TooFewBuyersError
            Nobody came back.
        """
        if not (self.x > 0).any():
            raise TooFewBuyersError(
                f"None of the {len(self):,} customers bought on a second day, so how often they come back cannot be "
                "learned; add months of transactions."
            )
        return self


def thinned(histories: Histories, counts: Floats, most: int) -> tuple[Histories, Floats]:
    """At most that many customers, evenly over the distinct histories in their order; all where there are no more."""
    total = counts.sum()
    if total <= most:
        return histories, counts
    ranks = (np.arange(most) + 0.5) * (total / most)
    drawn = np.bincount(np.searchsorted(np.cumsum(counts), ranks), minlength=len(counts))
    return histories.where(drawn > 0), drawn[drawn > 0].astype(np.float64)

"""One month's customers in one space."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.segments.inputs import SPACES
from hm_assets.segments.space import UNITS_PER_MEDIAN_PRICE, Floats, Space, numbers

Load = Callable[[dt.date, Sequence[str], int | None], pa.Table]
"""(month, columns, most) -> customers of that month: customer_key, as_of, items, spend and the columns.

In the order of their behaviour (`ORDER`, then the columns), so that ids decide nothing where a sample is drawn by
position. With `most`, every n-th of them in that order: a sample of all kinds of customers, the same in each space.
"""
ORDER = ("recency_days", "purchase_days", "spend", "items", "customer_key")


@dataclass(frozen=True)
class People:
    """The customers, the space that was learned from them, and their points in it (n x axes)."""

    rows: pa.Table
    space: Space
    points: Floats

    @classmethod
    def of(cls, load: Load, month: dt.date, space: str, most: int | None) -> "People":
        """Read them, learn the space of that name, place them.

        A column without a single value says nothing and is left out: in the first days of the files nobody came back.

        Raises
        ------
        ValueError
            There is no customer.
        """
        rows = load(month, list(SPACES[space]), most)
        told = {
            name: kind for name, kind in SPACES[space].items() if rows[name].null_count < max(len(rows), 1)
        }
        fitted = Space.fit(space, told, rows, price_per_item(rows))
        return cls(rows, fitted, fitted.transform(rows))

    @property
    def as_of(self) -> dt.date:
        """The day that all of this is true on."""
        day: dt.date = self.rows["as_of"][0].as_py()
        return day

    @property
    def unit(self) -> float:
        """What money is counted in before its logarithm."""
        return price_per_item(self.rows) / UNITS_PER_MEDIAN_PRICE

    def points_of(self, others: pa.Table) -> Floats:
        """The points of those customers who are among these."""
        found = pc.index_in(others["customer_key"], value_set=self.rows["customer_key"].combine_chunks())
        return np.asarray(self.points[found.to_numpy()])

    def seen_in(self, space: Space) -> "People":
        """The same customers placed in a space that was learned from others."""
        return replace(self, space=space, points=space.transform(self.rows))


def price_per_item(rows: pa.Table) -> float:
    """Median price of an item over customers; 1 where nothing was paid."""
    items = numbers(rows, "items")
    bought = items > 0
    median = float(np.median(numbers(rows, "spend")[bought] / items[bought])) if bought.any() else 0.0
    return median if median > 0 else 1.0


Spent = Callable[[People], Floats]
"""What each customer spent in the 90 days after, as far as the files reach."""

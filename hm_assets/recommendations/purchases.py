"""Who bought what up to a day, in memory: what every recommender learns from.

A purchase is a customer's article on a day. A line with a price of 0 is a gift or a coupon, not a choice, and is left
out.
"""

import datetime as dt
import math
from dataclasses import dataclass, replace
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hm_assets.segments.space import Bools, Floats, Ints

Positions = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Purchases:
    """Purchases on or before `as_of`: n rows in the order of customer, article, latest day first.

    Attributes
    ----------
    customers, articles
        The keys that occur, ascending; a position points into them.
    customer, article
        Positions (n).
    ago
        Days before `as_of`, 0 on that day (n).
    units
        Lines of that article on that day (n).
    spend
        Their prices added up, in the price index (n).
    """

    as_of: dt.date
    customers: Ints
    articles: Ints
    customer: Positions
    article: Positions
    ago: Positions
    units: Positions
    spend: Floats

    def known_on(self, day: dt.date) -> "Purchases":
        """What was known on an earlier day: nothing of what came later is left, not even that an article exists."""
        later = (self.as_of - day).days
        if later < 0:
            raise ValueError(f"{day} is later than {self.as_of}, the last day that is known here")
        if not later:
            return self
        return self._kept(self.ago >= later, day)

    def of_last(self, days: int) -> "Purchases":
        """Only those of the last so many days."""
        return self._kept(self.ago < days, self.as_of)

    def of_customers(self, keys: Ints) -> "Purchases":
        """Only theirs; all positions stay as they are."""
        mine = np.zeros(len(self.customers) + 1, dtype=bool)
        mine[self.positions(keys)] = True
        rows = mine[self.customer]
        return replace(
            self,
            customer=self.customer[rows],
            article=self.article[rows],
            ago=self.ago[rows],
            units=self.units[rows],
            spend=self.spend[rows],
        )

    def _kept(self, rows: Bools, as_of: dt.date) -> "Purchases":
        customers, customer = _renumbered(self.customer[rows], len(self.customers))
        articles, article = _renumbered(self.article[rows], len(self.articles))
        return Purchases(
            as_of,
            self.customers[customers],
            self.articles[articles],
            customer,
            article,
            (self.ago[rows] - (self.as_of - as_of).days).astype(np.int32),
            self.units[rows],
            self.spend[rows],
        )

    def matrix(self, weights: npt.NDArray[Any] | None = None) -> Any:
        """Customers x articles (sparse CSR): the sum of a weight per row, by default how often it was bought."""
        from scipy import sparse

        values = np.ones(len(self.customer)) if weights is None else weights
        shape = (len(self.customers), len(self.articles))
        # Rows are in order, so the sums do not depend on threads.
        return sparse.csr_array((values, (self.customer, self.article)), shape=shape)

    def positions(self, keys: Ints) -> Ints:
        """Position of each customer key, -1 where nothing is known of them."""
        return _positions(self.customers, keys)

    def article_positions(self, keys: Ints) -> Ints:
        """Position of each article key, -1 where it was never sold."""
        return _positions(self.articles, keys)


def sampled(lines: ibis.Table, as_of: dt.date, most: int) -> ibis.Table:
    """The lines of every n-th customer by key (a hash of the id), so that at most about `most` are left."""
    known = lines.filter(lines.t_dat <= ibis.literal(as_of, "date"))
    parts = max(1, math.ceil(known.customer_key.nunique().to_pyarrow().as_py() / most))
    return lines if parts == 1 else lines.filter(lines.customer_key % parts == 0)


def purchases(lines: ibis.Table, as_of: dt.date, days: int | None = None) -> Purchases:
    """Read them.

    Parameters
    ----------
    lines
        `raw/transactions` of the months up to that of `as_of`.
    as_of
        Later lines are left out.
    days
        Of the last so many days only; all if None.
    """
    known = lines.filter((lines.t_dat <= ibis.literal(as_of, "date")) & (lines.price > 0))
    if days is not None:
        known = known.filter(known.t_dat > ibis.literal(as_of - dt.timedelta(days=days), "date"))
    summed = known.group_by("customer_key", "article_key", "t_dat").agg(
        units=known.count().cast("int32"), spend=known.price.cast("decimal(18, 9)").sum().cast("float64")
    )
    rows = summed.order_by(["customer_key", "article_key", ibis.desc("t_dat")]).to_pyarrow()
    return of_rows(rows, as_of)


def of_rows(rows: pa.Table, as_of: dt.date) -> Purchases:
    """Of rows `customer_key, article_key, t_dat, units, spend` in the order of customer, article, latest day first."""
    customers, customer = np.unique(rows["customer_key"].to_numpy(), return_inverse=True)
    articles, article = np.unique(rows["article_key"].to_numpy(), return_inverse=True)
    ago = np.datetime64(as_of) - rows["t_dat"].to_numpy().astype("datetime64[D]")
    return Purchases(
        as_of,
        customers.astype(np.int64),
        articles.astype(np.int64),
        customer.astype(np.int32),
        article.astype(np.int32),
        ago.astype(np.int32),
        rows["units"].to_numpy().astype(np.int32),
        rows["spend"].to_numpy().astype(np.float64),
    )


def _renumbered(positions: Positions, count: int) -> tuple[Ints, Positions]:
    """Which of so many positions occur, ascending, and each one's place among them, without a sort of all rows."""
    occurs = np.zeros(count, dtype=bool)
    occurs[positions] = True
    return np.flatnonzero(occurs), (np.cumsum(occurs, dtype=np.int32) - 1)[positions]


def _positions(known: Ints, keys: Ints) -> Ints:
    found = np.minimum(np.searchsorted(known, keys), max(len(known) - 1, 0))
    if not len(known):
        return np.full(len(keys), -1)
    return np.where(known[found] == keys, found, -1)

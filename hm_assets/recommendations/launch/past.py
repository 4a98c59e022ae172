"""Past launches: which articles were new when, and how they sold in their first month.

An article's launch is its first sale, as far as the lines tell: what sells in their first 60 days may be old. A day
knows a launch's first month once its 28 days are over, and nothing of an article that sold later.
"""

import datetime as dt
from dataclasses import dataclass, fields

import ibis
import numpy as np
import numpy.typing as npt

from hm_assets.segments.space import Bools, Floats, Ints

QUIET_DAYS = 60
"""Of the lines: what is first seen in them may have been sold before."""
MONTH_DAYS = 28
"""The first month of a launch."""
RECENT_DAYS = 548
"""18 months: older launches met another range and another price level."""
FULL_PRICE = 0.95
"""Of the median price of the first day; a line below it was sold at a discount."""

Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Launches:
    """n launches, in the order of their keys; figures are those of the first 28 days.

    Attributes
    ----------
    article
        Article keys.
    first_day
        Of the first sale.
    units, buyers
        Lines, and different customers.
    price
        Median price of the first day, in the price index.
    discounted
        Share of the lines below 95 % of that price.
    """

    article: Ints
    first_day: Days
    units: Ints
    buyers: Ints
    price: Floats
    discounted: Floats

    def __len__(self) -> int:
        return len(self.article)

    def where(self, kept: Bools) -> "Launches":
        """Some of them."""
        return Launches(**{field.name: getattr(self, field.name)[kept] for field in fields(self)})

    def over_on(self, day: dt.date, recent: int = RECENT_DAYS) -> "Launches":
        """Whose first month was over on a day, and whose first sale was at most so many days before it."""
        ago = self._ago(day)
        return self.where((ago >= MONTH_DAYS - 1) & (ago <= recent))

    def after(self, day: dt.date, days: int) -> "Launches":
        """First sold in the so many days after a day."""
        ago = self._ago(day)
        return self.where((ago < 0) & (ago >= -days))

    def _ago(self, day: dt.date) -> Ints:
        return np.asarray((np.datetime64(day) - self.first_day).astype("timedelta64[D]").astype(np.int64))


def launches(lines: ibis.Table, as_of: dt.date) -> Launches:
    """Read them.

    Parameters
    ----------
    lines
        `raw/transactions` of the months up to that of `as_of`, the first one among them.
    as_of
        Later lines are left out.
    """
    known = lines.filter((lines.t_dat <= ibis.literal(as_of, "date")) & (lines.price > 0))
    firsts = known.group_by("article_key").agg(first_day=known.t_dat.min())
    start = known.t_dat.min().to_pyarrow().as_py()
    if start is None:
        start = as_of
    firsts = firsts.filter(firsts.first_day >= ibis.literal(start + dt.timedelta(days=QUIET_DAYS), "date"))
    sold = known.select("article_key", "customer_key", "t_dat", "price").inner_join(firsts, "article_key")
    sold = sold.select(
        "article_key", "customer_key", "price", "first_day", age=sold.t_dat.delta(sold.first_day, unit="day")
    )
    month = sold.filter(sold.age < MONTH_DAYS)
    priced = month.filter(month.age == 0).group_by("article_key").agg(first_price=ibis._.price.median())
    joined = month.inner_join(priced, "article_key")
    rows = (
        joined.group_by("article_key")
        .agg(
            first_day=joined.first_day.min(),
            units=joined.count(),
            buyers=joined.customer_key.nunique(),
            first_price=joined.first_price.max(),
            discounted=(joined.price < FULL_PRICE * joined.first_price).cast("float64").mean(),
        )
        .order_by("article_key")
        .to_pyarrow()
    )
    return Launches(
        rows["article_key"].to_numpy().astype(np.int64),
        rows["first_day"].to_numpy().astype("datetime64[D]"),
        rows["units"].to_numpy().astype(np.int64),
        rows["buyers"].to_numpy().astype(np.int64),
        rows["first_price"].to_numpy().astype(np.float64),
        rows["discounted"].to_numpy().astype(np.float64),
    )

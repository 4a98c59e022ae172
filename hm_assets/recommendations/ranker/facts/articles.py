"""What is known of each article: how it sells, whether people come back for it, and its price."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hm_assets.recommendations.ladder.popular import sold
from hm_assets.recommendations.purchases import Purchases
from hm_assets.recommendations.ranker.best import Singles
from hm_assets.recommendations.ranker.facts.pairs import Pairs
from hm_assets.segments.space import Floats

Numbers = npt.NDArray[Any]

WEEK, MONTH = 7, 28
PRIOR = 10
"""Buyers of the average article that each is drawn towards: what three bought says little yet."""


@dataclass(frozen=True)
class Articles:
    """Columns over the articles of `Purchases` (n).

    Attributes
    ----------
    units_7d, units_28d
        Units of the last days.
    trend
        Share of the units of 28 days that fell into the last 7; a quarter is steady, as is no unit.
    buyers
        Customers who ever bought it.
    repurchase_rate
        Share of them who bought it on more than one day, drawn towards the average article's.
    usual_gap
        Mean days between two purchases of one customer, drawn towards the average article's.
    price
        Mean price, in the price index.
    price_now
        Mean price of the last 28 days to the mean price, as a logarithm; 0 where it did not sell.
    days_on_sale
        Days since the first purchase.
    days_unsold
        Days since the last one.
    """

    units_7d: Singles
    units_28d: Singles
    trend: Singles
    buyers: Singles
    repurchase_rate: Singles
    usual_gap: Singles
    price: Singles
    price_now: Singles
    days_on_sale: Singles
    days_unsold: Singles


def of(bought: Purchases, pairs: Pairs) -> Articles:
    """Of all articles that are known."""
    count = len(bought.articles)
    article = pairs.keys % max(count, 1)
    week, month = sold(bought, WEEK), sold(bought, MONTH)
    buyers = np.bincount(article, minlength=count)
    again = pairs.times > 1
    returned = np.bincount(article[again], minlength=count)
    # A gap is weighed by how many there are of it: the days between first and last purchase add up.
    spans = np.bincount(article, pairs.first - pairs.last, count)
    repeats = np.bincount(article, pairs.times - 1, count)
    lately = bought.ago < MONTH
    first, last = np.zeros(count, dtype=np.int32), np.full(count, np.iinfo(np.int32).max, dtype=np.int32)
    np.maximum.at(first, bought.article, bought.ago)
    np.minimum.at(last, bought.article, bought.ago)
    price = _ratio(
        np.bincount(bought.article, bought.spend, count), np.bincount(bought.article, bought.units, count)
    )
    spend = np.bincount(bought.article[lately], bought.spend[lately], count)
    now = np.where(month > 0, _ratio(spend, month), price)
    return Articles(
        *(
            column.astype(np.float32)
            for column in (
                week,
                month,
                np.where(month > 0, _ratio(week, month), WEEK / MONTH),
                buyers.astype(np.float64),
                _drawn(returned, buyers),
                _drawn(spans, repeats),
                price,
                np.log(_ratio(now, price, 1.0)),
                first,
                last,
            )
        )
    )


def _ratio(one: Numbers, other: Numbers, otherwise: float = 0.0) -> Floats:
    found: Floats = np.divide(one, other, out=np.full(len(one), otherwise), where=other > 0)
    return found


def _drawn(total: Numbers, count: Numbers) -> Floats:
    """Means, drawn towards the mean of all; 0 where nothing was counted at all."""
    mean = float(total.sum() / count.sum()) if count.sum() else 0.0
    return np.asarray((total + PRIOR * mean) / (count + PRIOR))

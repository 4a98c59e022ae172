"""In stock is what sold in the last seven days, or in as many more as it takes."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.recommendations.purchases import Purchases, of_rows
from hm_assets.recommendations.stock import in_stock

LAST = dt.date(2020, 6, 30)


def sold_before(ago: list[int]) -> Purchases:
    """A shop in which each article sold once, so many days before the last day."""
    days = [LAST - dt.timedelta(days=days) for days in ago]
    return of_rows(
        pa.table(
            {
                "customer_key": np.zeros(len(ago), dtype=np.int64),
                "article_key": np.arange(len(ago), dtype=np.int64),
                "t_dat": pa.array(days, pa.date32()),
                "units": np.ones(len(ago), dtype=np.int32),
                "spend": np.ones(len(ago)),
            }
        ),
        LAST,
    )


@pytest.mark.parametrize(
    ("ago", "days", "articles"),
    [
        # A tenth of 200 articles sold within 7 days, the last of the 20 on the seventh day.
        ([6] * 20 + [100] * 180, 7, 20),
        ([6] * 19 + [7] + [100] * 180, 14, 20),
        ([6] * 19 + [27] + [100] * 180, 28, 20),
        # Of a small range twelve have to be in; what sold more than a year ago is no part of it.
        ([1] * 5 + [60] * 15 + [400] * 30, 90, 20),
        ([1, 200, 400], 365, 2),
        ([400], 365, 0),
    ],
)
def test_the_window_widens_until_enough_is_in(ago, days, articles):
    stock = in_stock(sold_before(ago))
    assert (stock.days, int(stock.allowed.sum())) == (days, articles)
    assert stock.active == sum(each < 365 for each in ago)
    assert f"last {days} days" in stock.words


def test_bestsellers_are_all_in_stock_by_units_and_then_by_key():
    shop = sold_before([1, 1, 400])
    assert in_stock(shop).bestsellers.tolist() == [0, 1]


def test_an_empty_shop_has_nothing_in_stock():
    assert not in_stock(sold_before([])).allowed.size

"""The price index of a month, by hand."""

import datetime as dt

import pytest

from hm_assets.profiles.movement.prices import PriceIndex, at_prices_before, price_index
from hm_assets_tests.features.histories import article_days_of, days

BEFORE, AS_OF = dt.date(2020, 5, 31), dt.date(2020, 6, 30)
MAY, JUNE = dt.date(2020, 5, 10), dt.date(2020, 6, 10)


def index(*lines) -> PriceIndex:
    return price_index(
        article_days_of([(1, day, article, price, 1) for day, article, price in lines]), BEFORE, AS_OF
    )


def test_what_was_bought_is_counted_at_mean_prices_before():
    """Two of article 1 at 3 (2 and 4 before: mean 3), one of article 2 at 1 (2 before): 7 / 8."""
    found = index((MAY, 1, 2), (MAY, 1, 4), (MAY, 2, 2), (JUNE, 1, 3), (JUNE, 1, 3), (JUNE, 2, 1))
    assert found.value == pytest.approx(7 / 8)
    assert found.matched_share == 1.0


def test_articles_without_a_price_before_are_left_out_and_counted():
    assert index((MAY, 1, 2), (JUNE, 1, 3), (JUNE, 2, 9)) == PriceIndex(1.5, 0.25)


def test_prices_of_more_than_a_year_before_and_of_later_days_do_not_count():
    old, later = BEFORE - dt.timedelta(days=365), AS_OF + dt.timedelta(days=1)
    assert index((old, 1, 9), (MAY, 1, 2), (JUNE, 1, 3), (later, 1, 9)).value == 1.5


@pytest.mark.parametrize(
    "lines", [[], [(MAY, 1, 2)], [(JUNE, 1, 2)], [(MAY, 2, 2), (JUNE, 1, 2)], [(MAY, 1, 0), (JUNE, 1, 2)]]
)
def test_without_a_matched_article_prices_are_as_before(lines):
    assert index(*lines) == PriceIndex(1.0, 0.0)


def test_all_that_was_paid_after_the_day_is_at_prices_before_and_nothing_else():
    """What is compared with reference prices, too: a discount is no price rise."""
    bought = days([(1, MAY, 1, 2, 1), (1, JUNE, 1, 3, 1)])
    columns = ["t_dat", "spend", "spend_referenced", "items"]
    old, new = (
        table.order_by("t_dat").select(columns).to_pyarrow().to_pylist()
        for table in (bought, at_prices_before(bought, BEFORE, PriceIndex(1.5, 1.0)))
    )
    assert old[0] == new[0]
    assert new[1]["items"] == old[1]["items"]
    assert old[1]["spend_referenced"] > 0
    for name in ("spend", "spend_referenced"):
        assert new[1][name] == pytest.approx(old[1][name] / 1.5)

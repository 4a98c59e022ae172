"""The window in which an article must have been sold widens until a tenth of the range is in."""

import pytest

from hm_assets.recommendations.in_stock import in_stock
from hm_assets_tests.recommendations.test_slices import known


@pytest.mark.parametrize(("ago", "days"), [(6, 7), (7, 14), (27, 28), (89, 90), (90, 365)])
def test_the_window_widens_until_a_tenth_is_in(ago, days):
    # Of 20 articles of the year two have to be in.
    rows = [(1, 100 + i, 300) for i in range(18)] + [(1, 200, 0), (1, 201, ago)]
    allowed, window = in_stock(known(rows))
    assert window == days
    assert allowed[-2:].all() and allowed.sum() == (20 if days == 365 else 2)


def test_what_was_sold_before_the_year_is_not_counted_and_nothing_is_no_fault():
    allowed, window = in_stock(known([(1, 100 + i, 400) for i in range(50)] + [(1, 500, 0)]))
    assert window == 7 and allowed.sum() == 1
    assert in_stock(known([]))[0].tolist() == []

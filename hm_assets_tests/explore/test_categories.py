"""Revenue of categories, counted as a loop would."""

import datetime as dt

import pytest

from hm_assets.explore.categories import category_revenue
from hm_assets_tests.explore import shops
from hm_assets_tests.features.histories import article_days_of

LEVELS = {
    "index_group": "index_group_name",
    "product_group": "product_group_name",
    "product_type": "product_type_name",
}


def test_revenue_is_that_of_a_loop_and_every_level_adds_up():
    lines = shops.lines(days=800)
    as_of = shops.FIRST + dt.timedelta(days=760)
    named = {row["article_key"]: row for row in shops.catalogue().to_pyarrow().to_pylist()}
    found = category_revenue(article_days_of(lines), shops.catalogue(), as_of)
    year = [line for line in lines if 0 <= (as_of - line[1]).days < 365]
    before = [line for line in lines if 365 <= (as_of - line[1]).days < 730]
    for level in LEVELS:
        assert sum(line["spend"] for line in found if line["level"] == level) == pytest.approx(
            sum(n[3] for n in year)
        )
        assert sum(line["share_of_spend"] for line in found if line["level"] == level) == pytest.approx(1)
    for line in found:
        column = LEVELS[line["level"]]
        mine = [n for n in year if (named[n[2]][column] or "unknown") == line["category"]]
        earlier = sum(n[3] for n in before if (named[n[2]][column] or "unknown") == line["category"])
        assert (line["items"], line["articles"]) == (len(mine), len({n[2] for n in mine}))
        assert line["spend_per_item"] == pytest.approx(sum(n[3] for n in mine) / len(mine))
        assert line["change"] == pytest.approx(line["spend"] / earlier - 1)


def test_growth_needs_two_years():
    lines = shops.lines(days=500)
    as_of = max(line[1] for line in lines)
    found = category_revenue(article_days_of(lines), shops.catalogue(), as_of)
    assert {line["change"] for line in found} == {None}


def test_nothing_sold_is_no_category():
    assert category_revenue(article_days_of([]), shops.catalogue(), shops.FIRST) == []

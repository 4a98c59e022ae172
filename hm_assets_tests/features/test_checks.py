"""The checks that no line is lost on the way to customer-days, article-days and customers' attributes."""

import datetime as dt

import ibis
import pytest

from hm_assets.features import attributes
from hm_assets.features.checks import article_totals_reconcile, attribute_totals_reconcile, totals_reconcile
from hm_assets_tests.features.histories import article_days_of, articles, days, transactions

DAY, NEXT_MONTH = dt.date(2019, 3, 5), dt.date(2019, 4, 5)
LINES = [(1, DAY, 1, 0.1, 1), (1, DAY, 1, 0.1, 1), (2, DAY, 1, 0.7, 2), (2, NEXT_MONTH, 10, 0.7, 2)]


def attributes_of(lines) -> ibis.Table:
    return attributes.customer_attributes(ibis.memtable(transactions(lines)), articles())


CHECKS = [
    (totals_reconcile, days),
    (article_totals_reconcile, article_days_of),
    (attribute_totals_reconcile, attributes_of),
]
SUMMED = ("customer_days", "article_days", "customer_attributes")


@pytest.mark.parametrize(("check", "summed"), CHECKS, ids=SUMMED)
@pytest.mark.parametrize(
    ("counted", "passed"),
    [
        (LINES, True),
        (LINES[1:], False),
        ([*LINES[:2], (2, DAY, 1, 0.7 + 1e-8, 2), LINES[3]], False),
        ([*LINES[:3], (2, DAY, 10, 0.7, 2)], False),  # In another month.
        ([], False),
    ],
)
def test_a_missing_line_another_price_or_another_month_is_found(check, summed, counted, passed):
    assert check(summed(counted), ibis.memtable(transactions(LINES))).passed == passed


@pytest.mark.parametrize(("check", "summed"), CHECKS, ids=SUMMED)
def test_a_month_without_lines_reconciles(check, summed):
    assert check(summed([]), ibis.memtable(transactions([]))).passed


@pytest.mark.parametrize(("check", "summed"), CHECKS, ids=SUMMED)
def test_prices_in_the_millions_are_no_false_alarm(check, summed):
    lines = [(key, DAY, 1, 87_654_321.123 + key / 7, 1) for key in range(40)] * 3
    assert check(summed(lines), ibis.memtable(transactions(lines))).passed


def test_an_attribute_that_lost_a_unit_is_named():
    summed = attributes_of(LINES)
    without = summed.filter((summed.attribute != "colour") | (summed.customer_key != 1))
    result = attribute_totals_reconcile(without, ibis.memtable(transactions(LINES)))
    assert not result.passed
    (row,) = result.metadata["differ"].value
    assert (row["month"], row["attribute"]) == ("2019-03", "colour")
    assert row["lines"][0] - row["table"][0] == 2

"""The check that no line is lost on the way to customer-days."""

import datetime as dt

import ibis
import pytest

from hm_assets.features.checks import totals_reconcile
from hm_assets_tests.features.histories import days, transactions

DAY = dt.date(2019, 3, 5)
LINES = [(1, DAY, 1, 0.1, 1), (1, DAY, 1, 0.1, 1), (2, DAY, 1, 0.7, 2)]


@pytest.mark.parametrize(
    ("counted", "passed"),
    [(LINES, True), (LINES[1:], False), ([*LINES[:2], (2, DAY, 1, 0.7 + 1e-8, 2)], False), ([], False)],
)
def test_a_missing_line_or_another_price_is_found(counted, passed):
    assert totals_reconcile(days(counted), ibis.memtable(transactions(LINES))).passed == passed


def test_a_month_without_lines_reconciles():
    assert totals_reconcile(days([]), ibis.memtable(transactions([]))).passed


def test_prices_in_the_millions_are_no_false_alarm():
    lines = [(key, DAY, 1, 87_654_321.123 + key / 7, 1) for key in range(40)] * 3
    assert totals_reconcile(days(lines), ibis.memtable(transactions(lines))).passed

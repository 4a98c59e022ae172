"""Sums over customers for the dashboard: equal to those by hand, and nothing of fewer than twenty."""

import ibis
import numpy as np
import pytest

from hm_assets.playbooks.dashboard import reading
from hm_assets_tests.profiles.page.months import KINDS, assignments, shop


def test_worth_is_that_of_the_customers_who_count():
    people = shop(kinds=(*KINDS[:2], (1_500, 2, 0.03)))
    rows = reading.worth(ibis.memtable(people.drop_columns("segment_id")), assignments(people), reading.SPENT)
    assert [row["segment_id"] for row in rows] == [1, 2]  # of the third nobody spent anything
    for row in rows:
        mine = np.asarray(people["segment_id"]) == row["segment_id"]
        spent = np.asarray(people["spend_365d"])[mine]
        assert row["members"] == mine.sum()
        assert row["counted"] == (spent > 0).sum()
        assert row["total"] == pytest.approx(spent.sum())
        assert row["median"] == pytest.approx(np.median(spent[spent > 0]))
        assert row["low"] <= row["lower_quartile"] <= row["median"] <= row["upper_quartile"] <= row["high"]


def test_where_no_value_is_known_there_are_no_rows():
    people = shop()
    unknown = ibis.memtable(people.select(["customer_key"])).mutate(value_12m=ibis.null().cast("float64"))
    assert reading.worth(unknown, assignments(people), reading.EXPECTED) == []


def test_who_is_one_order_away_is_counted_in_twenties():
    rows = [
        {"customer_key": key, "segment_id": segment, "rises_with_one_order": rises}
        for key, (segment, rises) in enumerate(
            [(0, None)] * 5 + [(1, False)] * 30 + [(1, True)] * 19 + [(2, True)] * 31 + [(2, False)] * 10
        )
    ]
    schema = {"customer_key": "int64", "segment_id": "int32", "rises_with_one_order": "boolean"}
    found = reading.one_order_away(ibis.memtable(rows, schema=schema))
    assert found == [
        {"segment_id": 1, "customers": 49, "rises": None},
        {"segment_id": 2, "customers": 41, "rises": 40},
    ]

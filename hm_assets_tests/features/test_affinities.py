"""What suits a customer: affinities to categories and styles, and the prices that they pay."""

import datetime as dt

import ibis
import numpy as np
import pytest

from hm_assets.features.affinities import CATEGORY, PRIOR_UNITS, STYLES, affinities
from hm_assets.features.attributes import POSITIONS, attribute_values, customer_attributes
from hm_assets.features.tables import AFFINITIES
from hm_assets.sources.contract import STORE
from hm_assets.warehouse.calendar import add_months, month_of
from hm_assets_tests.features.histories import articles, transactions

AS_OF = dt.date(2020, 2, 29)
MONTH = month_of(AS_OF)


def seen(lines) -> dict[tuple, dict]:
    bought = ibis.memtable(customer_attributes(ibis.memtable(transactions(lines)), articles()).to_pyarrow())
    values = ibis.memtable(attribute_values(articles()).to_pyarrow())
    rows = []
    for table in affinities(bought, values, MONTH, AS_OF):
        assert set(table.columns) == {column.name for column in AFFINITIES.stored_columns}
        rows += table.to_pyarrow().to_pylist()
    return {(row["customer_key"], row["attribute"], row["position"]): row for row in rows}


def history(seed: int) -> list[tuple]:
    rng = np.random.default_rng(seed)
    return [
        (
            int(rng.integers(1, 7)),
            AS_OF - dt.timedelta(days=int(rng.integers(0, 500))),
            int(rng.integers(1, 11)),
            int(rng.integers(1, 30)) / 590,
            STORE,
        )
        for _ in range(200)
    ]


@pytest.fixture(scope="module")
def lines() -> list[tuple]:
    return history(3)


@pytest.fixture(scope="module")
def found(lines) -> dict[tuple, dict]:
    return seen(lines)


def test_it_is_what_a_loop_over_the_lines_counts(lines, found):
    named = {row["article_key"]: row for row in articles().to_pyarrow().to_pylist()}
    placed = {
        (row["attribute"], row["value"]): row["position"]
        for row in attribute_values(articles()).to_pyarrow().to_pylist()
    }
    year = [line for line in lines if line[1] >= add_months(MONTH, -11)]
    wanted = set()
    for attribute in (CATEGORY, *STYLES):
        column = POSITIONS[attribute][0]
        for customer in {line[0] for line in year}:
            mine = [line for line in year if line[0] == customer]
            for value in {named[line[2]][column] for line in mine} - {None}:
                row = found[customer, attribute, placed[attribute, value]]
                wanted.add((customer, attribute, placed[attribute, value]))
                these = [line[3] for line in mine if named[line[2]][column] == value]
                all_of_it = [line[3] for line in year if named[line[2]][column] == value]
                expected = len(mine) * len(all_of_it) / len(year)
                assert (row["items_12m"], row["units_12m"]) == (len(these), len(mine))
                assert row["expected_12m"] == pytest.approx(expected)
                assert row["affinity"] == pytest.approx((len(these) + PRIOR_UNITS) / (expected + PRIOR_UNITS))
                mean = np.mean(all_of_it)
                drawn = (sum(these) + PRIOR_UNITS * mean) / (len(these) + PRIOR_UNITS)
                assert row["price_level"] == pytest.approx(drawn / mean, abs=1e-6)
    assert found.keys() == wanted


def test_deleting_the_future_changes_nothing(lines, found):
    later = [(1, AS_OF + dt.timedelta(days=days), 3, 0.5, STORE) for days in (1, 40)]
    assert seen([*lines, *later]) == found


def test_another_numbering_of_customers_changes_no_number(lines, found):
    renamed = [(7 - line[0], *line[1:]) for line in reversed(lines)]
    assert {
        (7 - key[0], *key[1:]): {**row, "customer_key": 7 - key[0]} for key, row in found.items()
    } == seen(renamed)


def test_few_units_say_little_and_a_rare_value_is_no_passion():
    # All buy article 1 (product 1); customer 1 also one unit of the rare product 2, customer 2 twenty of it.
    lines = [(key, AS_OF, 1, 0.1, STORE) for key in range(1, 60) for _ in range(10)]
    lines += [(1, AS_OF, 2, 0.1, STORE)] + [(2, AS_OF, 2, 0.1, STORE)] * 20
    rows = seen(lines)
    positions = {
        row["value"]: row["position"] for row in attribute_values(articles()).to_pyarrow().to_pylist()
    }
    once, often = (rows[key, CATEGORY, positions["Product 2"]]["affinity"] for key in (1, 2))
    assert 1 < once < 1.5
    assert often > 5
    assert rows[3, CATEGORY, positions["Product 1"]]["affinity"] == pytest.approx(1, abs=0.05)


def test_who_bought_nothing_in_twelve_months_has_no_row():
    rows = seen([(1, dt.date(2019, 2, 28), 1, 0.1, STORE), (2, dt.date(2019, 3, 1), 1, 0.1, STORE)])
    assert {key[0] for key in rows} == {2}
    assert seen([]) == {}


def test_what_costs_nothing_has_no_price_level():
    rows = seen([(1, AS_OF, 1, 0.0, STORE)])
    assert {row["price_level"] for row in rows.values()} == {None}

"""What is known on a day is what would be read if the later lines were not there."""

import dataclasses
import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.recommendations.purchases import Purchases, purchases
from hm_assets_tests.recommendations.baskets import FIRST, LAST, as_ibis, lines

ROWS = lines(customers=30)


def equal(one: Purchases, other: Purchases) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in dataclasses.fields(Purchases)
    )


@settings(max_examples=15, deadline=None)
@given(st.dates(FIRST, LAST))
def test_an_earlier_day_knows_what_it_would_know_without_the_later_lines(day):
    whole = purchases(as_ibis(ROWS), LAST)
    kept = ROWS.filter(pa.compute.less_equal(ROWS["t_dat"], pa.scalar(day)))
    assert equal(whole.known_on(day), purchases(as_ibis(kept), day))


def test_units_and_spend_add_up_and_gifts_are_left_out():
    free = ROWS.slice(0, 5).set_column(3, "price", pa.array([0.0] * 5))
    found = purchases(as_ibis(pa.concat_tables([ROWS, free])), LAST)
    assert found.units.sum() == ROWS.num_rows
    assert found.spend.sum() == pytest.approx(pa.compute.sum(ROWS["price"]).as_py())


def test_the_last_days_and_keys_that_nobody_knows():
    found = purchases(as_ibis(ROWS), LAST)
    assert equal(found.of_last(10_000), found)
    assert found.of_last(7).ago.max() <= 6
    keys = np.array([0, found.customers[3], found.customers[-1] + 1])
    assert found.positions(keys).tolist() == [-1, 3, -1]
    nothing = purchases(as_ibis(ROWS), FIRST - dt.timedelta(days=1))
    assert nothing.positions(keys).tolist() == [-1, -1, -1]
    with pytest.raises(ValueError, match="later than"):
        nothing.known_on(LAST)

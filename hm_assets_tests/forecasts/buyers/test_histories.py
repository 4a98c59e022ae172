"""What the models take for a customer's history."""

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.buyers.histories import Histories, thinned
from hm_assets.forecasts.buyers.known import histories
from hm_assets.warehouse.errors import ContractError


def of(*rows: tuple[float, float, float]) -> Histories:
    return Histories(*np.array(rows, dtype=float).T)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ((2, 11, 10), "x = 2, t_x = 11, T = 10: t_x must lie between 0 and T"),
        ((2, -1, 10), "between 0 and T"),
        ((-1, 5, 10), "a whole number of days, 0 or more"),
        ((1.5, 5, 10), "a whole number of days, 0 or more"),
        ((0, 5, 10), "t_x must be 0 for who never came back"),
        ((3, 0, 10), "t_x must be 0 for who never came back"),
        ((np.nan, 0, 10), "is not a number; leave out customers without a purchase"),
        ((0, 0, np.inf), "is not a number"),
    ],
)
def test_a_history_that_cannot_be_is_refused_by_position_and_value(row, why):
    with pytest.raises(ContractError, match=why) as error:
        of((1, 5, 10), row, (0, 0, 3))
    assert str(error.value).startswith("Customer 1 of the histories has x = ")


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ContractError, match=r"as many x \(2\) as t_x \(1\) and T \(2\)"):
        Histories(np.zeros(2), np.zeros(1), np.zeros(2))


def test_a_table_gives_days_after_the_first_one_and_a_missing_value_is_refused():
    rows = pa.table({"purchase_days": [2, None], "recency_days": [5, 9], "tenure_days": [9, 9]})
    with pytest.raises(ContractError, match=r"Customer 1 .* is not a number"):
        histories(rows)
    read = histories(rows.slice(0, 1))
    assert (read.x[0], read.t_x[0], read.T[0]) == (1, 4, 9)


def test_equal_histories_are_counted_once_in_a_fixed_order():
    rows, counts = of((1, 5, 10), (0, 0, 3), (1, 5, 10), (0, 0, 2), (1, 4, 10)).distinct()
    assert list(zip(rows.x, rows.t_x, rows.T, counts, strict=True)) == [
        (0, 0, 2, 1),
        (0, 0, 3, 1),
        (1, 4, 10, 1),
        (1, 5, 10, 2),
    ]


def test_a_thinned_sample_keeps_the_shares():
    rows, counts = of((0, 0, 3), (1, 2, 3), (2, 2, 3)), np.array([600.0, 300.0, 100.0])
    same, all_of_them = thinned(rows, counts, 1000)
    assert same is rows and all_of_them is counts
    few, drawn = thinned(rows, counts, 10)
    assert few.x.tolist() == [0, 1, 2] and drawn.tolist() == [6, 3, 1]

"""Which group a judged customer belongs to, on the judged day and not later."""

import datetime as dt

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.recommendations.purchases import of_rows
from hm_assets.recommendations.slices import people_on, slices

DAY = dt.date(2019, 6, 30)


def known(rows):
    """Of customer, article and days ago."""
    rows = sorted(rows)
    return of_rows(
        pa.table(
            {
                "customer_key": pa.array([row[0] for row in rows], pa.int64()),
                "article_key": pa.array([row[1] for row in rows], pa.int64()),
                "t_dat": pa.array([DAY - dt.timedelta(days=row[2]) for row in rows], pa.date32()),
                "units": pa.array([1] * len(rows), pa.int32()),
                "spend": pa.array([0.1] * len(rows), pa.float64()),
            }
        ),
        DAY,
    )


PEOPLE = pa.table(
    {
        "customer_key": [1, 2, 3, 4],
        "age": pa.array([24.0, 25.0, None, 80.0]),
        "segment_id": pa.array([7, None, 1, 2], pa.int32()),
    }
)


def test_groups_of_a_day():
    bought = known([(1, 10, 7), (1, 11, 7), (2, 10, 8), *((3, 10 + i, 40 + i) for i in range(5))])
    found = slices(bought, PEOPLE, np.array([1, 2, 3, 4]))
    assert found["age"] == ["under_25", "25_34", "unknown", "50_plus"]
    assert found["recency"] == ["0-7 days", "8-30 days", "31-90 days", "never"]
    assert found["history"] == ["cold", "cold", "warm", "none"], "two articles on a day are one purchase day"
    assert found["segment"] == ["7", "unknown", "1", "2"]


def test_nobody_bought_and_a_customer_who_is_not_in_the_files():
    found = slices(known([]), PEOPLE.drop_columns(["segment_id"]), np.array([4, 99]))
    assert found["recency"] == ["never", "never"] and found["history"] == ["none", "none"]
    assert found["age"] == ["50_plus", "unknown"] and found["segment"] == ["unknown", "unknown"]


def test_segments_are_those_of_the_latest_month_that_had_ended():
    months = [dt.date(2019, 4, 1), dt.date(2019, 5, 1), dt.date(2019, 6, 1)]
    rows = [
        {"customer_key": 1, "segment_id": i, "month": month, "as_of": month.replace(day=28)}
        for i, month in enumerate(months)
    ]
    customers = ibis.memtable({"customer_key": [2, 1], "age": [30.0, 40.0]})
    found = people_on(customers, ibis.memtable(pa.Table.from_pylist(rows)), dt.date(2019, 6, 27)).to_pyarrow()
    assert found.to_pydict() == {"customer_key": [1, 2], "age": [40.0, 30.0], "segment_id": [1, None]}
    early = people_on(customers, ibis.memtable(pa.Table.from_pylist(rows)), dt.date(2019, 1, 1)).to_pyarrow()
    assert early["segment_id"].null_count == 2

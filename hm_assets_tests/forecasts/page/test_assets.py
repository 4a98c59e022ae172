"""What the asset reads for the page: nothing of segments of few customers, nothing later, nothing of few people."""

import datetime as dt

import ibis
import pyarrow as pa
import pytest

from hm_assets.forecasts.order_model import OrderModel
from hm_assets.forecasts.page import assets, report
from hm_assets.warehouse.charts import NotEnough
from hm_assets_tests.forecasts.page import months

UNFITTED = OrderModel(None, months.AS_OF, months.AS_OF, (), 0, "too short")
FOLLOWING = dt.date(2020, 10, 1)


def table(of, rows):
    """The rows as the table, what is not given empty."""
    names = [column.name for column in of.stored_columns]
    schema = pa.schema([field.with_nullable(True) for field in of.arrow_schema()])
    full = [{name: row.get(name) for name in names} for row in rows]
    return ibis.memtable(pa.Table.from_pylist(full, schema=schema))


def inputs(sizes):
    profiles = [
        {
            **{"segment_id": i, "segment_name": f"Segment {i}", "fact": "customers", "kind": "size"},
            **{"value": float(n), "as_of": months.AS_OF, "month": months.MONTH},
        }
        for i, n in sizes.items()
    ]
    told = [
        {**months.measure(segment, "ordering_90d", 0.5, customers=n), "month": month}
        for segment, n in (*sizes.items(), ("all", sum(sizes.values())))
        for month in (months.MONTH, FOLLOWING)
    ]
    known = {assets.NAMED.name: profiles, "segments": told}
    tables = (*assets.ROWS.values(), assets.NAMED, *assets.PEOPLE)
    return {each.name: table(each, known.get(each.name, [])) for each in tables}


@pytest.mark.parametrize(
    ("sizes", "shown", "hidden"),
    [
        ({1: 200, 2: 300, 3: 500}, ["1", "2", "3", "all"], 0),
        # The second would give the first away beside all.
        ({1: 10, 2: 300, 3: 500}, ["3", "all"], 2),
        ({1: 10, 2: 9}, [], 0),
    ],
)
def test_segments_of_few_are_in_no_row(sizes, shown, hidden, tmp_path):
    found = assets.outlook(inputs(sizes), UNFITTED, months.MONTH)
    assert sorted(row["segment"] for row in found.segments) == shown
    assert {row["month"] for row in found.segments} <= {months.MONTH}
    assert found.hidden == hidden
    assert found.explained is None
    text = report.write_report(
        found, reports=tmp_path, versions=dict.fromkeys(months.VERSIONS, "v"), source="made up"
    ).read_text()
    assert ("2 segments are left out" in text) == (hidden == 2)
    if not shown:
        assert all(isinstance(b, NotEnough) for s in report.sections(found) for b in s.blocks)


def test_a_month_without_customers_has_no_page():
    assert assets.outlook(inputs({1: 200}), UNFITTED, FOLLOWING) is None

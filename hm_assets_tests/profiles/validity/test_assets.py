"""What only the asset sees to: a month is judged by nothing that came after it."""

import datetime as dt

import dagster as dg
import ibis
import pyarrow as pa
import pytest

from hm_assets.profiles.validity import assets
from hm_assets.segments.fitting import CannotFit
from hm_assets.warehouse.calendar import month_end
from hm_assets_tests.segments.customers import champion

MONTHS = [dt.date(2019, month, 1) for month in range(1, 6)]
APRIL = MONTHS[3]


class Known:
    """A warehouse of this depth."""

    depth = "quick"


def days(last: dt.date) -> ibis.Table:
    """A purchase at the end of each month, up to this day."""
    bought = [day for month in MONTHS if (day := month_end(month)) < last] + [last]
    rows = [{"customer_key": 1, "t_dat": day, "month": day.replace(day=1), "spend": 1.0} for day in bought]
    return ibis.memtable(pa.Table.from_pylist(rows))


@pytest.mark.parametrize("month, expected", [(APRIL, []), (MONTHS[4], MONTHS[1:2])], ids=["April", "May"])
def test_a_month_is_not_judged_by_lines_after_it(monkeypatch, month, expected):
    """90 days after the end of January end on the first of May, and December is not stored."""
    bought, asked = days(month_end(MONTHS[4])), []

    def fitted(load, spent, month, *_):
        asked.append(month)
        raise CannotFit("nobody is fitted here")

    monkeypatch.setattr(assets.past, "fitted", fitted)
    features = bought.select("customer_key", "month", as_of="t_dat")
    assets.validity(
        dg.build_asset_context(partition_key=month.isoformat(), resources={"warehouse": Known()}),
        customer_features=features,
        customer_tastes=features,
        customer_days=bought,
        assignments=features.mutate(segment_id=1),
        attribute_values=ibis.memtable(
            pa.table({"attribute": ["index_group"], "position": [1], "value": ["Menswear"]})
        ),
        customers=features,
        champion=champion([(0, 0, 0), (1, 1, 1)], (1, 2)).as_json(),
    )
    assert asked == expected

"""The check that warns of crumbs and catch-alls."""

import datetime as dt

import dagster as dg
import ibis
import pyarrow as pa
import pytest

from hm_assets.segments.checks import shares_are_usable
from hm_assets.segments.tables import NO_PURCHASE

JULY, AUGUST = dt.date(2020, 7, 1), dt.date(2020, 8, 1)


def checked(sizes: dict[tuple[dt.date, int], int], ids: list[int]) -> dg.AssetCheckResult:
    rows = [(month, segment) for (month, segment), count in sizes.items() for _ in range(count)]
    table = pa.table(
        {
            "month": pa.array([row[0] for row in rows], pa.date32()),
            "segment_id": pa.array([row[1] for row in rows], pa.int32()),
        }
    )
    return shares_are_usable(ibis.memtable(table), {"ids": ids})


@pytest.mark.parametrize(
    ("sizes", "ids", "passed"),
    [
        ({(AUGUST, 1): 40, (AUGUST, 2): 60}, [1, 2], True),
        ({(AUGUST, 1): 39, (AUGUST, 2): 61}, [1, 2], False),
        ({(AUGUST, 1): 50, (AUGUST, 2): 46, (AUGUST, 3): 4}, [1, 2, 3], False),
        ({(AUGUST, 1): 50, (AUGUST, 2): 50}, [1, 2, 3], False),  # nobody is in segment 3 any more
        ({(AUGUST, 1): 50, (AUGUST, 2): 50, (AUGUST, NO_PURCHASE): 900}, [1, 2], True),
        ({(JULY, 1): 100, (AUGUST, 1): 50, (AUGUST, 2): 50}, [1, 2], True),  # the latest month counts
        ({(AUGUST, NO_PURCHASE): 3}, [1, 2], True),
    ],
)
def test_shares_of_customers_with_purchases_stay_between_5_and_60_percent(sizes, ids, passed):
    result = checked(sizes, ids)
    assert result.passed == passed
    assert result.severity is dg.AssetCheckSeverity.WARN

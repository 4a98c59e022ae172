"""A shop with three segments, of which everything about orders is known: for the tests of this room.

Segment 1 orders every month, segment 2 a fifth of it each month, segment 3 never; segment 0 has never bought.
"""

import datetime as dt

import ibis
import pyarrow as pa

from hm_assets.warehouse.calendar import add_months, month_end

MONTH = dt.date(2019, 3, 1)
SIZES = {0: 30, 1: 200, 2: 400, 3: 300}
LEFT_EVERY = 50


def customer_id(segment: int, number: int) -> str:
    return f"={segment}-{number}" if number == 0 else f"{segment}-{number}"


def people() -> list[tuple[int, int, int]]:
    """Key, segment and number within it."""
    return [(1000 * segment + n, segment, n) for segment, size in SIZES.items() for n in range(size)]


def customers() -> ibis.Table:
    return ibis.memtable(
        pa.table(
            {
                "customer_key": [key for key, *_ in people()],
                "customer_id": [customer_id(segment, n) for _, segment, n in people()],
                "club_member_status": pa.array(
                    ["LEFT CLUB" if n % LEFT_EVERY == 1 else None for *_, n in people()], pa.string()
                ),
            }
        )
    )


def months(count: int = 8) -> list[dt.date]:
    return [add_months(MONTH, -back) for back in range(count)]


def assignments(count: int = 8) -> ibis.Table:
    rows = [
        {"customer_key": key, "segment_id": segment, "as_of": month_end(month), "month": month}
        for month in months(count)
        for key, segment, _ in people()
    ]
    schema = pa.schema(
        [
            ("customer_key", pa.int64()),
            ("segment_id", pa.int32()),
            ("as_of", pa.date32()),
            ("month", pa.date32()),
        ]
    )
    return ibis.memtable(pa.Table.from_pylist(rows, schema))


def orders(month: dt.date, segment: int, n: int) -> bool:
    return segment == 1 or (segment == 2 and (n + month.month) % 5 == 0)


def customer_days(count: int = 8) -> ibis.Table:
    rows = [
        {"customer_key": key, "t_dat": month.replace(day=15), "month": month}
        for month in months(count)
        for key, segment, n in people()
        if orders(month, segment, n)
    ]
    schema = pa.schema([("customer_key", pa.int64()), ("t_dat", pa.date32()), ("month", pa.date32())])
    return ibis.memtable(pa.Table.from_pylist(rows, schema))


def customer_features() -> ibis.Table:
    rows = [
        {"customer_key": key, "spend_365d": float(n % 9), "month": MONTH}
        for key, segment, n in people()
        if segment
    ]
    return ibis.memtable(pa.Table.from_pylist(rows)).cast({"month": "date"})

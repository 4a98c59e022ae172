"""Reads a month for the store of figures: rows where a table was made, and counts by the table's log alone."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from hm_assets.playbooks.metrics.everything import COUNTED, READ, Read
from hm_assets.playbooks.metrics.store import Store
from hm_assets.playbooks.metrics.tables import METRICS
from hm_assets.playbooks.stored import rows_of
from hm_assets.profiles.tables import SEGMENT_PROFILES
from hm_assets.raw.tables import TRANSACTIONS
from hm_assets.warehouse import delta
from hm_assets.warehouse.schema import Table


def read_month(warehouse: Path, month: dt.date) -> Read:
    """All that the figures of a month come from."""
    rows = {table.path: rows_of(warehouse, table, month) for table in READ}
    counts = {table.path: many for table in COUNTED if (many := _count(warehouse, table, month)) is not None}
    profiles = rows_of(warehouse, SEGMENT_PROFILES, month)
    return Read(profiles, rows, counts, _months(warehouse, month))


def read_store(warehouse: Path, month: dt.date) -> Store | None:
    """The stored figures of a month; None where they were never gathered."""
    return Store.from_rows(rows_of(warehouse, METRICS, month))


def _count(warehouse: Path, table: Table, month: dt.date) -> int | None:
    found = delta.open_table(warehouse, table)
    if found is None:
        return None
    return sum(many for day, many in _by_month(found) if day is None or day <= month)


def _months(warehouse: Path, month: dt.date) -> Sequence[dt.date]:
    found = delta.open_table(warehouse, TRANSACTIONS)
    days = {day for day, many in _by_month(found) if day and many} if found is not None else set()
    return sorted(day for day in days if day <= month)


def _by_month(table: Any) -> list[tuple[dt.date | None, int]]:
    """Rows of each file, with its month where the table has months."""
    actions = pa.table(table.get_add_actions(flatten=True))
    counts = [many or 0 for many in actions["num_records"].to_pylist()]
    days = (
        actions["partition.month"].to_pylist()
        if "partition.month" in actions.column_names
        else [None] * len(counts)
    )
    return list(zip(days, counts, strict=True))

"""What became of every row of every file: accepted, refused, superseded, or of a month not ingested yet."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from hm_assets.raw.landing import LandedFile, Landing

Accepted = Mapping[tuple[str, dt.date], int]


def hidden_months(landing: Landing, file: LandedFile, ingested: Collection[dt.date]) -> list[dt.date]:
    """Months of a file whose rows are not judged: another file replaced them, or they are not ingested yet."""
    mine = [month for month in file.months if month is not None and file.replaced_month in (None, month)]
    return sorted(month for month in mine if month not in ingested or landing.superseded_by(file, month))


def has_refused(
    landing: Landing, file: LandedFile, accepted: Accepted, ingested: Collection[dt.date]
) -> bool:
    """Whether any judged row of a transactions file was refused."""
    return any(row["refused"] for row in _rows_of(landing, file, accepted, ingested))


def deliveries_of(
    landing: Landing,
    accepted: Accepted,
    accepted_ids: Mapping[str, int],
    ingested: Collection[dt.date],
) -> list[dict[str, Any]]:
    """One row per file, and per month of a transactions file; columns as in `raw/deliveries`.

    Parameters
    ----------
    landing
        The survey: rows by file and month.
    accepted
        Rows of `raw/transactions` by file and month.
    accepted_ids
        Rows of `raw/customers` and `raw/articles`.
    ingested
        The months that `raw/transactions` holds.
    """
    rows = [
        _row(file, None, file.role, file.rows, accepted_ids[file.file.kind])
        for file in (landing.customers, landing.articles)
    ]
    for file in landing.transactions:
        rows += _rows_of(landing, file, accepted, ingested)
    return rows


def _rows_of(
    landing: Landing, file: LandedFile, accepted: Accepted, ingested: Collection[dt.date]
) -> list[dict[str, Any]]:
    rows = []
    undated = file.months.get(None, 0) + file.broken
    if undated:
        rows.append(_row(file, None, file.role, undated, 0))
    for month, count in sorted((m, c) for m, c in file.months.items() if m is not None):
        replaced_by = landing.superseded_by(file, month)
        if replaced_by is not None:
            rows.append(
                _row(file, month, file.role, count, 0, superseded=count, superseded_by=replaced_by.name)
            )
        elif month not in ingested and month == (file.replaced_month or month):
            rows.append(_row(file, month, file.role, count, 0, pending=count))
        else:
            rows.append(_row(file, month, file.role, count, accepted.get((file.name, month), 0)))
    return rows


def _row(
    file: LandedFile,
    month: dt.date | None,
    role: str,
    rows: int,
    accepted: int,
    superseded: int = 0,
    superseded_by: str | None = None,
    pending: int = 0,
) -> dict[str, Any]:
    return {
        "file": file.name,
        "month_delivered": month,
        "role": role,
        "rows": rows,
        "accepted": accepted,
        "refused": rows - accepted - superseded - pending,
        "superseded": superseded,
        "superseded_by": superseded_by,
        "pending": pending,
        "sha256": file.sha256,
    }

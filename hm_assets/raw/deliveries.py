"""What became of every row of every file: accepted, refused, superseded, or of a month not ingested yet."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from hm_assets.raw.landed import LandedFile
from hm_assets.raw.landing import Landing

Accepted = Mapping[tuple[str, dt.date], int]


def suspects(
    landing: Landing, accepted: Accepted, accepted_ids: Mapping[str, int], ingested: Collection[dt.date]
) -> dict[LandedFile, list[dt.date]]:
    """The files with refused rows, each with the months whose rows are not judged.

    Those are the months that another file replaced, and those that are not ingested yet. See `deliveries_of`.
    """
    found: dict[LandedFile, list[dt.date]] = {}
    for file in (landing.customers, landing.articles):
        if file.rows > accepted_ids[file.file.kind]:
            found[file] = []
    for file in landing.transactions:
        if any(row["refused"] > 0 for row in _rows_of(landing, file, accepted, ingested)):
            found[file] = sorted(
                month
                for month in file.own_months
                if month not in ingested or landing.superseded_by(file, month)
            )
    return found


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
        _row(file, None, file.rows, accepted_ids[file.file.kind])
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
        rows.append(_row(file, None, undated, 0))
    for month, count in sorted((m, c) for m, c in file.months.items() if m is not None):
        replaced_by = landing.superseded_by(file, month)
        if replaced_by is not None:
            rows.append(_row(file, month, count, 0, superseded=count, superseded_by=replaced_by.name))
        elif month not in ingested and month in file.own_months:
            rows.append(_row(file, month, count, 0, pending=count))
        else:
            rows.append(_row(file, month, count, accepted.get((file.name, month), 0)))
    return rows


def _row(
    file: LandedFile,
    month: dt.date | None,
    rows: int,
    accepted: int,
    superseded: int = 0,
    superseded_by: str | None = None,
    pending: int = 0,
) -> dict[str, Any]:
    return {
        "file": file.name,
        "month_delivered": month,
        "role": file.role,
        "rows": rows,
        "accepted": accepted,
        "refused": rows - accepted - superseded - pending,
        "superseded": superseded,
        "superseded_by": superseded_by,
        "pending": pending,
        "sha256": file.sha256,
    }

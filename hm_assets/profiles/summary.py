"""The segments of a month in a few figures, read from the stored profiles: for the command line."""

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from hm_assets.profiles.tables import SEGMENT_PROFILES
from hm_assets.warehouse import artifacts, delta

SIZES = ("customers", "share_of_customers", "share_of_spend_365d")


def segments_of(warehouse: Path, month: dt.date) -> list[dict[str, Any]]:
    """One row per segment: segment_id, segment_name and its sizes (None where it has none); empty before a run."""
    stored = delta.open_table(warehouse, SEGMENT_PROFILES)
    files = delta.files_of(stored, [month]) if stored is not None else []
    if not files:
        return []
    rows = ds.dataset(files).to_table(filter=ds.field("kind") == "size").to_pylist()
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        entry = found.setdefault(
            row["segment_id"],
            {"segment_id": row["segment_id"], "segment_name": row["segment_name"], **dict.fromkeys(SIZES)},
        )
        entry[row["fact"]] = row["value"]
    return [found[segment_id] for segment_id in sorted(found)]


def headline(warehouse: Path) -> str:
    """How the segments came to be, in a line: the champion, and whether a person decided. Empty before there is one."""
    path = warehouse / "segments" / "champion.json"
    return str(artifacts.read_json(path)["decision"]["headline"]) if path.exists() else ""

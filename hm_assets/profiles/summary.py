"""The segments of a month in a few figures, read from the stored profiles: for the command line."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.dataset as ds

from hm_assets.profiles.passport.gate import label_of
from hm_assets.profiles.tables import SEGMENT_PROFILES
from hm_assets.segments.measures.stability import adjusted_rand
from hm_assets.segments.tables import ASSIGNMENTS, NO_PURCHASE
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.keys import customer_key

CHAMPION, PASSPORTS = ("segments", "champion"), ("profiles", "passports")
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


def labels(warehouse: Path, month: dt.date) -> list[str]:
    """What must stand beside the segments wherever they are shown, in sentences; empty before there is a champion.

    Which model made them, whether a person decided or no structure was found, and for a month that fails who signed, or
    that it is not published and why.
    """
    champion = artifacts.path_of(warehouse, CHAMPION)
    passports = artifacts.path_of(warehouse, PASSPORTS, month.isoformat())
    found = [str(artifacts.read_json(champion)["decision"]["headline"])] if champion.exists() else []
    label = label_of(artifacts.read_json(passports)) if passports.exists() else ""
    return [*found, label] if label else found


def recovered(warehouse: Path, raw: Path, month: dt.date) -> float | None:
    """How far the segments of a month are those that the generator planted: adjusted Rand index, 0 = chance, 1 = all.

    None where the files were not generated, or nobody is placed yet. Customers without a purchase do not count.
    """
    planted, stored = raw / "truth" / "customers.parquet", delta.open_table(warehouse, ASSIGNMENTS)
    files = delta.files_of(stored, [month]) if stored is not None else []
    if not planted.exists() or not files:
        return None
    bought = ds.field("segment_id") != NO_PURCHASE
    placed = ds.dataset(files).to_table(["customer_key", "segment_id"], filter=bought).to_pydict()
    truth = ds.dataset(planted).to_table(["customer_id", "segment"]).to_pydict()
    kinds = {name: i for i, name in enumerate(sorted(set(truth["segment"]), key=str))}
    by_key = {
        customer_key(customer): kinds[kind]
        for customer, kind in zip(truth["customer_id"], truth["segment"], strict=True)
    }
    return adjusted_rand(
        np.array([by_key[key] for key in placed["customer_key"]]), np.array(placed["segment_id"])
    )

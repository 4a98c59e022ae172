"""What leaves the platform says nothing about fewer than twenty people (k-anonymity of cells, k = 20)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hm_assets.profiles.words.pieces import Piece

K = 20
# Facts that are shares of persons: both the part and the rest of the group are cells.
PERSONS = ("demographic", "engagement")
OF_PERSONS = ("bought_365d", "bought_once")
SIZES = "size"
FIGURES = ("value", "low", "high", "base", "index_to_base", "effect")

Row = Mapping[str, Any]
Cell = tuple[int, str, str]
"""segment_id, kind, fact"""


def cell(row: Row) -> Cell:
    """The cell of a row of `profiles/segment_profiles`."""
    return row["segment_id"], row["kind"], row["fact"]


def withheld(rows: Iterable[Row], k: int = K) -> set[Cell]:
    """The cells of `profiles/segment_profiles` (one month) that rest on too few customers.

    A segment of fewer than `k` customers keeps its size and nothing else. Of a larger one a share of persons is
    withheld where it, or its rest, is of fewer than `k` of them. Tastes rest on at least thirty buyers.
    """
    rows = list(rows)
    customers = {row["segment_id"]: row["value"] for row in rows if row["fact"] == "customers"}
    return {
        cell(row)
        for row in rows
        if row["kind"] != SIZES and _is_small(row, customers.get(row["segment_id"], 0.0), k)
    }


def without(rows: Sequence[Row], cells: set[Cell]) -> list[dict[str, Any]]:
    """The same rows with the figures of these cells empty, and `withheld` true for them."""
    found = []
    for row in rows:
        small = cell(row) in cells
        empty = {name: None for name in FIGURES if name in row} if small else {}
        found.append({**row, **empty, "withheld": small})
    return found


def sayable(words: Iterable[Row], cells: set[Cell]) -> list[Row]:
    """The rows of `profiles/segment_words` that rest on none of these cells."""

    def rests_on(row: Row) -> set[Cell]:
        pieces = (Piece.from_json(piece) for piece in json.loads(row["pieces"]))
        return {(row["segment_id"], piece.kind, piece.fact) for piece in pieces if piece.kind and piece.fact}

    return [row for row in words if not rests_on(row) & cells]


def _is_small(row: Row, customers: float, k: int) -> bool:
    if customers < k:
        return True
    of_persons = row["kind"] in PERSONS or row["fact"] in OF_PERSONS
    if row["unit"] != "share" or not of_persons or row["value"] is None:
        return False
    part = round(row["value"] * customers)
    return bool(0 < part < k or 0 < customers - part < k)

"""How candidates are written on pages: an algorithm's name as the field writes it, and how many segments it made."""

from collections.abc import Mapping
from typing import Any

from hm_assets.segments.algorithms.catalogue import CATALOGUE
from hm_assets.segments.algorithms.names import algorithm, elsewhere
from hm_assets.segments.choice.entries import name_of
from hm_assets.segments.fitting import LARGEST_SHARE, SMALLEST_SHARE

Row = Mapping[str, Any]

# The start of a verdict -> how it stands on the page, the best first.
STANDINGS: Mapping[str, str] = {
    "chosen": "chosen",
    "the lab would have chosen it": "runner-up",
    "runner-up": "runner-up",
    "on the front": "on the front",
    "stands by": "stands by",
    "set aside": "set aside",
    "dominated": "dominated",
    "refused": "refused",
}


def candidate(row: Row) -> str:
    """A candidate in few words: `k-means 5`, `k-means 5 (rhythm)`: its space where that is not the usual one."""
    count = row["k"] or row.get("segments") or 0
    words = algorithm(row["algorithm"]) + (f" {count}" if count else "")
    return words + elsewhere(row["algorithm"], row["space"])


def counted(count: int, thing: str) -> str:
    """`1 segment`, `2 segments`."""
    return f"{count:,} {thing}{'s' if count != 1 else ''}"


def key(row: Row) -> str:
    """As a decision names it: `kmeans 5 rfm`."""
    return name_of(row["algorithm"], row["k"], row["space"])


def explained(name: str) -> str:
    """What an algorithm does, in a sentence; empty where the catalogue does not know it."""
    return next((a.words for a in CATALOGUE if a.name == name), "")


def standing(row: Row) -> str:
    """What became of a candidate, in a word or two."""
    verdict = row["verdict"] or ""
    if row.get("model") is None:
        return "refused"
    return next((word for start, word in STANDINGS.items() if verdict.startswith(start)), "tried")


def best_first(rows: list[Row]) -> list[Row]:
    """Chosen, runner-up, front, ... and of equals those whose stability is farthest above the null; then by name."""
    order = [*dict.fromkeys(STANDINGS.values()), "tried"]
    return sorted(rows, key=lambda row: (order.index(standing(row)), -_excess(row), key(row)))


def within(row: Row) -> bool | None:
    """Whether every segment holds 5-60 % of the customers; None where nobody knows."""
    if row.get("min_share") is None or row.get("max_share") is None:
        return None
    return bool(row["min_share"] >= SMALLEST_SHARE and row["max_share"] <= LARGEST_SHARE)


def _excess(row: Row) -> float:
    own, null = row.get("stability"), row.get("null_stability")
    return -2.0 if own is None or null is None else own - null

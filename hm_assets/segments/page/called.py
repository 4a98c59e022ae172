"""How candidates are written on pages: an algorithm's name as the field writes it, and how many segments it made."""

from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.segments.algorithms.catalogue import EVERY
from hm_assets.segments.algorithms.names import algorithm, elsewhere
from hm_assets.segments.choice.decision import FALLBACK
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
    return next((a.words for a in EVERY if a.name == name), "")


def standing(row: Row) -> str:
    """What became of a candidate, in a word or two."""
    verdict = row["verdict"] or ""
    if row.get("model") is None:
        return "refused"
    return next((word for start, word in STANDINGS.items() if verdict.startswith(start)), "tried")


def best_first(rows: list[Row]) -> list[Row]:
    """Chosen, runner-up, front, ... and of equals the most stable; then by name."""
    order = [*dict.fromkeys(STANDINGS.values()), "tried"]
    return sorted(
        rows, key=lambda row: (order.index(standing(row)), -(row.get("stability") or 0.0), key(row))
    )


def candidates(rows: Sequence[Row]) -> list[Row]:
    """Those that are counted on every page: all but the grid that stands by."""
    return [row for row in rows if row["algorithm"] != FALLBACK]


def beyond_chance(rows: Sequence[Row]) -> str:
    """How many candidates are more stable than the 95 % limit without segments, and how many have no limit."""
    measured = [row for row in candidates(rows) if row.get("stability") is not None]
    limited = [row for row in measured if row.get("null_stability_high") is not None]
    without = len(measured) - len(limited)
    if not limited:
        return f"None of {counted(without, 'candidate')} was held against enough data without segments for a limit"
    ahead = sum(row["stability"] > row["null_stability_high"] for row in limited)
    said = (
        f"{ahead} of {counted(len(limited), 'candidate')} {'is' if ahead == 1 else 'are'} more stable than the same "
        "algorithm on 95 % of data without segments"
    )
    return said + (f"; {without:,} {'has' if without == 1 else 'have'} no such limit" if without else "")


def within(row: Row) -> bool | None:
    """Whether every segment holds 5-60 % of the customers; None where nobody knows."""
    if row.get("min_share") is None or row.get("max_share") is None:
        return None
    return bool(row["min_share"] >= SMALLEST_SHARE and row["max_share"] <= LARGEST_SHARE)

"""A fact against all customers: as a bar on a scale of halves and doubles, and as a multiple in words."""

import math
from dataclasses import dataclass

from hm_assets.playbooks.facts import Fact


@dataclass(frozen=True)
class Bar:
    """A bar from the base (x = 100) to the index, in halves and doubles from a quarter to four times."""

    x: float
    width: float
    low: float | None
    high: float | None
    direction: str


def bar(fact: Fact | None) -> Bar | None:
    """The bar of a fact against the base, or None where there is no base to hold it against."""
    if fact is None or fact.index_to_base is None:
        return None
    end = _position(fact.index_to_base)
    low, high = (_position(bound) for bound in fact.index_interval) if fact.index_interval else (None, None)
    return Bar(min(100.0, end), abs(end - 100.0), low, high, fact.direction)


def times(fact: Fact) -> str:
    """The index as a multiple: `2.9 ×`, or that no difference is clear."""
    if fact.index_to_base is None:
        return "–"
    if fact.direction == "same":
        return "no clear difference"
    if not fact.stands_out:
        return "about the same"
    ratio = fact.index_to_base / 100
    if ratio < 0.1:
        return "under 0.1 ×"
    if ratio >= 10:
        return f"{ratio:,.0f} ×"
    return f"{ratio:.2g} ×" if ratio < 0.95 or ratio >= 1.05 else f"{ratio:.2f} ×"


def _position(index: float) -> float:
    doublings = math.log2(max(index, 1.0) / 100)
    return round(100 + 50 * min(2.0, max(-2.0, doublings)), 1)

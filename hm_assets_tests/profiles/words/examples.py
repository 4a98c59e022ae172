"""Made-up rows of `profiles/segment_profiles` for sentences."""

import datetime as dt
from typing import Any

from hm_assets.profiles.words.sentences import facts_of

AS_OF, MONTH = dt.date(2020, 9, 22), dt.date(2020, 9, 1)


def fact(
    name: str, value: float, base: float | None, effect: float | None = 0.5, **columns: Any
) -> dict[str, Any]:
    """A row of a fact, its interval 1 % wide unless given."""
    head = {
        "as_of": AS_OF,
        "month": MONTH,
        "segment_id": 1,
        "segment_name": "A",
        "kind": "behaviour",
        "unit": "x",
    }
    figures = {"value": value, "low": value * 0.99, "high": value * 1.01, "base": base, "effect": effect}
    return {**head, "fact": name, **figures, "index_to_base": 100 * value / base if base else None, **columns}


def taste(kind: str, name: str, index: float) -> dict[str, Any]:
    """A row of an over-indexed value."""
    return fact(
        name, 0.1, 0.05, None, kind=kind, unit="share", index_to_base=index, low=index - 9, high=index + 9
    )


def facts(*rows: dict[str, Any]) -> dict[str, Any]:
    """One segment's rows as sentences read them."""
    return dict(facts_of(rows))

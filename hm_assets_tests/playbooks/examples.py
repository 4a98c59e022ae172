"""A month of made-up rows of `profiles/segment_profiles` in its real shape: three segments and who never bought.

Figures are in the range of the H&M files; the names hold what must not break a page or a spreadsheet.
"""

import datetime as dt
from typing import Any

AS_OF = dt.date(2020, 9, 22)
MONTH = dt.date(2020, 9, 1)
VERSIONS = {"profiles/segment_profiles": "9f3c21ab77d0"}
SOURCE = "made-up <b>shop</b>"

KINDS = {
    "customers": ("size", "customers", 1_362_281.0),
    "share_of_customers": ("size", "share", 1.0),
    "share_of_spend_365d": ("size", "share", 1.0),
    "recency_days": ("behaviour", "days", 85.0),
    "orders": ("behaviour", None, 6.0),
    "orders_365d": ("behaviour", None, 4.61),
    "bought_365d": ("behaviour", "share", 0.724),
    "gap_days": ("behaviour", "days", 34.0),
    "online_share": ("behaviour", "share", 0.703),
    "items_per_order": ("behaviour", None, 3.41),
    "spend_365d": ("value", "price index", 0.3127),
    "spend_per_order": ("value", "price index", 0.0961),
    "age": ("demographic", "years", 32.0),
    "age_known": ("demographic", "share", 0.988),
    "fashion_news": ("engagement", "share", 0.351),
    "club_active": ("engagement", "share", 0.929),
}
BEST = {
    "customers": 272_456.0,
    "share_of_customers": 0.2,
    "share_of_spend_365d": 0.5812,
    "recency_days": 12.0,
    "orders": 24.0,
    "orders_365d": 14.2,
    "bought_365d": 0.998,
    "online_share": 0.811,
    "items_per_order": 3.9,
    "spend_365d": 0.9087,
    "spend_per_order": 0.1074,
    "age": 33.0,
    "age_known": 0.991,
    "fashion_news": 0.517,
    "club_active": 0.971,
}
LAPSED = {
    "customers": 540_825.0,
    "share_of_customers": 0.397,
    "share_of_spend_365d": 0.0002,
    "recency_days": 486.0,
    "orders": 1.0,
    "bought_365d": 0.02,
    "fashion_news": 0.262,
}
NEVER = {"customers": 9_699.0, "age": 30.0, "age_known": 0.912, "fashion_news": 0.412, "club_active": 0.62}
PLAIN = {"customers": 549_000.0, "share_of_customers": 0.403}


def row(
    segment_id: int, name: str, fact: str, value: float, index: float | None = None, **columns: Any
) -> dict[str, Any]:
    """One row; kind, unit and base come from the fact's name, a name without them is a category."""
    kind, unit, base = KINDS.get(fact, ("category", "share", 0.0142))
    if index is None and kind not in ("size", "category"):
        index = 100 * value / base
    interval = (
        {"low": value * 0.99, "high": value * 1.01} if fact != "customers" else {"low": None, "high": None}
    )
    return {
        "segment_id": segment_id,
        "segment_name": name,
        "fact": fact,
        "kind": kind,
        "unit": unit,
        "value": value,
        **interval,
        "base": base,
        "index_to_base": index,
        "as_of": AS_OF,
        **columns,
    }


def segment(segment_id: int, name: str, facts: dict[str, float]) -> list[dict[str, Any]]:
    return [row(segment_id, name, fact, value) for fact, value in facts.items()]


def rows() -> list[dict[str, Any]]:
    best = "Recent, frequent, <script>alert(1)</script>"
    return [
        *segment(1, best, BEST),
        row(1, best, "Bikini top", 0.0412, 287.0, low=251.0, high=322.0),
        row(1, best, '"><img src=x>', 0.021, 188.0, low=161.0, high=214.0),
        *segment(2, "=cmd|' /C calc'!A0", LAPSED),
        *segment(3, "../../Été / Ünïcode", PLAIN),
        *segment(0, "No purchase yet", NEVER),
    ]

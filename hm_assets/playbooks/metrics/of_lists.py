"""Figures of what to show: the lists of segments, their price ladders and colours, and what goes with it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hm_assets.playbooks.metrics.figure import Figure
from hm_assets.playbooks.showing import CROSS_SELLING, KIND
from hm_assets.profiles.fairness.privacy import Amount, segments_withheld
from hm_assets.profiles.wording import Style, write_number
from hm_assets.recommendations.complements.tables import CROSS_SELL
from hm_assets.recommendations.lists_for.tables import SEGMENTS as LISTS
from hm_assets.recommendations.lists_for.tables import STYLES
from hm_assets.segments.tables import NO_PURCHASE

Row = Mapping[str, Any]
# Two ends of the price ladder; its middle is what lies between.
LADDER = {"low": "to_price", "high": "from_price"}
OF_CROSS_SELL: Mapping[str, Style] = {
    "customers": "count",
    "share": "share",
    "share_of_others": "share",
    "missing": "count",
}


def of_lists(rows: Sequence[Row], sizes: Mapping[int, int]) -> Iterator[Figure]:
    """Of `recommendations/segments`: prices, and how many times everybody's share; not of fewer than twenty buyers."""
    for row in _told(rows, sizes):
        words = [row["name"] or "without a name", *(row[part] for part in ("colour", "type") if row[part])]
        label = f"{', '.join(words)} (article {row['article_id']})"
        for field in ("price", *(("lift", "low", "high") if row["buyers"] is not None else ())):
            if row[field] is not None:
                yield _figure(LISTS.path, row, row["article_id"], field, "number", KIND, label)


def of_styles(rows: Sequence[Row], sizes: Mapping[int, int]) -> Iterator[Figure]:
    """Of `recommendations/segment_styles`: where the price ladder is cut, and colours that they buy more of."""
    for row in _told(rows, sizes):
        if row["kind"] == "colour" and row["lift"] is not None:
            yield _figure(STYLES.path, row, f"colour {row['name']}", "lift", "number", KIND, row["name"])
        field = LADDER.get(row["name"]) if row["kind"] == "price" else None
        if field and row[field] is not None:
            yield _figure(
                STYLES.path, row, f"price {row['name']}", field, "number", KIND, f"{row['name']} price"
            )


def of_cross_sell(rows: Sequence[Row], sizes: Mapping[int, int]) -> Iterator[Figure]:
    """Of `recommendations/cross_sell`: who has the one and seldom the other, beside the other segments."""
    for row in _told(rows, sizes):
        if Amount(row["customers"], row["share"] * row["customers"]).is_small():
            continue
        label = f"have {row['have']}, seldom {row['lack']}"
        for field, style in OF_CROSS_SELL.items():
            if row[field] is not None:
                yield _figure(
                    CROSS_SELL.path,
                    row,
                    f"{row['have']} without {row['lack']}",
                    field,
                    style,
                    CROSS_SELLING,
                    label,
                )


def _told(rows: Sequence[Row], sizes: Mapping[int, int]) -> Iterator[Row]:
    # Who has not bought is in no list, and in no sum that a list is held against.
    hidden = segments_withheld({i: size for i, size in sizes.items() if i != NO_PURCHASE})
    return (row for row in rows if row["segment_id"] not in hidden)


def _figure(asset: str, row: Row, fact: str, field: str, style: Style, kind: str, label: str) -> Figure:
    value = float(row[field])
    return Figure(asset, str(row["segment_id"]), fact, field, value, write_number(value, style), kind, label)

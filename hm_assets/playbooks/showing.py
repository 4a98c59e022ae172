"""What to show the customers of a segment: its articles, price ladder and colours, with the tables they stand in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hm_assets.playbooks.metrics.figure import Figure, Sentence
from hm_assets.profiles.fairness.privacy import segments_withheld
from hm_assets.profiles.wording import Style, write_number
from hm_assets.recommendations.lists_for.tables import SEGMENTS as LISTS
from hm_assets.recommendations.lists_for.tables import STYLES
from hm_assets.segments.tables import NO_PURCHASE

Row = Mapping[str, Any]
KIND = "recommendation"
CROSS_SELLING = "cross_sell"


@dataclass(frozen=True)
class Showing:
    """Articles of a segment, best first, and sentences on what they cost and look like."""

    articles: Sequence[Sentence]
    style: Sequence[Sentence]


def showings(lists: Sequence[Row], styles: Sequence[Row], sizes: Mapping[int, int]) -> dict[str, Showing]:
    """What to show, by segment; nothing of those that are withheld, or without a list.

    Parameters
    ----------
    lists, styles
        A month of `recommendations/segments` and `recommendations/segment_styles`.
    sizes
        Customers of each segment: of fewer than twenty nothing is said, as in `fairness/privacy`.
    """
    # Who has not bought is in no list, and in no sum that a list is held against.
    hidden = segments_withheld({i: size for i, size in sizes.items() if i != NO_PURCHASE})
    ordered = sorted(lists, key=lambda row: (row["segment_id"], row["rank"]))
    return {
        str(segment): Showing(
            [article(row) for row in ordered if row["segment_id"] == segment],
            list(_style([row for row in styles if row["segment_id"] == segment])),
        )
        for segment in dict.fromkeys(row["segment_id"] for row in ordered)
        if segment not in hidden
    }


def article(row: Row) -> Sentence:
    """An article of `recommendations/segments` in words."""
    words = [row["name"] or "without a name", *(row[part] for part in ("colour", "type") if row[part])]
    said: list[str | Figure] = [f"{', '.join(words)} (article {row['article_id']})"]
    # How many times what everybody buys tells, with the base, how many bought it: not of fewer than twenty.
    if row["buyers"] is not None:
        lift, low, high = (
            _figure(LISTS.path, row, row["article_id"], name, "number") for name in ("lift", "low", "high")
        )
        said += [": ", lift, " × everybody’s share (", low, " to ", high, ")"]
    return [*said, f"; {row['price_step']} price"]


def _style(rows: Sequence[Row]) -> Sequence[Sentence]:
    said: list[Sentence] = []
    prices = {row["name"]: row for row in rows if row["kind"] == "price"}
    if prices:
        low, high = (
            _figure(STYLES.path, prices[step], f"price {step}", end, "number")
            for step, end in (("low", "to_price"), ("high", "from_price"))
        )
        said.append(
            [
                *("Price ladder: low is up to ", low, ", high is above ", high),
                ", in the price index: cut where thirds of their purchases end.",
            ]
        )
    colours = sorted((row for row in rows if row["kind"] == "colour"), key=lambda row: row["place"])
    if colours:
        line: list[str | Figure] = ["Colours that they buy more of: "]
        for place, row in enumerate(colours):
            lift = _figure(STYLES.path, row, f"colour {row['name']}", "lift", "number")
            line += [", " if place else "", f"{row['name']} (", lift, " ×)"]
        said.append([*line, "."])
    return said


def _figure(asset: str, row: Row, fact: str, field: str, style: Style) -> Figure:
    value = row[field]
    return Figure(asset, str(row["segment_id"]), fact, field, value, write_number(value, style), KIND)

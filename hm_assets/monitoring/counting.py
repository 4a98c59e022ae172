"""A month's customers as counts: of each feature and segment, how many lie in each cell of a fixed grid.

All that drift is measured with follows from these counts, and they are made in one pass on the engine whatever the
number of customers. Counted are customers with an order in the last 365 days: who lapsed stays in the files for good,
so that among all there ever were recency and orders move every month though nobody buys otherwise. The grid belongs to
the champion: an axis is cut into twentieths of the standard deviation of the customers that it was trained on, so that
equal values stay ties and no two months are cut differently.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.space import Kind, Space

Cells = Mapping[Any, int]
Counts = Mapping[str, Mapping[str, Cells]]
"""Feature -> segment, or all -> cell (a whole number, or the name of a category) -> customers."""

ALL, SIZES = "all", "segment_sizes"
STEP, FURTHEST = 0.05, 10.0
# Besides the axes of the champion: what customers did lately and at what price.
BEHAVIOUR: Mapping[str, Kind] = {
    "orders_90d": "count",
    "orders_365d": "count",
    "spend_365d": "money",
    "items_per_order_365d": "count",
    "price_per_item_365d": "money",
}
CATEGORIES = ("main_channel", "favourite_group")
# Counted from the first day of the data: they grow with the file, so no earlier season is like this one.
GROWING = (
    "spend",
    "purchase_days",
    "tenure_days",
    "mean_gap_days",
    "items_per_order",
    "price_per_item",
)


@dataclass(frozen=True)
class Watched:
    """What is watched: the champion's axes, more numbers (`behaviour`, a space without categories), and categories."""

    champion: Champion
    behaviour: Space

    @property
    def numbers(self) -> list[str]:
        """The features that are numbers."""
        own = [axis.column for axis in self.champion.space.coordinates if axis.level is None]
        return list(dict.fromkeys([*own, *self.behaviour.columns]))

    @property
    def categories(self) -> list[str]:
        """The features that are categories."""
        own = [axis.column for axis in self.champion.space.coordinates if axis.level is not None]
        return list(dict.fromkeys([*own, *CATEGORIES]))

    @property
    def growing(self) -> bool:
        """Whether the champion sorts customers by what grows with the file, so that its segments move by themselves."""
        return any(axis.column in GROWING for axis in self.champion.space.coordinates)

    @property
    def columns(self) -> set[str]:
        """What `inputs.customers_as_of` has to give."""
        return {*self.champion.space.columns, *self.behaviour.columns, *self.categories}

    def counts(self, customers: ibis.Table) -> Counts:
        """The counts of one month's customers (`inputs.customers_as_of` with `columns`) who bought within a year."""
        customers = customers.filter(customers.orders_365d > 0)
        cells = {
            axis.column: _cell(value)
            for space in (self.behaviour, self.champion.space)
            for axis, value in zip(space.coordinates, space.expressions(customers), strict=True)
            if axis.level is None
        }
        cells |= {name: customers[name].cast("string").fill_null("unknown") for name in self.categories}
        placed = self.champion.assign(customers).select("customer_key", "segment_id")
        both = customers.select("customer_key", **cells).inner_join(placed, "customer_key")
        return of_rows(row for names in (self.numbers, self.categories) for row in _counted(both, names))


def rows_of(counts: Counts) -> list[dict[str, Any]]:
    """As plain rows in order: what `of_rows` takes, without those of all segments together."""
    return [
        {"feature": feature, "segment": segment, "cell": cell, "customers": cells[cell]}
        for feature, segments in sorted(counts.items())
        for segment, cells in sorted(segments.items())
        if segment != ALL and feature != SIZES
        for cell in sorted(cells)
    ]


def of_rows(rows: Iterable[Mapping[str, Any]]) -> Counts:
    """The counts with all segments together, and the sizes of the segments as one more feature."""
    found: dict[str, dict[str, dict[Any, int]]] = {}
    for row in rows:
        segments = found.setdefault(row["feature"], {})
        for segment in (row["segment"], ALL):
            cells = segments.setdefault(segment, {})
            cells[row["cell"]] = cells.get(row["cell"], 0) + row["customers"]
    sizes = {
        s: sum(cells.values()) for segments in found.values() for s, cells in segments.items() if s != ALL
    }
    return {**found, SIZES: {ALL: sizes}} if found else {}


def _cell(value: ibis.Value) -> ibis.Value:
    most = round(FURTHEST / STEP)
    return (value / STEP).round().cast("int64").clip(-most, most)


def _counted(cells: ibis.Table, features: Sequence[str]) -> list[dict[str, Any]]:
    long = cells.select("segment_id", *features).pivot_longer(
        list(features), names_to="feature", values_to="cell"
    )
    counted = long.group_by("feature", "segment_id", "cell").agg(customers=long.count()).to_pyarrow()
    return [{**row, "segment": str(row["segment_id"])} for row in counted.to_pylist()]

"""Units by month, segment and category as one array, and the sums of it that have a model each."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.forecasts.demand.tables import ALL, REST
from hm_assets.segments.space import Floats
from hm_assets.warehouse.calendar import add_months, months_between

YEAR = 12
LARGEST = 11


@dataclass(frozen=True)
class Cube:
    """Units (months x segments x categories) of consecutive whole months, with the names of its sides."""

    months: tuple[dt.date, ...]
    segments: tuple[int, ...]
    categories: tuple[str, ...]
    units: Floats

    def sums(self) -> Floats:
        """All, then each segment, then each category (months x series)."""
        return sums(self.units)

    def names(self) -> list[tuple[str, str, str]]:
        """Level, segment and category of each of these series."""
        segments = [("segment", str(i), ALL) for i in self.segments]
        return [("all", ALL, ALL), *segments, *(("category", ALL, name) for name in self.categories)]


def sums(units: Floats) -> Floats:
    """Cells (n x segments x categories) as all, segments, categories (n x series)."""
    return np.column_stack([units.sum(axis=(1, 2)), units.sum(axis=2), units.sum(axis=1)])


def cube(rows: Sequence[Mapping[str, Any]], last: dt.date | None) -> Cube | None:
    """The rows of `forecasts/demand_history` up to the last whole month; None where no month is left.

    The first month with sales is left out, since lines rarely begin on its first day and everybody is new in it. So are
    months of segments by an earlier champion: what it called by the same number was another group. A month between
    without a row is one of no sales. The largest product groups of the last year are categories, the others are pooled.
    """
    if last is None or not rows:
        return None
    first = add_months(min(row["month"] for row in rows), 1)
    versions = {row["month"]: row["segments_version"] for row in rows if row["month"] <= last}
    now = versions[max(versions)] if versions else None
    other = [month for month, version in versions.items() if version != now]
    first = max(first, add_months(max(other), 1)) if other else first
    months = tuple(months_between(first, last))
    told = [row for row in rows if first <= row["month"] <= last]
    if not months or not told:
        return None
    sold: dict[str, int] = defaultdict(int)
    for row in told:
        sold[row["category"]] += row["units"] if row["month"] > add_months(last, -YEAR) else 0
    largest = sorted(sold, key=lambda name: (-sold[name], name))
    # One more than fit are pooled: to pool a single one would only hide its name.
    named = largest if len(largest) <= LARGEST + 1 else largest[:LARGEST]
    categories = (*named, REST) if len(largest) > len(named) else tuple(named)
    segments = tuple(sorted({row["segment_id"] for row in told}))
    place = {name: i for i, name in enumerate(categories)}
    units = np.zeros((len(months), len(segments), len(categories)))
    at = {month: i for i, month in enumerate(months)}
    for row in told:
        c = place.get(row["category"], len(categories) - 1)
        units[at[row["month"]], segments.index(row["segment_id"]), c] += row["units"]
    return Cube(months, segments, categories, units)

"""Names that hold: every word of a segment's name is a predicate over its members and the base.

Three words at most: how recent, how often, how much. Two segments with the same words are told apart by the fact
in which they differ most, so that names are unique; none depends on the number of a segment.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hm_assets.profiles.facts import Columns
from hm_assets.segments.tables import NO_PURCHASE

NO_PURCHASE_NAME = "No purchase yet"


@dataclass(frozen=True)
class Medians:
    """A segment's medians, or the base's thirds, of the three features that names speak of."""

    recency_days: float
    purchase_days: float
    spend: float


def medians(columns: Columns, segment_id: int) -> Medians:
    """The medians of one segment's members."""
    mine = columns["segment_id"] == segment_id
    return Medians(*(float(np.median(columns[name][mine])) for name in Medians.__dataclass_fields__))


def thirds(columns: Columns) -> tuple[Medians, Medians]:
    """The lower and the upper third of all customers with purchases."""
    buyers = columns["segment_id"] != NO_PURCHASE
    cuts = [np.quantile(columns[name][buyers], (1 / 3, 2 / 3)) for name in Medians.__dataclass_fields__]
    return Medians(*(float(cut[0]) for cut in cuts)), Medians(*(float(cut[1]) for cut in cuts))


def words(mine: Medians, low: Medians, high: Medians) -> tuple[str, str, str]:
    """The words that hold for a segment."""
    recency = (
        "Recent"
        if mine.recency_days <= low.recency_days
        else "Lapsed"
        if mine.recency_days > high.recency_days
        else "Quieter"
    )
    if mine.purchase_days <= 1:
        frequency = "one-time"
    else:
        frequency = "frequent" if mine.purchase_days > high.purchase_days else "occasional"
    spend = (
        "high-spend" if mine.spend > high.spend else "low-spend" if mine.spend <= low.spend else "mid-spend"
    )
    return recency, frequency, spend


def names_of(columns: Columns) -> dict[int, str]:
    """A unique name for each segment that has members, by segment id."""
    ids = sorted(int(i) for i in np.unique(columns["segment_id"]))
    buying = [i for i in ids if i != NO_PURCHASE]
    found = {i: medians(columns, i) for i in buying}
    low, high = thirds(columns) if buying else (None, None)
    names: dict[int, str] = {}
    for i in buying:
        assert low is not None and high is not None
        names[i] = ", ".join(words(found[i], low, high))
    names = _unique(names, found)
    if NO_PURCHASE in ids:
        names[NO_PURCHASE] = NO_PURCHASE_NAME
    return names


def _unique(names: Mapping[int, str], found: Mapping[int, Medians]) -> dict[int, str]:
    """Add a figure to names that several segments share: their most different median, printed so that it differs."""
    result = dict(names)
    for name in {n for n in names.values() if list(names.values()).count(n) > 1}:
        group = [i for i, other in names.items() if other == name]
        for text in (
            {i: f"{name} (last bought {found[i].recency_days:.0f} days ago)" for i in group},
            {i: f"{name} (bought on {found[i].purchase_days:.0f} days)" for i in group},
            {i: f"{name} (spent {found[i].spend:.3g})" for i in group},
            {
                i: f"{name} (last bought {found[i].recency_days:.1f} days ago, spent {found[i].spend:.6g})"
                for i in group
            },
        ):
            if len(set(text.values())) == len(group):
                result.update(text)
                break
    return result

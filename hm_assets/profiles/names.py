"""Names that hold: every word of a segment's name is a predicate over its members and the base.

Three words: how recent, how often, how much, each a statement about the segment's median member. Segments with the
same words are told apart by a comparison among them (larger baskets, longer ago), else by a figure, so that names
are unique; none depends on the number of a segment.
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from hm_assets.profiles.facts import Columns
from hm_assets.segments.tables import NO_PURCHASE

NO_PURCHASE_NAME = "No purchase yet"
# A third of the base is a relative measure: without a limit in days, a weekly grocer's "Lapsed" came last week.
RECENT_WITHIN_DAYS = LAPSED_AFTER_DAYS = 90
TOP = 0.9
# Medians closer than this say the same to a reader.
CLEARLY_MORE = 1.25


@dataclass(frozen=True)
class Middle:
    """The middle of a segment: medians of its members, and units per order of all of them together."""

    recency_days: float
    purchase_days: float
    spend: float
    basket: float
    customers: int


@dataclass(frozen=True)
class Cuts:
    """Where the base's lower third, upper third and top tenth begin, for each feature that names speak of."""

    recency_days: tuple[float, float, float]
    purchase_days: tuple[float, float, float]
    spend: tuple[float, float, float]


@dataclass(frozen=True)
class Contrast:
    """A comparison between segments: words for less and more, and the figure behind them."""

    less: str
    more: str
    figure: Callable[[Middle], float]
    printed: str

    def words(self, group: Mapping[int, Middle]) -> dict[int, str] | None:
        """The words for two or three segments, or None where the figure does not tell them apart."""
        order = sorted(group, key=lambda i: self.figure(group[i]))
        if len(order) > 3 or self.ratio(group) < CLEARLY_MORE:
            return None
        words = (self.less, "in between", self.more) if len(order) == 3 else (self.less, self.more)
        return dict(zip(order, words, strict=True))

    def ratio(self, group: Mapping[int, Middle]) -> float:
        """The smallest ratio between neighbours; 1 added to each, since a recency of 0 days is a recency."""
        figures = sorted(self.figure(middle) for middle in group.values())
        return min((b + 1) / (a + 1) for a, b in itertools.pairwise(figures))


CONTRASTS = (
    Contrast("more recently", "longer ago", lambda m: m.recency_days, "last bought {:.0f} days ago"),
    Contrast("less often", "more often", lambda m: m.purchase_days, "bought on {:.0f} days"),
    Contrast("smaller baskets", "larger baskets", lambda m: m.basket, "{:.1f} units an order"),
)


def middle(columns: Columns, segment_id: int) -> Middle:
    """The middle of one segment's members."""
    mine = columns["segment_id"] == segment_id
    recency, frequency, spend = (
        float(np.median(columns[name][mine])) for name in ("recency_days", "purchase_days", "spend")
    )
    basket = float(columns["items"][mine].sum() / columns["orders"][mine].sum())
    return Middle(recency, frequency, spend, basket, int(mine.sum()))


def cuts(columns: Columns) -> Cuts:
    """The cuts of all customers with purchases."""
    buyers = columns["segment_id"] != NO_PURCHASE
    levels = (1 / 3, 2 / 3, TOP)
    found = (np.quantile(columns[name][buyers], levels) for name in Cuts.__dataclass_fields__)
    return Cuts(*((float(low), float(high), float(top)) for low, high, top in found))


def words(mine: Middle, base: Cuts) -> tuple[str, str, str]:
    """The words that hold for a segment: recency, frequency, spend."""
    low, high, _ = base.recency_days
    if mine.recency_days <= min(low, RECENT_WITHIN_DAYS):
        recency = "Recent"
    else:
        recency = "Lapsed" if mine.recency_days > max(high, LAPSED_AFTER_DAYS) else "Quieter"
    low, high, _ = base.purchase_days
    if mine.purchase_days <= 1:
        frequency = "one-time"
    elif mine.purchase_days > high:
        frequency = "frequent"
    else:
        frequency = "occasional" if mine.purchase_days <= low else "regular"
    low, high, top = base.spend
    if mine.spend > high:
        spend = "top-spend" if mine.spend > top else "high-spend"
    else:
        spend = "low-spend" if mine.spend <= low < high else "mid-spend"
    return recency, frequency, spend


def names_of(columns: Columns) -> dict[int, str]:
    """A unique name for each segment that has members, by segment id."""
    ids = sorted(int(i) for i in np.unique(columns["segment_id"]))
    names: dict[int, str] = {NO_PURCHASE: NO_PURCHASE_NAME} if NO_PURCHASE in ids else {}
    alike: dict[str, dict[int, Middle]] = defaultdict(dict)
    if buying := [i for i in ids if i != NO_PURCHASE]:
        base = cuts(columns)
        for i in buying:
            mine = middle(columns, i)
            alike[", ".join(words(mine, base))][i] = mine
    for name, group in alike.items():
        if len(group) == 1:
            names[next(iter(group))] = name
        else:
            names |= {i: f"{name} ({suffix})" for i, suffix in suffixes(group).items()}
    return names


def suffixes(group: Mapping[int, Middle]) -> dict[int, str]:
    """What tells segments with the same words apart: the clearest comparison, else a figure, else their order."""
    for contrast in sorted(CONTRASTS, key=lambda contrast: -contrast.ratio(group)):
        if compared := contrast.words(group):
            return compared
    figures = [(contrast.printed, contrast.figure) for contrast in CONTRASTS]
    for text, figure in (
        *figures,
        ("spent {:.3g}", lambda m: m.spend),
        ("{:,} customers", lambda m: m.customers),
    ):
        printed = {i: text.format(figure(mine)) for i, mine in group.items()}
        if len(set(printed.values())) == len(group):
            return printed
    # Nothing that a name speaks of differs.
    order = sorted(group, key=lambda i: (-group[i].spend, group[i].recency_days, -group[i].customers, i))
    return {i: f"twin {place}" for place, i in enumerate(order, 1)}

"""What tells namesakes apart: a comparison among them (larger baskets, longer ago), else a figure."""

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hm_assets.profiles.names.words import Middle

# Medians closer than this say the same to a reader.
CLEARLY_MORE = 1.25


@dataclass(frozen=True)
class Contrast:
    """A comparison between segments: words for less and more, the figure behind them and how it is printed.

    `plus` is added before figures are divided, since a recency of 0 days is a recency.
    """

    less: str
    more: str
    figure: Callable[[Middle], float]
    printed: str
    plus: float = 0.0

    def words(self, group: Mapping[int, Middle]) -> dict[int, str] | None:
        """The words for two or three segments, or None where the figure does not tell them apart."""
        order = sorted(group, key=lambda i: self.figure(group[i]))
        if len(order) > 3 or self.ratio(group) < CLEARLY_MORE:
            return None
        words = (self.less, "in between", self.more) if len(order) == 3 else (self.less, self.more)
        return dict(zip(order, words, strict=True))

    def figures(self, group: Mapping[int, Middle]) -> dict[int, str] | None:
        """The printed figures, or None where two are printed alike."""
        printed = {i: self.printed.format(self.figure(middle)) for i, middle in group.items()}
        return printed if len(set(printed.values())) == len(group) else None

    def ratio(self, group: Mapping[int, Middle]) -> float:
        """The smallest ratio between neighbours."""
        figures = sorted(self.figure(middle) + self.plus for middle in group.values())
        return min(b / a if a > 0 else 1.0 if b <= 0 else math.inf for a, b in itertools.pairwise(figures))


# In this order, and not the clearest first: which of two is clearer changes from month to month.
CONTRASTS = (
    Contrast("more recently", "longer ago", lambda m: m.recency_days, "last bought {:.0f} days ago", plus=1),
    Contrast("less often", "more often", lambda m: m.purchase_days, "bought on {:.0f} days", plus=1),
    Contrast("smaller baskets", "larger baskets", lambda m: m.basket, "{:.1f} units an order"),
    Contrast("cheaper items", "dearer items", lambda m: m.price, "{:.3g} an item"),
    Contrast("known for less", "known for longer", lambda m: m.tenure_days, "known for {:.0f} days", plus=1),
)
MORE_FIGURES = (
    Contrast("", "", lambda m: m.spend_365d, "spent {:.3g} in the year"),
    Contrast("", "", lambda m: m.customers, "{:,.0f} customers"),
)


def suffixes(group: Mapping[int, Middle]) -> dict[int, str]:
    """What tells segments of one name apart: a comparison, else the figure that differs most, else their order."""
    for contrast in CONTRASTS:
        if compared := contrast.words(group):
            return compared
    for contrast in sorted((*CONTRASTS, *MORE_FIGURES), key=lambda contrast: -contrast.ratio(group)):
        if printed := contrast.figures(group):
            return printed
    # Nothing that a name speaks of differs.
    order = sorted(group, key=lambda i: (-group[i].spend_365d, group[i].recency_days, -group[i].customers, i))
    return {i: f"twin {place}" for place, i in enumerate(order, 1)}

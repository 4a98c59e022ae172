"""What tells namesakes apart: a comparison among them (larger baskets, longer ago), else a figure."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hm_assets.profiles.names.words import Middle

# Medians closer than this say the same to a reader.
CLEARLY_MORE = 1.25


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


# In this order, and not the clearest first: which of two is clearer changes from month to month.
CONTRASTS = (
    Contrast("more recently", "longer ago", lambda m: m.recency_days, "last bought {:.0f} days ago"),
    Contrast("less often", "more often", lambda m: m.purchase_days, "bought on {:.0f} days"),
    Contrast("smaller baskets", "larger baskets", lambda m: m.basket, "{:.1f} units an order"),
)


def suffixes(group: Mapping[int, Middle]) -> dict[int, str]:
    """What tells two or more segments of one name apart: a comparison, else a figure, else their order."""
    for contrast in CONTRASTS:
        if compared := contrast.words(group):
            return compared
    figures = [(contrast.printed, contrast.figure) for contrast in CONTRASTS]
    for text, figure in (
        *figures,
        ("spent {:.3g} in the year", lambda m: m.spend_365d),
        ("{:,} customers", lambda m: m.customers),
    ):
        printed = {i: text.format(figure(mine)) for i, mine in group.items()}
        if len(set(printed.values())) == len(group):
            return printed
    # Nothing that a name speaks of differs.
    order = sorted(group, key=lambda i: (-group[i].spend_365d, group[i].recency_days, -group[i].customers, i))
    return {i: f"twin {place}" for place, i in enumerate(order, 1)}

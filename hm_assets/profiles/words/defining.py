"""The facts that tell a segment apart most.

By Cliff's delta against all other segments, which is on one scale for days, units and shares; not by p, which with a
million customers is nothing for every fact. A fact counts where its 95 % interval keeps clear of the base and the
difference is not negligible (0.147, Romano et al. 2006). Facts that say the same, as two counts of orders do, are one
theme, which only its clearest fact speaks for. Places that are left go to tastes, the highest index first.
"""

from collections.abc import Mapping

from hm_assets.profiles.statistics.ranks import DELTA
from hm_assets.profiles.taste.counts import KINDS as TASTES
from hm_assets.profiles.wording import WORDINGS
from hm_assets.profiles.words.pieces import Facts, Piece, Row, fill

MOST = 5
# A difference that a reader sees in the two figures, in points of the index.
VISIBLE = 5
NEGLIGIBLE, SMALL, MEDIUM = DELTA
OF_TASTE = "{{{0}.name}}: index {{{0}.index_to_base}} among their items, all customers 100."
THEMES: Mapping[str, tuple[str, ...]] = {
    "how recently": ("recency_days", "bought_365d"),
    "how often": ("orders", "orders_365d", "bought_once", "gap_days"),
    "how long known": ("tenure_days",),
    "how much": ("spend_365d",),
    "baskets": ("items_per_order", "spend_per_order"),
    "prices": ("price_per_item",),
    "low prices": ("discount_share",),
    "channel": ("online_share",),
    "age": ("age",),
    "messages": ("fashion_news", "active"),
    "club": ("club_active", "club_pre_create", "club_left"),
}


def defining(facts: Facts) -> list[Row]:
    """At most five rows, the largest effect first, then tastes; equal ones by name. Fewer where fewer stand out."""
    each = []
    for names in THEMES.values():
        clear = [row for name in names if (row := facts.get(name)) and tells_apart(row)]
        if clear:
            each.append(min(clear, key=_place))
    tastes = sorted((facts[kind] for kind in TASTES if kind in facts), key=lambda row: -row["index_to_base"])
    return [*sorted(each, key=_place), *tastes][:MOST]


def tells_apart(row: Row) -> bool:
    """The difference is clear, not negligible, and points the same way in the figure and in the effect."""
    effect = row.get("effect")
    if effect is None or abs(effect) < NEGLIGIBLE:
        return False
    visible = row["index_to_base"] is not None and abs(row["index_to_base"] - 100) >= VISIBLE
    return visible and direction(row) == ("more" if effect > 0 else "less")


def direction(row: Row) -> str:
    """Against the base: more, less, or the same where the interval touches it."""
    if row["base"] is None or row["low"] is None:
        return "same"
    if row["low"] > row["base"]:
        return "more"
    return "less" if row["high"] < row["base"] else "same"


def size(effect: float) -> str:
    """An effect in words."""
    return "large" if abs(effect) >= MEDIUM else "medium" if abs(effect) >= SMALL else "small"


def sentence(row: Row) -> list[Piece]:
    """The fact as a sentence, with its base."""
    name = row["fact"]
    if row["kind"] in TASTES:
        return fill(OF_TASTE.format(row["kind"]), {row["kind"]: row}) or []
    ending = f" (a {size(row['effect'])} difference)."
    # A fact that tells apart has a figure and a base, so that nothing is left unsaid.
    return (
        fill(f"{WORDINGS[name].label}: {{{name}}}, all customers {{{name}.base}}{ending}", {name: row}) or []
    )


def _place(row: Row) -> tuple[float, str]:
    return -abs(row["effect"]), row["fact"]

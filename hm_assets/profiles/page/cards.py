"""The top of the page: the finding in a sentence, and a card per segment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hm_assets.profiles.page import links
from hm_assets.profiles.page.month import Month
from hm_assets.profiles.wording import WORDINGS, write_number
from hm_assets.segments.tables import NO_PURCHASE

STATED = ("customers", "share_of_customers", "share_of_spend_365d")
FEATURES = 5
MOST_NAMED = 6
# Columns that a clustering may be made of, in words; others are named as they are.
MADE_OF = {
    "recency_days": "how recently",
    "purchase_days": "how often",
    "spend": "for how much they bought",
    "tenure_days": "how long ago they first bought",
    "mean_gap_days": "how far apart their purchases lie",
    "items_per_order": "how much they put into an order",
    "price_per_item": "at which prices they bought",
    "spend_365d": "for how much they bought in the last year",
    "orders_365d": "how often they ordered in the last year",
    "online_share_365d": "how much of it online",
}


@dataclass(frozen=True)
class Figure:
    """A figure of a card: what it is, how it is written, and its interval."""

    title: str
    text: str
    bounds: str
    fact: str
    value: float


@dataclass(frozen=True)
class Card:
    """A segment in short; `links` are title and file of what says more."""

    segment_id: int
    name: str
    colour: str
    who: str
    figures: Sequence[Figure]
    defining: Sequence[str]
    links: Sequence[tuple[str, str]]


def headline(month: Month) -> str:
    """Who brings the spend, in a sentence."""
    known = [i for i in month.ids if month.value(i, "share_of_spend_365d")]
    if not known:
        who = f"{_count(month.customers, 'customer')} in {_count(len(month.ids), 'segment')}"
        return f"{who}, and no spend in the last 365 days"
    most = known[0]
    spend, share = month.value(most, "share_of_spend_365d"), month.value(most, "share_of_customers")
    if len(month.ids) == 1:
        return f"There is one segment: “{month.short(most)}”, all {month.customers:,} customers"
    assert spend is not None
    of_them = "" if share is None else f" and are {write_number(share, 'share')} of the customers"
    return f"“{month.short(most)}” bring {write_number(spend, 'share')} of the year’s spend{of_them}"


def cards(month: Month) -> list[Card]:
    """Who brings the most spend first; customers without a purchase last."""
    last = [NO_PURCHASE] if NO_PURCHASE in month.names else []
    return [_card(month, i) for i in [*month.ids, *last]]


def made_of(columns: Sequence[str]) -> str:
    """What a clustering went by, in words: `how recently, how often and for how much they bought`.

    Of many columns (a mix of tastes has dozens) those with words are named and the others counted.
    """
    if len(columns) <= MOST_NAMED:
        each = [MADE_OF.get(name, name.replace("_", " ")) for name in columns]
    else:
        each = [MADE_OF[name] for name in columns if name in MADE_OF][:MOST_NAMED]
        others = len(columns) - len(each)
        each.append(f"{others} other features" if each else f"{others} features")
    return each[0] if len(each) == 1 else f"{', '.join(each[:-1])} and {each[-1]}"


def columns_of(champion: Mapping[str, Any]) -> list[str]:
    """The columns of a champion's space."""
    return [coordinate["column"] for coordinate in champion["space"]["coordinates"]]


def _card(month: Month, segment: int) -> Card:
    name = month.names[segment]
    said = {
        kind: [
            row["sentence"]
            for row in sorted(month.words, key=lambda row: int(row["position"]))
            if row["segment_id"] == segment and row["kind"] == kind
        ]
        for kind in ("who", "defining")
    }
    more = [("Playbook", links.playbook(segment, name))]
    if segment != NO_PURCHASE:
        more.append(("Passport", links.passport(segment)))
    return Card(
        segment,
        name,
        month.colour(segment),
        " ".join(said["who"]),
        _figures(month, segment),
        said["defining"][:FEATURES],
        more,
    )


def _figures(month: Month, segment: int) -> list[Figure]:
    found = []
    for name in STATED:
        row = month.facts.get((segment, name))
        if row is None:
            continue
        wording = WORDINGS[name]
        text = write_number(row["value"], wording.style)
        bounds = ""
        if row["low"] is not None and row["high"] is not None:
            low, high = (write_number(row[end], wording.style) for end in ("low", "high"))
            bounds = f"{low} to {high}"
        found.append(Figure(wording.label, text, bounds, name, row["value"]))
    return found


def _count(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'s' if count != 1 else ''}"

"""The decision matrix: IF segment THEN products, template, offer, channel, frequency, each by a rule from its facts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hm_assets.playbooks.facts import ASSET as PROFILES
from hm_assets.playbooks.facts import Profile
from hm_assets.playbooks.strategy import rules as files
from hm_assets.playbooks.strategy.conditions import MEASURES, Known
from hm_assets.playbooks.strategy.tactics import Tactic, reachable, tactics_for
from hm_assets.profiles.fairness.privacy import segments_withheld
from hm_assets.recommendations.lists_for.tables import SEGMENTS as LISTS
from hm_assets.segments.tables import NO_PURCHASE

Row = Mapping[str, Any]
DAYS: Final = 30
CHANNELS: Final = ("email", "app", "shop", "parcel", "post")


@dataclass(frozen=True)
class Month:
    """What the strategies of a month are made of: rows of that month, empty where a table was never made.

    Attributes
    ----------
    profiles
        The segments, without what tells of fewer than twenty customers.
    outlook
        `forecasts/segments`.
    lists, cross_sell, launches
        Of the recommendations.
    """

    profiles: Sequence[Profile]
    outlook: Sequence[Row] = ()
    lists: Sequence[Row] = ()
    cross_sell: Sequence[Row] = ()
    launches: Sequence[Row] = ()

    @property
    def told(self) -> list[Profile]:
        """The segments that something is said of: not small ones, and none that would give one away."""
        sizes = {p.segment_id: int(p.value("customers") or 0) for p in self.profiles}
        hidden = segments_withheld({i: size for i, size in sizes.items() if i != NO_PURCHASE})
        hidden |= segments_withheld({i: size for i, size in sizes.items() if i == NO_PURCHASE})
        return [profile for profile in self.profiles if profile.segment_id not in hidden]

    def measures(self, segment_id: int) -> dict[str, float]:
        """Values of `forecasts/segments` of a segment, for conditions."""
        return {
            name: row["value"] for name, row in self.forecast(str(segment_id)).items() if name in MEASURES
        }

    def forecast(self, segment: str) -> dict[str, Row]:
        """Rows of `forecasts/segments` of a segment (or `all`) by measure, those with a value."""
        return {
            row["measure"]: row
            for row in self.outlook
            if row["segment"] == segment and row["value"] is not None
        }


@dataclass(frozen=True)
class Choice:
    """What a segment gets, before it is written as a row."""

    profile: Profile
    known: Known
    tone: files.Saying
    offer: files.Saying
    template: files.Saying
    frequency: files.Frequency
    days_between: int
    channels: tuple[str, ...]
    tactics: Sequence[Tactic]
    products: Sequence[str] = field(default=())
    products_from: str = PROFILES

    @property
    def channel(self) -> str:
        """The channel that leads: that of the first tactic."""
        return self.tactics[0].channels[0]


def choice(profile: Profile, month: Month, rules: files.Rules) -> Choice:
    """What the rules give a segment."""
    known = Known(profile, month.measures(profile.segment_id))
    frequency = files.first_of(rules.frequency, known)
    products, table = _products(profile, month.lists, rules.limits.products)
    return Choice(
        profile=profile,
        known=known,
        tone=files.first_of(rules.tone, known),
        offer=files.first_of(rules.offer, known),
        template=files.first_of(rules.template, known),
        frequency=frequency,
        days_between=days_between(frequency, profile, rules.limits),
        channels=reachable(CHANNELS, profile, rules.limits),
        tactics=tactics_for(profile, rules, known.measures)[: rules.limits.tactics],
        products=products,
        products_from=table,
    )


def days_between(frequency: files.Frequency, profile: Profile, limits: files.Limits) -> int:
    """Days from contact to contact, within the limits; the cap of a month counts, too."""
    gap = profile.value("gap_days")
    if frequency.days is not None:
        days: float = frequency.days
    else:
        days = (frequency.times_own_gap or 1.0) * gap if gap else DAYS
    least = max(limits.least_days_between, -(-DAYS // limits.contacts_in_30_days))
    return round(min(max(days, least), max(limits.most_days_between, least)))


def budget(month: Month, rules: files.Rules) -> dict[int, tuple[float | None, float]]:
    """Segment -> its share of the predicted value, and of the budget; nothing where there is no forecast.

    Every segment that is told gets the least share, and what is left is shared out by the forecast.
    """
    told = month.told
    values = {p.segment_id: month.forecast(str(p.segment_id)).get(rules.budget.by) for p in told}
    amounts = {i: max(float(row["value"]), 0.0) if row else 0.0 for i, row in values.items()}
    total = sum(amounts.values())
    if not total:
        return {}
    least = min(rules.budget.least_share, 1 / len(told))
    left = 1 - least * len(told)
    return {
        i: (amount / total if values[i] else None, least + left * amount / total)
        for i, amount in amounts.items()
    }


def rows(month: Month, rules: files.Rules) -> list[dict[str, Any]]:
    """The rows of `playbooks/decision_matrix`, without day and month."""
    shares = budget(month, rules)
    return [
        _row(choice(profile, month, rules), shares.get(profile.segment_id), rules) for profile in month.told
    ]


def _row(made: Choice, shares: tuple[float | None, float] | None, rules: files.Rules) -> dict[str, Any]:
    segment = made.profile.segment_id
    chosen = {kind: getattr(made, kind).name for kind in ("tone", "offer", "template", "frequency")}
    return {
        "segment_id": segment,
        "segment_name": made.profile.name,
        "condition": f"segment_id = {segment}",
        "products": json.dumps(list(made.products), ensure_ascii=False),
        "products_from": made.products_from,
        "template": made.template.say,
        "offer": made.offer.say,
        "tone": made.tone.say,
        "channel": files.CHANNELS[made.channel],
        "channels": json.dumps([files.CHANNELS[channel] for channel in made.channels]),
        "email_open": "email" in made.channels,
        "days_between": made.days_between,
        "contacts_in_30_days": rules.limits.contacts_in_30_days,
        "most_contacts": made.frequency.most_contacts,
        "value_share": shares[0] if shares else None,
        "budget_share": shares[1] if shares else None,
        "owner": getattr(rules.owners, made.channel),
        "tactics": json.dumps([tactic.rule for tactic in made.tactics]),
        "rules": json.dumps(chosen, sort_keys=True),
    }


def _products(profile: Profile, lists: Sequence[Row], most: int) -> tuple[list[str], str]:
    """What to show: the segment's list, else the categories that it over-buys."""
    mine = sorted(
        (row for row in lists if row["segment_id"] == profile.segment_id), key=lambda row: row["rank"]
    )
    if mine:
        return [f"{row['name'] or 'without a name'} ({row['article_id']})" for row in mine[:most]], LISTS.path
    return [fact.name for fact in profile.categories[:most]], PROFILES

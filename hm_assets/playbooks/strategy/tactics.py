"""From facts to tactics, by the rules of the rules file (`strategy/rules.toml`), which a marketer can read and change.

A rule fires on how a segment differs from all customers who have bought, and only where the 95 % interval
keeps clear of them. One tactic per theme, so that no two contradict each other. Where the group stands in a
customer's life comes first, then the rest by how far the triggering fact lies from the base. E-mail is
advised only where most of the group gets the fashion news. No rule promises an effect: the data holds no
campaign to learn one from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hm_assets.playbooks.facts import Fact, Profile
from hm_assets.playbooks.strategy import rules as files
from hm_assets.playbooks.strategy.conditions import Known

LEAST: Final = 3
MOST: Final = 5
TOP_CATEGORIES: Final = 3
CATEGORIES: Final = "{categories}"
PLACES: Final = ("first", "by difference", "later", "fill up")


@dataclass(frozen=True)
class Tactic:
    """One thing to do, the facts that call for it, where to do it, and the number to watch."""

    rule: str
    title: str
    action: str
    because: tuple[Fact, ...]
    channels: tuple[str, ...]
    measure: str
    reason: str = ""

    @property
    def why(self) -> str:
        """The triggering facts as text, with their figures, then the reason that is no figure."""
        reasons = [fact.sentence() for fact in self.because]
        return "; ".join([*reasons, self.reason] if self.reason else reasons)

    @property
    def channel(self) -> str:
        """The channels as text, the first one leading."""
        text = ", ".join(files.CHANNELS[channel] for channel in self.channels)
        return text[:1].upper() + text[1:]


def tactics_for(
    profile: Profile, rules: files.Rules | None = None, measures: Mapping[str, float] | None = None
) -> list[Tactic]:
    """Three to five tactics for a segment, the most relevant first.

    Parameters
    ----------
    profile
        The segment.
    rules
        Those of the rules file; None: as shipped.
    measures
        The segment's values of `forecasts/segments`, for the conditions that name one.
    """
    rules, known = rules or files.default(), Known(profile, measures or {})
    chosen: dict[str, tuple[int, float, Tactic]] = {}
    for rule in rules.tactic:
        if rule.theme in chosen or not rule.applies(known):
            continue
        tactic = _tactic(rule, profile, rules.limits)
        if tactic.channels:
            distance = max((fact.distance for fact in tactic.because), default=0.0)
            chosen[rule.theme] = (PLACES.index(rule.place), -distance, tactic)
    ranked = sorted(chosen.values(), key=lambda entry: entry[:2])
    filler = PLACES.index("fill up")
    called_for = [tactic for place, _, tactic in ranked if place < filler][:MOST]
    fillers = [tactic for place, _, tactic in ranked if place == filler]
    return called_for + fillers[: max(0, LEAST - len(called_for))]


def cited(names: Sequence[str], profile: Profile) -> tuple[Fact, ...]:
    """The facts that a rule cites, where they point its way: `+fact` above the base, `-fact` below, `fact` anyhow."""
    found = []
    for name in names:
        fact = profile.get(name.lstrip("+-"))
        wanted = {"+": "more", "-": "less"}.get(name[0])
        if fact is not None and wanted in (None, fact.direction):
            found.append(fact)
    return tuple(found)


def reachable(channels: Sequence[str], profile: Profile, limits: files.Limits) -> tuple[str, ...]:
    """The channels that exist for this group: no e-mail without consent, no parcel without an order."""
    news = profile.value("fashion_news")
    closed = set()
    if news is None or news < limits.email_from_share:
        closed.add("email")
    if not profile.has_bought:
        closed.add("parcel")
    open_channels = [channel for channel in channels if channel not in closed]
    online = profile.value("online_share")
    if online is not None and online < limits.shop_first_below_online_share:
        open_channels.sort(key=lambda channel: channel != "shop")
    return tuple(open_channels)


def listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _tactic(rule: files.Tactic, profile: Profile, limits: files.Limits) -> Tactic:
    because, action = cited(rule.because, profile), rule.action
    if CATEGORIES in action:
        tops = profile.categories[:TOP_CATEGORIES]
        because = because + tops
        action = action.replace(
            CATEGORIES, listed([fact.name for fact in tops]) if tops else "what they like"
        )
    channels = reachable(rule.channels, profile, limits)
    return Tactic(rule.name, rule.title, action, because, channels, rule.measure, rule.reason)

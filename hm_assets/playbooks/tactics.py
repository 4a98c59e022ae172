"""From facts to tactics: a table of rules that a marketer can read and argue with.

A rule fires on how a segment differs from all customers who have bought, and only where the 95 % interval
keeps clear of them. One tactic per theme, so that no two contradict each other. Where the group stands in a
customer's life comes first, then the rest by how far the triggering fact lies from the base. E-mail is
advised only where most of the group gets the fashion news. No rule promises an effect: the data holds no
campaign to learn one from.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from hm_assets.playbooks.facts import Fact, Profile

LEAST: Final = 3
MOST: Final = 5
TOP_CATEGORIES: Final = 3
AWAY_DAYS: Final = 60  # nobody is won back sooner, however often the others buy
NEWS_IS_COMMON: Final = 0.5  # from this share on, e-mail reaches most of the group
SHOP_FIRST: Final = 0.5  # below this share of orders online, the shop is named before the app

Test = Callable[[Profile], bool]
Theme = Literal["life", "value", "category", "place", "consent", "club", "regular", "listen"]


class Channel(StrEnum):
    """Where a customer can be reached. What reached whom is not in the data; consent is, as fashion news."""

    APP = "app and website"
    EMAIL = "e-mail (fashion news)"
    SHOP = "shop"
    PARCEL = "note in the parcel"
    POST = "post"


@dataclass(frozen=True)
class Tactic:
    """One thing to do, the facts that call for it, where to do it, and the number to watch."""

    rule: str
    title: str
    action: str
    because: tuple[Fact, ...]
    channels: tuple[Channel, ...]
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
        text = ", ".join(self.channels)
        return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class Rule:
    """A row of the table. Rank 0 comes first, 1 by distance from the base, 2 after that, 3 only fills up.

    `because` names the facts to cite: `+fact` where it lies above the base, `-fact` below, `fact` anyhow.
    `{categories}` in the action becomes the names of the over-indexed categories.
    """

    name: str
    theme: Theme
    rank: int
    applies: Test
    because: tuple[str, ...]
    title: str
    action: str
    channels: tuple[Channel, ...]
    measure: str
    reason: str = ""


def above(fact: str, index: float) -> Test:
    """The fact's index is at least this, and its interval lies above the base."""

    def test(profile: Profile) -> bool:
        found = profile.get(fact)
        return (
            found is not None
            and found.index_to_base is not None
            and found.direction == "more"
            and found.index_to_base >= index
        )

    return test


def below(fact: str, index: float) -> Test:
    """The fact's index is at most this, and its interval lies below the base."""

    def test(profile: Profile) -> bool:
        found = profile.get(fact)
        return (
            found is not None
            and found.index_to_base is not None
            and found.direction == "less"
            and found.index_to_base <= index
        )

    return test


def at_least(fact: str, value: float) -> Test:
    """The fact's own figure is at least this."""
    return lambda profile: (found := profile.value(fact)) is not None and found >= value


def less_than(fact: str, value: float) -> Test:
    """The fact's own figure is less than this."""
    return lambda profile: (found := profile.value(fact)) is not None and found < value


def either(*tests: Test) -> Test:
    """One of the tests holds."""
    return lambda profile: any(test(profile) for test in tests)


def every(*tests: Test) -> Test:
    """All of the tests hold."""
    return lambda profile: all(test(profile) for test in tests)


def buyers(*tests: Test) -> Test:
    """The group has bought, and all tests hold."""
    return every(lambda profile: profile.has_bought, *tests)


def not_yet_buyers(profile: Profile) -> bool:
    """The group without a purchase."""
    return not profile.has_bought


def anybody(_: Profile) -> bool:
    """Every group."""
    return True


NEWS_IS_RARE: Final = less_than("fashion_news", NEWS_IS_COMMON)

# Within a theme the first rule that applies wins.
RULES: Final = (
    Rule(
        "welcome",
        "life",
        0,
        not_yet_buyers,
        ("customers",),
        "Make the first purchase easy",
        "Greet them with a short guide: best-sellers, sizes, delivery and returns. "
        "Lead with what to wear, not with a price cut.",
        (Channel.APP, Channel.EMAIL, Channel.SHOP),
        "Share of this group with a first order within 60 days",
        "None of them has bought yet.",
    ),
    Rule(
        "win_back",
        "life",
        0,
        buyers(
            either(
                every(above("recency_days", 150), at_least("recency_days", AWAY_DAYS)),
                below("bought_365d", 50),
            )
        ),
        ("+recency_days", "-bought_365d"),
        "Win them back with what is new",
        "Show what has come in since their last order, in the categories they used to buy, and ask once "
        "what kept them away. Stop after two unanswered contacts.",
        (Channel.APP, Channel.EMAIL, Channel.POST),
        "Share of this group that orders again within 60 days",
    ),
    Rule(
        "second_purchase",
        "life",
        0,
        buyers(at_least("bought_365d", 0.5), less_than("orders", 3), below("orders", 75)),
        ("orders", "bought_365d"),
        "Help them to the second order",
        "Within a month of an order, show two or three pieces that go with what they bought, "
        "with their size chosen.",
        (Channel.PARCEL, Channel.APP, Channel.EMAIL),
        "Share of this group with a further order within 60 days",
    ),
    Rule(
        "keep_the_rhythm",
        "life",
        0,
        buyers(below("recency_days", 67), above("orders", 150)),
        ("-recency_days", "+orders"),
        "Keep the rhythm they already have",
        "Give them a reason to look in between orders: new arrivals first, restocked favourites, "
        "and no reminder in the days after an order.",
        (Channel.APP, Channel.EMAIL, Channel.SHOP),
        "Orders per customer in the next 90 days",
    ),
    Rule(
        "vip_service",
        "value",
        1,
        buyers(above("spend_365d", 200)),
        ("spend_365d",),
        "Early access and service, not a discount",
        "Open new collections to them two days early and answer their questions first. "
        "Discounts and margins are not in the data, so give time and service, not a price cut.",
        (Channel.APP, Channel.EMAIL, Channel.SHOP),
        "Spend per customer (price index) in the next 90 days",
    ),
    Rule(
        "whole_outfits",
        "value",
        1,
        buyers(above("items_per_order", 125)),
        ("items_per_order",),
        "Show whole outfits",
        "They fill a basket at a time: present complete looks, and let all pieces go into the basket "
        "with one tap.",
        (Channel.APP, Channel.SHOP),
        "Items per order in the next 90 days",
    ),
    Rule(
        "one_more_piece",
        "value",
        1,
        buyers(either(below("items_per_order", 80), below("spend_per_order", 80))),
        ("-items_per_order", "-spend_per_order"),
        "Suggest the piece that goes with it",
        "Their orders are small: on the product page and at the till, show one matching piece, not ten.",
        (Channel.APP, Channel.SHOP),
        "Items per order in the next 90 days",
    ),
    Rule(
        "feature_categories",
        "category",
        1,
        buyers(lambda profile: bool(profile.categories)),
        (),
        "Lead with what they over-buy",
        "Put {categories} at the top of what this group sees, and check stock before it goes out.",
        (Channel.APP, Channel.EMAIL, Channel.SHOP),
        "Share of their items that comes from these categories",
    ),
    Rule(
        "online_first",
        "place",
        1,
        buyers(at_least("online_share", 0.6), above("online_share", 110)),
        ("online_share",),
        "Talk to them in the app first",
        "Plan the campaign for the small screen: message, landing page and basket in the app; "
        "the shop window comes second.",
        (Channel.APP,),
        "Online orders per customer in the next 90 days",
    ),
    Rule(
        "shop_first",
        "place",
        1,
        buyers(less_than("online_share", 0.6), below("online_share", 90)),
        ("online_share",),
        "Meet them in the shop",
        "Give shop staff the same offer and story as the website, and let customers reserve online "
        "what they collect in the shop.",
        (Channel.SHOP, Channel.APP),
        "Shop orders per customer in the next 90 days",
    ),
    Rule(
        "ask_consent",
        "consent",
        1,
        NEWS_IS_RARE,
        ("fashion_news",),
        "Ask for permission before writing",
        "Most of them do not get the fashion news. Ask at the next contact, say what they will "
        "receive and how often, and leave e-mail out of the plan until they say yes.",
        (Channel.APP, Channel.SHOP, Channel.PARCEL),
        "Share of this group that gets the fashion news",
    ),
    Rule(
        "newsletter",
        "consent",
        1,
        buyers(at_least("fashion_news", NEWS_IS_COMMON), above("fashion_news", 110)),
        ("fashion_news",),
        "Use the newsletter they asked for",
        "Write one edition of the fashion news for this group, with its own opening and its own pictures.",
        (Channel.EMAIL,),
        "Orders per customer in the 14 days after an edition",
    ),
    Rule(
        "join_the_club",
        "club",
        2,
        below("club_active", 90),
        ("club_active",),
        "Invite them into the club",
        "Offer membership where they decide, at the till and in the basket: one sentence, one tap.",
        (Channel.APP, Channel.SHOP),
        "Share of this group that is an active club member",
    ),
    Rule(
        "ask_taste",
        "listen",
        3,
        anybody,
        (),
        "Ask what they would like to see",
        "Put one question to a hundred of them: what did you look for and not find? "
        "Their words decide the next message.",
        (Channel.APP, Channel.SHOP),
        "Number of answers, and what they name most",
        "The data holds what was bought, not what was looked for.",
    ),
    Rule(
        "regular_programme",
        "regular",
        3,
        buyers(),
        (),
        "Otherwise keep to the regular programme",
        "Spend no extra effort beyond this: the same assortment and news as for everybody, "
        "until a figure moves.",
        (Channel.APP, Channel.SHOP),
        "Orders per customer in the next 90 days",
        "Nothing else sets this group clearly apart from all customers.",
    ),
    Rule(
        "permission",
        "consent",
        3,
        anybody,
        (),
        "Keep permissions up to date",
        "Confirm at the next contact which news they want and where. It keeps every later message welcome.",
        (Channel.APP, Channel.SHOP),
        "Share of this group with a permission on file",
        "E-mail is open only to those who asked for the fashion news.",
    ),
)


def tactics_for(profile: Profile) -> list[Tactic]:
    """Three to five tactics for a segment, the most relevant first."""
    chosen: dict[Theme, tuple[int, float, Tactic]] = {}
    for rule in RULES:
        if rule.theme not in chosen and rule.applies(profile):
            tactic = _tactic(rule, profile)
            distance = max((fact.distance for fact in tactic.because), default=0.0)
            chosen[rule.theme] = (rule.rank, -distance, tactic)
    ranked = sorted(chosen.values(), key=lambda entry: entry[:2])
    called_for = [tactic for rank, _, tactic in ranked if rank < 3][:MOST]
    fillers = [tactic for rank, _, tactic in ranked if rank == 3]
    return called_for + fillers[: max(0, LEAST - len(called_for))]


def _tactic(rule: Rule, profile: Profile) -> Tactic:
    because = tuple(fact for name in rule.because if (fact := _cited(name, profile)) is not None)
    action = rule.action
    if rule.theme == "category":
        because = profile.categories[:TOP_CATEGORIES]
        action = action.replace("{categories}", _listed([fact.name for fact in because]))
    return Tactic(
        rule.name, rule.title, action, because, _reachable(rule.channels, profile), rule.measure, rule.reason
    )


def _cited(name: str, profile: Profile) -> Fact | None:
    fact = profile.get(name.lstrip("+-"))
    wanted = {"+": "more", "-": "less"}.get(name[0])
    return fact if fact is not None and wanted in (None, fact.direction) else None


def _reachable(channels: tuple[Channel, ...], profile: Profile) -> tuple[Channel, ...]:
    """The channels that exist for this group: no e-mail without consent, no parcel without an order."""
    news = profile.value("fashion_news")
    closed = set()
    if news is None or news < NEWS_IS_COMMON:
        closed.add(Channel.EMAIL)
    if not profile.has_bought:
        closed.add(Channel.PARCEL)
    open_channels = [channel for channel in channels if channel not in closed]
    online = profile.value("online_share")
    if online is not None and online < SHOP_FIRST:
        open_channels.sort(key=lambda channel: channel != Channel.SHOP)
    return tuple(open_channels)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

"""What the files say in sentences, the finding first; a sentence whose figure is not in the data is left out."""

from dataclasses import replace
from typing import Final

from hm_assets.forecasts.decisions.tables import BUDGETS
from hm_assets.playbooks.facts import NO_PURCHASE
from hm_assets.playbooks.files.contents import Contents
from hm_assets.playbooks.metrics.figure import ALL, Figure, Sentence
from hm_assets.playbooks.showing import KIND as LISTED
from hm_assets.recommendations.lists_for.tables import SEGMENTS as LISTS

Part = str | Figure | None
LATER_SPEND: Final = "later later_spend welch_anova"
"""The test of spend in the 90 days after, over all segments."""


def join(*parts: Part) -> Sentence | None:
    """A sentence, or None where a part of it is missing."""
    return None if None in parts else [part for part in parts if part is not None]


def told(*sentences: Sentence | None) -> list[Sentence]:
    """Those that can be said."""
    return [sentence for sentence in sentences if sentence is not None]


def between(c: Contents, segment: str, fact: str, ends: tuple[str, str] = ("low", "high")) -> list[Part]:
    """A figure with its interval: `98 % (91 % to 100 %)`."""
    value, low, high = (c.get(segment, fact, which) for which in ("value", *ends))
    if value is None or low is None or high is None:
        return [value]
    return [value, " (", low, " to ", high, ")"]


def finding(c: Contents) -> Sentence:
    """Who brings most spend for their number, over all segments."""
    pairs = [
        (spend, share, segment)
        for segment in c.buyers
        if (spend := c.get(segment, "share_of_spend_365d"))
        and (share := c.get(segment, "share_of_customers"))
    ]
    if not pairs:
        return ["The segments of this month."]
    spend, share, segment = max(pairs, key=lambda pair: pair[0].value - pair[1].value)
    return [spend, " of the year’s spend comes from ", share, f" of customers: “{c.name(segment)}”."]


def scope(c: Contents) -> list[Sentence]:
    """How many customers, articles and purchases, of which time."""
    many = c.store.value(ALL, "months")
    return told(
        join(
            c.get(ALL, "customers on file", "rows"),
            " customers are on file, with ",
            c.get(ALL, "units sold", "rows"),
            " units bought in ",
            c.get(ALL, "months"),
            " month, up to the day below." if many == 1 else " months, up to the day below.",
        ),
        join(c.get(ALL, "articles", "rows"), " articles are in the range."),
    )


def size(c: Contents, segment: str) -> Sentence | None:
    """What share of customers brings what share of spend."""
    share, spend = (c.get(segment, fact) for fact in ("share_of_customers", "share_of_spend_365d"))
    if segment == str(NO_PURCHASE):
        return join(c.get(segment, "customers"), " customers on file have not bought yet.")
    return join(share, " of customers bring ", spend, " of the year’s spend.") or join(
        share, " of customers."
    )


def outlook(c: Contents, segment: str) -> list[Sentence]:
    """What is expected of them, with 80 % intervals."""
    who = "all customers" if segment == ALL else "them"
    value = "value_12m_sum" if segment == ALL else "value_12m"
    each = "Together they are" if segment == ALL else "Each is"
    return told(
        join(*between(c, segment, "ordering_90d"), f" of {who} are expected to order within 90 days."),
        join(
            f"{each} expected to spend ",
            *between(c, segment, value),
            " in the next 12 months, in the price index.",
        ),
    )


def future_size(c: Contents, segment: str) -> Sentence | None:
    """How many they will be in a month."""
    fact = "size_in_1_months"
    customers, low, high = (c.get(segment, fact, which) for which in ("customers", "low_80", "high_80"))
    return join(customers, " customers are expected in a month (", low, " to ", high, ").")


def products(c: Contents, segment: str, most: int) -> list[Sentence]:
    """What to promote: the lines of the strategy, else the articles that they over-buy, best first."""
    said = c.said(segment, "product", most)
    if said:
        return list(said)
    listed = [
        figure
        for figure in c.store.figures.values()
        if (figure.asset, figure.segment, figure.kind, figure.field) == (LISTS.path, segment, LISTED, "low")
    ]
    best = sorted(listed, key=lambda figure: (-figure.value, figure.fact))[:most]
    return told(
        *(join(f"{low.label}: ", c.get(segment, low.fact, "lift"), " × everybody’s share") for low in best)
    )


def lists_judged(c: Contents) -> list[Sentence]:
    """How good the lists were against the best sellers."""
    return told(
        join(
            "Recommendations: MAP@12 ",
            *between(c, ALL, "map_at_12 shipped"),
            " on past weeks; the best sellers alone reach ",
            *between(c, ALL, "map_at_12 bestsellers"),
            ", chance ",
            c.get(ALL, "map_at_12 random"),
            ".",
        )
    )


def forecasts_judged(c: Contents) -> list[Sentence]:
    """How good the forecasts were against plain rules."""
    return told(
        join(
            "Who orders within 90 days: AUC ",
            *between(c, ALL, "auc chosen 90d"),
            " on a past day; the days since the last order alone reach ",
            *between(c, ALL, "auc recency 90d"),
            ", chance ",
            c.get(ALL, "auc base_rate 90d"),
            ".",
        ),
        join(
            "The chances told are off by ",
            c.get(ALL, "ece chosen 90d"),
            " on average (calibration error; the same chance for everybody: ",
            c.get(ALL, "ece base_rate 90d"),
            ").",
        ),
    )


def segments_judged(c: Contents) -> list[Sentence]:
    """How the segments were chosen, and how far they are more than chance would make."""
    return told(
        join(
            c.get(ALL, "candidates"),
            " clusterings of ",
            c.get(ALL, "algorithms"),
            " algorithms were tried on the same customers.",
        ),
        join(
            "Drawn again from other samples, the segments come out the same: ",
            c.get(ALL, "chosen", "stability"),
            " of 1 (Jaccard); on data without segments ",
            c.get(ALL, "chosen", "null_stability"),
            ".",
        ),
        join(
            "Separation (silhouette): ",
            c.get(ALL, "chosen", "silhouette"),
            ", where 0 is none and 1 the most.",
        ),
    )


def later(c: Contents) -> list[Sentence]:
    """What the segments say of the time after they were made."""
    effect, low, high, chance = (
        c.get(ALL, LATER_SPEND, which) for which in ("effect", "low", "high", "null_effect")
    )
    return told(
        join(
            "Which segment a customer is in explains ",
            effect,
            " (",
            low,
            " to ",
            high,
            ") of the differences in spend of the 90 days after; segments drawn by lot explain ",
            chance,
            ".",
        )
    )


def worth(c: Contents, percent: int) -> Sentence | None:
    """Whom a budget reaches, best first, and what that would be worth if the assumptions hold."""
    value, low, high = (
        c.store.figures.get((BUDGETS.path, ALL, "budget", f"value_at_risk {percent}", field))
        for field in ("profit", "profit_low", "profit_high")
    )
    reached = c.get(ALL, f"value_at_risk {percent}", "customers")
    said = join(
        "With the smallest budget tried, ",
        reached,
        " customers are reached, those first whose spend is most at risk.",
    )
    if value is None or low is None or high is None or said is None:
        return said
    plain = [replace(figure, assumption=False) for figure in (value, low, high)]
    return [
        *said,
        " Assumption, not a result: that would be worth ",
        plain[0],
        " mean orders (",
        plain[1],
        " to ",
        plain[2],
        ").",
    ]


def assumptions(c: Contents) -> str:
    """What the worth of a budget rests on, as its table says it; empty where there is none."""
    found = (f.label for f in c.store.figures.values() if f.asset == BUDGETS.path and f.assumption)
    return next(found, "")

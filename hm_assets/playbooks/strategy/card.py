"""The strategy card of a segment: channel, tone, offer, frequency, products, tactics, outcome, budget and owner."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hm_assets.playbooks.facts import Fact
from hm_assets.playbooks.metrics.figure import Figure, Sentence
from hm_assets.playbooks.showing import article
from hm_assets.playbooks.strategy import rules as files
from hm_assets.playbooks.strategy.assumptions import BREAK_EVEN
from hm_assets.playbooks.strategy.figures import (
    because,
    between,
    of_assumption,
    of_fact,
    of_launch,
    of_plan,
    told,
)
from hm_assets.playbooks.strategy.matrix import Choice, Month
from hm_assets.playbooks.strategy.tactics import Tactic, cited
from hm_assets.profiles.fairness.privacy import Amount
from hm_assets.profiles.wording import Style

Row = Mapping[str, Any]
MOST_LAUNCHES: Final = 2
ASSUMED: Final = ("spend", "kept", "value")
FROM_FACTS: Final = ""
# What follows the deed in a line of tactics.
WHY: Final = " Why: "
WHERE: Final = " Where: "


@dataclass(frozen=True)
class Line:
    """A line of a strategy: the part it belongs to, what it says, and the rule that gave it."""

    part: str
    sentence: Sentence
    rule: str = FROM_FACTS
    is_assumed: bool = False

    @property
    def assumption(self) -> bool:
        """Whether it, or a figure in it, is assumed."""
        return self.is_assumed or any(
            isinstance(piece, Figure) and piece.assumption for piece in self.sentence
        )


def lines(
    made: Choice, month: Month, plan: Row, assumed: Sequence[Row], rules: files.Rules
) -> Iterator[Line]:
    """The card, part by part.

    Parameters
    ----------
    plan
        The segment's row of `playbooks/decision_matrix`.
    assumed
        Its rows of `playbooks/assumptions`.
    """
    yield from _channel(made, rules)
    for kind, rule in (("tone", made.tone), ("offer", made.offer)):
        yield Line(kind, saying(rule, made), rule.name)
    yield _frequency(made, plan)
    yield from _products(made, month)
    yield from (Line("tactic", _tactic(tactic), tactic.rule) for tactic in made.tactics)
    yield from _outcome(assumed)
    yield _budget(plan)
    yield Line(
        "owner", [f"{plan['owner']}: answers for the channel that leads, {plan['channel']}."], "owners"
    )


def saying(rule: files.Saying, made: Choice) -> Sentence:
    """What a rule says, with the facts it cites before its full stop."""
    names = [fact.name for fact in made.profile.categories[:3]]
    said = rule.say.replace("{categories}", ", ".join(names) or "what they like")
    facts = because(cited(rule.because, made.profile))
    return [said.removesuffix("."), *facts, "."] if facts else [said]


def _channel(made: Choice, rules: files.Rules) -> Iterator[Line]:
    first, *others = [files.CHANNELS[name] for name in made.channels]
    lead = files.CHANNELS[made.channel]
    others = [name for name in (first, *others) if name != lead]
    also = f" Also open: {', '.join(others)}." if others else ""
    yield Line("channel", [f"{lead[:1].upper()}{lead[1:]} first.{also}"])
    news, online = made.profile.get("fashion_news"), made.profile.get("online_share")
    if news is None:
        yield Line("channel", ["E-mail is not planned: who gets the fashion news is not in the data."])
    else:
        planned = (
            "E-mail to those who asked for it: "
            if "email" in made.channels
            else "E-mail only to those who asked for it, too few to plan it for the group: "
        )
        said: list[str | Figure] = [planned, of_fact(news), " get the fashion news"]
        yield Line("channel", [*said, *_of_all(news), "."])
    if online is not None:
        yield Line("channel", [of_fact(online), " of their orders are placed online", *_of_all(online), "."])


def _of_all(fact: Fact) -> list[str | Figure]:
    if fact.base is None or fact.index_to_base is None:
        return []
    return [", of all customers ", of_fact(fact, "base")]


def _frequency(made: Choice, plan: Row) -> Line:
    gap = made.profile.get("gap_days")
    said: list[str | Figure] = ["Every ", of_plan(plan, "days_between", "days"), f", {made.frequency.say}"]
    if gap is not None and made.frequency.days is None:
        said += [" (half of them order again within ", of_fact(gap), _held(made, gap.value), ")"]
    cap = of_plan(plan, "contacts_in_30_days", "count")
    return Line("frequency", [*said, "; never more than ", cap, " in 30 days."], made.frequency.name)


def _held(made: Choice, gap: float) -> str:
    """What keeps the plan from following their rhythm: a limit of the rules file; empty where it follows it."""
    rhythm = round((made.frequency.times_own_gap or 1.0) * gap)
    if made.days_between == rhythm:
        return ""
    return "; no plan waits longer" if made.days_between < rhythm else "; no plan comes sooner"


def _products(made: Choice, month: Month) -> Iterator[Line]:
    mine = [row for row in month.lists if row["segment_id"] == made.profile.segment_id]
    for row in sorted(mine, key=lambda row: row["rank"])[: len(made.products)]:
        yield Line("product", [*article(row), "."])
    if not mine and made.profile.categories:
        for fact in made.profile.categories[: len(made.products)]:
            yield Line("product", [*told(fact), " among their items (all customers: 100)."])
    elif not mine:
        yield Line("product", ["Nothing that they buy more of than everybody is sure enough to be named."])
    yield from _launches(made, month)


def _launches(made: Choice, month: Month) -> Iterator[Line]:
    """Articles without a sale yet that this segment is likeliest to buy."""
    mine = [
        row
        for row in month.launches
        if row["segment_id"] == made.profile.segment_id
        and row["rank"] == 1
        and row["expected_per_1000"]
        and row["over_index"] > 1
    ]
    for row in sorted(mine, key=lambda row: (-row["expected_per_1000"], row["article_key"]))[:MOST_LAUNCHES]:
        expected = of_launch(row, "expected_per_1000")
        said: list[str | Figure] = [f"Not on sale yet: {expected.label}; expected ", expected]
        said.append(" buyers per 1,000 members in its first 28 days")
        if row["low_per_1000"] is not None and row["high_per_1000"] is not None:
            ends = between(of_launch(row, "low_per_1000"), of_launch(row, "high_per_1000"))
            said += [" (", *ends, ", 80 % interval)"]
        yield Line("product", [*said, "; more than of any other segment."])


def _tactic(tactic: Tactic) -> Sentence:
    said: list[str | Figure] = [f"{tactic.title}. {tactic.action}"]
    why = [told(fact) for fact in tactic.because]
    if why or tactic.reason:
        said.append(WHY)
        for place, part in enumerate(why):
            said += ["; " if place else "", *part]
        said.append(f"{'; ' if why else ''}{tactic.reason}" if tactic.reason else ".")
    return [*said, f"{WHERE}{tactic.channel}. Watch: {tactic.measure}."]


def _outcome(assumed: Sequence[Row]) -> Iterator[Line]:
    by_measure = {row["measure"]: row for row in assumed}
    for measure in ASSUMED:
        row = by_measure.get(measure)
        if row is None:
            continue
        ends = between(of_assumption(row, "low", "share"), of_assumption(row, "high", "share"))
        named = "Assumption after what was measured: " if row["campaigns"] else "Assumption: "
        said: list[str | Figure] = [named, *ends, f" {row['of']}"]
        if row["unit"] != "customers" or not Amount(row["base"]).is_small():
            style: Style = "count" if row["unit"] == "customers" else "number"
            results = between(
                of_assumption(row, "result_low", style), of_assumption(row, "result_high", style)
            )
            said += [": ", *results, f" {row['unit']}" if style == "count" else ", in the price index"]
        yield Line("outcome", [*said, *_before(row), "."], row["source"])
    if BREAK_EVEN in by_measure:
        row = by_measure[BREAK_EVEN]
        said = ["Assumption on cost: ", of_assumption(row, "low", "share"), f" {row['of']}"]
        if row["low"] > 1:
            said = [
                "Assumption on cost: the contacts of a year do not pay. Spend would have to more than double"
            ]
        yield Line("outcome", [*said, "."], row["source"], is_assumed=True)
    if not by_measure:
        yield Line(
            "outcome", ["Not in the data: without a forecast there is nothing to start an assumption from."]
        )


def _before(row: Row) -> Iterator[str | Figure]:
    """What was assumed before campaigns were measured, and what they say alone."""
    if not row["campaigns"]:
        return
    yield "; before it was "
    yield from between(*(of_assumption(row, f"prior_{end}", "share") for end in ("low", "high")))
    many = "one campaign" if row["campaigns"] == 1 else "several campaigns together"
    yield f", and {many} with a group left out measured "
    yield of_assumption(row, "measured", "share")


def _budget(plan: Row) -> Line:
    if plan["budget_share"] is None:
        return Line(
            "budget", ["Not in the data: without a forecast of value there is nothing to share out by."]
        )
    said: list[str | Figure] = [
        of_plan(plan, "budget_share", "share", assumption=True),
        " of the budget (assumption: ",
    ]
    said.append("shared out by predicted value, and something for every segment); ")
    if plan["value_share"] is None:
        return Line("budget", [*said, "nothing is predicted for them."], "budget")
    said.append("their share of that value is ")
    return Line("budget", [*said, of_plan(plan, "value_share", "share"), "."], "budget")

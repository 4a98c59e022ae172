"""What else a strategy says: who they are, what changed, how to keep them, how to grow them, their journey."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, Final

from hm_assets.forecasts.by_segment.withheld import of_few
from hm_assets.playbooks.facts import Fact
from hm_assets.playbooks.metrics.figure import Figure
from hm_assets.playbooks.outlook import LATE, TOO_FEW
from hm_assets.playbooks.strategy import rules as files
from hm_assets.playbooks.strategy.card import Line, saying
from hm_assets.playbooks.strategy.figures import (
    of_fact,
    of_forecast,
    of_gap,
    of_journey,
)
from hm_assets.playbooks.strategy.journey import EVERYBODY
from hm_assets.playbooks.strategy.matrix import Choice, Month
from hm_assets.profiles.facts import NOT_IN_DATA
from hm_assets.profiles.fairness.privacy import Amount
from hm_assets.profiles.words.pieces import Piece

Row = Mapping[str, Any]
SAID: Final = ("who", "defining", "strength", "pain")
MOST_GAPS: Final = 2
MOST_FLOWS: Final = 2
ORDINALS: Final = {"1": "first", "2": "second", "3": "third", "5": "fifth", "10": "tenth"}
BEFORE: Final = {"2": "1", "3": "2", "5": "3", "10": "5"}


def described(words: Sequence[Row], known: Mapping[tuple[str, str], Fact]) -> Iterator[Line]:
    """Who they are, what tells them apart, strengths and pains: the sentences of `profiles/segment_words`.

    Parameters
    ----------
    words
        The segment's rows.
    known
        Its facts by kind and name.
    """
    for row in sorted(words, key=lambda row: (row["kind"], row["position"])):
        if row["kind"] in SAID:
            pieces = [Piece.from_json(piece) for piece in json.loads(row["pieces"])]
            yield Line(row["kind"], [_figure(piece, known) for piece in pieces])


def changed(made: Choice, journey: Sequence[Row]) -> Iterator[Line]:
    """What is different from a month ago."""
    customers = made.profile.get("customers")
    size = [row for row in journey if row["kind"] == "size"]
    if customers is None or not size:
        yield Line("changed", ["There is no month before in the data."])
        return
    yield Line("changed", [of_fact(customers), " customers, a month ago ", of_journey(size[0]), "."])
    for kind, verb in (("went_to", "Left for"), ("came_from", "Came from")):
        moved = [row for row in journey if row["kind"] == kind][:MOST_FLOWS]
        said: list[str | Figure] = []
        for row in moved:
            said += [
                ", " if said else f"{verb} another group: ",
                "about ",
                of_journey(row),
                f" ({row['name']})",
            ]
        if said:
            yield Line("changed", [*said, ", to the nearest 20."])
    before = [row for row in journey if row["kind"] == "before"]
    for row in before:
        fact = made.profile.get(row["name"])
        if fact is not None:
            yield Line(
                "changed", [f"{fact.wording.label}: ", of_fact(fact), ", a month ago ", of_journey(row), "."]
            )
    compared = [row for row in journey if row["kind"] == "compared"]
    if not compared:
        yield Line("changed", ["Other figures of the month before are not in the warehouse."])
    elif not before:
        yield Line(
            "changed", ["None of the ", of_journey(compared[0]), " other figures has clearly changed."]
        )


def retention(made: Choice, month: Month, journey: Sequence[Row], rules: files.Rules) -> Iterator[Line]:
    """Their risk of leaving, what prevents it, and how to win them back."""
    forecast = month.forecast(str(made.profile.segment_id))
    leaving, late = forecast.get("leaving_90d"), forecast.get(LATE)
    if leaving is not None:
        said: list[str | Figure] = [of_forecast(leaving)]
        if leaving["low"] is not None and leaving["high"] is not None:
            said += [
                " (",
                of_forecast(leaving, "low"),
                " to ",
                of_forecast(leaving, "high"),
                ", 80 % interval)",
            ]
        yield Line("retention", [*said, " of them are expected not to order within 90 days."])
    if late is not None and str(made.profile.segment_id) in of_few(month.outlook, LATE):
        yield Line("retention", [f"How many are late by their own rhythm is {TOO_FEW}."])
    elif late is not None:
        yield Line("retention", [of_forecast(late), " are late by their own rhythm."])
    for row in journey:
        if row["kind"] == "next" and row["name"] == "down" and row["value"]:
            yield Line(
                "retention",
                [of_journey(row), " fall to a group of lower spend if they do not order in 90 days."],
            )
    yield from (
        Line("retention", saying(rule, made), rule.name)
        for rule in rules.retention
        if rule.applies(made.known)
    )


def growth(made: Choice, month: Month, journey: Sequence[Row], rules: files.Rules) -> Iterator[Line]:
    """Who may rise, what they lack beside what they have, and how to sell more."""
    for row in journey:
        if row["kind"] == "next" and row["name"] == "up" and row["value"]:
            yield Line(
                "growth", [of_journey(row), " rise to a group of higher spend with one more usual order."]
            )
    mine = [row for row in month.cross_sell if row["segment_id"] == made.profile.segment_id]
    told = [row for row in sorted(mine, key=lambda row: row["rank"]) if not _small(row)]
    for row in told[:MOST_GAPS]:
        shares = (of_gap(row, name, "share") for name in ("share", "share_of_others"))
        yield Line(
            "growth",
            [
                *(f"Cross-sell: of their buyers of {row['have']} ", next(shares)),
                *(f" also buy {row['lack']}, of other customers who buy as widely ", next(shares), "."),
            ],
        )
    yield from (
        Line("growth", saying(rule, made), rule.name) for rule in rules.growth if rule.applies(made.known)
    )


def journeys(journey: Sequence[Row], everybody: Sequence[Row]) -> Iterator[Line]:
    """First order, second, third, regular: who went on, and where most stop."""
    all_steps = {row["name"]: row for row in everybody if row["kind"] == "step"}
    steps = sorted((row for row in journey if row["kind"] == "step"), key=lambda row: row["position"])
    if not steps:
        return
    sure = list(takewhile(lambda row: row["value"] == 1, steps))
    if sure:
        yield Line("journey", [f"All of them went on to at least the {ORDINALS[sure[-1]['name']]} order."])
    for row in steps[len(sure) :]:
        said: list[str | Figure] = [
            f"From the {ORDINALS[BEFORE[row['name']]]} order to the {ORDINALS[row['name']]}: "
        ]
        said += [of_journey(row), " went on"]
        if row["name"] in all_steps:
            said += [", of all customers ", of_journey(all_steps[row["name"]])]
        yield Line("journey", [*said, "."])
    if len(steps) < len(BEFORE) and steps[-1]["value"]:
        yield Line("journey", [f"The further steps are {TOO_FEW}."])
    worst = min(steps, key=lambda row: (row["value"], row["position"]))
    if worst["value"] < 1:
        last = BEFORE[worst["name"]]
        gone = [row for row in journey if row["kind"] == "stopped" and row["name"] == last]
        said = [f"The smallest share goes on after the {ORDINALS[last]} order"]
        if gone:
            said += [": of those who stopped there, ", of_journey(gone[0]), " have not bought for 90 days"]
        yield Line("journey", [*said, ". That is the step to improve first."])


def missing(made: Choice, month: Month) -> Iterator[Line]:
    """What was asked for and is not in the data, so that nobody takes silence for nothing."""
    yield from (Line("missing", [what]) for what in NOT_IN_DATA.values())
    yield Line(
        "missing",
        [
            "Which channel worked: no message, opening or click is in the data. Channels follow consent and orders."
        ],
    )
    if not month.forecast(str(made.profile.segment_id)):
        yield Line("missing", ["No forecast for this group: no chance of an order, no predicted value."])
    if made.frequency.days is None and made.profile.get("gap_days") is None:
        yield Line("missing", ["Their rhythm: too few have ordered twice."])


def of_segment(made: Choice, month: Month, journey: Sequence[Row], rules: files.Rules) -> Iterator[Line]:
    """All of these but the description, of a segment."""
    mine = [row for row in journey if row["segment_id"] == made.profile.segment_id]
    everybody = [row for row in journey if row["segment_id"] == EVERYBODY]
    yield from changed(made, mine)
    yield from retention(made, month, mine, rules)
    yield from growth(made, month, mine, rules)
    yield from journeys(mine, everybody)
    yield from missing(made, month)


def _figure(piece: Piece, known: Mapping[tuple[str, str], Fact]) -> str | Figure:
    if piece.kind is None or piece.fact is None:
        return piece.text
    figure = of_fact(known[piece.kind, piece.fact], piece.field)
    return Figure(**{**figure.as_json(), "text": piece.text})


def _small(row: Row) -> bool:
    return Amount(row["customers"], row["share"] * row["customers"]).is_small()

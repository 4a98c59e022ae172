"""Forecasts by segment for the UI and the docs, in Markdown; of a segment of few customers nothing is shown."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from hm_assets.forecasts.by_segment.measures import OF_NEW
from hm_assets.forecasts.by_segment.shares import coverage
from hm_assets.forecasts.by_segment.tables import ALL
from hm_assets.forecasts.by_segment.warning_scores import NINETY, RANDOM

WITHHELD = "of few customers, not shown"
NOTHING = "There is nothing to tell of."
FORMS = (("left", ".0%"), ("lift", ".2f"), ("lost_spend", ".3f"))
SHOWN = (
    "ordering_30d",
    "ordering_90d",
    "leaving_90d",
    "next_order_days",
    "value_90d",
    "value_12m",
    "past_cadence",
)


def segments(rows: Sequence[Mapping[str, Any]], withheld: Collection[str]) -> str:
    """The rows of `forecasts/segments` of a month, a line per segment."""
    if not rows:
        return NOTHING
    found = {(row["segment"], row["measure"]): row for row in rows}
    lines = [f"| segment | {' | '.join(SHOWN)} |", "|---|" + "---|" * len(SHOWN)]
    for segment in dict.fromkeys(row["segment"] for row in rows):
        figures = [WITHHELD if segment in withheld else _figure(found[segment, measure]) for measure in SHOWN]
        lines.append(f"| {segment} | {' | '.join(figures)} |")
    return "\n".join(lines)


def acquisition(rows: Sequence[Mapping[str, Any]], withheld: Collection[str]) -> str:
    """Which segments' new customers are worth most, and whether more than the others."""
    told = [
        row
        for row in rows
        if row["measure"] == OF_NEW
        and row["segment"] not in {ALL, *withheld}
        and row["value"] is not None
        and row["low"] is not None
    ]
    if not told:
        return "Of no segment's new customers a value of 12 months is known."
    told.sort(key=lambda row: (-row["value"], row["segment"]))
    first, others = told[0], told[1:]
    clear = all(row["high"] < first["low"] for row in others)
    listed = "; ".join(f"segment {row['segment']}: {_figure(row)} ({row['customers']} new)" for row in told)
    verdict = "beyond the 80 % intervals" if clear and others else "within the 80 % intervals of others"
    return (
        f"Expected spend of 12 months per customer who came in the last 90 days. {listed}. Segment {first['segment']} "
        f"leads, {verdict}. It describes who is there: whom a campaign would bring, and at what cost, is not in it."
    )


def scores(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows of `forecasts/segment_scores` of a month: how far off, and how often within the interval."""
    if not rows:
        return NOTHING
    lines = [
        "| day | horizon | expected, all | ordered, all | mean miss of segments | largest |",
        "|---|---|---|---|---|---|",
    ]
    for as_of, horizon in dict.fromkeys((row["as_of"], row["horizon_days"]) for row in rows):
        mine = [row for row in rows if (row["as_of"], row["horizon_days"]) == (as_of, horizon)]
        every = next(row for row in mine if row["segment"] == ALL)
        missed = [abs(row["expected"] - row["ordered"]) for row in mine if row["segment"] != ALL]
        lines.append(
            f"| {as_of} | {horizon} | {every['expected']:.1%} | {every['ordered']:.1%} | "
            f"{sum(missed) / len(missed):.1%} | {max(missed):.1%} |"
        )
    inside = [f"{days} days: {share:.0%} of {n}" for days, (share, n) in coverage(rows).items()]
    told = f"Within the 80 % interval: {'; '.join(inside)}." if inside else "No day has an earlier one."
    return "\n".join([*lines, "", told])


def warnings(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows of `forecasts/early_warning_scores` of a month, a line per day and pick."""
    told = [row for row in rows if row.get("left") is not None]
    if not told:
        return NOTHING
    names = {RANDOM: "at random", NINETY: "90 days without an order, highest spend"}
    lines = [
        "| day | picked | customers | left | lift | last year's spend of who left, each | under 90 days |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in told:
        figures = [_between(row, name, form) for name, form in FORMS]
        lines.append(
            f"| {row['as_of']} | {names.get(row['pick'], 'early warning')} | {row['listed']} of {row['customers']} | "
            f"{' | '.join(figures)} | {row['before_90_days']:.0%} |"
        )
    return "\n".join(lines)


def _between(row: Mapping[str, Any], name: str, form: str) -> str:
    if row.get(name) is None:
        return "-"
    if row.get(f"{name}_low") is None:
        return f"{row[name]:{form}}"
    return f"{row[name]:{form}} ({row[f'{name}_low']:{form}} to {row[f'{name}_high']:{form}})"


def _figure(row: Mapping[str, Any]) -> str:
    form = {"share": ".1%", "days": ".0f"}.get(row["unit"], ".3f")
    named = {"value": row["value"], "value_low": row["low"], "value_high": row["high"]}
    return _between(named, "value", form)

"""What the customers of a segment will do next, in sentences whose figures name the table that they stand in."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from hm_assets.forecasts.by_segment.tables import SEGMENTS as OUTLOOK
from hm_assets.forecasts.by_segment.withheld import of_few
from hm_assets.forecasts.why.tables import SEGMENT_REASONS as REASONS
from hm_assets.playbooks.metrics.figure import ALL, Figure, Sentence, write_figure
from hm_assets.profiles.fairness.privacy import Amount, K, segments_withheld
from hm_assets.profiles.wording import Style

Row = Mapping[str, Any]
LATE: Final = "past_cadence"
TOO_FEW: Final = f"withheld: it would tell of fewer than {K} customers"
# Of a segment each customer's, of all together their sum.
VALUES: Final = {
    False: (("value_90d", "the next 90 days"), ("value_12m", "the next 12 months")),
    True: (("value_90d_sum", "the next 90 days"), ("value_12m_sum", "the next 12 months")),
}


def sentences(
    outlook: Sequence[Row], reasons: Sequence[Row], sizes: Mapping[int, int]
) -> dict[str, list[Sentence]]:
    """What is said of each segment and of all together; nothing of those that are withheld, or without a model.

    Parameters
    ----------
    outlook, reasons
        A month of `forecasts/segments` and `forecasts/segment_reasons`.
    sizes
        Customers of each segment: of fewer than twenty nothing is said, as in `fairness/privacy`.
    """
    hidden = {str(i) for i in segments_withheld(sizes)}
    told = {(row["segment"], row["measure"]): row for row in outlook if row["value"] is not None}
    first = {row["segment"]: row for row in reasons if row["rank"] == 1}
    few = of_few(outlook, LATE)
    found = {}
    for segment in dict.fromkeys(row["segment"] for row in outlook):
        mine = {measure: row for (of, measure), row in told.items() if of == segment}
        if segment in hidden or "ordering_90d" not in mine:
            continue
        every = told.get((ALL, "ordering_90d"))
        found[segment] = list(_of_segment(segment, mine, every, first.get(segment), few))
    return found


def measures(outlook: Sequence[Row]) -> dict[int, dict[str, float]]:
    """Segment -> its values of `forecasts/segments`, for the conditions of rules."""
    found: dict[int, dict[str, float]] = {}
    for row in outlook:
        if row["segment"] != ALL and row["value"] is not None:
            found.setdefault(int(row["segment"]), {})[row["measure"]] = row["value"]
    return found


def _of_segment(
    segment: str, mine: Mapping[str, Row], every: Row | None, reason: Row | None, few: Collection[str]
) -> list[Sentence]:
    orders = mine["ordering_90d"]
    who = "all customers" if segment == ALL else "them"
    line: list[str | Figure] = [
        *_with_bounds(orders, "share"),
        f" of {who} are expected to order within 90 days",
    ]
    if segment != ALL and every is not None:
        line += [", of all customers ", _figure(every, "share")]
    said: list[Sentence] = [[*line, "."]]
    worth = [(mine[name], when) for name, when in VALUES[segment == ALL] if name in mine]
    if worth:
        line = ["Together they are" if segment == ALL else "Each is", " expected to spend "]
        for place, (row, when) in enumerate(worth):
            line += [" and " if place else "", *_with_bounds(row, "number"), f" in {when}"]
        said.append([*line, ", in the price index."])
    late = mine.get(LATE)
    if late is not None and segment in few:
        said.append([f"How many are late by their own rhythm is {TOO_FEW}."])
    elif late is not None:
        said.append([_figure(late, "share"), " are late by their own rhythm."])
    if reason is not None and not Amount(reason["customers"], reason["moved"]).is_small():
        fact, share = f"{reason['theme']} {reason['effect']}", reason["share"]
        moved = Figure(REASONS.path, segment, fact, "share", share, write_figure(share, "share"))
        what = (
            f"What moves their chance of an order most is “{reason['theme']}”: it {reason['effect']} it for "
        )
        said.append([what, moved, " of them."])
    return said


def _with_bounds(row: Row, style: Style) -> list[str | Figure]:
    if row["low"] is None or row["high"] is None:
        return [_figure(row, style)]
    low, high = (_figure(row, style, end) for end in ("low", "high"))
    return [_figure(row, style), " (", low, " to ", high, ")"]


def _figure(row: Row, style: Style, field: str = "value") -> Figure:
    return Figure(
        OUTLOOK.path, row["segment"], row["measure"], field, row[field], write_figure(row[field], style)
    )

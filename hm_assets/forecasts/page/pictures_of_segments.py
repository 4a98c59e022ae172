"""What each segment will do: who orders, who leaves, what they are worth, each with its interval."""

from dataclasses import dataclass

from hm_assets.explore.words import percent
from hm_assets.forecasts.by_segment.tables import ALL
from hm_assets.forecasts.by_segment.withheld import of_few
from hm_assets.forecasts.cutoffs import LONGEST
from hm_assets.forecasts.page import dots
from hm_assets.forecasts.page.dots import Dot
from hm_assets.forecasts.page.month import FROM_MODEL, NO_MODEL, Outlook, Row
from hm_assets.forecasts.page.words import span
from hm_assets.warehouse.charts import Block, Cell, Chart, Grid, NotEnough, Section
from hm_assets.warehouse.pictures import BLACK

EVERYBODY = "Everybody"
LATE = "past_cadence"
# A column of the table -> its heading, and how it is written.
COLUMNS = {
    f"ordering_{LONGEST}d": ("Order within 90 days", "share"),
    f"leaving_{LONGEST}d": ("Do not", "share"),
    "value_90d": ("Spend each, 90 days", "number"),
    "value_12m": ("Spend each, 12 months", "number"),
    "value_90d_sum": ("Spend of all, 90 days", "number"),
    LATE: ("Late by own rhythm", "share"),
    "value_12m_of_new": ("New customers, 12 months", "number"),
}
# A value below this part of everybody's is next to nothing, whatever its digits.
NOTHING = 0.005


@dataclass(frozen=True)
class Measure:
    """A measure of `forecasts/segments`, its axis, and how it is written beside its dot and in a sentence."""

    name: str
    axis: str
    scale: float
    form: str
    unit: str
    style: str


ORDERS = Measure(f"ordering_{LONGEST}d", "Share that orders within 90 days (%)", 100.0, ".0f", " %", "share")
VALUE = Measure(
    "value_12m", "Expected spend of a customer<br>in 12 months (price index)", 1.0, ".3f", "", "number"
)


def section(month: Outlook) -> Section:
    """The chapter."""
    return Section(
        "segments",
        headline(month),
        "The same by segment, with 80 % intervals. Where two overlap, do not read a difference into them."
        + month.left_out,
        [_picture(month, ORDERS), _picture(month, VALUE), _table(month)],
    )


def headline(month: Outlook) -> str:
    """Between what the segments lie, and where the coming spend is."""
    found = month.of_segments(ORDERS.name)
    if not found:
        return "What each segment will do cannot be said yet"
    (top, most), (bottom, least) = found[0], found[-1]
    text = f"{percent(most['value'])} of {month.names.short(top)} order within 90 days"
    if len(found) > 1:
        text = (
            f"From {percent(least['value'])} of {month.names.short(bottom)} to {percent(most['value'])} of "
            f"{month.names.short(top)} order within 90 days"
        )
    spend, every = month.of_segments("value_90d_sum"), month.told("value_90d_sum")
    if spend and every and every["value"] > 0:
        share = percent(spend[0][1]["value"] / every["value"])
        text += f"; {share} of the coming spend is from {month.names.short(spend[0][0])}"
    return text


def _picture(month: Outlook, measure: Measure) -> Block:
    found, every = month.of_segments(measure.name), month.told(measure.name)
    if not found:
        return NotEnough(f"segment_{measure.name}", "By segment", NO_MODEL)

    def traced(rows: list[tuple[str, Row]], colours: list[str], symbols: list[str]) -> dict[str, object]:
        marks = [Dot(line, row["value"], row["low"], row["high"]) for line, row in rows]
        return dots.trace(
            marks,
            "expected",
            colours,
            symbols,
            scale=measure.scale,
            form=measure.form,
            unit=measure.unit,
            said=True,
        )

    lines = [(month.names.tick(i, 22), row) for i, row in found]
    ids = [i for i, _ in found]
    traces = [traced(lines, [month.names.colour(i) for i in ids], [month.names.symbol(i) for i in ids])]
    if every is not None:
        lines.append((EVERYBODY, every))
        traces.append(traced(lines[-1:], [BLACK], ["diamond"]))
    top = month.names.short(ids[0])
    finding = f"{top}: {span(found[0][1], measure.style)}"
    if every is not None:
        finding += f", against {span(every, measure.style)} of everybody"
    words = "order within 90 days" if measure is ORDERS else "expected spend of a customer in 12 months"
    return Chart(
        f"segment_{measure.name}",
        f"{finding}, {words}",
        traces,
        dots.layout([line for line, _ in lines], measure.axis, "Segment", xaxis=dots.reach(traces)),
        FROM_MODEL,
        f"n = {sum(row['customers'] for _, row in found):,} customers",
        "How to read it: a dot is what is expected, its line the 80 % interval.",
        height=dots.height(len(lines)),
        narrow=dots.NARROW,
    )


def _table(month: Outlook) -> Block:
    found = month.of_segments(ORDERS.name)
    if not found:
        return NotEnough("segment_table", "All figures by segment", NO_MODEL)
    told = [name for name in COLUMNS if month.told(name)]
    rows = [
        [Cell(name), *(_cell(month, column, segment) for column in told)]
        for name, segment in [*((month.names.short(i), str(i)) for i, _ in found), (EVERYBODY, ALL)]
    ]
    new = month.told("value_12m_of_new")
    return Grid(
        "segment_table",
        "All figures by segment"
        + (
            ""
            if new is None
            else f"; who came in the last 90 days is worth {span(new, 'number')} in 12 months"
        ),
        ["Segment", *(COLUMNS[name][0] for name in told)],
        rows,
        FROM_MODEL,
        f"n = {sum(row['customers'] for _, row in found):,} customers; spend in the price index of the files",
        "How to read it: figures in brackets are 80 % intervals. New: came in the last 90 days. It describes who is "
        "there, not whom a campaign would bring. Withheld: a share, or its rest, of fewer than 20 customers, and what "
        "would give one away.",
    )


def _cell(month: Outlook, measure: str, segment: str) -> Cell:
    row, every, style = month.told(measure, segment), month.told(measure), COLUMNS[measure][1]
    if row is None:
        return Cell("–")
    if measure == LATE and segment in of_few(month.segments, LATE):
        return Cell("withheld")
    if style == "number" and every is not None and row["value"] < NOTHING * every["value"]:
        return Cell("next to nothing")
    return Cell(span(row, style))

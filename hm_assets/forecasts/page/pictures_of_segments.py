"""What each segment will do: who orders, who leaves, what they are worth, each with its interval."""

from hm_assets.explore.words import number, percent
from hm_assets.forecasts.cutoffs import LONGEST
from hm_assets.forecasts.page import dots
from hm_assets.forecasts.page.dots import Dot
from hm_assets.forecasts.page.month import ALL, FROM_MODEL, NO_MODEL, Outlook, Row
from hm_assets.forecasts.page.words import span
from hm_assets.warehouse.charts import Block, Cell, Chart, Grid, NotEnough, Section
from hm_assets.warehouse.pictures import BLACK

ORDERS = f"ordering_{LONGEST}d"
EVERYBODY = "Everybody"
# A column of the table -> its heading, and how it is written.
COLUMNS = {
    ORDERS: ("Order within 90 days", "share"),
    f"leaving_{LONGEST}d": ("Do not", "share"),
    "value_90d": ("Spend each, 90 days", "number"),
    "value_12m": ("Spend each, 12 months", "number"),
    "value_90d_sum": ("Spend of all, 90 days", "number"),
    "past_cadence": ("Late by own rhythm", "share"),
    "value_12m_of_new": ("New customers, 12 months", "number"),
}


def section(month: Outlook) -> Section:
    """The chapter."""
    return Section(
        "segments",
        headline(month),
        "The same by segment, with 80 % intervals. Where two overlap, do not read a difference into them."
        + month.left_out,
        [_orders(month), _value(month), _table(month)],
    )


def headline(month: Outlook) -> str:
    """Who orders most and who least, and where the coming spend is."""
    found = month.of_segments(ORDERS)
    if not found:
        return "What each segment will do cannot be said yet"
    spend, every = month.of_segments("value_90d_sum"), month.told("value_90d_sum")
    text = f"{month.names.short(found[0][0])} order most: {percent(found[0][1]['value'])} within 90 days"
    if len(found) > 1:
        text += f"; {month.names.short(found[-1][0])} least, {percent(found[-1][1]['value'])}"
    if spend and every and every["value"] > 0:
        most, row = spend[0]
        text += f". {percent(row['value'] / every['value'])} of the coming spend is from {month.names.short(most)}"
    return text


def _orders(month: Outlook) -> Block:
    return _picture(
        month,
        "segment_orders",
        ORDERS,
        "Share that orders within 90 days (%)",
        lambda most, least: (
            f"{span(most)} of the segment on top order within 90 days, {percent(least)} of the last"
        ),
        scale=100.0,
        form=".0f",
        unit=" %",
    )


def _value(month: Outlook) -> Block:
    return _picture(
        month,
        "segment_value",
        "value_12m",
        "Expected spend of a customer in 12 months (price index)",
        lambda most, least: (
            f"A customer of the segment on top is worth {span(most, 'number')} in 12 months"
            + (f", {most['value'] / least:.1f} times the last" if least > 0 else "")
        ),
        form=".3f",
    )


def _picture(
    month: Outlook,
    name: str,
    measure: str,
    label: str,
    finding,
    *,
    scale: float = 1.0,
    form: str,
    unit: str = "",
) -> Block:  # type: ignore[no-untyped-def]
    found, every = month.of_segments(measure), month.told(measure)
    if not found:
        return NotEnough(name, "By segment", NO_MODEL)
    lines = {i: month.names.tick(i, 22) for i, _ in found}
    marks = [Dot(lines[i], row["value"], row["low"], row["high"]) for i, row in found]
    traces = [
        dots.trace(
            marks,
            "Segment",
            [month.names.colour(i) for i, _ in found],
            [month.names.symbol(i) for i, _ in found],
            scale=scale,
            form=form,
            unit=unit,
            size=12,
            said=True,
        )
    ]
    order = list(lines.values())
    if every is not None:
        order.append(EVERYBODY)
        traces.append(
            dots.trace(
                [Dot(EVERYBODY, every["value"], every["low"], every["high"])],
                EVERYBODY,
                BLACK,
                "diamond",
                scale=scale,
                form=form,
                unit=unit,
                said=True,
            )
        )
    return Chart(
        name,
        finding(found[0][1], found[-1][1]["value"]),
        traces,
        dots.layout(order, label, "Segment", xaxis={"rangemode": "tozero"}),
        FROM_MODEL,
        f"n = {sum(row['customers'] for _, row in found):,} customers",
        "How to read it: a dot is what is expected, its line the 80 % interval.",
        height=dots.height(len(order)),
        narrow=dots.NARROW,
    )


def _table(month: Outlook) -> Block:
    found = month.of_segments(ORDERS)
    if not found:
        return NotEnough("segment_table", "All figures by segment", NO_MODEL)
    told = [name for name in COLUMNS if month.told(name)]
    rows = [
        [Cell(month.names.short(i)), *(_cell(month.told(name, str(i)), COLUMNS[name][1]) for name in told)]
        for i, _ in found
    ]
    rows.append([Cell(EVERYBODY), *(_cell(month.told(name, ALL), COLUMNS[name][1]) for name in told)])
    new = month.of_segments("value_12m_of_new")
    finding = "All figures by segment"
    if new:
        clear = (
            all(row["high"] < new[0][1]["low"] for _, row in new[1:] if row["high"] is not None)
            if new[0][1]["low"] is not None
            else False
        )
        finding = (
            f"New customers of {month.names.short(new[0][0])} are worth most in 12 months: {number(new[0][1]['value'])}"
            + ("" if clear and len(new) > 1 else ", not clearly more than others" if len(new) > 1 else "")
        )
    return Grid(
        "segment_table",
        finding,
        ["Segment", *(COLUMNS[name][0] for name in told)],
        rows,
        FROM_MODEL,
        f"n = {sum(row['customers'] for _, row in found):,} customers; spend in the price index of the files",
        "How to read it: figures in brackets are 80 % intervals. New: came in the last 90 days. It describes who is "
        "there, not whom a campaign would bring.",
    )


def _cell(row: Row | None, style: str) -> Cell:
    if row is None:
        return Cell("–")
    return Cell(span(row, style), float(row["value"]))

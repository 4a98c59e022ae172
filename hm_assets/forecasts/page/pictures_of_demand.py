"""What will be bought in the coming months, by segment and category, beside the same month a year before."""

import datetime as dt

from hm_assets.explore.words import percent
from hm_assets.forecasts.demand.scores import PUBLISHED
from hm_assets.forecasts.demand.tables import ALL
from hm_assets.forecasts.page import dots
from hm_assets.forecasts.page.dots import Dot
from hm_assets.forecasts.page.month import Outlook, Row, where
from hm_assets.forecasts.page.words import change, joined, model
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.charts import Block, Cell, Chart, Grid, NotEnough, Section, label
from hm_assets.warehouse.pictures import BLUE, ORANGE

DEMAND, SCORES = ("forecasts/demand",), ("forecasts/demand_scores",)
NAIVE = "seasonal_naive"
NO_MONTH = "not one whole month of lines lies before"
NEW = "First purchase in the month"
LEVELS = {
    "all": "All units",
    "segment": "By segment",
    "category": "By category",
    "cell": "Segment x category",
}


def section(month: Outlook) -> Section:
    """The chapter."""
    return Section(
        "demand",
        headline(month),
        "Units by calendar month. A customer counts in the segment of the month before; lines are 80 % intervals, "
        "crosses "
        "the same month a year before, which is what the seasonal naive forecast says." + month.left_out,
        [_whole(month), _segments(month), _categories(month), _scores(month)],
    )


def _rows(month: Outlook, segment: str, category: str) -> list[Row]:
    return sorted(
        where(month.demand, segment=segment, category=category), key=lambda row: int(row["months_ahead"])
    )


def headline(month: Outlook) -> str:
    """The next month's units, beside the year before."""
    rows = _rows(month, ALL, ALL)
    if not rows:
        return "What will be bought cannot be said yet"
    first = rows[0]
    text = f"{_name(first['forecast_month'])}: about {first['units']:,.0f} units"
    if first["units_a_year_before"]:
        text += f", {change(first['units'], first['units_a_year_before'])} the same month a year before"
    return text


def _name(day: dt.date) -> str:
    return f"{day:%B %Y}"


def _whole(month: Outlook) -> Block:
    rows = _rows(month, ALL, ALL)
    if not rows:
        return NotEnough("demand", "Units of the coming months", NO_MONTH)
    lines = [_name(row["forecast_month"]) for row in rows]
    total, before = sum(row["units"] for row in rows), [row["units_a_year_before"] for row in rows]
    text = f"About {total:,.0f} units in {joined(lines)}"
    if all(before):
        text += f", {change(total, sum(before))} these months a year before"
    return _chart("demand", text, lines, rows, "Month", rows)


def _segments(month: Outlook) -> Block:
    found = [
        (i, row)
        for row in where(month.demand, category=ALL, months_ahead=1)
        if row["segment"] != ALL and (i := int(row["segment"])) in month.names.names
    ]
    if not found:
        return NotEnough("demand_segments", "Next month by segment", NO_MONTH)
    found.sort(key=lambda pair: (-pair[1]["units"], pair[0]))
    lines = [NEW if i == NO_PURCHASE else month.names.tick(i, 22) for i, _ in found]
    whole = sum(row["units"] for _, row in found)
    share = found[0][1]["units"] / whole if whole else 0.0
    first = lines[0].replace("<br>", " ")
    return _chart(
        "demand_segments",
        f"{_name(found[0][1]['forecast_month'])}: {first} buy {percent(share)} of the units",
        lines,
        [row for _, row in found],
        "Segment",
        _rows(month, ALL, ALL),
    )


def _categories(month: Outlook) -> Block:
    found = [row for row in where(month.demand, segment=ALL, months_ahead=1) if row["category"] != ALL]
    if not found:
        return NotEnough("demand_categories", "Next month by category", NO_MONTH)
    found.sort(key=lambda row: (-row["units"], row["category"]))
    lines = [label(row["category"], 24) for row in found]
    grown = [row for row in found if row["units_a_year_before"]]
    text = f"{_name(found[0]['forecast_month'])}: most of all {found[0]['category']}, about {found[0]['units']:,.0f} units"
    clear = [
        row
        for row in grown
        if row["low"] is not None and not row["low"] <= row["units_a_year_before"] <= row["high"]
    ]
    if clear:
        most = max(
            clear, key=lambda row: (abs(row["units"] / row["units_a_year_before"] - 1), row["category"])
        )
        text += f"; {most['category']} changes most, {change(most['units'], most['units_a_year_before'])} the year before"
    elif grown:
        text += "; none differs clearly from a year before"
    return _chart("demand_categories", text, lines, found, "Category", _rows(month, ALL, ALL), wide=True)


def _chart(
    name: str, title: str, lines: list[str], rows: list[Row], axis: str, every: list[Row], wide: bool = False
) -> Chart:
    now = [Dot(line, row["units"], row["low"], row["high"]) for line, row in zip(lines, rows, strict=True)]
    then = [
        Dot(line, row["units_a_year_before"])
        for line, row in zip(lines, rows, strict=True)
        if row["units_a_year_before"] is not None
    ]
    traces = [dots.trace(now, "Forecast", BLUE, form=",.0f", unit=" units", said=False)]
    if then:
        traces.append(
            dots.trace(
                then, "A year before (seasonal naive)", ORANGE, "x", form=",.0f", unit=" units", size=9
            )
        )
    models = joined(list(dict.fromkeys(model(row["model"]) for row in rows)))
    return Chart(
        name,
        title,
        traces,
        dots.layout(lines, "Units in a month", axis, xaxis={"rangemode": "tozero"}, showlegend=True),
        DEMAND,
        f"n = units up to {_name(every[0]['last_whole_month'])}, the last whole month; led by: {models}",
        "How to read it: the dot is the forecast, the line its 80 % interval"
        + ("." if rows[0]["low"] is not None else "; there is too little past for one."),
        height=dots.height(len(lines), legend=True) - 8 * len(lines),
        wide=wide,
        narrow=dots.NARROW,
    )


def _scores(month: Outlook) -> Block:
    rows = [row for row in month.demand_scores if row["months_ahead"] == 1 and row["mase"] is not None]
    if not rows:
        return NotEnough(
            "demand_scores", "How good such forecasts were", "no earlier month could be tried from"
        )
    table, said = [], {}
    for level, words in LEVELS.items():
        # Of series of which both can say something.
        mine = {
            name: {(row["segment"], row["category"]): row for row in where(rows, level=level, model=name)}
            for name in (PUBLISHED, NAIVE)
        }
        both = sorted(mine[PUBLISHED].keys() & mine[NAIVE].keys())
        if not both:
            continue
        errors = {name: sum(mine[name][place]["mase"] for place in both) / len(both) for name in mine}
        said[level] = errors
        published = [mine[PUBLISHED][place] for place in both]
        inside = [row["coverage_80"] for row in published if row["coverage_80"] is not None]
        table.append(
            [
                f"{words} ({len(both)})" if len(both) > 1 else words,
                Cell(
                    f"{errors[PUBLISHED]:.2f}", mark="pass" if errors[PUBLISHED] <= errors[NAIVE] else "fail"
                ),
                f"{errors[NAIVE]:.2f}",
                percent(sum(inside) / len(inside)) if inside else "–",
                f"{max(row['origins'] for row in published)}",
            ]
        )
    if not table:
        return NotEnough(
            "demand_scores", "How good such forecasts were", "a year of months is not there to compare with"
        )
    worse = [LEVELS[level].lower() for level, errors in said.items() if errors[PUBLISHED] > errors[NAIVE]]
    title = (
        f"The seasonal naive forecast was better {joined(worse)}: take last year’s there"
        if worse
        else "From earlier months these forecasts were nearer than last year’s figures at every level"
    )
    return Grid(
        "demand_scores",
        title,
        ["Level (series)", model(PUBLISHED), model(NAIVE), "Within the 80 % interval", "Tried from (months)"],
        table,
        SCORES,
        f"n = {len(rows):,} comparisons of a model and a series, one month ahead",
        "How to read it: mean scaled error (MASE); 1 is as wrong as the usual change from month to month. Each try "
        "knew "
        "the months before it and no more. Origins are few, so differences under a tenth are chance.",
    )

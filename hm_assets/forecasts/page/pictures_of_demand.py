"""What will be bought in the coming months, by segment and category, beside the same month a year before."""

import datetime as dt

from hm_assets.explore.words import percent
from hm_assets.forecasts.demand.scores import PUBLISHED
from hm_assets.forecasts.demand.tables import ALL, REST
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
NAMELESS = {"unknown": "Category unknown", REST: "All other categories"}
CHANCE = 0.1
"""Of a difference of scaled errors from a few origins, what is within chance."""
LEVELS = {
    "all": "All units",
    "segment": "Segments",
    "category": "Categories",
    "cell": "Categories within segments",
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
    said = f"{_name(first['forecast_month'])}: about {first['units']:,.0f} units"
    if first["low"] is not None:
        said += f" ({first['low']:,.0f} to {first['high']:,.0f})"
    if not first["units_a_year_before"]:
        return said
    if _clear(first):
        return f"{said}, {change(first['units'], first['units_a_year_before'])} the same month a year before"
    return f"{said}, not clearly other than the {first['units_a_year_before']:,.0f} a year before"


def _clear(row: Row) -> bool:
    """Whether the year before lies outside the interval."""
    return row["low"] is not None and not row["low"] <= row["units_a_year_before"] <= row["high"]


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
        beside = change(total, sum(before)) if any(map(_clear, rows)) else "not clearly other than in"
        text += f", {beside} these months a year before"
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
    lines = [label(NAMELESS.get(row["category"], row["category"]), 24) for row in found]
    first = found[0]
    text = f"{_name(first['forecast_month'])}: most of all {first['category']}, about {first['units']:,.0f} units"
    known = [row for row in found if row["units_a_year_before"] and row["category"] not in NAMELESS]
    clear = [row for row in known if _clear(row)]
    if clear:
        most = max(clear, key=lambda row: (abs(row["units"] - row["units_a_year_before"]), row["category"]))
        changed = change(most["units"], most["units_a_year_before"])
        text += f"; {most['category']} changes most, {changed} the year before"
    elif known:
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
    traces = [dots.trace(now, "Forecast", BLUE, form=",.0f", unit=" units")]
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
        dots.layout(lines, "Units in a month", axis, xaxis=dots.reach(traces), showlegend=True),
        DEMAND,
        f"n = {len(lines)} forecasts from the months up to {_name(every[0]['last_whole_month'])}, the last whole one; "
        f"led by: {models}",
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
    table: list[list[str | Cell]] = []
    said: dict[str, dict[str, float]] = {}
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
                Cell(f"{errors[PUBLISHED]:.2f}", mark=_mark(errors)),
                f"{errors[NAIVE]:.2f}",
                _held(inside),
                f"{max(row['origins'] for row in published)}",
            ]
        )
    if not table:
        return NotEnough(
            "demand_scores", "How good such forecasts were", "a year of months is not there to compare with"
        )
    better = [LEVELS[level].lower() for level, e in said.items() if e[PUBLISHED] < e[NAIVE] - CHANCE]
    others = [LEVELS[level].lower() for level in said if LEVELS[level].lower() not in better]
    title = "From earlier months these forecasts were nearer than last year’s figures at every level"
    if others:
        title = f"For {joined(others)} last year’s figures were as good or better"
        title += f"; for {joined(better)} these forecasts were nearer" if better else ""
    return Grid(
        "demand_scores",
        title,
        ["Level (series)", model(PUBLISHED), model(NAIVE), "Within the 80 % interval", "Tried from (months)"],
        table,
        SCORES,
        f"n = {len(rows):,} comparisons of a model and a series, one month ahead",
        "How to read it: mean scaled error (MASE); 1 is as wrong as the usual change from month to month. Each try "
        "knew the months before it and no more. Origins are few, so differences under a tenth are chance.",
    )


def _mark(errors: dict[str, float]) -> str:
    off = errors[PUBLISHED] - errors[NAIVE]
    return "pass" if off < -CHANCE else "fail" if off > CHANCE else ""


def _held(inside: list[float]) -> Cell:
    if not inside:
        return Cell("–")
    share = sum(inside) / len(inside)
    return Cell(percent(share), mark="warn" if abs(share - 0.8) > 0.1 else "pass")

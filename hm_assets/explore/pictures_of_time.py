"""Pictures of time: trend and season, weekdays, months, and who comes back."""

from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.explore.seasonality import PERIODS, YEAR_WEEKS, strength
from hm_assets.explore.words import percent
from hm_assets.warehouse.charts import (
    DASHES,
    MORE_IS_DARKER,
    SERIES,
    Block,
    Chart,
    NotEnough,
    axes,
    axis,
    interval,
)
from hm_assets.warehouse.pictures import BLUE, GREEN, GREY, VERMILION

Row = Mapping[str, Any]
CLEAR_TREND = 0.3  # strength below which a trend is hardly more than the remainder
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def decomposition(weeks: Sequence[Row]) -> Block:
    """Units by week, split into trend, season and remainder; the plain line where two years are not there."""
    if len(weeks) < 4:
        return NotEnough("decomposition", "Sales by week", "fewer than four whole weeks")
    dates = [week["week_end"].isoformat() for week in weeks]
    units = [week["items"] for week in weeks]
    line = {"type": "scatter", "mode": "lines", "x": dates}
    seen = {**line, "y": units, "name": "observed", "line": {"color": GREY, "width": 1.5}}
    about = f"n = {len(weeks)} weeks, {sum(units):,} units; weeks end on the weekday of as_of"
    if weeks[0]["trend"] is None:
        return Chart(
            "decomposition",
            f"{len(weeks)} weeks so far: trend and season cannot be told apart before "
            f"{PERIODS * YEAR_WEEKS} weeks are there",
            [{**seen, "line": {"color": BLUE, "width": 2}}],
            axes("End of the week", "Units a week", yaxis={"rangemode": "tozero"}),
            ("explore/seasonality",),
            about,
            "Not enough history for an STL decomposition.",
            320,
            wide=True,
        )
    season = [100 * (week["seasonal"] - 1) for week in weeks]
    rest = [100 * (week["remainder"] - 1) for week in weeks]
    trend = [week["trend"] for week in weeks]
    change = trend[-1] / trend[0] - 1
    traces = [
        seen,
        {**line, "y": trend, "name": "trend", "line": {"color": VERMILION, "width": 3}},
        {**line, "y": season, "name": "season", "line": {"color": BLUE, "width": 2}, "yaxis": "y2"},
        {**line, "y": rest, "name": "remainder", "line": {"color": GREEN, "width": 1.5}, "yaxis": "y3"},
    ]
    layout = {
        "xaxis": axis("End of the week", anchor="y3"),
        "yaxis": axis("Units a week", domain=[0.56, 1.0], rangemode="tozero"),
        "yaxis2": axis("Season (%)", domain=[0.29, 0.5]),
        "yaxis3": axis("Rest (%)", domain=[0.0, 0.22]),
        "showlegend": True,
    }
    how = "rose by" if change > 0 else "fell by"
    strengths = {part: strength(weeks, part) or 0.0 for part in ("trend", "seasonal")}
    clear = strengths["trend"] >= CLEAR_TREND and abs(change) >= 0.02
    trend_said = f"The trend {how} {percent(abs(change))} over the data" if clear else "No clear trend"
    return Chart(
        "decomposition",
        f"{trend_said}; the season moves sales between {min(season):+.0f} % and {max(season):+.0f} %",
        traces,
        layout,
        ("explore/seasonality",),
        about,
        f"STL on logs, one season a year. Strength (0 to 1): trend {strengths['trend']:.2f}, "
        f"season {strengths['seasonal']:.2f}. With two years the season is a mean of two values, so an event of one "
        "year (a closed spring, a sale moved) is partly in it.",
        560,
        wide=True,
    )


def weekdays(lines: Sequence[Row]) -> Block:
    """Units a day by weekday."""
    mine = sorted((line for line in lines if line["kind"] == "weekday"), key=lambda line: line["position"])
    if len(mine) < 7 or mine[0]["days"] < 4:
        return NotEnough("weekdays", "Sales by weekday", "fewer than four whole weeks")
    top, low = max(mine, key=lambda line: line["index"]), min(mine, key=lambda line: line["index"])
    clear = top["low"] is not None and top["low"] > low["high"]
    title = (
        f"{top['label']} sells most ({top['index'] - 100:+.0f} % of a mean day), "
        f"{low['label']} least ({low['index'] - 100:+.0f} %)"
        if clear
        else f"No weekday clearly sells more than another; {top['label']} leads"
    )
    values = [line["index"] for line in mine]
    return Chart(
        "weekdays",
        title,
        [
            {
                "type": "bar",
                "x": [line["label"][:3] for line in mine],
                "y": values,
                "marker": {"color": BLUE},
                "error_y": interval(values, [line["low"] for line in mine], [line["high"] for line in mine]),
            }
        ],
        axes("Weekday", "Units a day (mean day = 100)"),
        ("explore/calendar",),
        f"n = {sum(line['days'] for line in mine)} days, up to 52 weeks; bars: 95 % intervals over weeks",
        height=320,
    )


def months(lines: Sequence[Row]) -> Block:
    """Units a day by month, a line for each year."""
    mine = sorted(
        (line for line in lines if line["kind"] == "month" and line["days"] >= 14),
        key=lambda line: (line["year"], line["position"]),
    )
    if len(mine) < 3:
        return NotEnough("months", "Sales by month", "fewer than three months with 14 days or more")
    years = sorted({line["year"] for line in mine})
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": str(year),
            "x": [MONTHS[line["position"] - 1] for line in mine if line["year"] == year],
            "y": [line["items_per_day"] for line in mine if line["year"] == year],
            "line": {"color": SERIES[i % 8], "dash": DASHES[i % 8], "width": 2.5},
        }
        for i, year in enumerate(years)
    ]
    top, low = max(mine, key=lambda line: line["index"]), min(mine, key=lambda line: line["index"])
    return Chart(
        "months",
        f"{top['label']} {top['year']} sold most, {top['items_per_day'] / low['items_per_day']:.1f} times "
        f"as much a day as {low['label']} {low['year']}",
        traces,
        axes(
            "Month",
            "Units a day",
            xaxis={"type": "category", "categoryorder": "array", "categoryarray": list(MONTHS)},
            yaxis={"rangemode": "tozero"},
            showlegend=True,
        ),
        ("explore/calendar",),
        f"n = {len(mine)} months with at least 14 days in the data",
        height=340,
    )


def cohorts(lines: Sequence[Row]) -> Block:
    """Share of each cohort that buys again, by months since the first purchase."""
    whole = [line for line in lines if line["months_since"] > 0 and line["whole_month"]]
    if not whole:
        return NotEnough("cohorts", "Who comes back", "no cohort has a whole month after its first")
    starts = sorted({line["cohort_month"] for line in lines if line["months_since"] == 0})
    sizes = {line["cohort_month"]: line["customers"] for line in lines}
    last = max(line["months_since"] for line in whole)
    shares = {(line["cohort_month"], line["months_since"]): 100 * line["share_active"] for line in whole}
    fair = [line for line in whole if not line["left_truncated"]]
    first = _pooled(fair or whole, 1)
    later = _pooled(fair or whole, 6)
    told = (
        f"{percent(first)} of new customers buy again in the month after the first"
        if first is not None
        else "Who comes back"
    )
    if later is not None:
        told += f", {percent(later)} in the sixth month"
    kept = [start for start in starts if any((start, n) in shares for n in range(1, last + 1))]
    return Chart(
        "cohorts",
        told,
        [
            {
                "type": "heatmap",
                "x": list(range(1, last + 1)),
                "y": [f"{start:%b %Y} ({sizes[start]:,})" for start in kept],
                "z": [[shares.get((start, n)) for n in range(1, last + 1)] for start in kept],
                "colorscale": MORE_IS_DARKER,
                "zmin": 0,
                "hoverongaps": False,
                "hovertemplate": "%{y}, month %{x}: %{z:.1f} % bought<extra></extra>",
                "colorbar": {"title": {"text": "% active"}, "thickness": 12},
                "xgap": 1,
                "ygap": 1,
            }
        ],
        axes(
            "Months since the first purchase",
            "First purchase (customers)",
            yaxis={"autorange": "reversed", "tickfont": {"size": 11}},
            xaxis={"dtick": 3},
        ),
        ("explore/cohorts",),
        f"n = {sum(sizes[start] for start in kept):,} customers; whole months only",
        "The first three cohorts hold many who were customers before the data begin, and are left out of the title.",
        max(320, 120 + 18 * len(kept)),
        wide=True,
    )


def _pooled(lines: Sequence[Row], since: int) -> float | None:
    mine = [line for line in lines if line["months_since"] == since]
    total = sum(line["customers"] for line in mine)
    return sum(line["active"] for line in mine) / total if total else None

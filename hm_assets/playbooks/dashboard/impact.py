"""The tab of what segments are worth: what they bring, how it spreads, what is expected, where there is room to grow.

Spend is a price index, never money. What nobody can know from these data is assumed, marked so, and can be changed.
"""

from typing import Final

from hm_assets.explore.words import percent
from hm_assets.playbooks.dashboard.growth import ASSUMED, growth
from hm_assets.playbooks.dashboard.month import Told
from hm_assets.playbooks.dashboard.parts import Column, Content, Line, Sheet, Tab, View
from hm_assets.playbooks.dashboard.reading import EXPECTED, SPENT
from hm_assets.playbooks.facts import ASSET as PROFILES
from hm_assets.playbooks.metrics.figure import Figure, write_figure
from hm_assets.profiles.page.month import Row
from hm_assets.warehouse.charts import Block, Chart, NotEnough, axes, interval
from hm_assets.warehouse.pictures import BLACK, BLUE, GREY

MOST_OF_IT: Final = 0.8
FEATURES, FORECASTS, OUTLOOK = "features/customer_features", "forecasts/customers", "forecasts/segments"
# Measure -> table, what is spread out, and of whom.
SPREAD = {
    EXPECTED: (FORECASTS, "Expected spend of a customer in the next 12 months", "everybody in it"),
    SPENT: (FEATURES, "Spend of a customer in the last 365 days", "those with any"),
}
LEVELS = {
    "low": "5th percentile",
    "lower_quartile": "Lower quartile",
    "median": "Median",
    "upper_quartile": "Upper quartile",
    "high": "95th percentile",
}


def tab(told: Told) -> Tab:
    """The tab."""
    return Tab(
        "impact",
        "Business impact",
        "What the segments are worth",
        "Spend is the sum of prices in the price index of the files: no currency, no margin, no returns. What is "
        "expected comes from models that were tested on past days; what is assumed says so, and can be changed.",
        assumption=ASSUMED,
        parts=[
            View(_contribution(told), _contribution_sheet(told)),
            *(_spread(told, measure) for measure in SPREAD),
            View(_ahead(told), _ahead_sheet(told)),
            growth(told),
        ],
    )


def _contribution(told: Told) -> Block:
    month, name = told.month, "contribution"
    share = {i: value for i in month.ids if (value := month.value(i, "share_of_spend_365d")) is not None}
    if not any(share.values()):
        return NotEnough(name, "What each segment brings", "nobody spent anything in the last 365 days")
    running, so_far = [], 0.0
    for value in share.values():
        so_far += value
        running.append(so_far)
    needed = next((place for place, value in enumerate(running) if value >= MOST_OF_IT), len(running) - 1)
    hidden = len(month.ids) - len(share)
    who = "One segment brings" if needed == 0 else f"{needed + 1} of {len(share)} segments bring"
    ticks = [month.tick(i, 14) for i in share]
    return Chart(
        name,
        f"{who} {percent(running[needed])} of the year’s spend"
        + (f"; what {hidden} others bring is withheld" if hidden else ""),
        [
            {
                "type": "bar",
                "name": "Share of spend",
                "x": ticks,
                "y": [round(100 * value, 2) for value in share.values()],
                "marker": {"color": [month.colour(i) for i in share]},
                "text": [f"{100 * value:.0f}" for value in share.values()],
                # Inside where it fits: the line begins on top of the first bar.
                "textposition": "auto",
                "textangle": 0,
                "cliponaxis": False,
                "hovertemplate": "%{x}: %{y:.1f} %<extra></extra>",
            },
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": "Together with those before",
                "x": ticks,
                "y": [round(100 * value, 2) for value in running],
                "line": {"color": BLACK, "width": 1.5},
                "marker": {"color": BLACK, "size": 6},
                "hovertemplate": "Up to %{x}: %{y:.1f} %<extra></extra>",
            },
        ],
        axes(
            "Segment",
            "Share of the year’s spend (%)",
            xaxis={"type": "category"},
            yaxis={"range": [0, 112]},
            showlegend=True,
        ),
        (PROFILES,),
        f"n = {month.customers:,} customers with a purchase",
        "How to read it: a bar is what a segment spent of all spend of the last 365 days; the line adds them up.",
        height=420,
        wide=True,
        narrow={"xaxis.tickangle": -90, "xaxis.tickfont.size": 9, "xaxis.title.text": "", "margin.r": 8},
    )


def _contribution_sheet(told: Told) -> Sheet:
    month = told.month
    columns = [
        "Segment",
        "Share of spend",
        "Lower end (95 %)",
        "Upper end",
        "Share of customers",
        "Spend in a year",
    ]
    rows = [
        (
            month.short(i),
            [
                *(told.cell(i, "share_of_spend_365d", end) for end in ("value", "low", "high")),
                told.cell(i, "share_of_customers"),
                told.cell(i, "spend_365d"),
            ],
            i,
        )
        for i in month.ids
    ]
    return Sheet.of([*columns[:-1], "Spend of a customer in a year (mean, price index)"], rows)


def _spread(told: Told, measure: str) -> View:
    month, name = told.month, f"spread_{measure}"
    asset, title, of_whom = SPREAD[measure]
    rows = {row["segment_id"]: row for row in told.worth if row["measure"] == measure}
    shown = [i for i in month.ids if i in rows and rows[i]["high"] > 0]
    if not shown:
        reason = "there is no forecast of value" if measure == EXPECTED else "nobody spent anything"
        return View(NotEnough(name, title, reason))
    most, least = (pick(shown, key=lambda i: (rows[i]["median"], -i)) for pick in (max, min))
    finding = f"{title}: median {write_figure(rows[most]['median'])}"
    if most != least:
        finding += f" in {month.short(most)}, {write_figure(rows[least]['median'])} in {month.short(least)}"
    # Nothing has no place on a logarithmic axis, and of almost nothing nobody asks how little: a thousandth of the most
    # is drawn instead.
    floor = max(float(rows[most]["high"]) / 1_000, 1e-9)
    traces = [
        {
            "type": "box",
            "orientation": "h",
            "name": month.tick(i, 40),
            "y": [month.tick(i, 20)],
            **{
                of: [float(f"{max(floor, rows[i][end]):.5g}")]
                for of, end in (
                    ("lowerfence", "low"),
                    ("q1", "lower_quartile"),
                    ("median", "median"),
                    ("q3", "upper_quartile"),
                    ("upperfence", "high"),
                )
            },
            "line": {"color": month.colour(i), "width": 2},
            "whiskerwidth": 0.5,
        }
        for i in shown
    ]
    counted = sum(int(rows[i]["counted"]) for i in shown)
    chart = Chart(
        name,
        finding,
        traces,
        axes(
            "Price index, logarithmic",
            "Segment",
            xaxis={"type": "log", "dtick": 1, "tickformat": "~g"},
            yaxis={"type": "category", "autorange": "reversed"},
        ),
        (asset, "segments/assignments"),
        f"n = {counted:,} customers: of each segment {of_whom}",
        "How to read it: a box holds the middle half of a segment, its line is the median; whiskers go from the 5th to "
        f"the 95th percentile. Less than {write_figure(floor)} is drawn as that.",
        height=120 + 46 * len(shown),
        narrow={"yaxis.title.text": "", "yaxis.tickfont.size": 9, "margin.r": 8},
    )
    lines = [
        (
            month.short(i),
            [
                _figure(asset, i, measure, "counted", rows[i]["counted"], f"{rows[i]['counted']:,}"),
                *(
                    _figure(asset, i, measure, end, rows[i][end], write_figure(rows[i][end]))
                    for end in LEVELS
                ),
            ],
            i,
        )
        for i in shown
    ]
    return View(chart, Sheet.of(["Segment", "Customers", *LEVELS.values()], lines))


def _ahead_rows(told: Told) -> dict[int, tuple[Row, Row]]:
    """Segment -> what was spent in the year before, and what is expected of the year to come."""
    spent = {row["segment_id"]: row for row in told.worth if row["measure"] == SPENT}
    expected = {
        r["segment"]: r for r in told.outlook if r["measure"] == "value_12m_sum" and r["value"] is not None
    }
    return {i: (spent[i], expected[str(i)]) for i in told.month.ids if i in spent and str(i) in expected}


def _ahead(told: Told) -> Block:
    month, name, rows = told.month, "ahead", _ahead_rows(told)
    if not rows:
        return NotEnough(name, "The year before and the year to come", "there is no forecast of value")
    change = {i: after["value"] - before["total"] for i, (before, after) in rows.items()}
    most, least = (pick(change, key=lambda i: (change[i], -i)) for pick in (max, min))
    at = least if abs(change[least]) > abs(change[most]) else most
    before, after = rows[at]
    title = (
        f"{month.short(at)} are expected to spend {write_figure(after['value'])} in the next 12 months, "
        f"after {write_figure(before['total'])} in the last"
    )
    values = [float(after["value"]) for _, after in rows.values()]
    ends = {end: [after[end] for _, after in rows.values()] for end in ("low", "high")}

    def bars(called: str, numbers: list[float], colour: str) -> dict[str, object]:
        return {
            "type": "bar",
            "orientation": "h",
            "name": called,
            "y": [month.tick(i, 20) for i in rows],
            "x": [float(f"{value:.6g}") for value in numbers],
            "marker": {"color": colour},
            "hovertemplate": "%{y}: %{x:,.4g}<extra>" + called + "</extra>",
        }

    return Chart(
        name,
        title,
        [
            bars("Last 365 days", [float(before["total"]) for before, _ in rows.values()], GREY),
            {
                **bars("Expected, next 12 months", values, BLUE),
                "error_x": interval(values, ends["low"], ends["high"]),
            },
        ],
        axes(
            "Spend of the whole segment<br>(price index)",
            "Segment",
            yaxis={"type": "category", "autorange": "reversed"},
            xaxis={"rangemode": "tozero"},
            barmode="group",
            bargap=0.3,
            showlegend=True,
        ),
        (OUTLOOK, FEATURES),
        f"n = {sum(int(before['members']) for before, _ in rows.values()):,} customers with a purchase",
        "How to read it: grey is what was spent, blue what is expected of the same customers; those who come new are "
        "in neither. Thin lines are 80 % intervals.",
        height=420,
        wide=True,
        narrow={"yaxis.title.text": "", "margin.r": 6, "legend.font.size": 10},
    )


def _ahead_sheet(told: Told) -> Sheet | None:
    lines = []
    for i, (before, _) in _ahead_rows(told).items():
        cells: list[Content] = [
            _figure(FEATURES, i, SPENT, "total", before["total"], write_figure(before["total"])),
            *(told.cell(i, "value_12m_sum", end) for end in ("value", "low", "high")),
        ]
        lines.append(Line(told.month.short(i), cells, i))
    columns = ["Segment", "Spend, last 365 days", "Expected, next 12 months", "Lower end (80 %)", "Upper end"]
    return Sheet([Column(title) for title in columns], lines) if lines else None


def _figure(asset: str, segment: int, fact: str, field: str, value: float, text: str) -> Figure:
    return Figure(asset, str(segment), fact, field, float(value), text, "distribution")

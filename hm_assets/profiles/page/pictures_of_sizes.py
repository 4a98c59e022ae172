"""How large the segments were, how large they may become, and which forecast says so."""

from collections.abc import Sequence

from hm_assets.explore.words import percent
from hm_assets.profiles.page.month import Month, Row
from hm_assets.warehouse.charts import INK, Block, Cell, Chart, Grid, NotEnough, axes
from hm_assets.warehouse.pictures import BLUE, ORANGE

SIZES = ("segments/assignments", "profiles/size_forecast")
# One month ahead, and the farthest.
STEPS_AHEAD = (BLUE, ORANGE)
METHODS = {
    "as_today": "As today",
    "as_last_year": "The change of last year",
    "markov": "The flows of the last months go on (Markov)",
}


def sizes(month: Month) -> Block:
    """Customers by segment over the months, and what leads ahead, with its intervals."""
    if not month.history:
        return NotEnough("sizes", "Sizes over time", "nobody has bought anything yet")
    leading = [row for row in month.forecasts if row["leads"]]
    traces: list[dict[str, object]] = []
    for i in month.ids:
        mine = sorted((r for r in month.history if r["segment_id"] == i), key=lambda r: r["month"])
        look = {"color": month.colour(i), "width": 2, "dash": month.dash(i)}
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": month.tick(i, 40),
                "legendgroup": str(i),
                "x": [row["month"].isoformat() for row in mine],
                "y": [row["customers"] for row in mine],
                "line": look,
                "marker": {"size": 4, "symbol": month.symbol(i)},
                "hovertemplate": "%{x|%B %Y}: %{y:,}<extra>" + month.tick(i, 40) + "</extra>",
            }
        )
        ahead = sorted((r for r in leading if r["segment_id"] == i), key=lambda r: r["months_ahead"])
        if ahead:
            traces.append(
                {
                    **traces[-1],
                    "mode": "markers",
                    "showlegend": False,
                    "x": [row["forecast_month"].isoformat() for row in ahead],
                    "y": [round(row["customers"], 1) for row in ahead],
                    "marker": {
                        "size": 7,
                        "symbol": month.symbol(i),
                        "color": "#ffffff",
                        "line": _outline(month, i),
                    },
                    "hovertemplate": "%{x|%B %Y}: %{y:,.0f} expected<extra>" + month.tick(i, 40) + "</extra>",
                }
            )
    return Chart(
        "sizes",
        _largest(month),
        [trace for trace in traces if trace["x"]],
        axes("Month", "Customers", yaxis={"rangemode": "tozero"}, xaxis={"type": "date"}, showlegend=True),
        SIZES if leading else SIZES[:1],
        f"n = {month.customers:,} customers with a purchase this month",
        "How to read it: lines are what was; the open points after them are expected, with intervals in the next "
        "picture. Earlier months are placed by today’s model.",
        height=460,
        wide=True,
        narrow={"legend.font.size": 10, "margin.r": 8},
    )


def ahead(month: Month) -> Block:
    """What each segment is expected to be in one month and in the farthest, with intervals, beside today."""
    name, title = "ahead", "Sizes to come"
    rows = [
        row
        for row in month.forecasts
        if row["leads"]
        and row["segment_id"] in month.ids
        and row["low_80"] is not None
        and row["low_95"] is not None
    ]
    if not rows:
        return NotEnough(name, title, "there are too few months to try a forecast on")
    steps = sorted({int(row["months_ahead"]) for row in rows})
    steps = list(dict.fromkeys((steps[0], steps[-1])))
    places = {i: place for place, i in enumerate(month.ids)}
    traces: list[dict[str, object]] = []
    for number_of_step, step in enumerate(steps):
        mine = sorted((r for r in rows if r["months_ahead"] == step), key=lambda r: places[r["segment_id"]])
        # The nearer month above the farther one.
        heights = [places[row["segment_id"]] + 0.3 * (number_of_step - (len(steps) - 1) / 2) for row in mine]
        for thick, level in ((1.5, 95), (6, 80)):
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": f"In {step} month{'s' if step > 1 else ''}",
                    "showlegend": level == 80,
                    "x": [round(row["customers"], 1) for row in mine],
                    "y": heights,
                    "error_x": {
                        "type": "data",
                        "symmetric": False,
                        "array": [
                            round(max(0.0, row[f"high_{level}"] - row["customers"]), 1) for row in mine
                        ],
                        "arrayminus": [
                            round(max(0.0, row["customers"] - row[f"low_{level}"]), 1) for row in mine
                        ],
                        "color": STEPS_AHEAD[number_of_step],
                        "thickness": thick,
                        "width": 0,
                    },
                    "marker": {
                        "size": 9,
                        "color": STEPS_AHEAD[number_of_step],
                        "symbol": ("circle", "diamond")[number_of_step],
                    },
                    "customdata": [
                        f"{row[f'low_{level}']:,.0f} to {row[f'high_{level}']:,.0f}" for row in mine
                    ],
                    "hovertemplate": "%{x:,.0f} (%{customdata})<extra></extra>",
                }
            )
    traces.append(
        {
            "type": "scatter",
            "mode": "markers",
            "name": "Today",
            "x": [month.value(i, "customers") for i in month.ids],
            "y": list(places.values()),
            "marker": {"symbol": "line-ns-open", "size": 22, "color": INK, "line": {"width": 2}},
            "hovertemplate": "%{x:,} today<extra></extra>",
        }
    )
    return Chart(
        name,
        _expected(month, rows),
        traces,
        axes(
            "Customers",
            "Segment",
            xaxis={"rangemode": "tozero"},
            yaxis={
                "tickvals": list(places.values()),
                "ticktext": [month.tick(i) for i in month.ids],
                "range": [len(places) - 0.5, -0.5],
            },
            showlegend=True,
        ),
        SIZES[1:],
        f"n = {month.customers:,} customers with a purchase this month",
        "How to read it: by the method that erred least in the back-test, with 80 % (thick) and 95 % intervals (thin).",
        height=150 + 56 * len(places),
        wide=True,
        narrow={"yaxis.title.text": "", "yaxis.tickfont.size": 10, "legend.font.size": 10, "margin.r": 10},
    )


def methods(month: Month) -> Block:
    """The back-test of the forecast: each method, and which leads."""
    name, title = "methods", "Which forecast leads"
    scored = {
        (row["method"], row["months_ahead"]): row for row in month.forecasts if row["error"] is not None
    }
    if not scored:
        return NotEnough(name, title, "there are too few months to try a forecast on")
    steps = sorted({step for _, step in scored})
    rows = [
        [words, *(_tried(scored.get((method, step))) for step in steps)]
        for method, words in METHODS.items()
        if any((method, step) in scored for step in steps)
    ]
    first = next(row for row in month.forecasts if row["months_ahead"] == steps[0])
    origins = max(row["origins"] for row in scored.values())
    return Grid(
        name,
        str(first["words"]).partition(";")[0],
        ["Method", *(f"{step} month{'s' if step > 1 else ''} ahead" for step in steps)],
        rows,
        ("profiles/size_forecast",),
        f"n = {origins} earlier months that each method was tried from",
        "How to read it: sum of the errors over the sum of the sizes, smaller is better; in brackets how many sizes "
        "the 80 % interval held. Of equal methods the simplest leads.",
    )


def _largest(month: Month) -> str:
    largest = max(month.ids, key=lambda i: (month.value(i, "customers") or 0, -i))
    before = [row for row in month.history if row["segment_id"] == largest]
    then = sorted(before, key=lambda row: row["month"])[:-1][-12:]
    said = f"{month.short(largest)} are the most: {month.value(largest, 'customers') or 0:,.0f} customers"
    if not then:
        return said
    return f"{said}, {then[0]['customers']:,} in {then[0]['month']:%B %Y}"


def _expected(month: Month, rows: Sequence[Row]) -> str:
    row = min(
        (row for row in rows if row["months_ahead"] == min(r["months_ahead"] for r in rows)),
        key=lambda row: month.ids.index(row["segment_id"]),
    )
    ahead_words = "a month" if row["months_ahead"] == 1 else f"{row['months_ahead']} months"
    return (
        f"{month.short(row['segment_id'])}: {row['customers_today']:,} customers today, {row['low_80']:,.0f} to "
        f"{row['high_80']:,.0f} in {ahead_words} (80 % interval)"
    )


def _outline(month: Month, segment: int) -> dict[str, object]:
    return {"color": month.colour(segment), "width": 2}


def _tried(row: Row | None) -> str | Cell:
    if row is None:
        return "–"
    held = "" if row["coverage_80"] is None else f" (held {percent(row['coverage_80'])})"
    leads = " · leads" if row["leads"] else ""
    return Cell(f"{percent(row['error'])}{held}{leads}", mark="pass" if row["leads"] else "")

"""Where customers went since the month before, what moved them, and how large the segments were and may become."""

import datetime as dt
from collections.abc import Sequence

from hm_assets.explore.words import number, percent
from hm_assets.profiles.movement.transitions import ALL, BECAUSE
from hm_assets.profiles.page.month import Month, Row
from hm_assets.profiles.page.pictures_of_facts import glass
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.charts import MORE_IS_DARKER, Block, Cell, Chart, Grid, NotEnough, axes
from hm_assets.warehouse.pictures import BLUE, GREY, VERMILION

FLOWS = ("profiles/transitions",)
SIZES = ("segments/assignments", "profiles/size_forecast")
NO_MONTH_BEFORE = "the month before is not in the data"
# A flow of a smaller share of the customers is a hair that nobody can see or hit.
THINNEST = 0.002
METHODS = {
    "as_today": "As today",
    "as_last_year": "The change of last year",
    "markov": "The flows of the last months go on (Markov)",
}
STEPS = {
    "time": "Time passed",
    "behaviour": "They bought",
    "price": "Prices changed",
    "model": "The model changed",
}


def flow(month: Month) -> Block:
    """The month's movement as a Sankey diagram."""
    name, title = "flow", "Where customers went"
    cells = _cells(month, ALL)
    if not cells:
        return NotEnough(name, title, NO_MONTH_BEFORE)
    total = sum(row["customers"] for row in cells)
    if not any(_moved(row) for row in cells):
        return NotEnough(
            name, title, f"nobody moved: all {total:,} customers are where they were a month before"
        )
    left, right = (_sizes(cells, side) for side in ("from_segment", "to_segment"))
    before, after = ([i for i in _order(month, cells) if i in side] for side in (left, right))
    shown = [row for row in cells if row["customers"] >= THINNEST * total]
    links = sorted(shown, key=lambda row: (before.index(row["from_segment"]), after.index(row["to_segment"])))
    return Chart(
        name,
        _movement(month, cells),
        [
            {
                "type": "sankey",
                "arrangement": "snap",
                "node": {
                    "label": [f"{month.short(i)}: {percent(left[i] / total)}" for i in before]
                    + [f"{month.short(i)}: {percent(right[i] / total)}" for i in after],
                    "color": [month.colour(i) for i in (*before, *after)],
                    "pad": 14,
                    "thickness": 18,
                    "line": {"width": 0},
                    "hovertemplate": "%{label}, %{value:,} customers<extra></extra>",
                },
                "link": {
                    "source": [before.index(row["from_segment"]) for row in links],
                    "target": [len(before) + after.index(row["to_segment"]) for row in links],
                    "value": [row["customers"] for row in links],
                    "color": [
                        glass(month.colour(row["from_segment"]), 0.55)
                        if _moved(row)
                        else "rgba(150,158,168,0.28)"
                        for row in links
                    ],
                    "customdata": [_gone(month, row) for row in links],
                    "hovertemplate": "%{customdata}<extra></extra>",
                },
                "textfont": {"size": 12},
            }
        ],
        {"margin": {"l": 8, "r": 8, "t": 12, "b": 16}},
        FLOWS,
        f"n = {total:,} customers on file",
        "How to read it: on the left the segments a month before, on the right those of this month, as wide as they "
        f"have customers. Grey stayed; colour left the segment of that colour. {len(cells) - len(shown)} flows under "
        f"{percent(THINNEST)} of the customers are not drawn.",
        height=460,
        wide=True,
    )


def matrix(month: Month) -> Block:
    """Share of each segment before that is in each segment after."""
    cells = _cells(month, ALL)
    if not cells:
        return NotEnough("matrix", "Who stayed", NO_MONTH_BEFORE)
    ids = _order(month, cells)
    share = {(row["from_segment"], row["to_segment"]): float(row["share_of_from"]) for row in cells}
    sizes = _sizes(cells, "from_segment")
    rows = [i for i in ids if i in sizes]
    stayed = {i: share.get((i, i), 0.0) for i in rows if i != NO_PURCHASE}
    title = "Nobody had bought anything a month before"
    if stayed:
        most, least = (pick(stayed, key=lambda i: (stayed[i], -i)) for pick in (max, min))
        title = f"{month.short(most)} kept {percent(stayed[most])} of their members"
        if most != least:
            title += f", {month.short(least)} {percent(stayed[least])}"
    return Chart(
        "matrix",
        title,
        [
            {
                "type": "heatmap",
                "x": [month.tick(i, 10) for i in ids],
                "y": [month.tick(i, 18) for i in rows],
                "z": [[round(100 * share.get((a, b), 0.0), 2) for b in ids] for a in rows],
                "text": [[_percent(share.get((a, b))) for b in ids] for a in rows],
                "texttemplate": "%{text}",
                "textfont": {"size": 12},
                "hovertemplate": "%{y} to %{x}: %{z:.1f} %<extra></extra>",
                "colorscale": MORE_IS_DARKER,
                "zmin": 0,
                "zmax": 100,
                "xgap": 2,
                "ygap": 2,
                "showscale": False,
            }
        ],
        axes(
            "Segment this month",
            "Segment a month before",
            xaxis={"type": "category"},
            yaxis={"type": "category", "autorange": "reversed"},
        ),
        FLOWS,
        f"n = {sum(sizes.values()):,} customers on file",
        "How to read it: each row adds up to 100 % of those who were in that segment a month before.",
        height=140 + 44 * len(rows),
        wide=True,
        narrow={
            "yaxis.title.text": "",
            "yaxis.tickfont.size": 9,
            "xaxis.tickfont.size": 9,
            "xaxis.tickangle": -90,
            "margin.r": 6,
        },
    )


def causes(month: Month) -> Block:
    """How many customers each step of the chain moved to another segment."""
    name, title = "causes", "What moved them"
    if not _cells(month, ALL):
        return NotEnough(name, title, NO_MONTH_BEFORE)
    moved = {step: sum(r["customers"] for r in _cells(month, step) if _moved(r)) for step in STEPS}
    total = sum(moved.values())
    if not total:
        return NotEnough(name, title, "no step of the chain moved anybody")
    most = max(STEPS, key=lambda step: moved[step])
    return Chart(
        name,
        f"{percent(moved[most] / total)} of the {total:,} moves come about because {BECAUSE[most]}",
        [
            {
                "type": "bar",
                "orientation": "h",
                "y": list(STEPS.values()),
                "x": list(moved.values()),
                "text": [f"{count:,}" for count in moved.values()],
                "textposition": "outside",
                "cliponaxis": False,
                "marker": {"color": BLUE},
                "hovertemplate": "%{y}: %{x:,} moves<extra></extra>",
            }
        ],
        axes(
            "Moves",
            "Cause",
            xaxis={"range": [0, 1.15 * max(moved.values())]},
            yaxis={"type": "category", "autorange": "reversed"},
        ),
        FLOWS,
        f"n = {total:,} moves by one cause at a time, first purchases included",
        "How to read it: the chain changes one thing at a time. Who leaves a segment by one step and comes back by the "
        "next counts in both, so the moves are more than the customers who ended up elsewhere.",
        height=300,
        narrow={"yaxis.title.text": "", "margin.r": 10},
    )


def spend(month: Month) -> Block:
    """What each step of the chain did to the spend of the last 365 days."""
    name, title = "spend_change", "What moved the spend"
    if not _cells(month, ALL):
        return NotEnough(name, title, NO_MONTH_BEFORE)
    change = {step: sum(float(r["spend_change"]) for r in _cells(month, step)) for step in STEPS}
    whole = sum(float(row["spend_change"]) for row in _cells(month, ALL))
    before = sum(float(row["spend_before"]) for row in _cells(month, ALL))
    most = max(STEPS, key=lambda step: abs(change[step]))
    of_before = f" ({100 * whole / before:+.1f} %)" if before else ""
    values = [*change.values(), whole]
    reach = 1.3 * max(1e-9, *(abs(v) for v in values))
    return Chart(
        name,
        f"The year’s spend changed by {_signed(whole)}{of_before}: {_signed(change[most])} because {BECAUSE[most]}",
        [
            {
                "type": "bar",
                "orientation": "h",
                "y": [*STEPS.values(), "Together"],
                "x": [round(v, 6) for v in values],
                "text": [_signed(v) for v in values],
                "textposition": "outside",
                "cliponaxis": False,
                "marker": {"color": [BLUE if v >= 0 else VERMILION for v in values[:-1]] + [GREY]},
                "hovertemplate": "%{y}: %{x:.3f}<extra></extra>",
            }
        ],
        axes(
            "Change of the spend in 365 days (price index)",
            "Cause",
            xaxis={
                "range": [-reach if min(values) < 0 else 0, reach if max(values) > 0 else 0],
                "zeroline": True,
                "zerolinecolor": GREY,
            },
            yaxis={"type": "category", "autorange": "reversed"},
        ),
        FLOWS,
        f"n = {sum(r['customers'] for r in _cells(month, ALL)):,} customers on file; a model moves nobody’s spend",
        "How to read it: time takes out of the 365 days what is older now, purchases bring in the month’s at the "
        "prices before, prices the rest. The four add up to the last bar.",
        height=300,
        narrow={"yaxis.title.text": "", "margin.r": 10},
    )


def sizes(month: Month) -> Block:
    """Customers by segment over the months, and what leads ahead, with its intervals."""
    if not month.history:
        return NotEnough("sizes", "Sizes over time", "nobody has bought anything yet")
    leading = [row for row in month.forecasts if row["leads"]]
    traces: list[dict[str, object]] = []
    for place, i in enumerate(month.ids):
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
        # Side by side, or the intervals would hide one another.
        aside = dt.timedelta(days=round(20 * ((place + 0.5) / len(month.ids) - 0.5)))
        for wide, low, high in ((1.2, "low_95", "high_95"), (5, "low_80", "high_80")):
            known = [row for row in ahead if row[low] is not None and row[high] is not None]
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "showlegend": False,
                    "legendgroup": str(i),
                    "x": [(row["forecast_month"] + aside).isoformat() for row in known],
                    "y": [round(row["customers"], 1) for row in known],
                    "error_y": {
                        "type": "data",
                        "symmetric": False,
                        "array": [round(max(0.0, row[high] - row["customers"]), 1) for row in known],
                        "arrayminus": [round(max(0.0, row["customers"] - row[low]), 1) for row in known],
                        "color": month.colour(i),
                        "thickness": wide,
                        "width": 0,
                    },
                    "marker": {"size": 8, "color": month.colour(i), "symbol": month.symbol(i)},
                    "customdata": [f"{row[low]:,.0f} to {row[high]:,.0f}" for row in known],
                    "hovertemplate": "%{y:,.0f} (%{customdata})<extra>" + month.tick(i, 40) + "</extra>",
                }
            )
    return Chart(
        "sizes",
        _expected(month, leading),
        [trace for trace in traces if trace["x"]],
        axes("Month", "Customers", yaxis={"rangemode": "tozero"}, xaxis={"type": "date"}, showlegend=True),
        SIZES if leading else SIZES[:1],
        f"n = {month.customers:,} customers with a purchase this month",
        "How to read it: lines are what was; the points after them what is expected, by the method that erred least in "
        "the back-test, with 80 % (thick) and 95 % intervals (thin). Earlier months are placed by today’s model.",
        height=460,
        wide=True,
        narrow={"legend.font.size": 10, "margin.r": 8},
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


def _cells(month: Month, step: str) -> list[Row]:
    return [row for row in month.transitions if row["step"] == step]


def _moved(row: Row) -> bool:
    return bool(row["from_segment"] != row["to_segment"])


def _sizes(cells: Sequence[Row], side: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for row in cells:
        found[row[side]] = found.get(row[side], 0) + int(row["customers"])
    return found


def _order(month: Month, cells: Sequence[Row]) -> list[int]:
    """The segments of the page in their order, then those that are empty now, then who has not bought."""
    seen = {row["from_segment"] for row in cells} | {row["to_segment"] for row in cells}
    gone = sorted(seen - set(month.ids) - {NO_PURCHASE})
    return [i for i in (*month.ids, *gone, NO_PURCHASE) if i in seen]


def _movement(month: Month, cells: Sequence[Row]) -> str:
    known = [row for row in cells if row["from_segment"] != NO_PURCHASE]
    total, moved = sum(row["customers"] for row in known), [row for row in known if _moved(row)]
    if not moved:
        return f"None of {total:,} customers moved; only first purchases changed the segments"
    widest = max(moved, key=lambda row: (row["customers"], -row["from_segment"], -row["to_segment"]))
    gone = sum(row["customers"] for row in moved)
    return (
        f"{percent(gone / total)} of {total:,} customers moved; the widest flow is {widest['customers']:,} from "
        f"{month.short(widest['from_segment'])} to {month.short(widest['to_segment'])}"
    )


def _gone(month: Month, row: Row) -> str:
    start, end = month.tick(row["from_segment"], 60), month.tick(row["to_segment"], 60)
    stayed = f"{start} stayed" if not _moved(row) else f"{start} to {end}"
    return f"{stayed}: {row['customers']:,} customers, {percent(row['share_of_from'])} of {start}"


def _expected(month: Month, leading: Sequence[Row]) -> str:
    soon = [row for row in leading if row["months_ahead"] == 1 and row["segment_id"] in month.ids]
    largest = max(month.ids, key=lambda i: (month.value(i, "customers") or 0, -i))
    today = f"{month.short(largest)} are the most: {month.value(largest, 'customers') or 0:,.0f} customers"
    row = next((row for row in soon if row["segment_id"] == largest), None)
    if row is None or row["low_80"] is None:
        return f"{today}; no forecast, because there are too few months"
    return f"{today} today, {row['low_80']:,.0f} to {row['high_80']:,.0f} in a month (80 % interval)"


def _tried(row: Row | None) -> str | Cell:
    if row is None:
        return "–"
    held = "" if row["coverage_80"] is None else f" (held {percent(row['coverage_80'])})"
    leads = " · leads" if row["leads"] else ""
    return Cell(f"{percent(row['error'])}{held}{leads}", mark="pass" if row["leads"] else "")


def _percent(share: float | None) -> str:
    if not share:
        return ""
    return "< 1 %" if share < 0.01 else f"{100 * share:.0f} %"


def _signed(value: float) -> str:
    if abs(value) < 1e-9:
        return "0"
    return f"{'+' if value > 0 else '−'}{number(abs(value))}"

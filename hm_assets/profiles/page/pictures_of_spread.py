"""How far members of a segment differ from one another: boxes of all of them, and a sample over several measures."""

from collections.abc import Sequence

import numpy as np

from hm_assets.explore.words import number, percent
from hm_assets.profiles.fairness.privacy import K
from hm_assets.profiles.page.month import Month, Row
from hm_assets.profiles.page.reading import SAMPLED, SPREAD
from hm_assets.segments.space import Floats
from hm_assets.warehouse.charts import Block, Chart, NotEnough, axes, label

SOURCES = ("features/customer_features", "segments/assignments")
FEWEST = 30
LINES = 40
# Measure -> how it is called, and its unit.
MEASURES = {
    "recency_days": ("Days since the last order", "days"),
    "spend_365d": ("Spend in 365 days", "price index"),
    "orders_365d": ("Orders in 365 days", "orders"),
    "basket_365d": ("Spend per order in 365 days", "price index"),
    "tenure_days": ("Days since the first order", "days"),
    "orders": ("Orders in all", "orders"),
    "spend": ("Spend in all", "price index"),
    "items_per_order": ("Items per order", "units"),
    "price_per_item": ("Price of an item", "price index"),
}
# Where a 0 is drawn on a logarithmic axis: below the smallest that there can be.
FLOOR = {"recency_days": 0.5, "tenure_days": 0.5, "orders_365d": 0.5}
VISIBLE_SHARE = 0.005


def boxes(month: Month) -> list[Block]:
    """A box per segment for each measure, on a logarithmic axis."""
    return [_box(month, measure) for measure in SPREAD]


def _box(month: Month, measure: str) -> Block:
    name, (title, unit) = f"box_{measure}", MEASURES[measure]
    rows = {row["segment_id"]: row for row in month.spread if row["measure"] == measure}
    shown = [i for i in month.ids if i in rows and rows[i]["counted"]]
    if not shown:
        return NotEnough(name, title, "no segment has anybody to count")
    floor = FLOOR.get(measure, 0.0)
    some = SPREAD[measure]

    def at(segment: int, end: str) -> float:
        return float(f"{max(floor, float(rows[segment][end])):.5g}")

    traces = [
        {
            "type": "box",
            "orientation": "h",
            "name": month.tick(i),
            "y": [_tick(month, rows[i], some)],
            "q1": [at(i, "lower_quartile")],
            "median": [at(i, "median")],
            "q3": [at(i, "upper_quartile")],
            "lowerfence": [at(i, "low")],
            "upperfence": [at(i, "high")],
            "line": {"color": month.colour(i), "width": 2},
            "whiskerwidth": 0.5,
        }
        for i in shown
    ]
    high, low = (pick(shown, key=lambda i: (at(i, "median"), -i)) for pick in (max, min))
    counted_of = f"{title} of those with any" if some else title
    finding = f"{counted_of}: median {_figure(at(high, 'median'))} in all segments"
    if at(high, "median") > at(low, "median"):
        finding = (
            f"{counted_of}: half of {month.short(high)} have {_figure(at(high, 'median'))} or more, "
            f"of {month.short(low)} "
            f"{_figure(at(low, 'median'))}"
        )
    counted = sum(int(rows[i]["counted"]) for i in shown)
    left_out = " Those without any are left out and told beside the name." if some else ""
    return Chart(
        name,
        finding,
        traces,
        axes(
            f"{title}<br>({unit}, logarithmic)",
            "Segment",
            xaxis={"type": "log", "dtick": 1},
            yaxis={"type": "category", "autorange": "reversed"},
        ),
        SOURCES,
        f"n = {counted:,} customers, all that are counted here",
        "How to read it: a box holds the middle half of a segment, its line is the median; whiskers reach from the "
        f"5th to the 95th percentile.{left_out}",
        height=110 + 52 * len(shown),
        narrow={"yaxis.title.text": "", "yaxis.tickfont.size": 10, "margin.r": 8},
    )


def parallel(month: Month) -> Block:
    """Single customers and the medians of segments over several measures; the legend shows and hides segments.

    Lines of plain SVG: Plotly's own parallel coordinates compile code while they run, which the page's policy forbids.
    """
    name, rows = "parallel", month.sample
    placed = [i for i in month.ids if any(row["segment_id"] == i for row in rows)]
    if len(rows) < FEWEST or len(placed) < 2:
        reason = f"fewer than {FEWEST} customers" if len(rows) < FEWEST else "there is one segment"
        return NotEnough(name, "Several measures at once", reason)
    order = np.array([placed.index(row["segment_id"]) for row in rows])
    values = {n: np.array([float(row[n] or 0.0) for row in rows]) for n in SAMPLED}
    apart = {n: explained(column, order) for n, column in values.items()}
    most, least = (pick(SAMPLED, key=lambda n: (apart[n], n)) for pick in (max, min))
    heights = np.column_stack([percentiles(values[n]) for n in SAMPLED])
    lines: list[dict[str, object]] = []
    middles: list[dict[str, object]] = []
    ticks = [label(MEASURES[n][0], 12) for n in SAMPLED]
    for place, i in enumerate(placed):
        mine = np.flatnonzero(order == place)
        # Every n-th, so that those who are drawn are spread over the segment as the sample is.
        drawn = mine[np.unique(np.linspace(0, len(mine) - 1, LINES).round().astype(int))]
        x: list[str | None] = []
        y: list[float | None] = []
        for one in drawn:
            x += [*ticks, None]
            y += [*np.round(heights[one], 1).tolist(), None]
        shared = {"type": "scatter", "name": month.tick(i, 40), "legendgroup": str(i)}
        lines.append(
            {
                **shared,
                "mode": "lines",
                "x": x,
                "y": y,
                "line": {"color": month.colour(i), "width": 1},
                "opacity": 0.22,
                "hoverinfo": "skip",
                "showlegend": False,
            }
        )
        medians = {n: float(np.median(values[n][mine])) for n in SAMPLED}
        middles.append(
            {
                **shared,
                "mode": "lines+markers",
                "x": ticks,
                "y": np.round(np.median(heights[mine], axis=0), 1).tolist(),
                "line": {"color": month.colour(i), "width": 4, "dash": month.dash(i)},
                "marker": {"size": 10, "symbol": month.symbol(i)},
                "customdata": [f"{_figure(medians[n])} {MEASURES[n][1]}" for n in SAMPLED],
                "hovertemplate": "median %{customdata}<extra>" + month.tick(i, 40) + "</extra>",
            }
        )
    return Chart(
        name,
        f"{MEASURES[most][0]} tell the segments apart most ({percent(apart[most])} of the ranks lie between them), "
        f"{MEASURES[least][0].lower()} least ({percent(apart[least])})",
        lines + middles,
        axes(
            "Measure",
            "Percentile within the sample",
            yaxis={"range": [-2, 102]},
            xaxis={"type": "category", "categoryorder": "array", "categoryarray": ticks, "tickangle": 0},
            showlegend=True,
        ),
        SOURCES,
        f"A sample of n = {len(rows):,} customers, equally many of each segment if there are, drawn evenly over "
        f"their behaviour; thick: median of a segment, thin: {LINES} customers of each",
        "How to read it: a line is a customer, 100 the most of a measure in the sample. Click a name to hide its "
        "segment, twice to see it alone.",
        height=480,
        wide=True,
        narrow={"xaxis.tickangle": -90, "xaxis.tickfont.size": 9, "legend.font.size": 10, "margin.r": 8},
    )


def percentiles(values: Floats) -> Floats:
    """Mid-rank percentiles (0 to 100): equals share a place."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(100 * ((np.cumsum(counts) - counts / 2) / len(values))[place])


def explained(values: Floats, groups: Sequence[int] | np.ndarray) -> float:
    """Share of the variance of the ranks (ties share their mean) that lies between the groups, 0 to 1."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    total = float(((ranks - ranks.mean()) ** 2).sum())
    if total == 0:
        return 0.0
    sizes, sums = np.bincount(groups), np.bincount(groups, weights=ranks)
    kept = sizes > 0
    return float((sizes[kept] * (sums[kept] / sizes[kept] - ranks.mean()) ** 2).sum()) / total


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else number(value)


def _tick(month: Month, row: Row, some: bool) -> str:
    tick = month.tick(row["segment_id"])
    none = row["members"] - row["counted"]
    share = none / row["members"]
    return f"{tick}<br>({percent(share)} none)" if some and none >= K and share >= VISIBLE_SHARE else tick

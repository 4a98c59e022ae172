"""Pictures of single customers of the sample, and of all customers by their scores."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.explore.measures import BY_NAME
from hm_assets.explore.sample import SIZE
from hm_assets.explore.words import number, percent, shown
from hm_assets.warehouse.charts import (
    MORE_IS_DARKER,
    SYMBOLS,
    Block,
    Chart,
    NotEnough,
    axes,
    label,
)
from hm_assets.warehouse.pictures import BLUE, GREY, ORANGE, SKY

Row = Mapping[str, Any]
FEWEST = 30
TIERS = {"low": GREY, "medium": SKY, "high": ORANGE, "premium": BLUE}


def points(sample: Sequence[Row], x: str, y: str, rho: float | None) -> Block:
    """Two measures of the sampled customers."""
    name = f"points_{x}_{y}"
    if len(sample) < FEWEST:
        return NotEnough(name, f"{shown(x)} and {shown(y)}", "fewer than 30 customers")
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": tier,
            "x": [max(p[x], 0.5) if x == "recency_days" else p[x] for p in mine],
            "y": [p[y] for p in mine],
            "marker": {"color": TIERS[tier], "symbol": symbol, "size": 6, "opacity": 0.65},
        }
        for tier, symbol in zip(TIERS, SYMBOLS, strict=False)
        if (mine := [p for p in sample if p["value_tier"] == tier])
    ]
    how = "" if rho is None else f" (rank correlation {rho:.2f})"
    direction = "less" if (rho or 0) < 0 else "more"
    words = {
        "recency_days": f"The longer ago the last order, the {direction} often customers have ordered{how}",
        "purchase_days": f"The more often customers order, the {direction} they have spent{how}",
    }
    if rho is not None and abs(rho) < 0.1:
        words[x] = f"{shown(x)} and {shown(y).lower()} hardly go together{how}"
    return Chart(
        name,
        words[x],
        traces,
        axes(
            f"{BY_NAME[x].label}<br>({BY_NAME[x].unit}, logarithmic)",
            f"{shown(y)} ({BY_NAME[y].unit}, logarithmic)",
            xaxis={"type": "log", "dtick": 1},
            yaxis={"type": "log", "dtick": 1},
            showlegend=True,
        ),
        ("explore/sample", "explore/correlations"),
        f"{who(sample)}, by value tier; the correlation is that of explore/correlations",
        height=400,
    )


def grid(cells: Sequence[Row]) -> Block:
    """Customers by recency and frequency score."""
    total = sum(cell["customers"] for cell in cells)
    if total < FEWEST:
        return NotEnough("rfm_grid", "Recency and frequency scores", "fewer than 30 customers")
    by_place = {(cell["recency_score"], cell["frequency_score"]): cell for cell in cells}
    places = [[by_place.get((r, f)) for r in range(1, 6)] for f in range(1, 6)]
    best = by_place.get((5, 5))
    share = best["customers"] / total if best else 0.0
    return Chart(
        "rfm_grid",
        f"{percent(share)} of the customers score highest in both recency and frequency",
        [
            {
                "type": "heatmap",
                "x": [1, 2, 3, 4, 5],
                "y": [1, 2, 3, 4, 5],
                "z": [
                    [100 * cell["customers"] / total if cell else None for cell in line] for line in places
                ],
                "text": [
                    [
                        f"{percent(cell['customers'] / total)}<br>spend {number(cell['spend'])}"
                        if cell
                        else ""
                        for cell in line
                    ]
                    for line in places
                ],
                "texttemplate": "%{text}",
                "textfont": {"size": 11},
                "hovertemplate": "recency %{x}, frequency %{y}: %{text}<extra></extra>",
                "colorscale": MORE_IS_DARKER,
                "zmin": 0,
                "colorbar": {"title": {"text": "%"}, "thickness": 12},
                "xgap": 2,
                "ygap": 2,
            }
        ],
        axes(
            "Recency score (5 = most recent)",
            "Frequency score (5 = most often)",
            xaxis={"dtick": 1},
            yaxis={"dtick": 1},
        ),
        ("explore/rfm_grid",),
        f"n = {total:,} customers, all of them; spend: mean so far, price index",
        "Equal behaviour gives an equal score, so scores between may stay empty.",
        420,
    )


def cube(sample: Sequence[Row]) -> Block:
    """Recency, frequency and spend of the sampled customers."""
    if len(sample) < FEWEST:
        return NotEnough("cube", "Recency, frequency and spend at once", "fewer than 30 customers")
    traces = [
        {
            "type": "scatter3d",
            "mode": "markers",
            "name": tier,
            "x": [p["recency_days"] for p in mine],
            "y": [p["purchase_days"] for p in mine],
            "z": [p["spend"] for p in mine],
            "marker": {"color": TIERS[tier], "symbol": symbol, "size": 3, "opacity": 0.7},
            "hovertemplate": "%{x} days ago, %{y} days with an order, spend %{z:.3f}<extra></extra>",
        }
        for tier, symbol in zip(TIERS, ("circle", "square", "diamond", "cross"), strict=True)
        if (mine := [p for p in sample if p["value_tier"] == tier])
    ]
    title = {
        "recency_days": "Recency (days)",
        "purchase_days": "Frequency (days, log)",
        "spend": "Spend (index, log)",
    }
    late = [p["recency_days"] for p in sample if p["value_tier"] == "premium"]
    recent = sum(days < 90 for days in late) / len(late) if late else 0.0
    return Chart(
        "cube",
        f"{percent(recent)} of the premium customers ordered within 90 days: value and recency go together"
        if recent > 0.5
        else "The tiers overlap in recency and frequency: value alone does not tell who is active",
        traces,
        {
            "scene": {
                "xaxis": {"title": {"text": title["recency_days"]}, "gridcolor": "#c3cad2"},
                "yaxis": {
                    "title": {"text": title["purchase_days"]},
                    "type": "log",
                    "dtick": 1,
                    "gridcolor": "#c3cad2",
                },
                "zaxis": {
                    "title": {"text": title["spend"]},
                    "type": "log",
                    "dtick": 1,
                    "gridcolor": "#c3cad2",
                },
                "camera": {"eye": {"x": 1.45, "y": 1.3, "z": 0.65}},
                "aspectmode": "cube",
            },
            "showlegend": True,
            "margin": {"l": 0, "r": 0, "t": 16, "b": 0},
        },
        ("explore/sample",),
        f"{who(sample)}, by value tier; drag to turn",
        height=560,
        wide=True,
    )


def parallel(sample: Sequence[Row]) -> Block:
    """Medians of the tiers over several measures, as percentiles of the sample, with single customers behind them."""
    names = (
        "recency_days",
        "tenure_days",
        "purchase_days",
        "spend_365d",
        "online_share_365d",
        "section_entropy",
    )
    known = [p for p in sample if all(p[name] is not None for name in names)]
    if len(known) < FEWEST:
        return NotEnough(
            "parallel", "Several measures at once", "fewer than 30 customers with all measures known"
        )
    places = {name: _percentiles([p[name] for p in known]) for name in names}
    ticks = [label(shown(name), 10) for name in names]
    lines: list[dict[str, Any]] = []
    medians: list[dict[str, Any]] = []
    breadth: dict[str, float] = {}
    for tier, dash in zip(TIERS, ("dot", "dashdot", "dash", "solid"), strict=True):
        mine = [i for i, p in enumerate(known) if p["value_tier"] == tier]
        if not mine:
            continue
        for i in mine[:15]:
            lines.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": ticks,
                    "y": [places[name][i] for name in names],
                    "line": {"color": TIERS[tier], "width": 1},
                    "opacity": 0.22,
                    "hoverinfo": "skip",
                    "showlegend": False,
                }
            )
        middle = [sorted(places[name][i] for i in mine)[len(mine) // 2] for name in names]
        breadth[tier] = middle[-1]
        medians.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": tier,
                "x": ticks,
                "y": middle,
                "line": {"color": TIERS[tier], "width": 4, "dash": dash},
            }
        )
    gap = breadth.get("premium", 0) - breadth.get("low", 0)
    return Chart(
        "parallel",
        "Those who spend most also buy most broadly and most recently"
        if gap > 20
        else "The value tiers differ in spend, and little in how broadly they buy",
        lines + medians,
        axes("Measure", "Percentile within the sample", showlegend=True),
        ("explore/sample",),
        f"{who(sample)}, of these {len(known):,} with all measures known; thick: median of a value tier, thin: 15 "
        "customers of each",
        height=420,
    )


def who(sample: Sequence[Row]) -> str:
    """Who the points are: a sample, or everybody where all fit in."""
    if len(sample) < SIZE:
        return f"all n = {len(sample):,} customers"
    return f"a sample of n = {len(sample):,} customers, chosen by their keys"


def _percentiles(values: Sequence[float]) -> list[float]:
    """Mid-rank percentiles, so that equals share a place."""
    ordered = sorted(values)
    return [50 * (bisect_left(ordered, v) + bisect_right(ordered, v)) / len(ordered) for v in values]

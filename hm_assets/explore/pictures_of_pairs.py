"""Pictures of two measures at a time, and of groups side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.explore.relations import AGE_BANDS, PAIRED, UNKNOWN
from hm_assets.explore.words import shown
from hm_assets.warehouse.charts import (
    LESS_AND_MORE,
    Block,
    Chart,
    NotEnough,
    axes,
    interval,
    label,
)
from hm_assets.warehouse.pictures import BLUE

Row = Mapping[str, Any]
FEWEST = 30
PHRASES = {
    ("channel", "both"): "Customers who use both channels",
    ("channel", "online"): "Customers who buy online",
    ("channel", "store"): "Customers who buy in the store",
    ("fashion_news", "yes"): "Customers who get the fashion news",
}


def correlations(pairs: Sequence[Row]) -> Block:
    """Rank correlations of ten measures."""
    known = [line for line in pairs if line["spearman"] is not None]
    if not known or known[0]["customers"] < FEWEST:
        return NotEnough(
            "correlations", "What goes together", "fewer than 30 customers with all measures known"
        )
    by_pair = {(line["measure_a"], line["measure_b"]): line["spearman"] for line in known}
    by_pair |= {(b, a): rho for (a, b), rho in by_pair.items()}
    z = [[1.0 if a == b else by_pair.get((a, b)) for b in PAIRED] for a in PAIRED]
    names = [label(shown(name), 12) for name in PAIRED]
    top = max(known, key=lambda line: abs(line["spearman"]))
    bent = sum(line["form"] == "monotone, not linear" for line in known)
    flat = sum(line["form"] == "none" for line in known)
    span = f" ({top['low']:.2f} to {top['high']:.2f})" if top["low"] is not None else ""
    return Chart(
        "correlations",
        f"{shown(top['measure_a'])} and {shown(top['measure_b']).lower()} go together most closely: "
        f"rank correlation {top['spearman']:.2f}{span}",
        [
            {
                "type": "heatmap",
                "x": names,
                "y": names,
                "z": z,
                "zmin": -1,
                "zmax": 1,
                "colorscale": LESS_AND_MORE,
                "text": [
                    ["" if v is None else f"{v:.1f}".replace("-0.0", "0.0") for v in line] for line in z
                ],
                "texttemplate": "%{text}",
                "textfont": {"size": 11},
                "hovertemplate": "%{x} and %{y}: %{z:.2f}<extra></extra>",
                "colorbar": {"title": {"text": "rho"}, "thickness": 12},
            }
        ],
        axes("Measure", "Measure", xaxis={"tickangle": -45}, yaxis={"autorange": "reversed"}),
        ("explore/correlations",),
        f"n = {top['customers']:,} customers with an order in the last 365 days and all measures known",
        f"Of {len(known)} pairs {flat} do not go together (under 0.1), {bent} do but not in a straight line; "
        "for those Pearson’s r says too little.",
        540,
        wide=True,
    )


def by_age(groups: Sequence[Row]) -> Block:
    """Mean spend of the year by age band, with intervals."""
    mine = [
        g for g in groups if g["grouping"] == "age_band" and g["group"] != UNKNOWN and g["customers"] >= 10
    ]
    if len(mine) < 2:
        return NotEnough("spend_by_age", "Spend by age", "fewer than two age bands with ten customers")
    order = [f"{low}–{high}" for low, high in AGE_BANDS]
    mine.sort(key=lambda g: order.index(g["group"]))
    top = max(mine, key=lambda g: g["spend_365d"])
    others = max((g["spend_high"] or 0.0 for g in mine if g is not top), default=0.0)
    clear = top["spend_low"] is not None and top["spend_low"] > others
    title = (
        f"Customers aged {top['group']} spend most in a year"
        if clear
        else f"No age clearly spends most: those aged {top['group']} lead, but the intervals overlap"
    )
    values = [g["spend_365d"] for g in mine]
    bars = {
        "type": "bar",
        "x": [f"{g['group']}" for g in mine],
        "y": values,
        "marker": {"color": BLUE},
        "error_y": interval(values, [g["spend_low"] for g in mine], [g["spend_high"] for g in mine]),
        "customdata": [g["customers"] for g in mine],
        "hovertemplate": "%{x} years: %{y:.3f}, %{customdata:,} customers<extra></extra>",
    }
    counted = sum(g["customers"] for g in mine)
    return Chart(
        "spend_by_age",
        title,
        [bars],
        axes("Age (years)", "Mean spend, last 365 days<br>(price index)", xaxis={"type": "category"}),
        ("explore/groups",),
        f"n = {counted:,} customers of known age; bars: 95 % intervals",
        height=340,
    )


def by_group(groups: Sequence[Row]) -> Block:
    """Mean orders of the year by club status, news and channel."""
    kinds = {"club_member_status": "Club", "fashion_news": "News", "channel": "Channel"}
    mine = [
        g
        for g in groups
        if g["grouping"] in kinds
        and g["customers"] >= 10
        and g["orders_low"] is not None
        and g["orders_365d"] > 0
    ]
    if len(mine) < 2:
        return NotEnough("orders_by_group", "Orders by group", "fewer than two groups with ten customers")
    top = max(mine, key=lambda g: g["orders_365d"])
    values = [g["orders_365d"] for g in mine]
    points = {
        "type": "scatter",
        "mode": "markers",
        "y": [label(f"{kinds[g['grouping']]}: {g['group']}", 16) for g in mine],
        "x": values,
        "marker": {"color": BLUE, "size": 10},
        "error_x": interval(values, [g["orders_low"] for g in mine], [g["orders_high"] for g in mine]),
        "customdata": [g["customers"] for g in mine],
        "hovertemplate": "%{y}: %{x:.2f}, %{customdata:,} customers<extra></extra>",
    }
    return Chart(
        "orders_by_group",
        f"{PHRASES.get((top['grouping'], top['group']), kinds[top['grouping']] + ' “' + top['group'] + '”')}: "
        f"{top['orders_365d']:.1f} orders a year, the most of these groups",
        [points],
        axes(
            "Mean orders, last 365 days (orders)",
            "Group",
            xaxis={"rangemode": "tozero"},
            yaxis={"autorange": "reversed"},
        ),
        ("explore/groups",),
        "n = all customers with a purchase; lines: 95 % intervals. Each grouping splits the same customers",
        height=380,
    )

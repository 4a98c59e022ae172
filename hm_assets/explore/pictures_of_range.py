"""Pictures of what is sold: categories, prices, and which sections go together."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.explore.pictures_of_points import TIERS
from hm_assets.explore.words import number, percent
from hm_assets.warehouse.charts import (
    DASHES,
    SERIES,
    SYMBOLS,
    Block,
    Chart,
    NotEnough,
    axes,
    axis,
    label,
)
from hm_assets.warehouse.pictures import BLUE, GREY, ORANGE

Row = Mapping[str, Any]
SLICES, BARS, BUBBLES, EDGES = 7, 12, 30, 40
YEAR = "last 365 days"


def donut(lines: Sequence[Row]) -> Block:
    """Revenue by product group."""
    mine = [line for line in lines if line["level"] == "product_group" and line["spend"] > 0]
    if not mine:
        return NotEnough("revenue_donut", "Revenue by product group", "nothing was sold in the last 365 days")
    top, rest = mine[:SLICES], mine[SLICES:]
    names = [label(line["category"], 16) for line in top] + (["all others"] if rest else [])
    values = [line["spend"] for line in top] + ([sum(line["spend"] for line in rest)] if rest else [])
    return Chart(
        "revenue_donut",
        f"{label(top[0]['category'], 60)} brings {percent(top[0]['share_of_spend'])} of the revenue",
        [
            {
                "type": "pie",
                "hole": 0.55,
                "labels": names,
                "values": values,
                "sort": False,
                "direction": "clockwise",
                "marker": {
                    "colors": [*SERIES[:SLICES], GREY][: len(names)],
                    "line": {"color": "#ffffff", "width": 2},
                },
                "textinfo": "label+percent",
                "textposition": "outside",
                "automargin": True,
                "hovertemplate": "%{label}: %{value:.1f} price index, %{percent}<extra></extra>",
            }
        ],
        {
            "annotations": [
                {
                    "text": f"Revenue<br>{number(sum(values))}<br>(price index)",
                    "showarrow": False,
                    "font": {"size": 13},
                    "x": 0.5,
                    "y": 0.5,
                    "xref": "paper",
                    "yref": "paper",
                }
            ],
            "margin": {"l": 20, "r": 20, "t": 30, "b": 30},
        },
        ("explore/category_revenue",),
        f"n = {sum(line['items'] for line in mine):,} units, {YEAR}",
        height=420,
    )


def bars(lines: Sequence[Row]) -> Block:
    """Revenue and units of the subcategories with most revenue."""
    mine = [line for line in lines if line["level"] == "product_type"][:BARS]
    if not mine:
        return NotEnough(
            "subcategory_bars", "Revenue by product type", "nothing was sold in the last 365 days"
        )
    names = [label(line["category"], 16) for line in mine]
    best = max((line for line in lines if line["level"] == "product_type"), key=lambda line: line["items"])
    said = f"{label(mine[0]['category'], 60)} is first by revenue"
    said += " and by units" if best is mine[0] else f", {label(best['category'], 60)} by units"
    bar = {"type": "bar", "orientation": "h", "y": names}
    return Chart(
        "subcategory_bars",
        said,
        [
            {**bar, "x": [line["spend"] for line in mine], "name": "revenue", "marker": {"color": BLUE}},
            {
                **bar,
                "x": [line["items"] for line in mine],
                "name": "units",
                "marker": {"color": ORANGE},
                "xaxis": "x2",
            },
        ],
        {
            "xaxis": axis("Revenue (price index)", domain=[0, 0.47], nticks=4),
            "xaxis2": axis("Units", domain=[0.53, 1], nticks=4, anchor="y"),
            "yaxis": axis("Product type", autorange="reversed"),
            "showlegend": True,
        },
        ("explore/category_revenue",),
        f"n = the {len(mine)} product types with most revenue, {percent(sum(line['share_of_spend'] for line in mine))} "
        f"of it; {YEAR}",
        height=420,
    )


def bubbles(lines: Sequence[Row]) -> Block:
    """Units against revenue; the size is the mean price."""
    mine = [line for line in lines if line["level"] == "product_type" and line["items"] >= 10][:BUBBLES]
    if len(mine) < 3:
        return NotEnough(
            "subcategory_bubbles", "Units and revenue", "fewer than three product types with ten units"
        )
    dearest = max(mine, key=lambda line: line["spend_per_item"])
    largest = dearest["spend_per_item"]
    mean = sum(line["spend"] for line in mine) / sum(line["items"] for line in mine)
    named = {line["category"] for line in (*mine[:6], dearest)}
    return Chart(
        "subcategory_bubbles",
        f"{label(dearest['category'], 60)} earns most per unit: {number(dearest['spend_per_item'])}, "
        f"{largest / mean:.1f} times the mean",
        [
            {
                "type": "scatter",
                "mode": "markers+text",
                "x": [line["items"] for line in mine],
                "y": [line["spend"] for line in mine],
                "text": [label(line["category"], 14) if line["category"] in named else "" for line in mine],
                "textposition": "top center",
                "textfont": {"size": 11},
                "customdata": [[label(line["category"], 60), line["spend_per_item"]] for line in mine],
                "hovertemplate": "%{customdata[0]}: %{x:,} units, revenue %{y:.1f}, "
                "%{customdata[1]:.4f} a unit<extra></extra>",
                "marker": {
                    "size": [line["spend_per_item"] for line in mine],
                    "sizemode": "area",
                    "sizeref": largest / 900,
                    "color": BLUE,
                    "opacity": 0.55,
                    "line": {"color": BLUE, "width": 1},
                },
            }
        ],
        axes(
            "Units (logarithmic)",
            "Revenue (price index, logarithmic)",
            xaxis={"type": "log", "dtick": "D2"},
            yaxis={"type": "log", "dtick": "D2"},
        ),
        ("explore/category_revenue",),
        f"n = {len(mine)} product types with ten units or more, {YEAR}; size: mean price of a unit",
        "Margins are not in data: this is revenue, not profit.",
        460,
        wide=True,
    )


def price_curves(lines: Sequence[Row], kind: str) -> Block:
    """Units against relative price, one line per category or tier."""
    words = {
        "category": ("price_by_category", "product group", "a day of an article", "days of an article"),
        "value_tier": ("price_by_tier", "value tier", "an order", "orders"),
    }
    name, what, each, many = words[kind]
    mine = [line for line in lines if line["kind"] == kind and line["index_to_usual"] is not None]
    order = list(TIERS) if kind == "value_tier" else sorted({line["value"] for line in mine})
    curves = {value: [line for line in mine if line["value"] == value] for value in order}
    curves = {value: points for value, points in curves.items() if len(points) >= 3}
    if not curves:
        return NotEnough(
            name, f"Units by price and {what}", "fewer than three price steps with 30 observations each"
        )
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": label(value, 22),
            "x": [line["relative_price"] for line in points],
            "y": [line["index_to_usual"] for line in points],
            "line": {"color": TIERS.get(value, SERIES[i % 8]), "dash": DASHES[i % 8], "width": 2},
            "marker": {"symbol": SYMBOLS[i % 8], "size": 7},
        }
        for i, (value, points) in enumerate(curves.items())
    ]
    slopes = {line["value"]: line for line in lines if line["kind"] == kind and line["slope"] is not None}
    clear = {v: p for v, p in slopes.items() if p["slope_high"] < 0}
    steepest = min(clear, key=lambda value: clear[value]["slope"], default=None)
    if steepest is None:
        title = f"In none of {len(slopes)} {what}s do units clearly rise as the price falls"
    else:
        line = clear[steepest]
        title = (
            f"{label(steepest, 60)}: 10 % off goes with {100 * (0.9 ** line['slope'] - 1):.0f} % more units "
            f"({100 * (0.9 ** line['slope_high'] - 1):.0f} to {100 * (0.9 ** line['slope_low'] - 1):.0f} %)"
        )
    told = "; ".join(
        f"{value} {line['slope']:.2f} ({line['slope_low']:.2f} to {line['slope_high']:.2f})"
        for value, line in slopes.items()
    )
    return Chart(
        name,
        title,
        traces,
        axes("Price paid ÷ usual price", f"Units on {each}<br>(usual price = 100)", showlegend=True),
        ("explore/price_curves",),
        f"n = {sum(line['observations'] for line in lines if line['kind'] == kind):,} {many}, "
        f"{YEAR}; points with 30 or more",
        f"Slopes of log units on log price: {told}. Days and orders without a sale are not in the files and prices "
        "fall when demand does, so this is no proof of what a discount would bring. The price is a mean over the units "
        f"of {each}: many units pull it towards the usual one, so the middle of a curve stands high.",
        440,
    )


def network(pairs: Sequence[Row]) -> Block:
    """Sections on a circle; a line where clearly more customers buy in both than expected."""
    clear = [pair for pair in pairs if pair["low"] > 1][:EDGES]
    if not clear:
        return NotEnough(
            "network",
            "Which sections go together",
            "no pair of sections has clearly more common customers than expected",
        )
    groups = {pair[f"section_{end}"]: pair[f"index_group_{end}"] for pair in pairs for end in "ab"}
    sizes = {pair[f"section_{end}"]: pair[f"customers_{end}"] for pair in pairs for end in "ab"}
    named = {pair[f"section_{end}"] for pair in clear for end in "ab"}
    sections = sorted(named, key=lambda section: (groups[section], section))
    angle = {section: 2 * math.pi * i / len(sections) + math.pi / 2 for i, section in enumerate(sections)}
    place = {section: (math.cos(turn), math.sin(turn)) for section, turn in angle.items()}
    strongest = max(math.log(pair["lift"]) for pair in clear)
    edges = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [place[pair["section_a"]][0], place[pair["section_b"]][0]],
            "y": [place[pair["section_a"]][1], place[pair["section_b"]][1]],
            "line": {"color": GREY, "width": 1 + 6 * math.log(pair["lift"]) / strongest},
            "opacity": 0.6,
            "hoverinfo": "skip",
            "showlegend": False,
        }
        for pair in clear
    ]
    largest = max(sizes.values())
    nodes = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": label(group, 30),
            "x": [place[s][0] for s in mine],
            "y": [place[s][1] for s in mine],
            "text": [f"{label(s, 60)}: {sizes[s]:,} customers" for s in mine],
            "hovertemplate": "%{text}<extra></extra>",
            "marker": {
                "color": SERIES[i % 8],
                "opacity": 1,
                "symbol": SYMBOLS[i % 6],
                "size": [10 + 22 * math.sqrt(sizes[s] / largest) for s in mine],
                "line": {"color": "#ffffff", "width": 1},
            },
        }
        for i, group in enumerate(sorted({groups[s] for s in sections}))
        if (mine := [s for s in sections if groups[s] == group])
    ]
    labels = [
        {
            "x": 1.16 * place[s][0],
            "y": 1.16 * place[s][1],
            "text": label(s, 14),
            "showarrow": False,
            "font": {"size": 11},
            "xanchor": "center" if abs(place[s][0]) < 0.3 else "left" if place[s][0] > 0 else "right",
            "yanchor": "middle",
        }
        for s in sections
    ]
    hidden = {"showgrid": False, "showticklabels": False, "zeroline": False}
    top = clear[0]
    return Chart(
        "network",
        f"{label(top['section_a'], 60)} and {label(top['section_b'], 60)} go together most: {top['lift']:.1f} times "
        f"the common customers expected ({top['low']:.1f} to {top['high']:.1f})",
        [*edges, *nodes],
        {
            "xaxis": {
                **hidden,
                "range": [-1.9, 1.9],
                "title": {"text": "Sections by index group; position has no unit"},
            },
            "yaxis": {**hidden, "range": [-1.35, 1.35], "title": {"text": ""}},
            "annotations": labels,
            "showlegend": True,
            "margin": {"l": 4, "r": 4, "t": 16, "b": 40},
        },
        ("explore/affinity_network",),
        f"n = {len(clear)} of {len(pairs)} pairs of sections, 12 months: the strongest with an interval above 1; the "
        "thicker, the more often together; size: customers",
        "Expected given how many sections each customer buys in, so broad buyers do not tie everything to everything. "
        "Retailers with brands would see brands here; the files have none.",
        560,
        wide=True,
    )

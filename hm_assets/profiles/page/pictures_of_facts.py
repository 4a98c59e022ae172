"""What segments are like beside everybody: a radar per segment, and all facts on a heat map."""

import math
from typing import Any

from hm_assets.profiles.page.month import Month, Row
from hm_assets.profiles.wording import WORDINGS
from hm_assets.profiles.words.defining import direction
from hm_assets.profiles.words.pieces import written
from hm_assets.warehouse.charts import LESS_AND_MORE, LINE, Block, Chart, NotEnough, axes, label
from hm_assets.warehouse.pictures import GREY

SOURCE = ("profiles/segment_profiles",)
SPOKES = {
    "recency_days": "Days since last order",
    "orders_365d": "Orders a year",
    "spend_365d": "Spend a year",
    "spend_per_order": "Spend per order",
    "items_per_order": "Items per order",
    "price_per_item": "Price of an item",
    "discount_share": "Below usual price",
    "online_share": "Ordered online",
}
FEWEST_SPOKES = 3
# Ends of the scales: a quarter of everybody's figure and four times it.
FARTHEST = 2.0
PALE = 0.2
# Doublings of everybody's figure -> how they are written.
RINGS = {-2: "¼", -1: "½", 0: "1 ×", 1: "2 ×", 2: "4 ×"}
KINDS = ("behaviour", "value", "engagement", "demographic")
ALONE = "there is one segment, which is its own base"


def radars(month: Month) -> list[Block]:
    """A radar per segment, on the scale of everybody's figures."""
    if len(month.ids) < 2:
        return [NotEnough("radars", "Each segment beside everybody", ALONE)]
    return [_radar(month, i) for i in month.ids]


def heat_map(month: Month) -> Block:
    """Every fact of every segment as an index to the base; what is not clear stays pale."""
    if len(month.ids) < 2:
        return NotEnough("heat_map", "Every fact of every segment", ALONE)
    names = [n for n in WORDINGS if any(indexed(month, i, n) for i in month.ids)]
    if not names:
        return NotEnough("heat_map", "Every fact of every segment", "no fact has a base to compare with")
    cells = [[indexed(month, i, n) for i in month.ids] for n in names]
    known = [row for line in cells for row in line if row]
    clear = [row for row in known if is_clear(row)]
    title = f"None of {len(known)} differences from everybody is clear"
    if clear:
        most = max(clear, key=lambda row: (abs(doublings(row)), -row["segment_id"], row["fact"]))
        title = (
            f"{len(clear)} of {len(known)} differences from everybody are clear; the largest: "
            f"{month.short(most['segment_id'])}, “{WORDINGS[most['fact']].label.lower()}” {times(most)}"
        )
    return Chart(
        "heat_map",
        title,
        [
            {
                "type": "heatmap",
                "x": [month.tick(i, 16) for i in month.ids],
                "y": [label(WORDINGS[n].label, 30) for n in names],
                "z": [[_shade(row) for row in line] for line in cells],
                "text": [[_index(row) for row in line] for line in cells],
                "customdata": [[_explained(row) for row in line] for line in cells],
                "texttemplate": "%{text}",
                "textfont": {"size": 12},
                "hovertemplate": "%{x}, %{y}: %{customdata}<extra></extra>",
                "colorscale": LESS_AND_MORE,
                "zmin": -FARTHEST,
                "zmax": FARTHEST,
                "xgap": 2,
                "ygap": 2,
                "colorbar": {
                    "tickvals": list(RINGS),
                    "ticktext": list(RINGS.values()),
                    "thickness": 12,
                },
            }
        ],
        axes(
            "Segment",
            "Fact",
            xaxis={"type": "category", "side": "top", "showgrid": False},
            yaxis={"autorange": "reversed", "type": "category", "showgrid": False},
            margin={"l": 60, "r": 16, "t": 80, "b": 16},
        ),
        SOURCE,
        f"n = {month.customers:,} customers, all with a purchase",
        "How to read it: 100 is the figure of everybody who bought, 200 twice as much. Blue is more, orange less; pale "
        "cells in brackets are no clear difference, because the 95 % interval reaches the base.",
        height=130 + 27 * len(names),
        wide=True,
        narrow={
            "yaxis.tickfont.size": 9,
            "xaxis.tickfont.size": 8,
            "xaxis.tickangle": -90,
            "yaxis.title.text": "",
            "margin.r": 4,
        },
    )


def indexed(month: Month, segment: int, fact: str) -> Row | None:
    """The fact of a segment, where it has a base to be compared with."""
    row = month.facts.get((segment, fact))
    return row if row is not None and row["kind"] in KINDS and row["index_to_base"] is not None else None


def is_clear(row: Row) -> bool:
    """Whether its 95 % interval keeps clear of the base."""
    return direction(row) != "same"


def doublings(row: Row) -> float:
    """How often the base is doubled: 1 = twice, -1 = half; a fact of 0 is taken for a hundredth."""
    return math.log2(max(float(row["index_to_base"]), 1.0) / 100)


def times(row: Row) -> str:
    """The index as a multiple of everybody's figure."""
    ratio = float(row["index_to_base"]) / 100
    if ratio < 0.1:
        return "under 0.1\u00a0× everybody’s"
    return f"{ratio:,.0f}\u00a0× everybody’s" if ratio >= 10 else f"{ratio:.2g}\u00a0× everybody’s"


def glass(colour: str, alpha: float) -> str:
    """A colour (`#rrggbb`) that lets through what lies behind it; alpha is 0 to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def _radar(month: Month, segment: int) -> Block:
    rows = {n: row for n in SPOKES if (row := indexed(month, segment, n))}
    name, called = f"radar_{segment}", month.short(segment)
    if len(rows) < FEWEST_SPOKES:
        return NotEnough(name, f"{called} beside everybody", f"fewer than {FEWEST_SPOKES} facts are known")
    clear = sorted(
        (row for row in rows.values() if is_clear(row)), key=lambda r: (-abs(doublings(r)), r["fact"])
    )
    title = f"{called}: no clear difference from everybody in {len(rows)} facts"
    if clear:
        first = " and ".join(f"{SPOKES[row['fact']].lower()} {times(row)}" for row in clear[:2])
        title = f"{called}: {first.replace(' everybody’s and', ' and')}"
    colour = month.colour(segment)
    around = [*rows, next(iter(rows))]
    step = 360 / len(rows)
    theta = [round(step * place, 3) for place in range(len(rows))] + [0.0]

    def ring(values: list[float], **more: Any) -> dict[str, Any]:
        return {
            "type": "scatterpolar",
            "mode": "lines",
            "r": [round(min(FARTHEST, max(-FARTHEST, v)), 4) for v in values],
            "theta": theta,
            "hoverinfo": "skip",
            **more,
        }

    traces = [
        ring([_end(rows[n], "high") for n in around], line={"width": 0}),
        ring(
            [_end(rows[n], "low") for n in around],
            line={"width": 0},
            fill="tonext",
            fillcolor=glass(colour, 0.3),
        ),
        ring([0.0] * len(around), line={"color": GREY, "width": 1.5, "dash": "dash"}),
        ring(
            [doublings(rows[n]) for n in around],
            mode="lines+markers",
            line={"color": colour, "width": 2.5},
            marker={"color": colour, "size": 7, "symbol": month.symbol(segment)},
            text=[f"{label(SPOKES[n], 40)}: {_explained(rows[n])}" for n in around],
            hovertemplate="%{text}<extra></extra>",
            hoverinfo="all",
        ),
        # Between two spokes, where no line runs: marks of an axis would lie on one.
        {
            "type": "scatterpolar",
            "mode": "text",
            "r": list(RINGS),
            "theta": [step / 2] * len(RINGS),
            "text": list(RINGS.values()),
            "textfont": {"size": 10, "color": "#5a636e"},
            "hoverinfo": "skip",
        },
    ]
    return Chart(
        name,
        title,
        traces,
        {
            "polar": {
                "radialaxis": {
                    "range": [-FARTHEST - 0.15, FARTHEST + 0.15],
                    "tickvals": list(RINGS),
                    "showticklabels": False,
                    "ticks": "",
                    "showline": False,
                    "gridcolor": LINE,
                },
                "angularaxis": {
                    "direction": "clockwise",
                    "rotation": 90,
                    "tickvals": theta[:-1],
                    "ticktext": [label(SPOKES[n], 11) for n in rows],
                    "gridcolor": LINE,
                    "linecolor": LINE,
                },
                "bgcolor": "rgba(0,0,0,0)",
            },
            "margin": {"l": 84, "r": 84, "t": 40, "b": 40},
        },
        SOURCE,
        f"n = {int(month.value(segment, 'customers') or 0):,} customers",
        "How to read it: the dashed ring is everybody who bought (1\u00a0×); outside of it is more, inside less, and "
        "the rim four times or more. The band is the 95 % interval.",
        height=370,
        narrow={"margin.l": 66, "margin.r": 66},
    )


def _end(row: Row, end: str) -> float:
    value = row[end] if row[end] is not None else row["value"]
    return math.log2(max(value / row["base"], 0.01))


def _shade(row: Row | None) -> float | None:
    if row is None:
        return None
    shade = min(FARTHEST, max(-FARTHEST, doublings(row)))
    return round(shade if is_clear(row) else PALE * shade, 3)


def _index(row: Row | None) -> str:
    if row is None:
        return "–"
    index = f"{row['index_to_base']:.0f}"
    return index if is_clear(row) else f"({index})"


def _explained(row: Row | None) -> str:
    if row is None:
        return "not in data"
    return f"{written(row)}, everybody {written(row, 'base')}"

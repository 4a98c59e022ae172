"""How far members of a segment differ from one another: boxes of all of them, and a sample over several measures."""

import math
from collections.abc import Sequence

import numpy as np

from hm_assets.explore.words import number, percent
from hm_assets.profiles.page.month import Month, Row
from hm_assets.profiles.page.reading import SAMPLED, SPREAD
from hm_assets.segments.space import Floats
from hm_assets.warehouse.charts import Block, Chart, NotEnough, axes, label

SOURCES = ("features/customer_features", "segments/assignments")
FEWEST = 30
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
    finding = f"{title}: median {number(at(high, 'median'))} in all segments"
    if at(high, "median") > at(low, "median"):
        finding = (
            f"{title}: half of {month.short(high)} have {number(at(high, 'median'))} or more, of {month.short(low)} "
            f"{number(at(low, 'median'))}"
        )
    counted = sum(int(rows[i]["counted"]) for i in shown)
    left_out = " Those without any are left out and told beside the name." if some else ""
    return Chart(
        name,
        finding,
        traces,
        axes(
            f"{title} ({unit}, logarithmic)",
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
    """Single customers over several measures; a range drawn on an axis keeps those within it."""
    name, rows = "parallel", month.sample
    placed = [i for i in month.ids if any(row["segment_id"] == i for row in rows)]
    if len(rows) < FEWEST or len(placed) < 2:
        reason = f"fewer than {FEWEST} customers" if len(rows) < FEWEST else "there is one segment"
        return NotEnough(name, "Several measures at once", reason)
    order = np.array([placed.index(row["segment_id"]) for row in rows])
    values = {n: np.array([float(row[n] or 0.0) for row in rows]) for n in SAMPLED}
    apart = {n: explained(column, order) for n, column in values.items()}
    most, least = (pick(SAMPLED, key=lambda n: (apart[n], n)) for pick in (max, min))
    # Drawn last lies on top: the segments take turns, so that none hides another.
    turn = np.lexsort((order, _running(order)))
    last = len(placed) - 1
    return Chart(
        name,
        f"{MEASURES[most][0]} tells the segments apart most ({percent(apart[most])} of its ranks), "
        f"{MEASURES[least][0].lower()} least ({percent(apart[least])})",
        [
            {
                "type": "parcoords",
                "line": {
                    "color": order[turn].tolist(),
                    "cmin": 0,
                    "cmax": last,
                    "colorscale": [[place / last, month.colour(i)] for place, i in enumerate(placed)],
                },
                "dimensions": [
                    {
                        "label": "Segment",
                        "values": order[turn].tolist(),
                        "range": [last + 0.3, -0.3],
                        "tickvals": list(range(len(placed))),
                        "ticktext": [month.short(i)[:24] for i in placed],
                    },
                    *(_dimension(n, values[n][turn]) for n in SAMPLED),
                ],
                "labelangle": -18,
                "labelside": "bottom",
                "labelfont": {"size": 12},
                "tickfont": {"size": 11},
                "rangefont": {"size": 1, "color": "rgba(0,0,0,0)"},
                "unselected": {"line": {"opacity": 0.04}},
            }
        ],
        {"margin": {"l": 118, "r": 60, "t": 20, "b": 76}},
        SOURCES,
        f"a sample of n = {len(rows):,} customers, equally many of each segment, drawn evenly over their behaviour",
        "How to read it: a line is a customer. Drag along an axis to keep those within a range, on the first one a "
        "segment; click it to let go; drag an axis by its name to move it. All axes but the first are logarithmic.",
        height=470,
        wide=True,
    )


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


def _running(groups: np.ndarray) -> np.ndarray:
    """Of each element, how many of its group came before."""
    found, seen = np.zeros(len(groups), dtype=np.int64), dict[int, int]()
    for position, group in enumerate(groups.tolist()):
        found[position] = seen.get(group, 0)
        seen[group] = found[position] + 1
    return found


def _dimension(name: str, values: Floats) -> dict[str, object]:
    known = values[values > 0]
    smallest = float(known.min()) if len(known) else 1.0
    drawn = np.log10(np.maximum(values, FLOOR.get(name, smallest)))
    low, high = float(drawn.min()), float(drawn.max())
    marks = [(m, m * 10**power) for power in range(math.floor(low), math.ceil(high) + 1) for m in (1, 3)]
    ticks = [value for _, value in marks if low - 1e-9 <= math.log10(value) <= high + 1e-9]
    return {
        "label": label(MEASURES[name][0], 40),
        "values": [float(v) for v in np.round(drawn, 3)],
        "range": [round(low, 3), round(high, 3) if high > low else round(low, 3) + 1],
        "tickvals": [round(math.log10(value), 4) for value in ticks],
        "ticktext": [f"{value:,.0f}" if value >= 1 else f"{value:g}" for value in ticks],
    }


def _tick(month: Month, row: Row, some: bool) -> str:
    tick = month.tick(row["segment_id"])
    none = 1 - row["counted"] / row["members"]
    return f"{tick}<br>({percent(none)} none)" if some and none >= VISIBLE_SHARE else tick

"""What a segment buys more of than everybody: product types, colours, patterns, topics, price bands."""

from hm_assets.playbooks.dashboard.month import Told
from hm_assets.playbooks.dashboard.parts import Sheet, View, clipped
from hm_assets.playbooks.facts import ASSET as PROFILES
from hm_assets.profiles.page.pictures_of_facts import times
from hm_assets.profiles.taste.counts import KINDS as TASTES
from hm_assets.warehouse.charts import Chart, NotEnough, axes, label
from hm_assets.warehouse.pictures import GREY

MOST_TASTES = 8
# As high as the radar beside it.
BESIDE = 400
FIELDS = ("value", "base", "index_to_base", "low", "high")


def tastes(told: Told, segment: int) -> View:
    """What a segment buys more of than everybody, the highest index first."""
    month = told.month
    name, called = f"tastes_{segment}", month.short(segment)
    rows = [
        row
        for row in month.profiles
        if row["segment_id"] == segment and row["kind"] in TASTES and (row["low"] or 0) > 100
    ]
    rows = sorted(rows, key=lambda r: (-r["index_to_base"], r["kind"], r["fact"]))[:MOST_TASTES]
    if not rows:
        return View(NotEnough(name, f"What {called} over-buy", "no taste stands out with enough certainty"))
    names = [clipped(str(row["fact"]), 40) for row in rows]
    first = f"“{names[0]}” with index {rows[0]['index_to_base']:,.0f}"
    chart = Chart(
        name,
        f"{called} over-buy most: {first}, that is {times(rows[0])} share",
        [
            {
                "type": "bar",
                "orientation": "h",
                # A value of two kinds of taste (a colour and a pattern) may have the same name.
                "y": list(range(len(rows))),
                "x": [round(float(row["index_to_base"]), 1) for row in rows],
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [round(row["high"] - row["index_to_base"], 2) for row in rows],
                    "arrayminus": [round(row["index_to_base"] - row["low"], 2) for row in rows],
                    "thickness": 1.2,
                    "width": 4,
                },
                "marker": {"color": month.colour(segment)},
                "hovertext": [label(text, 60) for text in names],
                "hovertemplate": "%{hovertext}: index %{x:.0f}<extra></extra>",
            }
        ],
        axes(
            "Index (100 = everybody’s share)",
            "What they buy",
            xaxis={"rangemode": "tozero"},
            yaxis={
                "autorange": "reversed",
                "tickvals": list(range(len(rows))),
                "ticktext": [label(text, 24) for text in names],
            },
            shapes=[
                {
                    "type": "line",
                    "x0": 100,
                    "x1": 100,
                    "yref": "paper",
                    "y0": 0,
                    "y1": 1,
                    "line": {"color": GREY, "dash": "dash", "width": 1.5},
                }
            ],
        ),
        (PROFILES,),
        f"n = {int(month.value(segment, 'customers') or 0):,} customers",
        "How to read it: index 200 is twice everybody’s share of items; lines are 95 % intervals. Listed is what "
        "stays above 100 with a false discovery rate of 5 %.",
        height=BESIDE,
        narrow={"yaxis.title.text": "", "yaxis.tickfont.size": 9, "margin.r": 8},
    )
    lines = []
    for text, row in zip(names, rows, strict=True):
        cells = [told.of_kind(segment, row["kind"], row["fact"], field) for field in FIELDS]
        lines.append((text, [row["kind"].replace("_", " "), *cells], None))
    columns = ["What they buy", "Kind", "Share of their items", "Of everybody’s", "Index", "Lower end (95 %)"]
    return View(chart, Sheet.of([*columns, "Upper end"], lines))

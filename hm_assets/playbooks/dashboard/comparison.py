"""The tab that lays several segments beside one another."""

from hm_assets.playbooks.dashboard import beside, sheets
from hm_assets.playbooks.dashboard.month import Told
from hm_assets.playbooks.dashboard.parts import Bare, Choice, Choices, Column, Line, Several, Sheet, Tab, View
from hm_assets.playbooks.facts import ASSET as PROFILES
from hm_assets.profiles.page.month import Row
from hm_assets.profiles.wording import WORDINGS, Style
from hm_assets.profiles.words.pieces import written
from hm_assets.warehouse.charts import Block, Chart, NotEnough, axes, interval
from hm_assets.warehouse.pictures import GREY

FIRST_CHOSEN = 3
SEGMENTS = "segments"
# What is compared in a bar each.
COMPARED = (
    *("spend_365d", "spend_per_order", "orders_365d", "recency_days", "gap_days", "items_per_order"),
    *("price_per_item", "discount_share", "online_share", "bought_365d", "bought_once", "age"),
    *("fashion_news", "club_active"),
)
UNITS: dict[Style, str] = {"share": " (%)", "days": " (days)"}


def tab(told: Told) -> Tab:
    """The tab."""
    month = told.month
    facts = [fact for fact in COMPARED if any((i, fact) in month.facts for i in month.ids)]
    radar = beside.overlay(month)
    drawn = beside.drawn(month) if isinstance(radar, Chart) else []
    options = [Choice(fact, WORDINGS[fact].label, views=[_view(told, fact)]) for fact in facts]
    return Tab(
        "comparison",
        "Comparison",
        "Segments beside one another",
        "Choose the segments to compare: the radar lays them over one another, and the table holds every fact.",
        several=Several(
            "Segments to compare",
            [(i, month.short(i), month.colour(i)) for i in month.ids],
            month.ids[:FIRST_CHOSEN],
        ),
        parts=[
            View(radar, sheets.by_segment(told, drawn) if drawn else None, SEGMENTS),
            *([Choices("fact", "One fact", options)] if options else []),
            _table(told),
        ],
    )


def _table(told: Told) -> View:
    month = told.month
    facts = [fact for fact in WORDINGS if any((i, fact) in month.facts for i in month.ids)]
    picture = Bare(
        "side_by_side",
        f"{len(facts)} facts of each segment, side by side",
        (PROFILES,),
        f"n = {month.customers:,} customers with a purchase",
        "How to read it: a column is a segment; the last one is everybody who has bought.",
    )
    return View(picture, sheets.by_segment(told, facts), SEGMENTS)


def _view(told: Told, fact: str) -> View:
    month, wording = told.month, WORDINGS[fact]
    rows = {i: month.facts[i, fact] for i in month.ids if (i, fact) in month.facts}
    columns = ["Segment", wording.label, "Lower end (95 %)", "Upper end"]
    lines = [
        Line(month.short(i), [told.cell(i, fact, end) for end in ("value", "low", "high")], i)
        for i in month.ids
    ]
    every = Line("All customers", [told.base(fact), "–", "–"])
    return View(_bars(told, fact, rows), Sheet([Column(c) for c in columns], [*lines, every]), SEGMENTS)


def _bars(told: Told, fact: str, rows: dict[int, Row]) -> Block:
    month, wording, name = told.month, WORDINGS[fact], f"fact_{fact}"
    if not rows:
        return NotEnough(name, wording.label, "no segment has it")
    scale = 100 if wording.style == "share" else 1
    most, least = (pick(rows.values(), key=lambda r: (r["value"], -r["segment_id"])) for pick in (max, min))
    base = next((row["base"] for row in rows.values() if row["base"] is not None), None)
    title = f"{wording.label}: {written(most)} ({month.short(most['segment_id'])})"
    if len(rows) > 1:
        title += f" down to {written(least)} ({month.short(least['segment_id'])})"
    traces = []
    for i, row in rows.items():
        value = float(row["value"])
        ends = [None if row[end] is None else scale * row[end] for end in ("low", "high")]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "meta": i,
                "name": month.tick(i, 40),
                "y": [month.tick(i, 20)],
                "x": [float(f"{scale * value:.6g}")],
                "error_x": interval([scale * value], ends[:1], ends[1:]),
                "marker": {"color": month.colour(i)},
                "hovertemplate": f"%{{y}}: {written(row)}<extra></extra>",
            }
        )
    line = {
        "type": "line",
        "x0": scale * (base or 0.0),
        "x1": scale * (base or 0.0),
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": GREY, "dash": "dash", "width": 1.5},
    }
    said = f" ({wording.what})" if wording.what else ""
    return Chart(
        name,
        title,
        traces,
        axes(
            f"{wording.label}{UNITS.get(wording.style, '')}",
            "Segment",
            yaxis={"type": "category", "autorange": "reversed"},
            xaxis={"rangemode": "tozero"},
            shapes=[] if base is None else [line],
            barmode="overlay",
        ),
        (PROFILES,),
        f"n = {month.customers:,} customers with a purchase",
        f"How to read it: {wording.label.lower()}{said}; the dashed line is all customers, thin lines 95 % intervals.",
        height=130 + 46 * len(rows),
        wide=True,
        narrow={"yaxis.title.text": "", "margin.r": 8},
    )

"""Segments beside everybody: all of them on one radar, and one of them in all its facts."""

from collections.abc import Sequence
from typing import Any

from hm_assets.playbooks.facts import ASSET as PROFILES
from hm_assets.profiles.page.month import Month, Row
from hm_assets.profiles.page.pictures_of_facts import (
    FARTHEST,
    FEWEST_SPOKES,
    RINGS,
    SPOKES,
    doublings,
    indexed,
    is_clear,
    times,
)
from hm_assets.profiles.wording import WORDINGS
from hm_assets.profiles.words.pieces import written
from hm_assets.warehouse.charts import LINE, Block, Chart, NotEnough, axes, label
from hm_assets.warehouse.pictures import BLUE, GREY, VERMILION

PALE = "#c9cfd6"
# The label of the topmost spoke stands between the radar and its legend.
ABOVE_THE_LABELS = {
    "orientation": "h",
    "y": 1.13,
    "yanchor": "bottom",
    "x": 0,
    "xanchor": "left",
    "itemsizing": "constant",
}
ALONE = "there is one segment, which is its own base"
RING = "How to read it: the dashed ring is everybody who bought (1\u00a0×); outside of it is more, inside less, the "


def facts_of(month: Month) -> list[str]:
    """The facts that any segment has beside everybody, in the order of a page."""
    return [fact for fact in WORDINGS if any(indexed(month, i, fact) for i in month.ids)]


def drawn(month: Month) -> list[str]:
    """The facts of the radar: those that all segments have."""
    return [fact for fact in SPOKES if all(indexed(month, i, fact) for i in month.ids)]


def overlay(month: Month) -> Block:
    """All segments on one radar; each is a trace of its own that a reader shows or hides."""
    name, title = "radar", "The segments over one another"
    facts = drawn(month)
    if len(month.ids) < 2 or len(facts) < FEWEST_SPOKES:
        reason = ALONE if len(month.ids) < 2 else f"fewer than {FEWEST_SPOKES} facts are known of all of them"
        return NotEnough(name, title, reason)
    rows = {i: [month.facts[i, fact] for fact in facts] for i in month.ids}
    ranges = {
        fact: max(at) - min(at)
        for place, fact in enumerate(facts)
        if (at := [doublings(mine[place]) for mine in rows.values()])
    }
    widest = max(facts, key=lambda fact: (ranges[fact], -facts.index(fact)))
    ends = [month.facts[i, widest] for i in month.ids]
    most, least = (pick(ends, key=lambda r: (r["value"], -r["segment_id"])) for pick in (max, min))
    traces: list[dict[str, Any]] = [_ring(len(facts))]
    for i, mine in rows.items():
        traces.append(
            {
                "type": "scatterpolar",
                "mode": "lines+markers",
                "name": month.tick(i, 40),
                "meta": i,
                "r": [_within(row) for row in (*mine, mine[0])],
                "theta": _angles(len(facts)),
                "line": {"color": month.colour(i), "width": 2.5, "dash": month.dash(i)},
                "marker": {"color": month.colour(i), "size": 8, "symbol": month.symbol(i)},
                "text": [f"{label(SPOKES[row['fact']], 40)}: {written(row)}" for row in (*mine, mine[0])],
                "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
            }
        )
    return Chart(
        name,
        f"They lie farthest apart in {SPOKES[widest].lower()}: {written(most)} ({month.short(most['segment_id'])}) "
        f"against {written(least)} ({month.short(least['segment_id'])})",
        [*traces, _marks(len(facts))],
        {
            **_polar([SPOKES[fact] for fact in facts]),
            "showlegend": True,
            "legend": ABOVE_THE_LABELS,
            "margin": {"l": 84, "r": 84, "t": 96, "b": 40},
        },
        (PROFILES,),
        f"n = {month.customers:,} customers with a purchase",
        f"{RING}rim four times or more. Choose segments above to lay them over one another.",
        height=600,
        wide=True,
        narrow={
            "height": 430,
            "margin.l": 74,
            "margin.r": 62,
            "margin.t": 20,
            "legend.font.size": 10,
            "legend.y": 1.02,
        },
    )


def one(month: Month, segment: int) -> Block:
    """All facts of a segment against everybody, in doublings."""
    name, called = f"beside_{segment}", month.short(segment)
    rows = [row for fact in WORDINGS if (row := indexed(month, segment, fact))]
    if len(month.ids) < 2 or not rows:
        reason = ALONE if len(month.ids) < 2 else "no fact has a base to compare with"
        return NotEnough(name, f"{called} beside all customers", reason)
    clear = sorted((row for row in rows if is_clear(row)), key=lambda r: (-abs(doublings(r)), r["fact"]))
    title = f"{called}: no clear difference from all customers in {len(rows)} facts"
    if clear:
        first = clear[0]
        what = WORDINGS[first["fact"]].label.lower()
        title = f"{called}: {len(clear)} of {len(rows)} facts differ clearly; most, “{what}” {times(first)}"
    shown = [_within(row) for row in rows]
    return Chart(
        name,
        title,
        [
            {
                "type": "bar",
                "orientation": "h",
                "y": [label(WORDINGS[row["fact"]].label, 30) for row in rows],
                "x": shown,
                "marker": {
                    "color": [
                        PALE if not is_clear(row) else BLUE if row["index_to_base"] > 100 else VERMILION
                        for row in rows
                    ]
                },
                "text": [f"{row['index_to_base']:,.0f}" for row in rows],
                "textposition": "outside",
                "cliponaxis": False,
                "customdata": [f"{written(row)}, all customers {written(row, 'base')}" for row in rows],
                "hovertemplate": "%{y}: %{customdata}<extra></extra>",
            }
        ],
        axes(
            "Times the figure<br>of all customers",
            "Fact",
            xaxis={
                "range": [-FARTHEST - 0.45, FARTHEST + 0.45],
                "tickvals": list(RINGS),
                "ticktext": list(RINGS.values()),
                "zeroline": True,
                "zerolinecolor": GREY,
            },
            yaxis={"type": "category", "autorange": "reversed"},
        ),
        (PROFILES,),
        f"n = {int(month.value(segment, 'customers') or 0):,} customers",
        "How to read it: bars to the right are more than all customers have, to the left less; the number is the index "
        "(100 = the same). Pale bars are no clear difference: the interval reaches the base. Bars end at four times.",
        height=110 + 24 * len(rows),
        wide=True,
        narrow={"yaxis.title.text": "", "yaxis.tickfont.size": 9, "margin.r": 8},
    )


def _within(row: Row) -> float:
    return round(min(FARTHEST, max(-FARTHEST, doublings(row))), 4)


def _angles(spokes: int) -> list[float]:
    return [round(360 / spokes * place, 3) for place in range(spokes)] + [0.0]


def _ring(spokes: int) -> dict[str, Any]:
    return {
        "type": "scatterpolar",
        "mode": "lines",
        "name": "All customers",
        "r": [0.0] * (spokes + 1),
        "theta": _angles(spokes),
        "line": {"color": GREY, "width": 1.5, "dash": "dash"},
        "hoverinfo": "skip",
    }


def _marks(spokes: int) -> dict[str, Any]:
    """Between two spokes, where no line runs: marks of an axis would lie on one."""
    return {
        "type": "scatterpolar",
        "mode": "text",
        "r": list(RINGS),
        "theta": [180 / spokes] * len(RINGS),
        "text": list(RINGS.values()),
        "textfont": {"size": 10, "color": "#5a636e"},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _polar(called: Sequence[str]) -> dict[str, Any]:
    return {
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
                "tickvals": _angles(len(called))[:-1],
                "ticktext": [label(text, 11) for text in called],
                "gridcolor": LINE,
                "linecolor": LINE,
            },
            "bgcolor": "rgba(0,0,0,0)",
        },
        "margin": {"l": 84, "r": 84, "t": 40, "b": 40},
    }

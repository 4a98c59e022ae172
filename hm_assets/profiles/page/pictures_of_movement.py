"""Where customers went since the month before, what moved them, and how large the segments were and may become."""

from collections.abc import Mapping, Sequence

from hm_assets.explore.words import number, percent
from hm_assets.profiles.fairness.privacy import K, rounded
from hm_assets.profiles.movement.transitions import ALL, BECAUSE
from hm_assets.profiles.page.month import Month, Row
from hm_assets.profiles.page.pictures_of_facts import glass
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.charts import MORE_IS_DARKER, Block, Chart, NotEnough, axes
from hm_assets.warehouse.pictures import BLUE, GREY, VERMILION

FLOWS = ("profiles/transitions",)
NO_MONTH_BEFORE = "the month before is not in the data"
# A flow of a smaller share of the customers is a hair that nobody can see or hit.
THINNEST = 0.002
# Names on both sides have room on a narrow screen up to this many characters.
LONGEST = 20
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
    both = max(len(month.short(i)) for i in before) <= LONGEST
    named = {i: f"{month.tick(i, 200)}: " if both or i not in left else "" for i in after}
    told = _told(cells)
    shown = [row for row in cells if _pair(row) in told and row["customers"] >= THINNEST * total]
    if not shown:
        return NotEnough(name, title, f"every flow is of fewer than {K} customers")
    links = sorted(shown, key=lambda row: (before.index(row["from_segment"]), after.index(row["to_segment"])))
    return Chart(
        name,
        _movement(month, cells),
        [
            {
                "type": "sankey",
                "arrangement": "snap",
                "node": {
                    "label": [f"{month.tick(i, 200)}: {percent(left[i] / total)}" for i in before]
                    + [f"{named[i]}{percent(right[i] / total)}" for i in after],
                    "color": [month.colour(i) for i in (*before, *after)],
                    "pad": 14,
                    "thickness": 18,
                    "line": {"width": 0},
                    "customdata": [
                        f"{size[i]:,}" for size, side in ((left, before), (right, after)) for i in side
                    ],
                    "hovertemplate": "%{label}, %{customdata} customers<extra></extra>",
                },
                "link": {
                    "source": [before.index(row["from_segment"]) for row in links],
                    "target": [len(before) + after.index(row["to_segment"]) for row in links],
                    "value": [told[_pair(row)] for row in links],
                    "color": [
                        glass(month.colour(row["from_segment"]), 0.55)
                        if _moved(row)
                        else "rgba(150,158,168,0.28)"
                        for row in links
                    ],
                    "customdata": [_gone(month, row, told[_pair(row)], left) for row in links],
                    "hovertemplate": "%{customdata}<extra></extra>",
                },
                "textfont": {"size": 12},
            }
        ],
        {"margin": {"l": 8, "r": 8, "t": 12, "b": 16}},
        FLOWS,
        f"n = {total:,} customers on file",
        "How to read it: on the left the segments a month before, on the right those of this month, in the same order "
        "and as wide as they have customers. Grey stayed; colour left the segment of that colour. "
        f"Flows are rounded to {K} customers; {len(cells) - len(shown)} are not drawn: they are under "
        f"{percent(THINNEST)} of the customers or of fewer than {K}.",
        height=460,
        wide=True,
    )


def matrix(month: Month) -> Block:
    """Share of each segment before that is in each segment after."""
    cells = _cells(month, ALL)
    if not cells:
        return NotEnough("matrix", "Who stayed", NO_MONTH_BEFORE)
    ids = _order(month, cells)
    sizes = _sizes(cells, "from_segment")
    rows = [i for i in ids if i in sizes]
    share = {pair: _share(many, sizes[pair[0]]) for pair, many in _told(cells).items()}
    stayed = {i: share[i, i] for i in rows if i != NO_PURCHASE and (i, i) in share}
    title = f"Nobody had bought anything a month before, or fewer than {K} of a segment stayed"
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
                "x": [month.tick(i, 16) for i in ids],
                "y": [month.tick(i, 24) for i in rows],
                "z": [[round(100 * share.get((a, b), 0.0), 2) for b in ids] for a in rows],
                "text": [[_percent(share.get((a, b))) for b in ids] for a in rows],
                "texttemplate": "%{text}",
                "textfont": {"size": 12},
                "hovertemplate": "%{y} to %{x}: %{text} %<extra></extra>",
                "colorscale": MORE_IS_DARKER,
                "zmin": 0,
                "zmax": 100,
                "xgap": 2,
                "ygap": 2,
                "showscale": False,
            }
        ],
        axes(
            "Segment this month<br>(% of those before)",
            "Segment a month before",
            xaxis={"type": "category", "showgrid": False},
            yaxis={"type": "category", "autorange": "reversed", "showgrid": False},
        ),
        FLOWS,
        f"n = {sum(sizes.values()):,} customers on file",
        f"How to read it: a row is those who were in that segment a month before, rounded to {K} customers. Where no "
        f"figure is, nobody went there, or fewer than {K}.",
        height=140 + 44 * len(rows),
        wide=True,
        narrow={
            "yaxis.title.text": "",
            "yaxis.tickfont.size": 9,
            "xaxis.tickfont.size": 8,
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
    told = {step: count for step, count in moved.items() if not 0 < count < K}
    total, few = sum(told.values()), len(moved) - len(told)
    if not total:
        return NotEnough(
            name,
            title,
            f"no cause moved {K} customers or more" if few else "no step of the chain moved anybody",
        )
    most = max(told, key=lambda step: told[step])
    return Chart(
        name,
        f"{percent(told[most] / total)} of the {total:,} moves come about because {BECAUSE[most]}",
        [
            {
                "type": "bar",
                "orientation": "h",
                "y": [STEPS[step] for step in told],
                "x": list(told.values()),
                "text": [f"{count:,}" for count in told.values()],
                "textposition": "outside",
                "cliponaxis": False,
                "marker": {"color": BLUE},
                "hovertemplate": "%{y}: %{x:,} moves<extra></extra>",
            }
        ],
        axes(
            "Moves",
            "Cause",
            xaxis={"range": [0, 1.15 * max(told.values())]},
            yaxis={"type": "category", "autorange": "reversed"},
        ),
        FLOWS,
        f"n = {total:,} moves by one cause at a time, first purchases included",
        "How to read it: the chain changes one thing at a time. Who leaves a segment by one step and comes back by the "
        "next counts in both, so the moves are more than the customers who ended up elsewhere."
        + (f" A cause that moved fewer than {K} is left out." if few else ""),
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
    of_before = f" ({100 * whole / before:+.1f} %)".replace("-", "−") if before else ""
    values = [*change.values(), whole]
    reach = 1.6 * max(1e-9, *(abs(v) for v in values))
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
            "Change of the year’s spend<br>(price index)",
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


def _cells(month: Month, step: str) -> list[Row]:
    return [row for row in month.transitions if row["step"] == step]


def _pair(row: Row) -> tuple[int, int]:
    return row["from_segment"], row["to_segment"]


def _told(cells: Sequence[Row]) -> dict[tuple[int, int], int]:
    """From and to -> customers, as far and as exactly as the page may tell."""
    return {_pair(row): many for row in cells if (many := rounded(int(row["customers"]))) is not None}


def _share(many: int, whole: int) -> float:
    """A rounded number may be more than the whole."""
    return min(1.0, many / whole)


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
    gone = sum(row["customers"] for row in moved)
    if gone < K:
        return f"Fewer than {K} of {total:,} customers moved"
    widest = max(moved, key=lambda row: (row["customers"], -row["from_segment"], -row["to_segment"]))
    text, many = f"{percent(gone / total)} of {total:,} customers moved", rounded(int(widest["customers"]))
    if many is None:
        return f"{text}, fewer than {K} along any one way"
    start, end = month.short(widest["from_segment"]), month.short(widest["to_segment"])
    return f"{text}; the widest flow is {many:,} from {start} to {end}"


def _gone(month: Month, row: Row, many: int, sizes: Mapping[int, int]) -> str:
    start, end = month.tick(row["from_segment"], 60), month.tick(row["to_segment"], 60)
    stayed = f"{start} stayed" if not _moved(row) else f"{start} to {end}"
    share = _share(many, sizes[row["from_segment"]])
    return f"{stayed}: {many:,} customers, {percent(share)} of {start}"


def _percent(share: float | None) -> str:
    if not share:
        return ""
    return "<1" if share < 0.01 else f"{100 * share:.0f}"


def _signed(value: float) -> str:
    if abs(value) < 1e-9:
        return "0"
    return f"{'+' if value > 0 else '−'}{number(abs(value))}"

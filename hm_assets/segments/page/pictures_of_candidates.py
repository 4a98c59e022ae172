"""Pictures of all candidates side by side: stability, later value, what the choice weighed, who agrees with whom."""

import math
from collections.abc import Sequence
from typing import Any

from hm_assets.explore.words import percent
from hm_assets.segments.choice.choose import usable
from hm_assets.segments.choice.decision import EXPLAINED, entries, later_value
from hm_assets.segments.choice.entries import pareto_front
from hm_assets.segments.page.called import (
    Row,
    beyond_chance,
    candidate,
    candidates,
    counted,
    key,
    standing,
    within,
)
from hm_assets.warehouse.charts import (
    MORE_IS_DARKER,
    Block,
    Chart,
    NotEnough,
    axes,
    interval,
    label,
)
from hm_assets.warehouse.pictures import BLUE, GREEN, GREY, ORANGE, VERMILION

SOURCE = ("segments/candidates",)
COLOURS = {
    "chosen": (VERMILION, "star"),
    "runner-up": (GREEN, "diamond"),
    "on the front": (BLUE, "circle"),
    "others": (GREY, "circle-open"),
    "baseline": (ORANGE, "square"),
}
# Labels of candidates take half of a narrow screen.
ON_A_PHONE = {"yaxis.title.text": "", "yaxis.tickfont.size": 9, "margin.r": 8}


def stability(rows: Sequence[Row]) -> Block:
    """Bootstrap Jaccard beside what data without segments reach."""
    known = [r for r in rows if r.get("stability") is not None and r.get("null_stability") is not None]
    if not known:
        return NotEnough(
            "stability", "Stability", "no candidate could be fitted again on resampled customers"
        )
    known = sorted(known, key=lambda r: (r["stability"] - r["null_stability"], key(r)))
    names = [_name(r) for r in known]
    blobs = [r for r in known if r.get("blob_stability") is not None]
    nulls = [r["null_stability"] for r in known]
    traces = [
        {
            **_dots(nulls, names, "without segments: mean to 95 % limit", GREY, "line-ns-open", 11),
            "error_x": {
                "type": "data",
                "symmetric": False,
                "array": [
                    max(0.0, (r.get("null_stability_high") or n) - n)
                    for r, n in zip(known, nulls, strict=True)
                ],
                "arrayminus": [0] * len(known),
                "color": GREY,
                "thickness": 5,
                "width": 0,
            },
        },
        _dots(
            [r["blob_stability"] for r in blobs],
            [_name(r) for r in blobs],
            "one Gaussian blob",
            ORANGE,
            "x",
            7,
        ),
        *_by_standing(known, lambda r: r["stability"], 10),
    ]
    return Chart(
        "stability",
        beyond_chance(rows),
        [trace for trace in traces if trace["x"]],
        axes(
            "Bootstrap Jaccard (1 = the same again)",
            "Candidate",
            yaxis=_listed(names),
            xaxis={"range": [min(0.3, *nulls, *(r["stability"] for r in known)) - 0.02, 1.02]},
            showlegend=True,
        ),
        SOURCE,
        f"n = {counted(len(candidates(known)), 'candidate')}; a limit takes 19 data sets without segments, and where "
        "there is none only their mean is drawn",
        "How to read it: a dot to the right of a grey bar finds the same segments again more often than chance; "
        "beside a mean alone it may be chance. A high value alone proves nothing: two halves of one cloud are found "
        "again too.",
        height=190 + 24 * len(known),
        wide=True,
        narrow={**ON_A_PHONE, "xaxis.title.text": "Bootstrap Jaccard"},
    )


def later(rows: Sequence[Row], values: Sequence[Row]) -> Block:
    """How much of the next 90 days' spend each candidate and each baseline would have told."""
    tried = {(r["algorithm"], r["space"], r["k"]): r for r in rows}
    measured = dict.fromkeys(
        (v["algorithm"], v["space"], v["k"]) for v in values if v["outcome"] == EXPLAINED
    )
    found: list[dict[str, Any]] = []
    for one in measured:
        named = dict(zip(("algorithm", "space", "k"), one, strict=True))
        baseline = one not in tried and one[0].endswith("_quintiles")
        found.append({**tried.get(one, named), **later_value(values, named), "baseline": baseline})
    if not found:
        return NotEnough("later", "Later value", "no past month has 90 days of purchases after it yet")
    found.sort(key=lambda r: (r["later_value"], key(r)))
    names = [_name(r) for r in found]
    best, plain = found[-1], [r for r in found if r["baseline"]]
    title = (
        f"{_name(best, 60)} explains the most of the logarithm of the next 90 days’ spend: "
        f"{percent(best['later_value'])}"
    )
    if plain:
        title += f"; the best plain baseline {percent(max(r['later_value'] for r in plain))}"
    months = sorted({v["as_of"] for v in values})
    return Chart(
        "later",
        title,
        [
            {
                **trace,
                "error_x": interval(
                    trace["x"], [r["later_low"] for r in mine], [r["later_high"] for r in mine]
                ),
            }
            for trace, mine in _split(found, lambda r: r["later_value"], 9)
        ],
        axes(
            "Log spend explained (omega squared)",
            "Candidate",
            yaxis=_listed(names),
            xaxis={"tickformat": ".0%"},
            showlegend=True,
        ),
        ("segments/later_values", "segments/candidates"),
        f"n = {max(v['customers'] for v in values):,} customers as of {', '.join(day.isoformat() for day in months)}; "
        "fitted on that day, so nothing of the 90 days is in the segments; each figure is the mean of four fits on a "
        "quarter of these customers each, measured on the others",
        "How to read it: the 95 % interval says how far other customers to fit on and to measure on would move the "
        "figure; where two overlap widely, the difference may be chance. Squares need no clustering.",
        height=190 + 24 * len(found),
        wide=True,
        narrow={**ON_A_PHONE, "xaxis.title.text": "Omega squared"},
    )


def front(rows: Sequence[Row]) -> Block:
    """What the choice weighed: stability over null and later value, for those within 5-60 %."""
    judged = [
        {**row, "over_null": entry.stability_excess} for row, entry in zip(rows, entries(rows), strict=True)
    ]
    known = [
        r for r in judged if within(r) and r.get("later_value") is not None and r["over_null"] > -math.inf
    ]
    if not known:
        return NotEnough("front", "What the choice weighed", "no candidate within 5-60 % has all the figures")
    # The same four criteria as in the choice, which has no front where it finds no structure.
    able = [entry for entry in entries(candidates(rows)) if usable(entry)]
    kept = pareto_front(able)
    return Chart(
        "front",
        f"{len(kept)} of {counted(len(able), 'usable candidate')} {'is' if len(kept) == 1 else 'are'} beaten by no "
        "other on all four criteria, of which two are drawn",
        [
            {
                **trace,
                "y": [r["later_value"] for r in mine],
                "text": [candidate(r) for r in mine],
                "hovertemplate": "%{text}: %{x:.2f} over null, %{y:.0%} explained<extra></extra>",
            }
            for trace, mine in _split(known, lambda r: r["over_null"], 10)
        ],
        axes(
            "Stability over the null (Jaccard)",
            "Later log spend explained",
            yaxis={"tickformat": ".0%"},
            showlegend=True,
        ),
        SOURCE,
        f"n = {counted(len(candidates(known)), 'candidate')} whose segments all hold 5-60 % of the customers",
        "How to read it: up and to the right is better. The null is what any algorithm reaches without segments, in "
        "that space with that many segments. The other two criteria are separation and how well short rules repeat the "
        "segments.",
        wide=True,
    )


def agreement(pairs: Sequence[Row]) -> Block:
    """Adjusted Rand index between the best of each algorithm."""
    names = list(dict.fromkeys(name for p in pairs for name in (p["first"], p["second"])))
    if len(names) < 2:
        return NotEnough(
            "agreement", "Agreement between algorithms", "fewer than two algorithms made segments"
        )
    ari = {frozenset((p["first"], p["second"])): p["ari"] for p in pairs}
    others = [(p["ari"], p["first"], p["second"]) for p in pairs if p["first"] != p["second"]]
    middle = sorted(value for value, _, _ in others)[len(others) // 2]
    size = len(names)
    ticks = [label(name, 40) for name in names]
    cells = [[1.0 if a == b else ari.get(frozenset((a, b))) for b in names] for a in names]
    return Chart(
        "agreement",
        f"Half of the pairs of algorithms agree by {middle:.2f} or more; 1 is the same segments, 0 is chance",
        [
            {
                "type": "heatmap",
                "x": ticks,
                "y": ticks,
                "z": cells,
                "text": [["" if c is None else f"{c:.2f}" for c in line] for line in cells],
                "texttemplate": "%{text}",
                "textfont": {"size": 11},
                "hovertemplate": "%{y} and %{x}: %{z:.2f}<extra></extra>",
                "colorscale": MORE_IS_DARKER,
                "zmin": 0,
                "zmax": 1,
                "xgap": 1,
                "ygap": 1,
                "colorbar": {"title": {"text": "ARI"}, "thickness": 12},
            }
        ],
        axes(
            "Candidate",
            "Candidate",
            xaxis={"tickangle": -50, "type": "category"},
            yaxis={"autorange": "reversed", "type": "category"},
        ),
        ("segments/agreement",),
        f"n = {max(p['customers'] for p in pairs):,} customers, placed by the stored models of the best of each",
        "How to read it: dark blocks are algorithms that find the same segments in their own ways, which speaks for "
        "these.",
        height=240 + 30 * size,
        wide=True,
        narrow={**ON_A_PHONE, "xaxis.tickangle": -90, "xaxis.tickfont.size": 8, "xaxis.dtick": 1},
    )


def _kind(row: Row) -> str:
    if row.get("baseline"):
        return "baseline"
    stands = standing(row) if "verdict" in row else "others"
    return stands if stands in COLOURS else "others"


def _name(row: Row, width: int = 40) -> str:
    return label(candidate({**row, "space": ""} if row.get("baseline") else row), width)


def _split(rows: Sequence[Row], x: Any, size: int) -> list[tuple[dict[str, Any], list[Row]]]:
    """A trace and its rows for each standing that occurs."""
    found = []
    for kind, (colour, symbol) in COLOURS.items():
        if mine := [r for r in rows if _kind(r) == kind]:
            big = size + 5 if kind == "chosen" else size
            found.append(
                (_dots([x(r) for r in mine], [_name(r) for r in mine], kind, colour, symbol, big), mine)
            )
    return found


def _by_standing(rows: Sequence[Row], x: Any, size: int) -> list[dict[str, Any]]:
    return [trace for trace, _ in _split(rows, x, size)]


def _dots(x: list[Any], y: list[Any], name: str, colour: str, symbol: str, size: int) -> dict[str, Any]:
    marker = {
        "color": colour,
        "symbol": symbol,
        "size": size,
        "line": {"width": 2 if "open" in symbol else 0.5},
    }
    return {"type": "scatter", "mode": "markers", "name": name, "x": x, "y": y, "marker": marker}


def _listed(names: list[str]) -> dict[str, Any]:
    """An axis with a line for each name, the last on top."""
    return {
        "categoryorder": "array",
        "categoryarray": names,
        "type": "category",
        "range": [-0.7, len(names) - 0.3],
    }

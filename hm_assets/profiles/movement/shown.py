"""What the UI shows of movement besides the tables: where customers went, how often, and how large segments will be."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hm_assets.explore.words import percent
from hm_assets.profiles.movement.back_test import headline, leader
from hm_assets.profiles.movement.forecast import Forecast, Known
from hm_assets.profiles.movement.transitions import ALL, Moves
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse import pictures

NOTHING = "There is no earlier month to compare with."
# A flow thinner than this share of the customers is not drawn: a hair of a pixel tells nothing.
THINNEST = 0.002
HATCHES = ("", "//", "..", "xx", "\\\\", "oo", "--", "++")
MARKERS = "osD^vPX*"
GAP = 0.03


def sankey(rows: Sequence[Mapping[str, Any]], moves: Moves) -> str:
    """The month's flows: on the left the segments before, on the right those after, as wide as they have customers.

    A segment has a colour and a hatch; those who stayed are grey, so that what moved is seen.
    """
    cells = [row for row in rows if row["step"] == ALL]
    total = sum(row["customers"] for row in cells)
    if not total:
        return NOTHING
    ids = sorted({row["from_segment"] for row in cells} | {row["to_segment"] for row in cells})
    left, right = _stacks(cells, ids, "from_segment", total), _stacks(cells, ids, "to_segment", total)
    with pictures.figure(width=10, height=5.0) as (drawn, axes):
        leaving, arriving = dict(left), dict(right)
        for row in sorted(cells, key=lambda row: (-row["from_segment"], -row["to_segment"])):
            start, end, thick = row["from_segment"], row["to_segment"], row["customers"] / total
            bottom, top = leaving[start][0], arriving[end][0]
            leaving[start], arriving[end] = (
                (bottom + thick, leaving[start][1]),
                (top + thick, arriving[end][1]),
            )
            if thick >= THINNEST:
                place = ids.index(start)
                _flow(axes, bottom, top, thick, place, start == end)
        for side, x in ((left, 0.0), (right, 1.0)):
            for place, i in enumerate(ids):
                low, size = side[i]
                if size:
                    axes.bar(
                        x,
                        size,
                        0.03,
                        low,
                        color=pictures.PALETTE[place % 8],
                        edgecolor="black",
                        linewidth=0.4,
                    )
                    name = "no purchase" if i == NO_PURCHASE else f"segment {i}"
                    offset, align = (-0.025, "right") if x == 0 else (0.025, "left")
                    axes.text(x + offset, low + size / 2, f"{name}: {percent(size)}", ha=align, va="center")
        axes.set(title=moves.headline, xlim=(-0.25, 1.25), ylim=(-0.01, 1.01 + GAP * (len(ids) - 1)))
        axes.axis("off")
        axes.text(0, -0.01, "a month ago", ha="center", va="top")
        axes.text(1, -0.01, "today", ha="center", va="top")
        return pictures.markdown(drawn, moves.headline)


def matrix(rows: Sequence[Mapping[str, Any]]) -> str:
    """Share of each segment before that is in each segment after."""
    cells = [row for row in rows if row["step"] == ALL]
    if not cells:
        return NOTHING
    ids = sorted({row["from_segment"] for row in cells} | {row["to_segment"] for row in cells})
    shares = np.zeros((len(ids), len(ids)))
    sizes = np.zeros(len(ids))
    for row in cells:
        shares[ids.index(row["from_segment"]), ids.index(row["to_segment"])] = row["share_of_from"]
        sizes[ids.index(row["from_segment"])] += row["customers"]
    stayed = {i: shares[n, n] for n, i in enumerate(ids) if i != NO_PURCHASE and sizes[n]}
    title = "Nobody had bought anything a month ago"
    if stayed:
        least, most = (pick(stayed, key=lambda i: (stayed[i], i)) for pick in (min, max))
        title = f"Segment {most} kept {percent(stayed[most])} of its members, segment {least} {percent(stayed[least])}"
    with pictures.figure(width=7.5, height=1.4 + 0.5 * len(ids)) as (drawn, axes):
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for (a, b), share in np.ndenumerate(shares):
            if share > 0:
                shade = "white" if share > 0.5 else "black"
                axes.text(b, a, percent(share), ha="center", va="center", color=shade)
        names = ["no purchase" if i == NO_PURCHASE else str(i) for i in ids]
        axes.set_xticks(range(len(ids)), names)
        labels = [f"{name} ({size:,.0f})" for name, size in zip(names, sizes, strict=True)]
        axes.set_yticks(range(len(ids)), labels)
        axes.set(title=title, xlabel="segment today", ylabel="segment a month ago (customers)")
        return pictures.markdown(drawn, title)


def sizes(
    segments: Sequence[int],
    months: Sequence[str],
    known: Known,
    latest: Mapping[tuple[str, int], Forecast],
    scores: Mapping[tuple[str, int], Any],
    ahead: Sequence[int],
) -> str:
    """Members of each segment by month, and what leads ahead of today with its 80 % interval."""
    if not segments or not latest:
        return NOTHING
    title = headline(scores, ahead[0])
    here = known.months - 1
    with pictures.figure(width=10, height=4.4) as (drawn, axes):
        for place, segment in enumerate(segments):
            colour, marker = pictures.PALETTE[place % 8], MARKERS[place % 8]
            axes.plot(
                known.sizes[:, place], marker=marker, markersize=3, color=colour, label=f"segment {segment}"
            )
            for step in ahead:
                # Side by side, or the intervals would hide one another.
                x = here + step + 0.6 * ((place + 0.5) / len(segments) - 0.5)
                forecast = latest[leader(scores, step), step]
                value, low, high = (
                    float(f[place]) for f in (forecast.expected, forecast.low[0], forecast.high[0])
                )
                if np.isfinite([low, high]).all():
                    axes.vlines(x, low, high, color=colour, linewidth=3, alpha=0.5)
                axes.plot(x, value, marker=marker, markersize=5, color=colour, fillstyle="none")
        axes.axvline(here, color=pictures.GREY, linewidth=0.8, linestyle="--")
        every = max(1, len(months) // 8)
        axes.set_xticks(range(0, len(months), every), months[::every])
        axes.set(title=title, ylabel="customers", ylim=(0, None))
        drawn.legend(loc="outside lower center", ncols=min(len(segments), 6))
        return pictures.markdown(drawn, title)


def _stacks(
    cells: Sequence[Mapping[str, Any]], ids: Sequence[int], side: str, total: int
) -> dict[int, tuple[float, float]]:
    """Segment -> where its block begins and how high it is, as shares of the customers; the first id on top."""
    sizes = {i: sum(row["customers"] for row in cells if row[side] == i) / total for i in ids}
    found, at = {}, 0.0
    for i in reversed(ids):
        found[i] = (at, sizes[i])
        at += sizes[i] + GAP
    return found


def _flow(axes: Any, start: float, end: float, thick: float, place: int, stayed: bool) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    a, b = 0.015, 0.985
    low = [(a, start), (0.5, start), (0.5, end), (b, end)]
    high = [(b, end + thick), (0.5, end + thick), (0.5, start + thick), (a, start + thick)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    path = Path([*low, *high, (a, start)], codes)
    colour = "#d5d9de" if stayed else pictures.PALETTE[place % 8]
    axes.add_patch(
        PathPatch(
            path,
            facecolor=colour,
            alpha=0.5 if stayed else 0.75,
            edgecolor="white" if stayed else "black",
            linewidth=0.3,
            hatch=None if stayed else HATCHES[place % len(HATCHES)],
            zorder=1 if stayed else 2,
        )
    )

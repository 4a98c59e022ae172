"""What the UI and the page show of the drivers: a table, and every customer as a dot on the line of each input."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hm_assets.forecasts.why.shapley import Explained
from hm_assets.forecasts.why.themes import LABELS
from hm_assets.segments.space import Floats, numbers
from hm_assets.warehouse import pictures
from hm_assets.warehouse.charts import LESS_AND_MORE, Chart, axes

DOTS, LINES = 400, 12
SOURCE = ("forecasts/importance",)


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of `forecasts/importance` of a month, the largest first."""
    lines = ["| | points of P(order) | direction | Brier score lost | AUC lost |", "|---|---|---|---|---|"]
    for row in sorted(rows, key=lambda row: (row["level"] != "theme", -row["mean_points"], row["name"])):
        towards = "" if row["direction"] is None else f"{row['direction']:+.2f}"
        figures = (_figure(row, "mean_points"), towards, _figure(row, "brier_loss"), _figure(row, "auc_loss"))
        lines.append(f"| {row['level']}: {row['name']} | {' | '.join(figures)} |")
    return "\n".join(lines)


def headline(rows: Sequence[Mapping[str, Any]]) -> str:
    """The themes that move probabilities most, and what shuffling the first of them costs."""
    themes = sorted(
        (row for row in rows if row["level"] == "theme"), key=lambda row: (-row["mean_points"], row["name"])
    )
    told = ", ".join(f"{row['name']} ({100 * row['mean_points']:.1f} points)" for row in themes[:3])
    first = themes[0]
    if first["auc_loss"] is None:
        return f"P(order within 90 days) rests most on {told}"
    low, high = first["auc_loss_low"], first["auc_loss_high"]
    span = "" if low is None else f" ({low:.3f} to {high:.3f})"
    return (
        f"P(order within 90 days) rests most on {told}; without {first['name']} the AUC of "
        f"{first['judged_as_of']} falls by {first['auc_loss']:.3f}{span}"
    )


def bars(rows: Sequence[Mapping[str, Any]]) -> str:
    """Mean absolute points of each theme, with the intervals, as a picture for the UI."""
    themes = sorted(
        (row for row in rows if row["level"] == "theme"), key=lambda row: (row["mean_points"], row["name"])
    )
    title = "How far each theme moves P(order within 90 days)"
    with pictures.figure(height=0.8 + 0.3 * len(themes)) as (drawn, plot):
        for line, row in enumerate(themes):
            size, low, high = (row[f"mean_points{end}"] for end in ("", "_low", "_high"))
            plot.barh(line, 100 * size, color=pictures.BLUE)
            if low is not None:
                plot.plot([100 * low, 100 * high], [line, line], color=pictures.BLACK, linewidth=1.2)
        plot.set_yticks(range(len(themes)), [row["name"] for row in themes])
        plot.set(title=title, xlabel="percentage points, mean of the month's customers")
        return pictures.markdown(drawn, title)


def beeswarm(found: Explained, title: str) -> Chart:
    """Each input a line, each of some hundred customers a dot: where it moves P(order), coloured by its value.

    Parameters
    ----------
    found
        The customers of a month by SHAP.
    title
        The finding.
    """
    size = np.abs(found.points).mean(axis=1)
    shown = sorted(range(len(size)), key=lambda j: (-size[j], found.columns[j]))[:LINES]
    # Every n-th by probability: no draw, and all kinds of customers.
    order = np.argsort(found.p, kind="stable")
    taken = order[np.linspace(0, len(order) - 1, min(DOTS, len(order))).astype(np.int64)]
    data = []
    for line, j in enumerate(reversed(shown)):
        at = 100 * found.points[j, taken]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [round(float(v), 3) for v in at],
                "y": [round(float(v), 3) for v in line + _spread(at)],
                "name": LABELS[found.columns[j]],
                "marker": {
                    "size": 5,
                    "color": [
                        round(float(v), 3) for v in _ranks(numbers(found.rows, found.columns[j])[taken])
                    ],
                    "colorscale": LESS_AND_MORE,
                    "cmin": 0,
                    "cmax": 1,
                    "line": {"width": 0.3, "color": "#7A838D"},
                },
                "hovertemplate": f"{LABELS[found.columns[j]]}: %{{x:+.1f}} points<extra></extra>",
            }
        )
    names = [LABELS[found.columns[j]] for j in reversed(shown)]
    return Chart(
        "drivers",
        title,
        data,
        axes(
            "Percentage points added<br>to P(order within 90 days)",
            "Input",
            yaxis={"tickvals": list(range(len(names))), "ticktext": names},
            xaxis={"zeroline": True},
        ),
        SOURCE,
        f"n = {len(taken):,} of {len(found.p):,} customers, every n-th by P(order)",
        "How to read it: a dot to the right raises the probability, one to the left lowers it. Red: a low value of the "
        "input, blue: a high one, white: the middle or unknown.",
        height=90 + 36 * len(names),
        wide=True,
        narrow={"yaxis.title.text": "", "yaxis.tickfont.size": 9, "xaxis.title.font.size": 10, "margin.r": 8},
    )


def _spread(x: Floats) -> Floats:
    """Heights for dots that would lie on each other: in each of 40 bins alternately up and down, within 0.4."""
    width = float(np.ptp(x)) if len(x) else 0.0
    bins = (
        np.minimum(((x - x.min()) / width * 40).astype(np.int64), 39) if width else np.zeros(len(x), np.int64)
    )
    counts = np.bincount(bins, minlength=1)
    order = np.argsort(bins, kind="stable")
    place = np.empty(len(x), dtype=np.int64)
    place[order] = np.arange(len(x)) - np.repeat(np.append(0, np.cumsum(counts)[:-1]), counts)
    up = np.where(place % 2 == 0, 1, -1) * ((place + 1) // 2)
    return np.asarray(0.8 * up / max(int(counts.max()), 1))


def _ranks(values: Floats) -> Floats:
    """Where each value stands among the known ones, 0 to 1; one half where it is unknown."""
    known = ~np.isnan(values)
    found = np.full(len(values), 0.5)
    every = np.sort(values[known])
    if len(every) > 1:
        below = (
            np.searchsorted(every, values[known], "left") + np.searchsorted(every, values[known], "right") - 1
        )
        found[known] = below / (2 * (len(every) - 1))
    return found


def _figure(row: Mapping[str, Any], name: str) -> str:
    value, low, high = (row[f"{name}{end}"] for end in ("", "_low", "_high"))
    if value is None:
        return "-"
    return f"{value:.4f}" if low is None else f"{value:.4f} ({low:.4f} to {high:.4f})"

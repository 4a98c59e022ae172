"""The scoreboard of value for the UI and the docs, in Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

METRICS = ("mae", "rmse", "spearman", "gini", "top_10_capture", "total_ratio", "coverage_80")


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of `forecasts/value_scoreboard` of a month, the latest past day first."""
    found = _by_metric(rows)
    lines = [
        "| day (customers) | days ahead | model | MAE | RMSE | Spearman | Gini | top 10 % hold "
        "| predicted / true total | 80 % cover |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (day, horizon, model), mine in sorted(
        found.items(), key=lambda one: (-one[0][0].toordinal(), one[0][1])
    ):
        figures = " | ".join(_figure(mine[metric]) for metric in METRICS)
        ahead = f"{horizon}, extrapolated" if mine["mae"]["extrapolated"] else str(horizon)
        lines.append(f"| {day} ({mine['mae']['customers']:,}) | {ahead} | {model} | {figures} |")
    return "\n".join(lines)


def totals(rows: Sequence[Mapping[str, Any]]) -> str:
    """Predicted by true total and coverage alone, a line per past day and horizon, a column per model."""
    found = _by_metric(rows)
    models = list(dict.fromkeys(model for _, _, model in found))
    lines = [f"| day | days ahead | {' | '.join(models)} |", "|---|---|" + "---|" * len(models)]
    for day, horizon in sorted({key[:2] for key in found}):
        cells = []
        for model in models:
            mine = found.get((day, horizon, model))
            values = (
                [] if mine is None else [mine[metric]["value"] for metric in ("total_ratio", "coverage_80")]
            )
            cells.append("-" if not values or None in values else f"{values[0]:.2f} ({values[1]:.0%})")
        lines.append(f"| {day} | {horizon} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _by_metric(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[Any, int, str], dict[str, Mapping[str, Any]]]:
    found: dict[tuple[Any, int, str], dict[str, Mapping[str, Any]]] = {}
    for row in (row for row in rows if row["tenth"] == 0):
        found.setdefault((row["as_of"], row["horizon_days"], row["model"]), {})[row["metric"]] = row
    return found


def _figure(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return "-"
    if row["low"] is None:
        return f"{row['value']:.3f}"
    return f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"


def calibration(rows: Sequence[Mapping[str, Any]], model: str) -> str:
    """Mean predicted and true spend by tenth of the prediction, a line per past day and horizon."""
    found: dict[tuple[Any, int], dict[tuple[int, str], float]] = {}
    for row in rows:
        if row["tenth"] and row["model"] == model:
            mine = found.setdefault((row["as_of"], row["horizon_days"]), {})
            mine[row["tenth"], row["metric"]] = row["value"]
    count = max((tenth for mine in found.values() for tenth, _ in mine), default=0)
    lines = [
        f"| day | days ahead | {' | '.join(map(str, range(1, count + 1)))} |",
        "|---|---|" + "---|" * count,
    ]
    for (day, horizon), mine in sorted(found.items()):
        cells = [
            f"{mine[tenth, 'predicted']:.3g} / {mine[tenth, 'spent']:.3g}"
            if (tenth, "spent") in mine
            else "-"
            for tenth in range(1, count + 1)
        ]
        lines.append(f"| {day} | {horizon} | {' | '.join(cells)} |")
    return "\n".join(lines)

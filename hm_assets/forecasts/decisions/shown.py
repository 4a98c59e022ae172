"""What the UI shows of decisions: models in money, the best threshold, budgets."""

from collections.abc import Mapping, Sequence
from typing import Any

import ibis

METRICS = ("emp", "emp_fraction", "cost", "savings", "emp_above_chosen")


def chosen(scoreboard: ibis.Table) -> str | None:
    """The model that `forecasts/scoreboard` of a month takes, if it has one."""
    names: list[str] = (
        scoreboard.filter(scoreboard.chosen).select("model").distinct().to_pyarrow()["model"].to_pylist()
    )
    return min(names, default=None)


def profit(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of `forecasts/profit` of a month as a table for each judged day."""
    parts = []
    for day in dict.fromkeys(row["as_of"] for row in rows):
        mine = {(row["model"], row["metric"]): row for row in rows if row["as_of"] == day}
        lines = [
            f"{day}, in mean orders per customer (emp_fraction and savings are shares):",
            "",
            f"| model | {' | '.join(METRICS)} |",
            "|---|" + "---|" * len(METRICS),
        ]
        for model in dict.fromkeys(model for model, _ in mine):
            lines.append(f"| {model} | {' | '.join(_figure(mine.get((model, m))) for m in METRICS)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def best_threshold(rows: Sequence[Mapping[str, Any]]) -> str:
    """The share of likeliest leavers with the largest expected profit."""
    known = [row for row in rows if row.get("profit") is not None]
    best = max(known, key=lambda row: (row["profit"], -row["top_percent"]))
    if best["profit"] <= 0:
        return "by these assumptions no share of the likeliest leavers is worth contacting"
    return (
        f"by these assumptions contacting the likeliest {best['top_percent']} % to leave "
        f"({best['customers']:,} customers) earns most: {best['profit']:.1f} mean orders "
        f"({best['profit_low']:.1f} to {best['profit_high']:.1f})"
    )


def budgets(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of `forecasts/budgets` of a month: expected profit and customers by ranking."""
    rankings = list(dict.fromkeys(row["ranking"] for row in rows))
    lines = [f"| budget | {' | '.join(rankings)} |", "|---|" + "---|" * len(rankings)]
    for percent in dict.fromkeys(row["budget_percent"] for row in rows):
        mine = {row["ranking"]: row for row in rows if row["budget_percent"] == percent}
        cells = [f"{mine[r]['profit']:.1f} from {mine[r]['customers']:,}" for r in rankings]
        lines.append(f"| {percent} % | {' | '.join(cells)} |")
    return "\n".join(lines)


def _figure(row: Mapping[str, Any] | None) -> str:
    if row is None or row["value"] is None:
        return "-"
    if row["low"] is None:
        return f"{row['value']:.4f}"
    return f"{row['value']:.4f} ({row['low']:.4f} to {row['high']:.4f})"

"""The scoreboard for the UI and the docs, in Markdown."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of `forecasts/scoreboard` of a month as a table for each past day, the latest first."""
    days = sorted({row["as_of"] for row in rows}, reverse=True)
    return "\n\n".join(_of_day([row for row in rows if row["as_of"] == day], day) for day in days)


def _of_day(rows: Sequence[Mapping[str, Any]], day: dt.date) -> str:
    found = {(row["model"], row["horizon_days"], row["metric"]): row for row in rows}
    models, horizons, metrics = (list(dict.fromkeys(key[i] for key in found)) for i in range(3))
    lines = [
        f"{day}: {rows[0]['customers']:,} customers; learned from {rows[0]['learned_rows']:,} rows of past days.",
        "",
        f"| model | days (share that ordered) | {' | '.join(metrics)} |",
        "|---|---|" + "---|" * len(metrics),
    ]
    for model in models:
        for horizon in horizons:
            mine = [found[model, horizon, metric] for metric in metrics]
            rate = mine[0]["base_rate"]
            share = "-" if rate is None else f"{rate:.0%}"
            lines.append(f"| {model} | {horizon} ({share}) | {' | '.join(_figure(row) for row in mine)} |")
    return "\n".join(lines)


def shift(rows: Sequence[Mapping[str, Any]]) -> str:
    """How much was bought and how wrong the taken model was, against the same month a year before, latest day first.

    `rows` are those of `forecasts/scoreboard` of a month. The error of the year before is known where that day, or one
    of the same month, was judged too.
    """
    horizon = max(row["horizon_days"] for row in rows)
    mine = {
        (row["as_of"], row["metric"]): row for row in rows if row["chosen"] and row["horizon_days"] == horizon
    }
    days = sorted({day for day, _ in mine}, reverse=True)
    earlier = {(day.year + 1, day.month): day for day in days}
    lines = [
        f"Orders within {horizon} days, model {next(iter(mine.values()))['model']}.",
        "",
        "| day | ordered | a year before | change | mean error | a year before | ECE | a year before |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for day in days:
        now, before = mine[day, "mean_error"], earlier.get((day.year, day.month))
        rate, then = now["base_rate"], now["base_rate_year_before"]
        told = [
            "-" if rate is None else f"{rate:.1%}",
            "-" if then is None else f"{then:.1%}",
            "-" if rate is None or then is None else f"{100 * (rate - then):+.1f} points",
        ]
        for metric in ("mean_error", "ece"):
            told.append(_figure(mine[day, metric]))
            told.append("-" if before is None else _figure(mine[before, metric]))
        lines.append(f"| {day} | {' | '.join(told)} |")
    return "\n".join(lines)


def imbalance(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of `forecasts/imbalance` of a month as means over its past days."""
    found: dict[tuple[str, str, str], dict[str, list[float]]] = {}
    for row in rows:
        if row["value"] is not None:
            key = (row["model"], row["treatment"], row["recalibration"])
            found.setdefault(key, {}).setdefault(row["metric"], []).append(row["value"])
    metrics = list(dict.fromkeys(row["metric"] for row in rows))
    days = len({row["as_of"] for row in rows})
    lines = [
        f"Means of {days} past days.",
        "",
        f"| model | treatment | recalibration | {' | '.join(metrics)} |",
        "|---|---|---|" + "---|" * len(metrics),
    ]
    for key in sorted(found, key=lambda key: key[0]):
        means = [
            f"{sum(found[key][m]) / len(found[key][m]):.3f}" if m in found[key] else "-" for m in metrics
        ]
        lines.append(f"| {' | '.join(key)} | {' | '.join(means)} |")
    return "\n".join(lines)


def _figure(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return "-"
    if row["low"] is None:
        return f"{row['value']:.3f}"
    return f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"

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


def _figure(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return "-"
    if row["low"] is None:
        return f"{row['value']:.3f}"
    return f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"

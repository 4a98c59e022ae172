"""Demand for the UI and the docs, in Markdown; of a segment of few customers nothing is shown."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from hm_assets.forecasts.demand.scores import PUBLISHED
from hm_assets.forecasts.demand.tables import ALL

NOTHING = "Not one whole month of lines lies before, so nothing can be forecast."
WITHHELD = "of few customers, not shown"


def forecasts(rows: Sequence[Mapping[str, Any]], withheld: Collection[str]) -> str:
    """The rows of `forecasts/demand` of a month that are sums, a line each."""
    sums = [row for row in rows if ALL in (row["segment"], row["category"])]
    if not sums:
        return NOTHING
    ahead = sorted({row["months_ahead"] for row in sums})
    months = [next(row["forecast_month"] for row in sums if row["months_ahead"] == h) for h in ahead]
    lines = [
        f"Units, with 80 % intervals; last whole month {sums[0]['last_whole_month']:%Y-%m}.",
        "",
        f"| segment | category | {' | '.join(f'{month:%Y-%m}' for month in months)} | model |",
        "|---|---|" + "---|" * (len(ahead) + 1),
    ]
    for place in dict.fromkeys((row["segment"], row["category"]) for row in sums):
        mine = [row for row in sums if (row["segment"], row["category"]) == place]
        hidden = place[0] in withheld
        figures = [WITHHELD if hidden else _units(row) for row in sorted(mine, key=_ahead)]
        lines.append(f"| {place[0]} | {place[1]} | {' | '.join(figures)} | {mine[0]['words']} |")
    return "\n".join(lines)


def scores(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows of `forecasts/demand_scores` of a month: for each level and model the means over its series.

    Of series of which every model could say something, where there is one: that of bags that are sold since May has no
    season to compare with.
    """
    if not rows:
        return NOTHING
    rows = _comparable(rows)
    ahead = sorted({row["months_ahead"] for row in rows})
    lines = [
        "Scaled error (MASE, mean over series; 1 = the usual change from month to month) and share of units missed.",
        "",
        f"| level | model | {' | '.join(f'{h} ahead' for h in ahead)} | led | in the 80 % interval |",
        "|---|---|" + "---|" * (len(ahead) + 2),
    ]
    for level, model in dict.fromkeys((row["level"], row["model"]) for row in rows):
        mine = [row for row in rows if (row["level"], row["model"]) == (level, model)]
        figures = [_errors([row for row in mine if row["months_ahead"] == h]) for h in ahead]
        led = sum(row["leads"] for row in mine if row["months_ahead"] == ahead[0])
        inside = _mean([row.get("coverage_80") for row in mine])
        covered = "-" if inside is None else f"{inside:.0%}"
        told = "-" if model == PUBLISHED else f"{led}"
        lines.append(f"| {level} | {model} | {' | '.join(figures)} | {told} | {covered} |")
    return "\n".join(lines)


def _comparable(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    def place(row: Mapping[str, Any]) -> tuple[str, str, str]:
        return row["level"], row["segment"], row["category"]

    untold = {place(row) for row in rows if row.get("mase") is None}
    told = {level for level, *_ in {place(row) for row in rows} - untold}
    return [row for row in rows if place(row) not in untold or row["level"] not in told]


def _ahead(row: Mapping[str, Any]) -> int:
    ahead: int = row["months_ahead"]
    return ahead


def _units(row: Mapping[str, Any]) -> str:
    if row["low"] is None:
        return f"{row['units']:,.0f}"
    return f"{row['units']:,.0f} ({row['low']:,.0f} to {row['high']:,.0f})"


def _errors(rows: Sequence[Mapping[str, Any]]) -> str:
    mase, missed = (_mean([row.get(name) for row in rows]) for name in ("mase", "units_error"))
    if mase is None:
        return "-"
    whole = f"{mase:.2f}" if missed is None else f"{mase:.2f}, {missed:.0%}"
    if len(rows) > 1 or rows[0].get("mase_low") is None:
        return whole
    return f"{whole} ({rows[0]['mase_low']:.2f} to {rows[0]['mase_high']:.2f})"


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None

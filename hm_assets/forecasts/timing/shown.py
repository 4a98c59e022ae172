"""The back-tests of this room for the UI and the docs, in Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.forecasts.timing.coverage import METRICS


def windows(rows: Sequence[Mapping[str, Any]], level: int) -> str:
    """Rows of `forecasts/timing_scoreboard` of one level as a table, the latest day first."""
    mine = [row for row in rows if row["level"] == level]
    found = {(row["as_of"], row["of_whom"], row["method"], row["metric"]): row for row in mine}
    lines = [
        f"Windows of {level} %:",
        "",
        "| day (reach) | of whom (who ordered: so many, share, expected) | method | coverage | mean width, days "
        "| interval score |",
        "|---|---|---|---|---|---|",
    ]
    days = sorted({row["as_of"] for row in mine}, reverse=True)
    kinds, methods = (list(dict.fromkeys(row[name] for row in mine)) for name in ("of_whom", "method"))
    for day in days:
        for whom in kinds:
            for method in methods:
                measures = [found[day, whom, method, metric] for metric in METRICS]
                one = measures[0]
                head = "|"
                if method == methods[0]:
                    head = (
                        f"| {day} ({one['reach_days']}) | {whom} ({one['customers']:,}, "
                        f"{_share(one['ordered_share'])}, {_share(one['expected_share'])})"
                    )
                else:
                    head = "| |"
                figures = " | ".join(
                    _figure(row, digits) for row, digits in zip(measures, (2, 0, 0), strict=True)
                )
                lines.append(f"{head} | {method} | {figures} |")
    return "\n".join(lines)


def rules(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of `forecasts/churn_rules` as a table, the latest day first."""
    found = {(row["as_of"], row["rule"], row["metric"]): row for row in rows}
    lines = [
        "| day | no order in the next 90 days | rule | flagged | precision | recall |",
        "|---|---|---|---|---|---|",
    ]
    for day in sorted({row["as_of"] for row in rows}, reverse=True):
        for rule in dict.fromkeys(row["rule"] for row in rows):
            told = [found.get((day, rule, m)) for m in ("quiet_share", "share", "precision", "recall")]
            quiet, *others = ("-" if row is None else _figure(row, 2) for row in told)
            lines.append(f"| {day} | {quiet} | {rule} | {' | '.join(others)} |")
    return "\n".join(lines)


def _figure(row: Mapping[str, Any], digits: int) -> str:
    if row["value"] is None:
        return "-"
    value = f"{row['value']:.{digits}f}"
    if row["low"] is None:
        return value
    return f"{value} ({row['low']:.{digits}f} to {row['high']:.{digits}f})"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"

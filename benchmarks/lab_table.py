"""The lab's tables as Markdown, for docs/real-data.md: `python -m benchmarks.lab_table WAREHOUSE`. Aggregates only."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from hm_assets.segments.algorithms.names import algorithm
from hm_assets.segments.fitting import LARGEST_SHARE, SMALLEST_SHARE
from hm_assets.segments.page.called import candidate

BASELINES = ("recency_quintiles", "monetary_quintiles")


def number(value: float | None, digits: int = 2) -> str:
    """A figure, or a dash where it was not measured."""
    return "-" if value is None else f"{value:.{digits}f}"


def candidates(rows: list[Mapping[str, Any]]) -> list[str]:
    """The comparison of all candidates, those explaining most first."""
    found = [
        "| candidate | silhouette (in rfm) | centroid (null) | CH | DB | noise | shares | 5-60 % | Jaccard / worst "
        "(null, its 95 % limit; blob) | PAC | later value | fidelity | seconds | verdict |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda r: -(r["later_value"] or -1)):
        if row["model"] is None:
            found.append(f"| {candidate(row)} |" + " |" * 12 + f" {row['verdict']} |")
            continue
        kept = row["min_share"] >= SMALLEST_SHARE and row["max_share"] <= LARGEST_SHARE
        later = (
            f"{number(row['later_value'], 3)} ({number(row['later_low'], 3)}..{number(row['later_high'], 3)})"
        )
        limit = f", {number(row['null_stability_high'])}" if row["null_stability_high"] is not None else ""
        found.append(
            f"| {candidate(row)} | {number(row['silhouette'])} ({number(row['silhouette_rfm'])}) "
            f"| {number(row['centroid_silhouette'])} ({number(row['null_silhouette'])}) "
            f"| {number(row['ch'], 0)} | {number(row['db'])} | {row['noise_share']:.0%} "
            f"| {row['min_share']:.1%}..{row['max_share']:.1%} | {'yes' if kept else 'no'} "
            f"| {number(row['stability'])} / {number(row['stability_worst'])} "
            f"({number(row['null_stability'])}{limit}; {number(row['blob_stability'])}) | {number(row['pac'])} "
            f"| {later} | {number(row['fidelity'])} | {number(row['seconds'])} | {row['verdict']} |"
        )
    return found


def later_values(rows: list[Mapping[str, Any]], shown: set[tuple[str, str, int]]) -> list[str]:
    """Log and capped spend and buying by past month, of some candidates and the baselines."""
    days = sorted({row["as_of"] for row in rows})
    found = [
        "| what | outcome | " + " | ".join(str(day) for day in days) + " |",
        "|---|---|" + "---|" * len(days),
    ]
    for name in sorted({(r["algorithm"], r["space"], r["k"]) for r in rows}):
        if name not in shown and name[0] not in BASELINES:
            continue
        words = candidate({"algorithm": name[0], "space": name[1], "k": name[2]})
        words = f"{algorithm(name[0])}" if name[0] in BASELINES else words
        for outcome in ("log_spend", "capped_spend", "bought"):
            cells = []
            for day in days:
                mine = [
                    r
                    for r in rows
                    if (r["algorithm"], r["space"], r["k"], r["outcome"], r["as_of"]) == (*name, outcome, day)
                ]
                cells += [f"{r['value']:.3f} ({r['low']:.3f}..{r['high']:.3f})" for r in mine] or ["-"]
            found.append(f"| {words} | {outcome} | {' | '.join(cells)} |")
    return found


def main() -> None:
    """Print both tables and the verdict."""
    folder = Path(sys.argv[1]) / "segments"
    rows = DeltaTable(str(folder / "candidates")).to_pyarrow_table().to_pylist()
    later = DeltaTable(str(folder / "later_values")).to_pyarrow_table().to_pylist()
    decision = json.loads((folder / "champion.json").read_text())["decision"]
    named = {
        ("kmeans", "rfm", 5),
        ("kmeans", "rfm", 8),
        ("rfm_grid", "rfm", 0),
        ("merged_rfm_grid", "rfm", 0),
    }
    named |= {
        (r["algorithm"], r["space"], r["k"]) for r in rows if r["verdict"].startswith(("chosen", "runner-up"))
    }
    print(f"{rows[0]['structure'][0].upper()}{rows[0]['structure'][1:]}.\n")
    print(" ".join(decision["reasons"]), end="\n\n")
    print("\n".join([*candidates(rows), "", *later_values(later, named)]))


if __name__ == "__main__":
    main()

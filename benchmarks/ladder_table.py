"""The validity ladder and the movement of the latest month as Markdown: `python -m benchmarks.ladder_table WAREHOUSE`.

Aggregates only, for docs/real-data.md.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from hm_assets.profiles.fairness.tables import AGE_PARITY
from hm_assets.profiles.movement.tables import TRANSITIONS
from hm_assets.profiles.validity import construction
from hm_assets.profiles.validity.differences import LEADING, LIFT
from hm_assets.profiles.validity.tables import VALIDITY

Row = Mapping[str, Any]


def latest(warehouse: Path, path: str) -> list[Row]:
    """The rows of a table's last month."""
    rows = DeltaTable(str(warehouse / path)).to_pyarrow_table().to_pylist()
    last = max((row["month"] for row in rows), default=None)
    return [row for row in rows if row["month"] == last]


def ladder(rows: Sequence[Row]) -> list[str]:
    """All facts, by tier, the largest effect first; and what each segment spent later."""
    found = [
        "| tier | fact | effect (95 %) | without structure | p after all tests | shuffles rejected at 5 % |",
        "|---|---|---|---|---|---|",
    ]
    leading = [
        row
        for row in rows
        if row["test"] in (*LEADING, construction.TEST)
        and row["segment_id"] is None
        and row["effect"] is not None
    ]
    tiers = ("construction", "held_out", "later")
    for row in sorted(leading, key=lambda row: (tiers.index(row["tier"]), -row["effect"])):
        p, null = row["p_adjusted"], row["null_effect"]
        said = "none: by construction" if row["tier"] == tiers[0] else f"{p:.2g}"
        shuffled = "" if row["null_rejected"] is None else f"{row['null_rejected']} of {row['null_runs']}"
        name = row["effect_name"].replace("_", " ")
        found.append(
            f"| {row['tier'].replace('_', '-')} | {row['fact']} | {name} {row['effect']:.3f} ({row['low']:.3f} to "
            f"{row['high']:.3f}) | {'-' if null is None else f'{null:.3f}'} | {said} | {shuffled} |"
        )
    lifts = sorted(
        (row for row in rows if row["test"] == LIFT and row["effect"]), key=lambda row: row["segment_id"]
    )
    each = (
        f"{row['segment_id']}: {row['effect']:.2f} ({row['low']:.2f} to {row['high']:.2f})" for row in lifts
    )
    return [*found, "", f"Later spend over everybody's, by segment: {'; '.join(each)}."]


def movement(rows: Sequence[Row]) -> list[str]:
    """Who moved and what of spend moved, by cause."""
    found = ["| step | customers who move | spend of a year, change |", "|---|---|---|"]
    for step in ("model", "time", "behaviour", "price", "all"):
        mine = [row for row in rows if row["step"] == step]
        moved = sum(row["customers"] for row in mine if row["from_segment"] != row["to_segment"])
        found.append(f"| {step} | {moved:,} | {sum(row['spend_change'] for row in mine):+.2f} |")
    return found


def parity(rows: Sequence[Row]) -> str:
    """The age parity of each segment."""
    found = {row["segment_id"]: row["parity"] for row in rows if row["parity"] is not None}
    each = "; ".join(f"{i}: {value:.2f}" for i, value in sorted(found.items()))
    return f"Age parity by segment: {each}." if found else "Age parity: no age is known."


def main() -> None:
    """Print them."""
    warehouse = Path(sys.argv[1])
    rows = latest(warehouse, VALIDITY.path)
    print(f"Judged as of {rows[0]['as_of']}.\n")
    print("\n".join([*ladder(rows), "", *movement(latest(warehouse, TRANSITIONS.path)), ""]))
    print(parity(latest(warehouse, AGE_PARITY.path)))


if __name__ == "__main__":
    main()

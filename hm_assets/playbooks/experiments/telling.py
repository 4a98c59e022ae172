"""Of which campaigns and segments nothing is told, as it would tell of fewer than twenty people."""

from collections.abc import Sequence
from typing import Final

from hm_assets.playbooks.experiments.measuring import ALL, Row
from hm_assets.profiles.fairness.privacy import K

MANY: Final = 1 << 60


def withheld(results: Sequence[Row]) -> set[tuple[str, str]]:
    """Campaigns and segments of which, or of the rest of which, fewer than twenty people of an arm ordered.

    A segment that is withheld alone would come back from that of all segments, so the next smallest goes with it.
    """
    hidden: set[tuple[str, str]] = set()
    for campaign in {row["campaign"] for row in results}:
        smallest: dict[str, int] = {}
        for row in results:
            if row["campaign"] == campaign:
                smallest[row["segment"]] = min(_smallest(row), smallest.get(row["segment"], MANY))
        parts = sorted((size, segment) for segment, size in smallest.items() if segment != ALL)
        few = [segment for size, segment in parts if size < K]
        if len(few) == 1:
            few = [segment for _, segment in parts[:2]]
        hidden |= {(campaign, segment) for segment in few}
        if smallest.get(ALL, K) < K:
            hidden |= {(campaign, segment) for segment in smallest}
    return hidden


def _smallest(row: Row) -> int:
    if row.get("treated_ordered") is None:
        return min(int(row["treated"]), int(row["holdout"]))
    counts: list[int] = [
        part
        for arm in ("treated", "holdout")
        for part in (row[f"{arm}_ordered"], row[arm] - row[f"{arm}_ordered"])
    ]
    return min((count for count in counts if count), default=0)

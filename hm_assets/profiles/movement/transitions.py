"""`profiles/transitions`: the flows of each step of the chain, with the spend that they carry."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from hm_assets.profiles.movement.chain import SPEND
from hm_assets.profiles.movement.customer_movement import CHAIN, SPENDS, STEPS
from hm_assets.profiles.movement.prices import PriceIndex
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.calendar import add_months

ALL = "all"
Row = Mapping[str, Any]
# Step -> segment and spend before it, and after it. A model moves nobody's spend.
SPEND_ALONG = (SPENDS[0], *SPENDS)
PATHS = {ALL: (CHAIN[0], CHAIN[-1], SPENDS[0], SPEND)} | {
    step: (CHAIN[i], CHAIN[i + 1], SPEND_ALONG[i], SPEND_ALONG[i + 1]) for i, step in enumerate(STEPS)
}
EXACT = "decimal(18, 9)"
# Floats of a hundred flows, each exact to 1e-9.
UNEXPLAINED = 1e-6
BECAUSE = {
    "model": "the model or its cut-points changed",
    "time": "time passed",
    "behaviour": "they bought",
    "price": "prices changed",
}


def transitions(movement: ibis.Table, index: PriceIndex, month: dt.date) -> list[dict[str, Any]]:
    """Rows of the table; none where the month has no month before.

    Parameters
    ----------
    movement
        `profiles/customer_movement` of the month.
    index
        The prices that its chain was made with.
    month
        The month.
    """
    known = movement.filter(movement.segment_before.notnull())
    # Materialised once: each step reads a handful of the same columns.
    flows = known.group_by(*CHAIN).agg(
        customers=known.count(),
        as_of=known.as_of.max(),
        **{name: known[name].cast(EXACT).sum() for name in SPENDS},
    )
    counted = flows.to_pyarrow().to_pylist()
    rows = []
    for step, (start, end, before, after) in PATHS.items():
        cells: dict[tuple[int, int], list[Any]] = {}
        sizes: dict[int, int] = {}
        for flow in counted:
            cell = cells.setdefault((flow[start], flow[end]), [0, 0, 0])
            for i, name in enumerate(("customers", before, after)):
                cell[i] += flow[name]
            sizes[flow[start]] = sizes.get(flow[start], 0) + flow["customers"]
        rows += [
            {
                "as_of": counted[0]["as_of"],
                "month": month,
                "step": step,
                "from_segment": start_id,
                "to_segment": end_id,
                "customers": customers,
                "share_of_from": customers / sizes[start_id],
                "spend_before": float(then),
                "spend_after": float(now),
                "spend_change": float(now - then),
                "price_index": index.value,
                "matched_share": index.matched_share,
            }
            for (start_id, end_id), (customers, then, now) in sorted(cells.items())
        ]
    return rows


@dataclass(frozen=True)
class Moves:
    """Of the customers with a purchase today: how many are in another segment than a month ago, and by which cause."""

    customers: int
    moved: int
    causes: Mapping[str, int]

    @classmethod
    def of(cls, causes: Mapping[str, int]) -> "Moves":
        """From customers with a purchase by `cause`, those who did not move under "none"."""
        moved = {step: causes.get(step, 0) for step in STEPS}
        return cls(sum(causes.values()), sum(moved.values()), moved)

    @property
    def headline(self) -> str:
        """The month in a sentence."""
        if not self.customers:
            return "Nobody has bought anything yet"
        if not self.moved:
            return f"None of {self.customers:,} customers moved"
        most = max(STEPS, key=lambda step: self.causes[step])
        part = self.causes[most] / self.moved
        rate = self.customers / self.moved
        many = f"1 in {rate:.0f}" if rate >= 1.5 else f"{self.moved / self.customers:.0%}".replace("%", " %")
        share = "all" if part == 1 else "most" if part > 0.5 else "the largest part"
        return f"{many} of {self.customers:,} customers moved; {share} because {BECAUSE[most]}"


def causes(movement: ibis.Table) -> Moves:
    """The moves of a month's customers with a purchase."""
    known = movement.filter(movement.segment_before.notnull() & (movement.segment_id != NO_PURCHASE))
    counted = known.group_by("cause").agg(customers=known.count()).to_pyarrow().to_pylist()
    return Moves.of({row["cause"]: row["customers"] for row in counted})


def spend_parts(rows: Sequence[Row]) -> dict[str, float]:
    """Change of spend by step, and in all, from rows of the table."""
    found = dict.fromkeys(PATHS, 0.0)
    for row in rows:
        found[row["step"]] += row["spend_change"]
    # Back to the digits that are exact.
    return {step: round(change, 9) for step, change in found.items()}


def unaccounted(rows: Sequence[Row], sizes: Sequence[Row]) -> list[str]:
    """What is wrong with the flows of some months, in sentences; nothing where they add up.

    Parameters
    ----------
    rows
        Of the table.
    sizes
        `month`, `segment_id`, `customers` of the stored assignments, of these months and those before them.
    """
    stored = {(row["month"], row["segment_id"]): row["customers"] for row in sizes}
    faults = []
    for month in sorted({row["month"] for row in rows}):
        mine = [row for row in rows if row["month"] == month]
        flows = [row for row in mine if row["step"] == ALL]
        for side, at in (("from_segment", add_months(month, -1)), ("to_segment", month)):
            # Who is new on file came from 0, where no earlier month had counted them.
            known = {i for m, i in stored if m == at} | {row[side] for row in flows}
            for segment in sorted(known - ({NO_PURCHASE} if at < month else set())):
                found = sum(row["customers"] for row in flows if row[side] == segment)
                there = stored.get((at, segment), 0)
                if found != there:
                    faults.append(
                        f"{month:%Y-%m}: flows count {found:,} customers in segment {segment} in {at:%Y-%m}, "
                        f"segments/assignments has {there:,}"
                    )
        parts = spend_parts(mine)
        rest = parts[ALL] - sum(change for step, change in parts.items() if step != ALL)
        if abs(rest) > UNEXPLAINED:
            faults.append(f"{month:%Y-%m}: {rest:.9f} of the change of spend is in no step")
    return faults

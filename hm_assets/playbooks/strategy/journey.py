"""How far the customers of a segment have come, where they stop, who comes and goes, and what changed since last month.

Steps are the first, second, third, fifth and tenth day with a purchase. A step's drop-off is one minus the share that
took it; those who stopped there and have not bought for 90 days are told apart from those who may still come. Nothing
is told of fewer than twenty customers (`profiles/fairness/privacy.py`).
"""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import ibis

from hm_assets.playbooks.facts import Profile
from hm_assets.playbooks.metrics.figure import ALL
from hm_assets.profiles.fairness.privacy import rounded, segments_withheld
from hm_assets.segments.tables import NO_PURCHASE

STEPS: Final = (1, 2, 3, 5, 10)
GONE_DAYS: Final = 90
MOST_CHANGES: Final = 4
SMALLEST_CHANGE: Final = 0.05  # of the figure a month ago: less is sure at most, and moves nobody
EVERYBODY: Final = -1
"""segment_id of the rows over all who have bought."""
# What differs between two months only because time passes, or is a count of everybody.
NOT_COMPARED: Final = ("tenure_days", "customers", "age_known", "depends_on_imputed")
READ: Final = ["segment_id", "drops_without_order_in_days", "rises_with_one_order"]
"""What `soon` reads of `profiles/customer_movement`."""
Row = Mapping[str, Any]
Counts = Mapping[int, Mapping[str, int]]


def counts(features: ibis.Table, assignments: ibis.Table) -> dict[int, dict[str, int]]:
    """Customers by segment: `reached_n` that have bought on n days, `gone_n` that stopped before the next step.

    Parameters
    ----------
    features, assignments
        A month of `features/customer_features` and `segments/assignments`.
    """
    people = features.select("customer_key", "purchase_days", "recency_days").inner_join(
        assignments.select("customer_key", "segment_id"), "customer_key"
    )
    sums = {f"reached_{n}": (people.purchase_days >= n).sum() for n in STEPS}
    for n, following in pairwise(STEPS):
        stopped = (people.purchase_days >= n) & (people.purchase_days < following)
        sums[f"gone_{n}"] = (stopped & (people.recency_days > GONE_DAYS)).sum()
    found = people.group_by("segment_id").agg(**sums).to_pyarrow().to_pylist()
    by_segment = {row["segment_id"]: {name: int(row[name]) for name in sums} for row in found}
    by_segment.pop(NO_PURCHASE, None)
    return by_segment


def steps(by_segment: Counts) -> list[dict[str, Any]]:
    """Rows of kind `step` and `stopped`, of every segment and of all (segment_id -1)."""
    rows: list[dict[str, Any]] = []
    open_to = set(by_segment)
    for place, (n, following) in enumerate(pairwise(STEPS), start=1):
        took = {i: mine[f"reached_{following}"] for i, mine in by_segment.items()}
        stayed = {i: mine[f"reached_{n}"] - took[i] for i, mine in by_segment.items()}
        # Who reached the next step would follow from those on it: after a step that is withheld none is told.
        open_to = open_to - segments_withheld(took) - segments_withheld(stayed)
        rows += _shares("step", str(following), place, took, stayed, open_to)
        gone = {i: mine[f"gone_{n}"] for i, mine in by_segment.items()}
        here = {i: stayed[i] - gone[i] for i in by_segment}
        told = open_to - segments_withheld(gone) - segments_withheld(here)
        rows += _shares("stopped", str(n), place, gone, here, told)
    return rows


def soon(movement: ibis.Table) -> list[dict[str, Any]]:
    """Rows of kind `next`: the share that drops without an order, and that rises with one (customer_movement)."""
    found = (
        movement.group_by("segment_id")
        .agg(
            customers=ibis._.count(),
            down=movement.drops_without_order_in_days.notnull().sum(),
            up=movement.rises_with_one_order.fill_null(False).sum(),
        )
        .to_pyarrow()
        .to_pylist()
    )
    by_segment = {row["segment_id"]: row for row in found if row["segment_id"] != NO_PURCHASE}
    rows = []
    for place, way in enumerate(("down", "up"), start=1):
        part = {i: int(row[way]) for i, row in by_segment.items()}
        rest = {i: int(row["customers"]) - part[i] for i, row in by_segment.items()}
        told = set(by_segment) - segments_withheld(part) - segments_withheld(rest)
        rows += [
            row for row in _shares("next", way, place, part, rest, told) if row["segment_id"] != EVERYBODY
        ]
    return rows


def flows(transitions: Sequence[Row], names: Mapping[int, str]) -> Iterator[dict[str, Any]]:
    """Rows of kind `size`, `came_from` and `went_to` out of `profiles/transitions`; flows are rounded to 20."""
    cells = [row for row in transitions if row["step"] == ALL]
    before: dict[int, int] = {}
    for row in cells:
        before[row["from_segment"]] = before.get(row["from_segment"], 0) + row["customers"]
    # No month before is no empty one.
    for segment in sorted(names) if cells else ():
        yield _row(segment, "size", "customers", 1, float(before.get(segment, 0)), "customers")
    for kind, mine, other in (
        ("went_to", "from_segment", "to_segment"),
        ("came_from", "to_segment", "from_segment"),
    ):
        for segment in sorted(names):
            moved = [row for row in cells if row[mine] == segment and row[other] != segment]
            place = 0
            for row in sorted(moved, key=lambda row: (-row["customers"], names.get(row[other], ""))):
                many = rounded(int(row["customers"]))
                if many is not None and row[other] in names:
                    place += 1
                    yield _row(segment, kind, names[row[other]], place, float(many), "customers")


def changes(now: Sequence[Profile], before: Sequence[Profile]) -> Iterator[dict[str, Any]]:
    """Rows of kind `before`: facts of last month whose 95 % interval lies clear of this month's, largest change first.

    And of kind `compared`: how many facts could be held against last month's.
    """
    past = {profile.segment_id: profile for profile in before}
    for profile in now:
        found = []
        compared = 0
        other = past.get(profile.segment_id)
        for name, fact in profile.facts.items():
            old = other.get(name) if other is not None and name not in NOT_COMPARED else None
            if (
                old is None
                or None in (fact.low, fact.high, old.low, old.high)
                or old.value <= 0
                or fact.value <= 0
            ):
                continue
            compared += 1
            apart = fact.low > old.high or fact.high < old.low  # type: ignore[operator]
            change = abs(math.log(fact.value / old.value))
            if apart and change >= math.log1p(SMALLEST_CHANGE):
                found.append((-change, name, old))
        for place, (_, name, old) in enumerate(
            sorted(found, key=lambda each: each[:2])[:MOST_CHANGES], start=1
        ):
            yield _row(profile.segment_id, "before", name, place, old.value, old.unit or "")
        if compared:
            yield _row(profile.segment_id, "compared", "facts", 1, float(compared), "facts")


def whole(
    rows: Sequence[Row], names: Mapping[int, str], as_of: dt.date, month: dt.date
) -> list[dict[str, Any]]:
    """The rows with their names, day and month; those of segments without a name are left out."""
    all_names = {**names, EVERYBODY: "all customers"}
    return [
        {**row, "segment_name": all_names[row["segment_id"]], "as_of": as_of, "month": month}
        for row in rows
        if row["segment_id"] in all_names
    ]


def _shares(
    kind: str, name: str, place: int, part: Mapping[int, int], rest: Mapping[int, int], told: set[int]
) -> list[dict[str, Any]]:
    cells = {i: (part[i], part[i] + rest[i]) for i in sorted(told)}
    cells[EVERYBODY] = (sum(part.values()), sum(part.values()) + sum(rest.values()))
    every_part, every_whole = cells[EVERYBODY]
    if segments_withheld({0: every_part, 1: every_whole - every_part}):
        cells.pop(EVERYBODY)
    return [
        _row(i, kind, name, place, of_part / of_whole, "share", of_whole)
        for i, (of_part, of_whole) in cells.items()
        if of_whole
    ]


def _row(
    segment: int, kind: str, name: str, place: int, value: float, unit: str, customers: int | None = None
) -> dict[str, Any]:
    return {
        "segment_id": segment,
        "kind": kind,
        "name": name,
        "position": place,
        "value": value,
        "unit": unit,
        "customers": customers,
    }

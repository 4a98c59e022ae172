"""Checks of this room: nobody gets more contacts than the cap, the budget is whole, what is assumed says so."""

import itertools
import json

import dagster as dg
import ibis

from hm_assets.playbooks.metrics.figure import Figure, from_json, plain
from hm_assets.playbooks.strategy import tables
from hm_assets.playbooks.strategy.calendar import CAP_DAYS
from hm_assets.warehouse.assets import read
from hm_assets.warehouse.checks import by_month
from hm_assets.warehouse.partitions import MONTHS

LISTED = 10


@dg.asset_check(
    asset=dg.AssetKey([tables.CALENDAR.stage, tables.CALENDAR.name]),
    partitions_def=MONTHS,
    additional_ins={"decision_matrix": read(tables.DECISION_MATRIX)},
    description=f"No segment, and so no customer, is contacted more often within {CAP_DAYS} days than the cap.",
    blocking=True,
)
@by_month
def nobody_exceeds_the_cap(calendar: ibis.Table, decision_matrix: ibis.Table) -> dg.AssetCheckResult:
    caps = {
        (row["month"], row["segment_id"]): row["contacts_in_30_days"]
        for row in decision_matrix.to_pyarrow().to_pylist()
    }
    sent = sorted(
        (row["month"], row["segment_id"], row["send_on"])
        for row in calendar.filter(calendar.contacts > 0).to_pyarrow().to_pylist()
    )
    faults = []
    for (month, segment), rows in itertools.groupby(sent, key=lambda row: row[:2]):
        days = [day for *_, day in rows]
        most = max(sum(0 <= (day - other).days < CAP_DAYS for other in days) for day in days)
        if most > caps.get((month, segment), 0):
            faults.append(f"{month:%Y-%m}: segment {segment}: {most} contacts in {CAP_DAYS} days")
    return _result(faults)


@dg.asset_check(
    asset=dg.AssetKey([tables.DECISION_MATRIX.stage, tables.DECISION_MATRIX.name]),
    partitions_def=MONTHS,
    description="The budget shares of a month are those of the whole budget, or there are none.",
    blocking=True,
)
@by_month
def the_budget_is_whole(decision_matrix: ibis.Table) -> dg.AssetCheckResult:
    summed = decision_matrix.group_by("month").agg(
        whole=ibis._.budget_share.sum(), lacking=ibis._.budget_share.isnull().sum(), segments=ibis._.count()
    )
    faults = [
        f"{row['month']:%Y-%m}: {row['whole']} of the budget, {row['lacking']} segments without a share"
        for row in summed.to_pyarrow().to_pylist()
        if row["lacking"] not in (0, row["segments"]) or (not row["lacking"] and abs(row["whole"] - 1) > 1e-9)
    ]
    return _result(faults)


@dg.asset_check(
    asset=dg.AssetKey([tables.STRATEGY.stage, tables.STRATEGY.name]),
    partitions_def=MONTHS,
    description="Every line is its pieces, and says “assumption” where a figure in it is assumed.",
    blocking=True,
)
@by_month
def assumptions_say_so(strategy: ibis.Table) -> dg.AssetCheckResult:
    faults = []
    for row in strategy.to_pyarrow().to_pylist():
        pieces = from_json(json.loads(row["pieces"]))
        assumed = any(isinstance(piece, Figure) and piece.assumption for piece in pieces)
        if plain(pieces) != row["text"] or (assumed and "assumption" not in row["text"].lower()):
            faults.append(f"{row['month']:%Y-%m}: segment {row['segment_id']}: {row['text'][:200]}")
    return _result(faults)


def _result(faults: list[str]) -> dg.AssetCheckResult:
    listed = "\n".join(f"- {fault}" for fault in sorted(faults)[:LISTED])
    return dg.AssetCheckResult(passed=not faults, metadata={"faults": dg.MetadataValue.md(listed)})

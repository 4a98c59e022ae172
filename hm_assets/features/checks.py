"""Checks of this stage: what the lines of a month say, the tables built from them say."""

import math
from collections.abc import Iterator
from typing import Any

import dagster as dg
import ibis

from hm_assets.features import tables
from hm_assets.features.article_days import WIDE
from hm_assets.features.attributes import POSITIONS
from hm_assets.features.customer_days import exact_sum
from hm_assets.raw import tables as raw
from hm_assets.warehouse.assets import FIRST, read
from hm_assets.warehouse.checks import by_month
from hm_assets.warehouse.partitions import MONTHS
from hm_assets.warehouse.schema import MONTH, Table


def _reconciling(table: Table) -> Any:
    """A blocking check of a table that is summed from lines, with the lines of the same months beside it."""
    declare = dg.asset_check(
        asset=dg.AssetKey([table.stage, table.name]),
        blocking=True,
        op_tags=FIRST,
        partitions_def=MONTHS,
        additional_ins={"transactions": read(raw.TRANSACTIONS)},
        description=f"In each month, units and spend of {table.path} are those of the lines"
        f"{', for each attribute' if table is tables.CUSTOMER_ATTRIBUTES else ''}.",
    )
    return lambda check: declare(by_month(check))


@_reconciling(tables.CUSTOMER_DAYS)
def totals_reconcile(customer_days: ibis.Table, transactions: ibis.Table) -> dg.AssetCheckResult:
    return _compared(_totals(customer_days), transactions)


@_reconciling(tables.ARTICLE_DAYS)
def article_totals_reconcile(article_days: ibis.Table, transactions: ibis.Table) -> dg.AssetCheckResult:
    return _compared(_totals(article_days), transactions)


@_reconciling(tables.CUSTOMER_ATTRIBUTES)
def attribute_totals_reconcile(
    customer_attributes: ibis.Table, transactions: ibis.Table
) -> dg.AssetCheckResult:
    return _compared(_totals(customer_attributes, "attribute"), transactions, tuple(POSITIONS))


def _totals(summed: ibis.Table, *by: str) -> list[dict[str, Any]]:
    spend = summed.spend.cast(WIDE).sum().cast("float64")
    totals = summed.group_by(MONTH, *by).agg(items=summed["items"].sum(), spend=spend)
    return list(totals.to_pyarrow().to_pylist())


def _compared(
    found: list[dict[str, Any]], transactions: ibis.Table, parts: tuple[str, ...] = ()
) -> dg.AssetCheckResult:
    """Totals by month (and, where there are parts, by each of them) against those of the lines."""
    lines = transactions.group_by(MONTH).agg(items=transactions.count(), spend=exact_sum(transactions.price))
    wanted = {(row[MONTH], part): row for row in lines.to_pyarrow().to_pylist() for part in parts or (None,)}
    got = {(row[MONTH], row.get("attribute")): row for row in found}
    differ = list(_differing(wanted, got))
    return dg.AssetCheckResult(
        passed=not differ,
        metadata={
            "months": len({month for month, _ in wanted}),
            "units": sum(row["items"] for row in wanted.values()) // max(len(parts), 1),
            "differ": dg.MetadataValue.json(differ[:12]),
        },
    )


def _differing(wanted: dict[Any, dict[str, Any]], got: dict[Any, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    nothing = {"items": 0, "spend": 0.0}
    for month, part in sorted(wanted.keys() | got.keys(), key=str):
        want, have = wanted.get((month, part), nothing), got.get((month, part), nothing)
        # A row's sum is a float: of prices in the millions it keeps fewer than nine decimals.
        if want["items"] != have["items"] or not math.isclose(want["spend"], have["spend"], rel_tol=1e-12):
            yield {
                "month": f"{month:%Y-%m}",
                **({"attribute": part} if part else {}),
                "lines": [want["items"], want["spend"]],
                "table": [have["items"], have["spend"]],
            }

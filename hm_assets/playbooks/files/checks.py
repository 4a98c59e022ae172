"""Checks of the documents: every number that they print stands in the store of figures.

Two pages are not held against it. The dashboard draws distributions and flows between any two segments, which the store
does not gather; each of its figures names the table, segment and field that it comes from. The page on campaigns tells
customers to the nearest twenty, which is no figure of any table on purpose, and its plans are not gathered either.
"""

import datetime as dt
from collections.abc import Collection
from functools import partial
from pathlib import Path

import dagster as dg

from hm_assets.playbooks.files import reading, shelf
from hm_assets.playbooks.metrics import checker, readers
from hm_assets.playbooks.metrics.store import Store
from hm_assets.playbooks.metrics.tables import METRICS
from hm_assets.profiles.passport.gate import label_of
from hm_assets.warehouse import artifacts, beside
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.checks import tell_by_month
from hm_assets.warehouse.io_manager import DeltaIOManager
from hm_assets.warehouse.manifest import MANIFEST, read_manifest
from hm_assets.warehouse.partitions import MONTHS
from hm_assets.warehouse.resources import Warehouse

STORE = dg.AssetKey([METRICS.stage, METRICS.name])
PASSPORTS = ("profiles", "passports")
NOT_GATHERED = (
    "playbooks/metrics was not made for this month, so nothing could be held against it; materialise it"
)


def _check(asset: str, listing: str) -> dg.AssetChecksDefinition:
    """The check of the documents that one manifest lists."""

    @dg.asset_check(
        name="numbers_are_in_the_store",
        asset=dg.AssetKey(["playbooks", asset]),
        additional_deps=[STORE],
        partitions_def=MONTHS,
        blocking=True,
        description="Every number that a document prints is a figure of playbooks/metrics.",
    )
    def numbers_are_in_the_store(
        context: dg.AssetCheckExecutionContext,
        warehouse: dg.ResourceParam[Warehouse],
        delta: dg.ResourceParam[DeltaIOManager],
    ) -> dg.AssetCheckResult:
        execution = context.op_execution_context
        months = [parse_month(key) for key in execution.partition_keys]
        found = [_faults(warehouse, delta, month, listing) for month in months]
        wrong = [fault for faults in found for fault in faults or ()]
        missing = any(faults is None for faults in found)
        listed = "\n".join(f"- {fault}" for fault in wrong[:20])
        result = dg.AssetCheckResult(
            passed=not wrong and not missing,
            # A store that is not there says nothing against the documents.
            severity=dg.AssetCheckSeverity.ERROR if wrong else dg.AssetCheckSeverity.WARN,
            description=NOT_GATHERED if missing else f"{len(wrong)} numbers are not in the store",
            metadata={"numbers": len(wrong), "faults": dg.MetadataValue.md(listed)},
        )
        (key,) = execution.selected_asset_check_keys
        tell_by_month(execution, key, result)
        return result

    return numbers_are_in_the_store


def _faults(
    warehouse: Warehouse, delta: DeltaIOManager, month: dt.date, listing: str
) -> list[checker.Fault] | None:
    """The faults of a month's documents; None where there is no store to hold them against."""
    folder = warehouse.settings.reports_dir / f"{month:%Y-%m}"
    manifest = read_manifest(folder, listing)
    if manifest is None:
        return []
    contents = reading.read_contents(
        warehouse.path, month, delta.tables.values(), banner=_label(warehouse, month)
    )
    if contents is None:
        return None
    documents = [(folder / entry.name, reading.names_of(contents, entry.name)) for entry in manifest.files]
    work = partial(_faults_of, store=contents.store)
    readable = (each for each in documents if each[0].suffix in readers.READERS)
    return [fault for found in beside.each(work, readable, warehouse.settings.processes) for fault in found]


def _faults_of(document: tuple[Path, Collection[str]], store: Store) -> list[checker.Fault]:
    path, names = document
    return checker.faults(path, checker.scope_of(path.name, store, names))


def _label(warehouse: Warehouse, month: dt.date) -> str:
    path = artifacts.path_of(warehouse.path, PASSPORTS, month.isoformat())
    return label_of(artifacts.read_json(path)) if path.exists() else ""


playbooks_numbers = _check("playbooks", MANIFEST)
pdf_numbers, deck_numbers, workbook_numbers = (
    _check(name, kind.manifest) for name, kind in shelf.SHELVES.items()
)

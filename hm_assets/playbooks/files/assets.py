"""The assets of this room: the PDF files, the deck and the workbook of a month, in the reports folder.

They publish, so a month whose gate is closed is refused, as by `playbooks/playbooks`.
"""

from typing import Any

import dagster as dg
import ibis

from hm_assets.playbooks.files import reading, shelf, shown
from hm_assets.playbooks.metrics.tables import METRICS
from hm_assets.playbooks.strategy.tables import STRATEGY
from hm_assets.profiles.passport.gate import banner_of
from hm_assets.profiles.tables import SEGMENT_PROFILES, SEGMENT_WORDS
from hm_assets.warehouse.assets import OWNERS, read
from hm_assets.warehouse.calendar import of_month
from hm_assets.warehouse.io_manager import DeltaIOManager, content_of, latest_record, version_of
from hm_assets.warehouse.partitions import MONTHS, months_of
from hm_assets.warehouse.resources import Warehouse
from hm_assets.warehouse.schema import Table

DESCRIPTIONS = {
    "pdf": "The playbook, an executive summary, a page per segment, cards, methodology, guides and data dictionary as "
    "PDF, in the reports folder.",
    "deck": "The month as 15 to 20 slides with native charts and speaker notes, in the reports folder.",
    "workbook": "All figures of the month as a workbook, with the strategy and the sources, in the reports folder.",
}
KINDS = {"pdf": "pdf", "deck": "powerpoint", "workbook": "excel"}


def _key(table: Table) -> dg.AssetKey:
    return dg.AssetKey([table.stage, table.name])


def _asset(name: str) -> dg.AssetsDefinition:
    """The asset that writes one kind of files."""

    @dg.asset(
        key=["playbooks", name],
        group_name="playbooks",
        description=DESCRIPTIONS[name],
        kinds={KINDS[name]},
        owners=[*OWNERS, "team:marketing"],
        partitions_def=MONTHS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        code_version="3",
        ins={
            "metrics": read(METRICS),
            "champion": dg.AssetIn(dg.AssetKey(["segments", "champion"])),
            "passports": dg.AssetIn(dg.AssetKey(["profiles", "passports"])),
        },
        # The strategy counts where it was made: without it the files say what is known and advise nothing.
        deps=[_key(STRATEGY), _key(SEGMENT_WORDS)],
    )
    def files(
        context: dg.AssetExecutionContext,
        warehouse: dg.ResourceParam[Warehouse],
        delta: dg.ResourceParam[DeltaIOManager],
        metrics: ibis.Table,
        champion: dict[str, Any],
        passports: dict[str, Any],
    ) -> dg.MaterializeResult:
        entries, told = [], []
        portal = warehouse.settings.portal_url
        for month in months_of(context):
            key = month.isoformat()
            banner = banner_of(
                f"playbooks/{name}",
                f"{month:%Y-%m}",
                passports[key],
                champion["version"],
                content_of(latest_record(context.instance, _key(SEGMENT_PROFILES), key)),
            )
            # The figures come through the input, which refuses a table that is gone.
            if of_month(metrics, month).limit(1).to_pyarrow().num_rows == 0:
                continue
            version = version_of(latest_record(context.instance, _key(METRICS), key)) or "unknown"
            contents = reading.read_contents(
                warehouse.path, month, delta.tables.values(), version=version, banner=banner
            )
            if contents is None:
                continue
            versions = {METRICS.path: version, **contents.store.versions}
            written = shelf.write(contents, shelf.SHELVES[name], warehouse.settings.reports_dir, versions)
            entries += written
            told.append(shown.summary(contents, written, portal))
        return dg.MaterializeResult(
            data_version=dg.DataVersion(shelf.digest(entries)),
            metadata={
                "documents": len(entries),
                "summary": dg.MetadataValue.md("\n\n".join(told)),
                "portal": dg.MetadataValue.url(portal),
                "folder": dg.MetadataValue.path(str(warehouse.settings.reports_dir)),
            },
        )

    return files


pdf, deck, workbook = (_asset(name) for name in shelf.SHELVES)

"""The landing sensor: it tells Dagster which files are new or changed, month by month; automation does the rest."""

from collections.abc import Iterator

import dagster as dg

from hm_assets.raw import landing as landing_zone
from hm_assets.raw import refusal
from hm_assets.raw.landing import Landing
from hm_assets.sources import assets as sources
from hm_assets.warehouse import identity
from hm_assets.warehouse.calendar import months_between, parse_month
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.io_manager import DATA_VERSION, latest_record, version_of
from hm_assets.warehouse.partitions import MONTHS
from hm_assets.warehouse.resources import Warehouse


def changed_files(instance: dg.DagsterInstance, landed: Landing) -> list[dg.AssetMaterialization]:
    """What Dagster should be told: the delivered files whose content differs from what it was told last.

    A materialisation and not an observation, because automation and staleness look at nothing else for a file.
    """
    return [
        dg.AssetMaterialization(key, partition=month, tags={DATA_VERSION: version}, metadata={"files": files})
        for key, month, version, files in _versions(instance, landed)
        if version_of(latest_record(instance, key, month)) != version
    ]


def _versions(
    instance: dg.DagsterInstance, landed: Landing
) -> Iterator[tuple[dg.AssetKey, str | None, str, str]]:
    yield sources.CUSTOMERS.key, None, landed.customers_version, landed.customers.name
    yield sources.ARTICLES.key, None, landed.articles.sha256, landed.articles.name
    known = set(MONTHS.get_partition_keys())
    # A month whose only file was taken away is told too: it holds nothing now.
    told = {parse_month(month) for month in instance.get_materialized_partitions(sources.TRANSACTIONS.key)}
    for month in sorted({*months_between(landed.first_day, landed.last_day), *told}):
        if month.isoformat() in known:
            names = ", ".join(file.name for file in landed.files_of(month))
            yield sources.TRANSACTIONS.key, month.isoformat(), landed.version_of(month), names


@dg.sensor(
    name="landing",
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Looks at the landing zone (size and time first, then content) and reports what changed.",
)
def landing(
    context: dg.SensorEvaluationContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.SensorResult | dg.SkipReason:
    known = identity.read(warehouse.path)
    if known is None:
        return dg.SkipReason(f"{warehouse.path} is not set up yet; run `hm run` once")
    try:
        landed = landing_zone.survey(known.raw, warehouse.path, context.log.info)
        events = changed_files(context.instance, landed)
    except HmAssetsError as error:
        refusal.note(warehouse.path, str(error))
        return dg.SkipReason(str(error))
    refusal.note(warehouse.path, None)
    if not events:
        return dg.SkipReason(f"nothing new in {known.raw}")
    return dg.SensorResult(asset_events=events)

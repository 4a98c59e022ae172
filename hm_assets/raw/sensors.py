"""The landing sensor: it tells Dagster which files are new or changed, month by month; automation does the rest."""

import json
import time
from collections.abc import Iterator

import dagster as dg

from hm_assets.raw import landing as landing_zone
from hm_assets.raw import objects, plugins, refusal, settling
from hm_assets.raw.landing import Landing
from hm_assets.raw.refusal import Refusal
from hm_assets.settings import named
from hm_assets.sources import assets as sources
from hm_assets.sources.contract import CAMPAIGN_RESULTS
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
    results = plugins.found(landed.raw, CAMPAIGN_RESULTS)
    # A file that was taken away is told too; one that never was there is not.
    if results or latest_record(instance, sources.CAMPAIGN_RESULTS.key, None):
        named = ", ".join(path.name for path in results)
        yield sources.CAMPAIGN_RESULTS.key, None, plugins.version(results), named
    known = set(MONTHS.get_partition_keys())
    # A month whose only file was taken away is told too: it holds nothing now.
    told = {parse_month(month) for month in instance.get_materialized_partitions(sources.TRANSACTIONS.key)}
    for month in sorted({*months_between(landed.first_day, landed.last_day), *told}):
        if month.isoformat() in known:
            names = ", ".join(file.name for file in landed.files_of(month))
            yield sources.TRANSACTIONS.key, month.isoformat(), landed.version_of(month), names


def _outside(landed: Landing) -> list[str]:
    """Files with months that the calendar does not offer: they cannot be told."""
    known = set(MONTHS.get_partition_keys())
    return [
        f"{file.name} holds {month:%Y-%m}, outside of this warehouse's calendar: `hm run` extends it, then start "
        "`hm ui` anew"
        for file in landed.transactions
        for month in sorted(file.own_months)
        if month.isoformat() not in known
    ]


def _words(landed: Landing, events: list[dg.AssetMaterialization]) -> str:
    """What a tick has to say: what is told, what is waited for and why, what is left alone."""
    told = ", ".join(f"{event.asset_key.path[-1]} {(event.partition or '')[:7]}".strip() for event in events)
    parts = [f"told: {told}" if told else f"nothing new in {named(landed.raw)}"]
    parts += [f"waiting: {why}" for why in landed.held.values()]
    parts += _outside(landed)
    parts += [f"{name} is not one of the input files; left alone" for name in landed.not_ours]
    return "; ".join(parts)


@dg.sensor(
    name="landing",
    # A file that is still being written is told by two looks: this far apart.
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Looks at the landing zone (size and time first, then content), waits until a file stops growing, and "
    "reports what changed. A file that cannot be read is named and holds back nothing but what it gives rows to.",
)
def landing(
    context: dg.SensorEvaluationContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.SensorResult | dg.SkipReason:
    try:
        known = identity.read(warehouse.path)
        if known is None:
            return dg.SkipReason(f"{warehouse.path} is not set up yet; run `hm run` once")
        if known.fetched_from:
            objects.fetch(known.fetched_from, known.raw, context.log.info, wait=False)
        seen = settling.stamps(known.raw)
        before = json.loads(context.cursor) if context.cursor else {}
        context.update_cursor(json.dumps(seen))
        # What was fetched is whole, however new.
        seconds = 0 if known.fetched_from else warehouse.settings.settle_seconds
        settled = settling.since(before, time.time(), seconds)
        landed = landing_zone.survey(known.raw, warehouse.path, context.log.info, settled)
        events = changed_files(context.instance, landed)
    except landing_zone.NotReady as error:
        return dg.SkipReason(str(error))
    except HmAssetsError as error:
        refusal.note(warehouse.path, [Refusal(str(error))])
        return dg.SkipReason(str(error))
    refusal.note(warehouse.path, [Refusal(why, name) for name, why in landed.unreadable.items()])
    words = _words(landed, events)
    return dg.SensorResult(asset_events=events, skip_reason=words) if events else dg.SkipReason(words)

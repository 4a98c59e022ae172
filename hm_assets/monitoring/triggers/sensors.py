"""What no webhook acknowledged is sent again soon: a sensor that sees it, and a job that sends and makes no asset.

A look is not taken for it: in the middle of a refresh it would see half of what is new.
"""

import datetime as dt
import json
import time

import dagster as dg
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

from hm_assets.customers.tables import CUSTOMERS
from hm_assets.monitoring.triggers import rules, sending
from hm_assets.monitoring.triggers.tables import SEGMENT_EVENTS
from hm_assets.profiles.assets import NAMES
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.engine import open_duckdb
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.resources import Warehouse

# Soon for a receiver that was restarted, and six runs a day for one that is gone.
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 60.0, 4 * 3600.0
JOB = "send_open_triggers"


def _rules(warehouse: Warehouse) -> list[rules.Rule]:
    names = artifacts.read_json(artifacts.path_of(warehouse.path, NAMES.path))
    return rules.read(warehouse.path / rules.FILE, rules.called(names))


@dg.op(required_resource_keys={"warehouse"}, description="Does the actions of triggers.toml that are open.")
def send_open(context: dg.OpExecutionContext) -> None:
    warehouse: Warehouse = context.resources.warehouse
    engine = warehouse.engine(f"{context.run_id}:{JOB}")
    try:
        customers = sending.stored(engine, warehouse.path, CUSTOMERS)
        with sending.turn(warehouse.path):
            log = context.log
            sending.send(engine, warehouse.settings, _rules(warehouse), customers, log.error, log.info)
    finally:
        warehouse.close()


@dg.job(name=JOB, description="Sends what no webhook acknowledged yet; see triggers.toml.")
def send_open_triggers() -> None:
    send_open()


def _open(warehouse: Warehouse) -> dict[str, int]:
    """How many events are open, by rule."""
    if not (warehouse.path / rules.FILE).exists() or delta.open_table(warehouse.path, SEGMENT_EVENTS) is None:
        return {}
    wanted = _rules(warehouse)
    with open_duckdb(warehouse.settings) as engine:
        tables = (sending.stored(engine, warehouse.path, table) for table in (SEGMENT_EVENTS, CUSTOMERS))
        events, customers = tables
        found = sending.open_events(events, wanted, customers).group_by("rule").agg(n=lambda t: t.count())
        return {row["rule"]: row["n"] for row in found.order_by("rule").to_pyarrow().to_pylist()}


@dg.sensor(
    name="unsent_triggers",
    job=send_open_triggers,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for what no webhook acknowledged to be sent again: after a minute, then each time after twice as "
    "long, up to four hours.",
)
def unsent_triggers(
    context: dg.SensorEvaluationContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.RunRequest | dg.SkipReason:
    try:
        waiting = _open(warehouse)
    except HmAssetsError as error:
        return dg.SkipReason(str(error))
    now, before = time.time(), json.loads(context.cursor or "{}")
    # The look that sees an event sends it at once, and is left the time to do so. One rule's address that is gone
    # for ever does not keep another rule waiting.
    tries = {rule: before.get(rule, [now + FIRST_WAIT_SECONDS, FIRST_WAIT_SECONDS]) for rule in waiting}
    due = [rule for rule, (at, _) in tries.items() if at <= now]
    # A run that was killed can stand as under way for ever.
    since = dt.datetime.fromtimestamp(now, dt.UTC) - dt.timedelta(days=1)
    unfinished = dg.RunsFilter(job_name=JOB, statuses=list(NOT_FINISHED_STATUSES), updated_after=since)
    if due and context.instance.get_runs_count(unfinished):
        return dg.SkipReason("a try is under way")
    for rule in due:
        wait = min(2 * tries[rule][1], LONGEST_WAIT_SECONDS)
        tries[rule] = [now + wait, wait]
    context.update_cursor(json.dumps(tries))
    if due:
        return dg.RunRequest()
    words = [
        f"{rule}: {waiting[rule]:,} customers not sent yet, next try at {_clock(at)} UTC"
        for rule, (at, _) in tries.items()
    ]
    return dg.SkipReason("; ".join(words) or "nothing is open")


def _clock(seconds: float) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%H:%M}"

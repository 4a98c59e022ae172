"""The asset of this room: one look at who is where, what the rules say of it, and the actions.

The events are stored before the look that saw them, and both before anything is sent: a step that is killed in between
sees the same events again, and sends what was not acknowledged.
"""

import contextlib
import datetime as dt
from collections.abc import Iterator
from typing import Any

import dagster as dg
import ibis

from hm_assets.customers import tables as customer_tables
from hm_assets.features import tables as feature_tables
from hm_assets.monitoring.triggers import looks, rules, sending
from hm_assets.monitoring.triggers.tables import LAST_SEGMENTS, SEGMENT_EVENTS
from hm_assets.profiles.assets import NAMES
from hm_assets.segments import tables as segment_tables
from hm_assets.warehouse.assets import read, table_out
from hm_assets.warehouse.resources import Warehouse
from hm_assets.warehouse.schema import Table

CODE_VERSION = "1"


@dg.multi_asset(
    name="monitoring__triggered",
    outs={
        table.name: table_out(table, code_version=CODE_VERSION) for table in (SEGMENT_EVENTS, LAST_SEGMENTS)
    },
    ins={
        "assignments": read(segment_tables.ASSIGNMENTS),
        "customer_days": read(feature_tables.CUSTOMER_DAYS),
        "customers": read(customer_tables.CUSTOMERS),
        "names": dg.AssetIn(NAMES),
    },
)
def triggered(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    assignments: ibis.Table,
    customer_days: ibis.Table,
    customers: ibis.Table,
    names: dict[str, Any],
) -> Iterator[dg.MaterializeResult]:
    engine = warehouse.engine(f"{context.run.run_id}:{context.op_execution_context.op_handle}")
    wanted = rules.read(warehouse.path / rules.FILE, rules.called(names))
    with sending.turn(warehouse.path):
        events, last = (
            sending.stored(engine, warehouse.path, table) for table in (SEGMENT_EVENTS, LAST_SEGMENTS)
        )
        month, before = looks.latest_month(assignments), looks.last_look(last)
        # A lost table of the last look is a new baseline, and its events stay.
        number = before[0] if before else int(events["look"].max().to_pyarrow().as_py() or 0)
        # What a killed step saw without noting its look is seen again.
        found = [events.filter(events["look"] <= number)]
        with contextlib.ExitStack() as kept:
            if month is not None:
                state = looks.state(assignments, customer_days, month, number + 1)
                now = kept.enter_context(engine.settled(state))  # read several times below
                if before is None or looks.is_news(last, now):
                    if before is not None:
                        seen_at = dt.datetime.now(dt.UTC)
                        found.append(looks.events(last, now, customer_days, before, wanted, seen_at))
                    last = now
            yield dg.MaterializeResult(asset_key=_key(SEGMENT_EVENTS), value=found)
            yield dg.MaterializeResult(asset_key=_key(LAST_SEGMENTS), value=last)
        log = context.log
        sending.send(engine, warehouse.settings, wanted, customers, log.error, log.info)


def _key(table: Table) -> dg.AssetKey:
    return dg.AssetKey([table.stage, table.name])

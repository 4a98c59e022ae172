"""The asset of this room: one look at who is where, what the rules say of it, and the actions.

The events are stored before the look that saw them, and both before anything is sent: a step that is killed in between
sees the same events again, and sends what was not acknowledged.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import dagster as dg
import ibis
import pyarrow as pa

from hm_assets.customers import tables as customer_tables
from hm_assets.features import tables as feature_tables
from hm_assets.monitoring.triggers import actions, looks, rules
from hm_assets.monitoring.triggers.tables import LAST_SEGMENTS, SEGMENT_EVENTS
from hm_assets.profiles.assets import NAMES
from hm_assets.segments import tables as segment_tables
from hm_assets.warehouse import delta
from hm_assets.warehouse.assets import read, table_out
from hm_assets.warehouse.engine import DuckDBEngine
from hm_assets.warehouse.io_manager import stream
from hm_assets.warehouse.resources import Warehouse
from hm_assets.warehouse.schema import Table

CODE_VERSION = "1"
EVENT = SEGMENT_EVENTS.key


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
    events, last = (_stored(engine, warehouse, table) for table in (SEGMENT_EVENTS, LAST_SEGMENTS))
    month, before = looks.latest_month(assignments), looks.last_look(last)
    # A lost table of the last look is a new baseline, and its events stay.
    number = before[0] if before else int(events["look"].max().to_pyarrow().as_py() or 0)
    # What a killed step saw without noting its look is seen again.
    found = [events.filter(events["look"] <= number)]
    if month is not None:
        look = number + 1
        # Read several times below.
        state = ibis.to_sql(looks.state(assignments, customer_days, month, look), dialect="duckdb")
        engine.connection.execute(f"CREATE OR REPLACE TEMP TABLE look AS {state}")
        now = engine.backend.table("look")
        if before is None or looks.is_news(last, now):
            if before is not None:
                seen_at = dt.datetime.now(dt.UTC)
                found.append(looks.events(last, now, customer_days, before, wanted, seen_at))
            last = now
    yield dg.MaterializeResult(asset_key=_key(SEGMENT_EVENTS), value=found)
    yield dg.MaterializeResult(asset_key=_key(LAST_SEGMENTS), value=last)
    _act(engine, warehouse, wanted, customers, context.log.error, context.log.info)


def _key(table: Table) -> dg.AssetKey:
    return dg.AssetKey([table.stage, table.name])


def _stored(engine: DuckDBEngine, warehouse: Warehouse, table: Table) -> ibis.Table:
    stored = delta.open_table(warehouse.path, table)
    return engine.read(table, delta.files_of(stored) if stored else [])


def _act(
    engine: DuckDBEngine,
    warehouse: Warehouse,
    wanted: Sequence[rules.Rule],
    customers: ibis.Table,
    complain: Callable[[str], None],
    say: Callable[[str], None],
) -> None:
    """Do what is not done yet, rule by rule and look by look; what fails is complained of and stays open."""
    events = _stored(engine, warehouse, SEGMENT_EVENTS)
    by_name = {rule.name: rule for rule in wanted}
    # Who is not on file any more is told to nobody.
    still_to_do = events.filter(events.sent_at.isnull() & events.rule.isin(list(by_name)))
    still_to_do = still_to_do.inner_join(customers.select("customer_key", "customer_id"), "customer_key")
    rows = still_to_do.order_by("rule", "look", "customer_id").to_pyarrow().to_pylist()
    for (name, look), group in groupby(rows, lambda row: (row["rule"], row["look"])):
        rule, open_rows = by_name[name], list(group)
        size = actions.MOST_IN_A_POST if rule.action == rules.TO_WEBHOOK else len(open_rows)
        try:
            for part in _parts(open_rows, size):
                if rule.action == rules.TO_WEBHOOK:
                    actions.post(rule, look, part)
                else:
                    actions.write_audience(warehouse.settings.reports_dir, rule, look, part)
                _note_sent(engine, warehouse, part)
                say(f"triggers.toml, rule {name!r}: {len(part):,} customers ({rule.action})")
        except (actions.ActionError, OSError) as error:
            complain(str(error))


def _parts(rows: Sequence[dict[str, Any]], size: int) -> Iterator[Sequence[dict[str, Any]]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _note_sent(engine: DuckDBEngine, warehouse: Warehouse, rows: Sequence[dict[str, Any]]) -> None:
    events = _stored(engine, warehouse, SEGMENT_EVENTS)
    kind = SEGMENT_EVENTS.ibis_schema()["sent_at"]
    done = ibis.memtable(pa.Table.from_pylist([{name: row[name] for name in EVENT} for row in rows]))
    done = done.mutate(done_at=ibis.literal(dt.datetime.now(dt.UTC).isoformat()).cast(kind))
    joined = events.left_join(done, list(EVENT), rname="{name}_done")
    marked = joined.mutate(sent_at=ibis.coalesce(joined.sent_at, joined.done_at)).select(events.columns)
    delta.write(warehouse.path, SEGMENT_EVENTS, stream(SEGMENT_EVENTS, [marked]))

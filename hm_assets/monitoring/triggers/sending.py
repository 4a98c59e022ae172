"""Which events are not sent yet, and sending them: by the look that saw them, and again while they are open."""

import contextlib
import datetime as dt
import fcntl
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from hm_assets.monitoring.triggers import actions, rules
from hm_assets.monitoring.triggers.tables import SEGMENT_EVENTS
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.engine import Engine, write
from hm_assets.warehouse.schema import Table

TURN = ".triggers.lock"
EVENT = SEGMENT_EVENTS.key

Say = Callable[[str], None]


@contextlib.contextmanager
def turn(warehouse: Path) -> Iterator[None]:
    """Wait until nobody else adds events or sends them: two at once would send twice, or lose what is added."""
    with (warehouse / TURN).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # the kernel's: it goes with its process
        yield


def stored(engine: Engine, warehouse: Path, table: Table) -> ibis.Table:
    """A table as it is on disk now; without rows where it is not there."""
    found = delta.open_table(warehouse, table)
    return engine.read(table, delta.files_of(found) if found else [])


def open_events(events: ibis.Table, wanted: Sequence[rules.Rule], customers: ibis.Table) -> ibis.Table:
    """The events that a rule of today still waits for, with customer_id; who is not on file is told to nobody."""
    still_to_do = events.filter(events.sent_at.isnull() & events.rule.isin([rule.name for rule in wanted]))
    return still_to_do.inner_join(customers.select("customer_key", "customer_id"), "customer_key")


def send(
    engine: Engine,
    settings: Settings,
    wanted: Sequence[rules.Rule],
    customers: ibis.Table,
    complain: Say,
    say: Say,
) -> None:
    """Do what is not done yet, rule by rule and look by look. Take a `turn` around it.

    What fails is complained of and stays open, and with it what the same rule saw later: a receiver hears of a customer
    in order, and one that is away is not waited for once per look.
    """
    events = stored(engine, settings.warehouse, SEGMENT_EVENTS)
    found = open_events(events, wanted, customers).order_by("rule", "look", "customer_id")
    by_name = {rule.name: rule for rule in wanted}
    for name, of_rule in groupby(found.to_pyarrow().to_pylist(), lambda row: row["rule"]):
        try:
            for look, rows in groupby(of_rule, lambda row: row["look"]):
                for part in _do(by_name[name], look, list(rows), settings.reports_dir):
                    _note_sent(engine, settings.warehouse, part)
                    say(f"triggers.toml, rule {name!r}: {len(part):,} customers ({by_name[name].action})")
        except (actions.ActionError, OSError) as error:
            complain(str(error))


def _do(
    rule: rules.Rule, look: int, rows: Sequence[dict[str, Any]], reports: Path
) -> Iterator[Sequence[dict[str, Any]]]:
    """Do the action for one look's customers; yields those for whom it is done."""
    if rule.action == rules.TO_FILE:
        actions.write_audience(reports, rule, look, rows)
        yield rows
        return
    for start in range(0, len(rows), actions.MOST_IN_A_POST):
        part = rows[start : start + actions.MOST_IN_A_POST]
        actions.post(rule, look, part)
        yield part


def _note_sent(engine: Engine, warehouse: Path, rows: Sequence[dict[str, Any]]) -> None:
    events = stored(engine, warehouse, SEGMENT_EVENTS)
    kind = SEGMENT_EVENTS.ibis_schema()["sent_at"]
    done = ibis.memtable(pa.Table.from_pylist([{name: row[name] for name in EVENT} for row in rows]))
    done = done.mutate(done_at=ibis.literal(dt.datetime.now(dt.UTC).isoformat()).cast(kind))
    joined = events.left_join(done, list(EVENT), rname="{name}_done")
    marked = joined.mutate(sent_at=ibis.coalesce(joined.sent_at, joined.done_at)).select(events.columns)
    write(warehouse, SEGMENT_EVENTS, [marked], months=())

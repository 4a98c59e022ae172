"""The ledger of exports: who was handed to which campaign, for the cap on campaigns per customer.

It is written while nobody else exports: two exports at the same moment would else each see the
ledger without the other.
"""

import contextlib
import datetime as dt
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path

import ibis
import pyarrow as pa

from hm_assets.customers.tables import CUSTOMERS
from hm_assets.playbooks.audience.suppression import Campaign
from hm_assets.playbooks.audience.tables import CONTACTS
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import month_of, parse_month
from hm_assets.warehouse.engine import DuckDBEngine
from hm_assets.warehouse.errors import WarehouseError

LOCK = ".contacts.lock"
ROWS_AT_A_TIME = 50_000
LONGEST_WAIT_SECONDS, POLL_SECONDS = 60.0, 0.1


@contextlib.contextmanager
def alone(warehouse: Path, longest_wait: float = LONGEST_WAIT_SECONDS) -> Iterator[None]:
    """Hold the ledger of a warehouse; the lock is the kernel's and goes with its process.

    Raises
    ------
    WarehouseError
        Another export held it for longer than `longest_wait` seconds, or the folder cannot be written.
    """
    path = warehouse / CONTACTS.stage / LOCK
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a")
    except OSError as error:
        raise WarehouseError(
            f"{path.parent} cannot be written ({error.strerror}); exports are noted there"
        ) from error
    with file:
        deadline = time.monotonic() + longest_wait
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise WarehouseError("another export is under way; try again when it has ended") from None
                time.sleep(POLL_SECONDS)
        yield


def read(engine: DuckDBEngine, warehouse: Path) -> ibis.Table | None:
    """All rows of the ledger; None before the first export."""
    stored = delta.open_table(warehouse, CONTACTS)
    return None if stored is None else engine.read(CONTACTS, delta.files_of(stored))


def note(engine: DuckDBEngine, warehouse: Path, campaign: Campaign, chosen: ibis.Table) -> int:
    """Note who is given to a campaign, in place of whom an export of the same name noted before.

    Parameters
    ----------
    engine
        Of this step.
    warehouse
        Whose ledger it is; held with `alone`.
    campaign
        Its name and day.
    chosen
        Who is given to it, with `customer_key`.

    Returns
    -------
    int
        The version of the ledger.
    """
    month, kept, months = month_of(campaign.send_on), None, {month_of(campaign.send_on)}
    stored = delta.open_table(warehouse, CONTACTS)
    if stored is not None:
        everything = engine.read(CONTACTS, delta.files_of(stored))
        before = everything.filter(everything.campaign == campaign.name).select("month").distinct()
        months |= set(before.to_pyarrow()["month"].to_pylist())
        there = {parse_month(part["month"]) for part in stored.partitions()}
        rows = engine.read(CONTACTS, delta.files_of(stored, sorted(months & there)))
        # Who was forgotten while this ran is no customer any more, and does not come back by this write.
        people = delta.open_table(warehouse, CUSTOMERS)
        if people is not None:
            rows = rows.semi_join(engine.read(CUSTOMERS, delta.files_of(people)), "customer_key")
        kept = rows.filter(rows.campaign != campaign.name)
    return delta.write(warehouse, CONTACTS, _rows(kept, campaign, month, chosen), sorted(months))


def _rows(
    kept: ibis.Table | None, campaign: Campaign, month: dt.date, chosen: ibis.Table
) -> Iterator[pa.RecordBatch]:
    schema = CONTACTS.arrow_schema()
    # One after the other: a connection has one result at a time.
    if kept is not None:
        ordered = kept.select(*schema.names).order_by("campaign", "customer_key")
        for batch in ordered.to_pyarrow_batches(chunk_size=ROWS_AT_A_TIME):
            yield batch.cast(schema)
    for batch in (
        chosen.select("customer_key").order_by("customer_key").to_pyarrow_batches(chunk_size=ROWS_AT_A_TIME)
    ):
        columns = {
            "customer_key": batch["customer_key"],
            "campaign": pa.repeat(campaign.name, batch.num_rows),
            "send_on": pa.repeat(pa.scalar(campaign.send_on, pa.date32()), batch.num_rows),
            "month": pa.repeat(pa.scalar(month, pa.date32()), batch.num_rows),
        }
        yield pa.RecordBatch.from_arrays(
            [columns[name].cast(schema.field(name).type) for name in schema.names], schema=schema
        )

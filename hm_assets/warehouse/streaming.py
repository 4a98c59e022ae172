"""Rows on their way into a table: in batches, with the registry's columns and types, made while others are written."""

import queue
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future

import ibis
import pyarrow as pa

from hm_assets.warehouse.errors import ContractError
from hm_assets.warehouse.schema import Table


def wanted(table: Table, part: ibis.Table) -> ibis.Table:
    """The part with the registry's columns, in its order.

    Raises
    ------
    ContractError
        The part lacks a column of the registry or has one that it does not know.
    """
    names = [column.name for column in table.stored_columns]
    missing, unknown = set(names) - set(part.columns), set(part.columns) - set(names)
    if missing or unknown:
        raise ContractError(
            f"{table.path}: columns differ from the registry: missing {sorted(missing)}, "
            f"unknown {sorted(unknown)}. Mend {table.stage}/tables.py or the asset."
        )
    return part.select(*names)


def typed(table: Table, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches with the registry's types: a hundred casts in a query would cost more to compile than these to run."""
    schema = table.arrow_schema()
    nullable = pa.schema([field.with_nullable(True) for field in schema])
    for batch in batches:
        yield pa.RecordBatch.from_arrays(batch.cast(nullable).columns, schema=schema)


def ahead(batches: Iterator[pa.RecordBatch], depth: int = 4) -> Iterator[pa.RecordBatch]:
    """The same batches, made a few ahead in a thread: the engine makes the next ones while these are written."""
    made: queue.Queue[Future[pa.RecordBatch | None]] = queue.Queue()
    room = threading.Semaphore(depth)
    given_up = False

    def make() -> None:
        more = True
        while more:
            room.acquire()
            if given_up:
                return
            item: Future[pa.RecordBatch | None] = Future()
            try:
                item.set_result(next(batches, None))
                more = item.result() is not None
            except Exception as error:
                item.set_exception(error)
                more = False
            made.put(item)

    maker = threading.Thread(target=make, daemon=True)
    maker.start()
    try:
        while (batch := made.get().result()) is not None:
            room.release()
            yield batch
    finally:
        given_up = True
        room.release()
        maker.join()

"""The registry's two words: a column and a table.

Every stage lists its tables in `tables.py` with these. The asset's column schema in the UI, the contract
that the IO manager holds, the key check and the data dictionary all come from the same entry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
import pyarrow as pa

MONTH = "month"


@dataclass(frozen=True)
class Column:
    """One column: its name, Ibis type, meaning in one sentence, unit, and whether it may be empty.

    What was `measured` while the row was made, a time or an amount of memory, is no part of the content's version: the
    same rows made again are the same.
    """

    name: str
    type: str
    description: str
    unit: str | None = None
    nullable: bool = False
    measured: bool = False


def optional(name: str, type_: str, description: str, unit: str | None = None) -> Column:
    """A column whose value may be unknown."""
    return Column(name, type_, description, unit, nullable=True)


@dataclass(frozen=True)
class Table:
    """One table: `<stage>/<name>`, what one row is, and its columns.

    `key` are the columns that identify a row (within a month, where `monthly`); empty where equal rows are
    meant to repeat, as the lines of a purchase do.
    """

    stage: str
    name: str
    one_row_is: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    monthly: bool = False
    description: str = ""
    kinds: frozenset[str] = field(default=frozenset({"duckdb", "deltalake"}))

    @property
    def path(self) -> str:
        """The key as it is written everywhere: `features/customer_days`."""
        return f"{self.stage}/{self.name}"

    @property
    def stored_columns(self) -> tuple[Column, ...]:
        """The columns on disk: a monthly table is partitioned by `month`, the first day of its month."""
        if not self.monthly:
            return self.columns
        month = Column(MONTH, "date", "First day of the month that this row belongs to (the partition)")
        return (*self.columns, month)

    def ibis_schema(self) -> ibis.Schema:
        """Names and types of the stored columns."""
        return ibis.schema({column.name: column.type for column in self.stored_columns})

    def in_memory(self, rows: Sequence[Mapping[str, Any]]) -> ibis.Table:
        """Rows as a table with these columns and types; a column that a row lacks is empty."""
        return ibis.memtable(pa.Table.from_pylist(rows, schema=self.arrow_schema()))

    def arrow_schema(self) -> pa.Schema:
        """The same in Arrow, with the promise of no nulls where the registry makes it."""
        types = self.ibis_schema().to_pyarrow()
        return pa.schema(
            [
                pa.field(column.name, types.field(column.name).type, nullable=column.nullable)
                for column in self.stored_columns
            ]
        )

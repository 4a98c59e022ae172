"""Dagster's log where it lies in Postgres: the texts that hold a person, and blotting them out."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from hm_assets.monitoring.forgetting.traces import Person
from hm_assets.warehouse import sql

if TYPE_CHECKING:
    from sqlalchemy import Connection

_TEXTS = """
SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables
USING (table_schema, table_name)
WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND data_type IN ('text', 'character varying')
ORDER BY table_name, ordinal_position
"""


def find(url: str, person: Person) -> dict[str, str]:
    """The tables of a database that hold a person, each with what was found in words."""
    found: dict[str, int] = {}
    with _connected(url) as connection:
        for table, _, _, _ in _cells(connection, person):
            found[table] = found.get(table, 0) + 1
    return {table: f"{count:,} texts" for table, count in found.items()}


def blot_out(url: str, person: Person, blotted: Callable[[str, Person], str]) -> dict[str, str]:
    """Write `blotted` texts in place of those that hold a person; each table with what was done, in words."""
    from sqlalchemy import text

    done: dict[str, int] = {}
    with _connected(url) as connection:
        # Column by column: a text that is written moves its whole row.
        for table, column, row, value in _cells(connection, person):
            name = sql.identifier(column)
            where = f"ctid = CAST(:row AS tid) AND {name} = :old"  # a row that moved meanwhile is left to the proof
            change = text(f"UPDATE {sql.identifier(table)} SET {name} = :new WHERE {where}")
            connection.execute(change, {"new": blotted(value, person), "row": row, "old": value})
            done[table] = done.get(table, 0) + 1
        for table in done:
            # What was replaced stays in the table's file until that is written anew.
            connection.execute(text(f"VACUUM (FULL) {sql.identifier(table)}"))
    return {table: f"{count:,} texts blotted out" for table, count in done.items()}


def _cells(connection: "Connection", person: Person) -> Iterator[tuple[str, str, str, str]]:
    """The texts that hold the person: (table, column, place of the row, text)."""
    from sqlalchemy import text

    sought = {f"t{number}": each for number, each in enumerate(person.texts)}
    for table, column in connection.execute(text(_TEXTS)).fetchall():
        name = sql.identifier(column)
        where = " OR ".join(f"strpos({name}, :{each}) > 0" for each in sought)
        query = f"SELECT CAST(ctid AS text), {name} FROM {sql.identifier(table)} WHERE {where}"
        for row, value in connection.execute(text(query), sought).fetchall():
            if person.words.search(value):
                yield table, column, row, value


def _connected(url: str) -> "Connection":
    """A connection that commits each statement, as VACUUM wants it."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    return create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect()

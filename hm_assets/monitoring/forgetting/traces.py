"""Where a customer is: every file of some folders, searched as bytes and as what it holds.

A byte search finds nothing in a compressed file and may miss what lies across two pages of a database, so Parquet,
SQLite and archives are searched decoded too. Nothing is skipped: a file that cannot be read counts as a trace.
"""

import contextlib
import gzip
import html
import json
import mmap
import re
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from hm_assets.warehouse import sql
from hm_assets.warehouse.keys import customer_key

ID, KEY = "customer_id", "customer_key"
# A shorter id ("7", "2375") stands in any file for other reasons: it is looked for where ids stand, and by its key.
DISTINCTIVE_CHARACTERS = 12
WORD = "[0-9A-Za-z]"
SQLITE_MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True)
class Person:
    """A customer to look for, by id and by key."""

    customer_id: str

    @property
    def key(self) -> int:
        """The key that stands for the id in every table."""
        return customer_key(self.customer_id)

    @property
    def is_distinctive(self) -> bool:
        """Whether the id, found anywhere, means this person."""
        return len(self.customer_id) >= DISTINCTIVE_CHARACTERS

    @property
    def texts(self) -> tuple[str, ...]:
        """How they are written in a text: the key, and a distinctive id plain, as JSON and as HTML write it."""
        plain = self.customer_id
        ids = {plain, json.dumps(plain)[1:-1], html.escape(plain)} if self.is_distinctive else set()
        return (str(self.key), *sorted(ids))

    @property
    def words(self) -> re.Pattern[str]:
        """Any of the texts as a word of its own: `customer-1234` is not in `customer-12345`."""
        return re.compile(f"(?<!{WORD})(?:{'|'.join(map(re.escape, self.texts))})(?!{WORD})")

    def is_in(self, content: bytes | mmap.mmap) -> bool:
        """Whether bytes hold one of these words, or the key as eight bytes in either order."""
        if any(content.find(self.key.to_bytes(8, order)) >= 0 for order in ("little", "big")):
            return True
        words = re.compile(self.words.pattern.encode())
        for text in map(str.encode, self.texts):
            at = -1
            # Finding first and judging what stands beside it is many times faster than a pattern over all bytes.
            while (at := content.find(text, at + 1)) >= 0:
                if words.search(content[max(at - 1, 0) : at + len(text) + 1]):
                    return True
        return False

    @property
    def sql_words(self) -> str:
        """The same as `words` for engines that look neither ahead nor behind: what stands beside it is caught."""
        escaped = ("".join(c if c.isalnum() else f"\\x{{{ord(c):x}}}" for c in text) for text in self.texts)
        beside = WORD.replace("[", "[^")
        return f"(^|{beside})(?:{'|'.join(escaped)})({beside}|$)"


def find(person: Person, folders: Iterable[Path], without: Path | None = None) -> dict[Path, str]:
    """The files that hold a customer, each with what was found in words; missing folders hold nobody.

    Files directly in the folder `without` are not looked at.
    """
    found = {}
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        for path in _all_files(folders):
            if path.parent == without:
                continue
            if what := _search(person, path, connection):
                found[path] = what
    return found


def _all_files(folders: Iterable[Path]) -> list[Path]:
    return sorted({path.resolve() for folder in folders for path in folder.rglob("*") if path.is_file()})


def _search(person: Person, path: Path, connection: duckdb.DuckDBPyConnection) -> str:
    try:
        if path.suffix == ".parquet" and (rows := _rows_of_parquet(person, path, connection)):
            return f"{rows:,} rows"
        if is_sqlite(path) and (cells := sum(1 for _ in cells_of_sqlite(person, path))):
            return f"{cells:,} cells"
        if any(person.is_in(content) for content in _unpacked(path)):
            return "in the archive"
        return "as bytes" if _in_bytes(person, path) else ""
    except FileNotFoundError:
        return ""
    except Exception as error:
        return f"cannot be read ({str(error).splitlines()[0]})"


def _unpacked(path: Path) -> Iterator[bytes]:
    if path.suffix == ".gz":
        yield gzip.decompress(path.read_bytes())
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                yield archive.read(member)


def _in_bytes(person: Person, path: Path) -> bool:
    if not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return person.is_in(content)


def _rows_of_parquet(person: Person, path: Path, connection: duckdb.DuckDBPyConnection) -> int:
    source = f"read_parquet({sql.literal(str(path))}, hive_partitioning = false)"
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    conditions = [each for name, kind, *_ in described if (each := _condition(person, name, kind))]
    if not conditions:
        return 0
    row = connection.execute(f"SELECT count(*) FROM {source} WHERE {' OR '.join(conditions)}").fetchone()
    return int(row[0]) if row else 0


_WITHOUT_PEOPLE = ("FLOAT", "DOUBLE", "DATE", "BOOLEAN", "TINYINT", "SMALLINT", "TIMESTAMP", "DECIMAL")


def _condition(person: Person, name: str, kind: str) -> str:
    """SQL for "this column holds the person"; empty where its type cannot."""
    column = sql.identifier(name)
    if kind in ("BIGINT", "HUGEINT", "UBIGINT"):
        return f"{column} = {person.key}"
    if kind.startswith(_WITHOUT_PEOPLE) and not kind.endswith("]"):
        return ""
    exact = f"{column}::VARCHAR = {sql.literal(person.customer_id)}"
    if name == ID:
        return exact
    words = f"regexp_matches({column}::VARCHAR, {sql.literal(person.sql_words)})"
    return f"({words} OR {exact})" if name == "value" else words


def is_sqlite(path: Path) -> bool:
    """Whether a file is a SQLite database, whatever its name."""
    with path.open("rb") as file:
        return file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC


def cells_of_sqlite(person: Person, path: Path) -> Iterator[tuple[str, str, int, str]]:
    """The text cells of a SQLite file that hold the person: (table, column, rowid, text)."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for _, column, *_ in connection.execute(f"PRAGMA table_info({sql.identifier(table)})").fetchall():
                name = sql.identifier(column)
                where = " OR ".join(f"instr({name}, ?)" for _ in person.texts)
                query = f"SELECT rowid, {name} FROM {sql.identifier(table)} WHERE typeof({name}) = 'text' AND ({where})"
                for rowid, text in connection.execute(query, person.texts).fetchall():
                    if person.words.search(text):
                        yield table, column, rowid, text

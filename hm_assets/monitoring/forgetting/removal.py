"""Taking a customer out of a warehouse: tables with their past, logs, documents. Every step may be done again.

Tables are cleaned in place, so that the id is gone at once, whatever the size of the warehouse; the figures that rested
on them are made anew by the run that follows. A table that held the person begins its history anew: its old files are
vacuumed and its old commits, whose statistics name smallest and largest values, are folded into a checkpoint. A table
of figures keeps its past.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from hm_assets.monitoring import incidents
from hm_assets.monitoring.forgetting import postgres, traces
from hm_assets.monitoring.forgetting.traces import ID, KEY, Person
from hm_assets.raw import refusal
from hm_assets.warehouse import artifacts, forgotten, identity, manifest, spill, sql
from hm_assets.warehouse.errors import WarehouseError

LINES_OF_TEXT = (".csv", ".txt", ".log", ".out", ".err")
GONE = "forgotten"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Where:
    """What is searched: the folders, and the Postgres that keeps Dagster's log (None: files in `home` do)."""

    warehouse: Path
    reports: Path
    home: Path
    database: str | None = None


@dataclass
class Places:
    """Where the traces of a person are, by what has to be done about them; each path with what was found there."""

    tables: dict[Path, dict[Path, str]] = field(default_factory=dict)
    logs: dict[Path, str] = field(default_factory=dict)
    documents: dict[Path, str] = field(default_factory=dict)
    notes: dict[Path, str] = field(default_factory=dict)
    others: dict[Path, str] = field(default_factory=dict)
    database: dict[str, str] = field(default_factory=dict)

    @property
    def all(self) -> dict[str, str]:
        """Every file, and every table of the database."""
        in_tables = {path: what for found in self.tables.values() for path, what in found.items()}
        files = in_tables | self.logs | self.documents | self.notes | self.others
        in_postgres = {
            f"table {name} of the instance's Postgres": what for name, what in self.database.items()
        }
        return {str(path): what for path, what in files.items()} | in_postgres


def look(where: Where, person: Person) -> Places:
    """Find a person in every file of the warehouse, the reports and the Dagster instance, and in its database."""
    warehouse, reports, home = (path.resolve() for path in (where.warehouse, where.reports, where.home))
    roots = {log.parent for log in warehouse.glob("*/*/_delta_log")}
    places = Places(database=postgres.find(where.database, person) if where.database else {})
    known = identity.read(where.warehouse)
    # A copy of what the retailer keeps in object storage is as little ours as a landing zone elsewhere. What is left
    # of another one, or of a fetch that was killed, is nobody's.
    copy = known.raw if known and known.fetched_from else None
    for path, what in traces.find(person, (warehouse, reports, home), copy).items():
        root = next((folder for folder in path.parents if folder in roots), None)
        if root is not None:
            places.tables.setdefault(root, {})[path] = what
        elif path.is_relative_to(home) or path.suffix == ".log":
            places.logs[path] = what
        elif path.is_relative_to(reports):
            places.documents[path] = what
        elif path.parent == warehouse / incidents.FOLDER or path == warehouse / refusal.FILE:
            places.notes[path] = what
        else:
            places.others[path] = what
    return places


def remove(where: Where, places: Places, person: Person, say: Say = lambda _: None) -> None:
    """Take the person out of the places that `look` found. The token is noted first, so no run brings them back."""
    with spill.spill_folder(where.warehouse):
        pass  # sweeps what killed processes left
    token = forgotten.note(where.warehouse, person.customer_id, forgotten.BEGUN).token(person.customer_id)
    for folder in places.tables:
        say(f"{folder.parent.name}/{folder.name}: {_clean_table(folder, person, token):,} rows removed")
    for path in places.logs:
        say(f"{path.name}: {_clean_log(path, person)}")
    for path in places.notes:
        artifacts.write_text(path, person.words.sub(GONE, path.read_text(encoding="utf-8")))
        say(f"{path.parent.name}/{path.name}: blotted out")
    for path in places.documents:
        say(f"{path.parent.name}/{path.name}: {_clean_document(path, person)}")
    if where.database and places.database:
        for table, what in postgres.blot_out(where.database, person, _blotted).items():
            say(f"Postgres, {table}: {what}")


def prove(where: Where, person: Person) -> None:
    """Search everything again, and note that the forgetting is done.

    Raises
    ------
    WarehouseError
        Something is left; the message names the files.
    """
    left = look(where, person).all
    if left:
        named = "; ".join(f"{path} ({what})" for path, what in list(left.items())[:5])
        raise WarehouseError(
            f"not forgotten yet, {len(left)} files are left: {named}. Delete them if they are not needed, and give the "
            "command again."
        )
    forgotten.note(where.warehouse, person.customer_id, forgotten.DONE)


def _clean_table(folder: Path, person: Person, token: str) -> int:
    """Remove the rows of the person, the files that held them, and the commits that described those files."""
    try:
        table = DeltaTable(str(folder))
        columns = {each.name: str(each.type) for each in table.schema().fields}
        named = [f"{sql.identifier(KEY)} = {person.key}"] if KEY in columns else []
        named += [f"{sql.identifier(ID)} = {sql.literal(person.customer_id)}"] if ID in columns else []
        removed = int(table.delete(" OR ".join(named))["num_deleted_rows"]) if named else 0
        _blot_out(
            table, [name for name, kind in columns.items() if "string" in kind and name != ID], person, token
        )
        # Also files that no commit knows, which a killed run left behind.
        table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False, full=True)
        _fold_log(folder)
    except DeltaError as error:
        raise WarehouseError(
            f"{folder}: the Delta table cannot be read ({str(error).splitlines()[0]}). Delete that folder, and give "
            "the command again."
        ) from error
    return removed


def _blot_out(table: DeltaTable, columns: Iterable[str], person: Person, token: str) -> None:
    """Write the token where a text names the person: a refused row stays a refused row."""
    for column in columns:
        name, plain = sql.identifier(column), sql.literal(person.customer_id)
        words, blotted = sql.literal(person.sql_words), name
        for _ in range(2):  # one pass leaves every other one of those that share the comma between them
            blotted = f"regexp_replace({blotted}, {words}, '${{1}}{GONE} {token}${{2}}', 'g')"
        table.update({column: blotted}, predicate=f"regexp_like({name}, {words})")
        if column == "value" and not person.is_distinctive:
            table.update({column: f"'{GONE} {token}'"}, predicate=f"{name} = {plain}")


def _fold_log(folder: Path) -> None:
    """One checkpoint instead of all earlier commits; the last commit, which names no value, stays."""
    table = DeltaTable(str(folder))
    table.create_checkpoint()
    for path in (folder / "_delta_log").glob("*"):
        number = path.name.partition(".")[0]
        if number.isdigit() and int(number) < table.version():
            path.unlink()


def _clean_log(path: Path, person: Person) -> str:
    if path.suffix in LINES_OF_TEXT:
        kept, what = _lines(path, person)
        # In place: a server that has its log open would go on writing into a file that was replaced.
        with path.open("r+", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.writelines(kept)
            file.truncate()
        return what
    if not path.exists() or not traces.is_sqlite(path):
        return "left as it is"  # a database's journal goes with it; of anything else the proof will tell
    cells = list(traces.cells_of_sqlite(person, path))
    with contextlib.closing(sqlite3.connect(path, timeout=60)) as connection:
        with connection:
            for table, column, rowid, text in cells:
                connection.execute(
                    f"UPDATE {sql.identifier(table)} SET {sql.identifier(column)} = ? WHERE rowid = ?",
                    (_blotted(text, person), rowid),
                )
        # A deleted text stays in free pages and in the write-ahead log until both are written anew.
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return f"{len(cells):,} texts blotted out"


def _blotted(text: str, person: Person) -> str:
    """The text without the person: of a preview their whole row, which names attributes too, else id and key."""
    lines = text.split("\\n")  # as JSON writes the end of a line
    kept = [line for line in lines if not (line.startswith("| ") and person.words.search(line))]
    return person.words.sub(GONE, "\\n".join(kept))


def _lines(path: Path, person: Person) -> tuple[list[str], str]:
    """The lines of a text without those that name the person, and how many those are, in words."""
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        lines = file.readlines()
    kept = [line for line in lines if not person.words.search(line)]
    return kept, f"{len(lines) - len(kept):,} lines removed"


def _clean_document(path: Path, person: Person) -> str:
    """Lines of a text are taken out, another document as a whole; the manifests say so."""
    what = "removed, the next run makes it again"
    if path.suffix in LINES_OF_TEXT:
        kept, what = _lines(path, person)
        artifacts.write_text(path, "".join(kept))
    else:
        path.unlink()
    for name in manifest.MANIFESTS:
        _correct(path, name)
    return what


def _correct(path: Path, name: str) -> None:
    listed = manifest.read_manifest(path.parent, name)
    if listed is None or (entry := listed.entry(path.name)) is None:
        return
    others: Sequence[manifest.FileEntry] = [each for each in listed.files if each is not entry]
    if path.exists():
        now = manifest.describe(path, entry.title, "facts", entry.summary)
        others = [*others, replace(now, kind=entry.kind)]
    manifest.write_manifest(path.parent, replace(listed, files=tuple(others)), name)

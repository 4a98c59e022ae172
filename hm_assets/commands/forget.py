"""`hm forget`: where a customer is, taking them out, and the retailer's own files that still name them."""

import mmap
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
from sqlalchemy.exc import SQLAlchemyError

from hm_assets.monitoring.forgetting import removal
from hm_assets.monitoring.forgetting.removal import Places, Where
from hm_assets.monitoring.forgetting.traces import Person
from hm_assets.raw import files
from hm_assets.settings import Settings, named
from hm_assets.sources import contract
from hm_assets.warehouse import forgotten, identity, instance, sql
from hm_assets.warehouse.errors import WarehouseError

_AROUND_A_VALUE = b',"\r\n'


@dataclass(frozen=True)
class Found:
    """A customer, where the warehouse holds them, and how many lines of each delivered file name them."""

    person: Person
    places: Places
    delivered: dict[Path, int]

    def lines(self) -> list[str]:
        """What `hm forget` would take out, in words."""
        said = [
            f"{folder.parent.name}/{folder.name}: {len(found)} files, old versions included"
            for folder, found in self.places.tables.items()
        ]
        places = self.places
        others = places.logs | places.documents | places.notes | places.others
        said += [f"{path.name}: {what}" for path, what in others.items()]
        said += [f"Postgres, {table}: {what}" for table, what in places.database.items()]
        return said or ["The warehouse, its reports and its logs hold nothing of this customer."]

    def in_the_landing_zone(self) -> list[str]:
        """The retailer's own files that name the customer, and how to take them out."""
        if not self.delivered:
            return []
        said = ["The landing zone is yours and was not touched. These files still name the customer:"]
        said += [f"  {named(path)}: {count:,} times" for path, count in self.delivered.items()]
        said.append(
            "Their rows are refused from now on. To take them out, export the files again without the customer, or "
            "write each CSV file anew without the lines that name them (`grep -v`), then `hm run`."
        )
        return said


def searched(settings: Settings) -> tuple[Where, Path]:
    """What is searched for a customer, and the landing zone.

    Raises
    ------
    HmAssetsError
        There is no such warehouse, or its Dagster instance cannot be opened: its log could not be searched.
    """
    known = identity.of(settings.warehouse)
    home, database = instance.home_of(settings.warehouse), None
    if settings.postgres_url or home.exists():
        with instance.opened(instance.set_home(settings.warehouse, settings.postgres_url)) as opened:
            database = instance.database_of(opened)
    return Where(settings.warehouse, settings.reports_dir, home, database), known.raw


def find(where: Where, raw: Path, customer_id: str) -> Found:
    """Where a customer is, in what is searched and in the landing zone `raw`.

    Raises
    ------
    WarehouseError
        Nothing names the customer.
    """
    if not customer_id.strip():
        raise WarehouseError("the customer_id is empty; give it as it stands in the customers file")
    person = Person(customer_id)
    places = removal.look(where, person)
    found = Found(person, places, _delivered(where.warehouse, raw, customer_id))
    listed = forgotten.read(where.warehouse)
    if not (places.all or found.delivered or (listed is not None and customer_id in listed)):
        raise WarehouseError(
            f"{customer_id!r} is nowhere in {where.warehouse} nor in {named(raw)}. Give the customer_id as it "
            "stands in the customers file, with upper and lower case."
        )
    return found


def carry_out(where: Where, person: Person, say: Callable[[str], None]) -> None:
    """Take the customer out and prove it; whoever calls holds the warehouse (`lock.alone`).

    Raises
    ------
    WarehouseError
        Something is left afterwards, or cannot be written.
    """
    try:
        # Anew: what was found before the warehouse was held may have moved.
        removal.remove(where, removal.look(where, person), person, say)
        removal.prove(where, person)
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        name = getattr(error, "filename", None)
        raise WarehouseError(
            f"not forgotten yet: {f'{name}: ' if name else ''}{_said(error)}. Mend that, and give the command again; "
            "what was taken out stays out."
        ) from error


def _said(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return said.strip().splitlines()[0]


def _delivered(warehouse: Path, raw: Path, customer_id: str) -> dict[Path, int]:
    found = {}
    for path in sorted(raw.iterdir()) if raw.is_dir() else []:
        stem = files.stem_of(path) if path.is_file() else ""
        if stem in (contract.CUSTOMERS.stem, *contract.OPTIONAL_FILES) or stem.startswith("transactions_"):
            with files.plain(path, warehouse) as plain:
                count = _times(plain, customer_id, files.suffix_of(path) == ".parquet")
            if count:
                found[path] = count
    return found


def _times(plain: Path, customer_id: str, is_parquet: bool) -> int:
    """How often an id stands in a file as a value."""
    if is_parquet:
        query = f"SELECT count(*) FROM read_parquet({sql.literal(str(plain))}) WHERE customer_id::VARCHAR = ?"
        row = duckdb.execute(query, [customer_id]).fetchone()
        return int(row[0]) if row else 0
    wanted, count, at = customer_id.encode(), 0, -1
    if not plain.stat().st_size:
        return 0
    with plain.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        while (at := content.find(wanted, at + 1)) >= 0:
            end = at + len(wanted)
            begins = at == 0 or content[at - 1] in _AROUND_A_VALUE
            count += begins and (end == len(content) or content[end] in _AROUND_A_VALUE)
    return count

"""Running the graph inside a test: the real definitions on an instance of the test's own."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from hm_assets import planning, runs
from hm_assets.definitions import TABLES, build_defs
from hm_assets.raw import landing
from hm_assets.raw.sensors import changed_files
from hm_assets.settings import Settings
from hm_assets.warehouse import delta, identity
from hm_assets.warehouse.calendar import months_between, parse_month
from hm_assets.warehouse.engine import open_engine

LAST = parse_month("2019-06")


@dataclass
class Platform:
    """A warehouse, its landing zone and a Dagster instance."""

    warehouse: Path
    raw: Path
    instance: dg.DagsterInstance

    @property
    def settings(self) -> Settings:
        return Settings(warehouse=self.warehouse, depth="quick")

    def land(self) -> list[dg.AssetMaterialization]:
        """Look at the landing zone and tell Dagster what changed; returns what it was told."""
        landed = landing.survey(self.raw, self.warehouse)
        days, known = (landed.first_day, landed.last_day), identity.read(self.warehouse)
        source = known.source if known else "a test"
        identity.claim(self.warehouse, source, self.raw, days, "quick", dt.date(2026, 1, 1))
        events = changed_files(self.instance, landed)
        for event in events:
            self.instance.report_runless_asset_event(event)
        return events

    def months(self) -> list[dt.date]:
        landed = landing.survey(self.raw, self.warehouse)
        return [m for m in months_between(landed.first_day, landed.last_day) if m <= LAST]

    def planner(self, select: str | None = None) -> planning.Planner:
        months = self.months()
        history = planning.history(self.instance, months, months[-1])
        stored = planning.stored_months(self.warehouse, TABLES)
        return planning.Planner(
            build_defs(self.settings), self.instance, history, months[-1:], select, stored
        )

    def run(self, select: str | None = None) -> list[planning.Batch]:
        """What `hm run` does after landing; returns the batches that were made."""
        defs, made = build_defs(self.settings), []
        for batch in self.planner(select).batches():
            result = runs.execute(defs, self.instance, batch, str(uuid.uuid4()))
            assert result.success, runs.faults(result)
            made.append(batch)
        return made

    def digests(self, path: str) -> dict[dt.date | None, tuple[int, str]]:
        """Row count and content digest of a table by month."""
        return digests(self.warehouse, path)

    def rows(self, path: str, months: Iterable[dt.date] | None = None) -> list[tuple]:
        """All rows of a table, in a total order."""
        table = TABLES[path]
        stored = delta.open_table(self.warehouse, table)
        with open_engine(self.settings) as engine:
            found = engine.read(table, delta.files_of(stored, months) if stored else []).to_pyarrow()
        columns = [column.name for column in table.stored_columns]
        return sorted(
            (tuple(row[name] for name in columns) for row in found.to_pylist()),
            key=lambda row: [str(v) for v in row],
        )


def digests(warehouse: Path, path: str) -> dict[dt.date | None, tuple[int, str]]:
    """Row count and content digest of a table by month; nothing where the table is not there."""
    stored = delta.open_table(warehouse, TABLES[path])
    with open_engine(Settings(warehouse=warehouse)) as engine:
        return engine.digests(TABLES[path], delta.files_of(stored) if stored else [])


def contents(warehouse: Path) -> dict[str, dict]:
    """Digest by table and month, of the tables that are there."""
    return {
        path: digests(warehouse, path)
        for path, table in TABLES.items()
        if delta.open_table(warehouse, table) is not None
    }


@contextmanager
def platform(warehouse: Path, raw: Path, home: Path | None = None) -> Iterator[Platform]:
    """A platform on an instance of its own, kept in `home` where that is named."""
    warehouse.mkdir(parents=True, exist_ok=True)
    with dg.instance_for_test(temp_dir=str(home) if home else None) as instance:
        yield Platform(warehouse, raw, instance)


def made(batches: Iterable[planning.Batch]) -> dict[str, tuple[str, str] | None]:
    """Asset -> (first month, last month) that was made."""
    return {
        "/".join(key.path): batch.months and (f"{batch.months[0]:%Y-%m}", f"{batch.months[1]:%Y-%m}")
        for batch in batches
        for key in batch.keys
    }

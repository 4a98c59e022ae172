"""Metrics for Prometheus: what the portal answers at `/metrics`, in the text format of version 0.0.4.

They are read when asked for: row counts from the Delta logs, the rest from the instance, documents and incidents. A
part that cannot be read is left out and counted in `hm_assets_unreadable`; it does not take the others with it.
"""

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hm_assets.monitoring import incidents
from hm_assets.profiles.summary import segments_of
from hm_assets.raw import refusal
from hm_assets.raw import tables as raw
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.instance import home_of, last_made, opened, runs_by_status, set_home
from hm_assets.warehouse.manifest import MONTH_PATTERN, read_manifest
from hm_assets.warehouse.schema import Table

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
UNREADABLE: Final = "hm_assets_unreadable"
FAMILIES: Final = {
    "hm_assets_last_success_timestamp_seconds": "When an asset of the stage was last made.",
    "hm_assets_rows": "Rows of a table of the stage raw.",
    "hm_assets_rejected_rows": "Rows that were refused, with their reasons in raw/rejects.",
    "hm_assets_playbook_as_of_timestamp_seconds": "The latest as-of date for which there are playbooks.",
    "hm_assets_playbook_age_seconds": "Seconds since the latest as-of date for which there are playbooks.",
    "hm_assets_incidents": "Incidents that were written, by kind.",
    "hm_assets_landing_refused": "Files that cannot be read, 1 where the landing zone cannot; else 0.",
    "hm_assets_runs": "Runs on the instance, by status.",
    "hm_assets_segment_customers": "Customers of a segment in the latest month with playbooks.",
    UNREADABLE: "Groups of metrics that could not be read this time.",
}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sample:
    """One value of a family, with its labels."""

    family: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in self.labels)
        value = repr(self.value).removesuffix(".0")
        return f"{self.family}{{{labels}}} {value}" if labels else f"{self.family} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def render(settings: Settings, now: dt.datetime) -> str:
    """All metrics as text; `now` is the moment of asking, in UTC."""
    samples: list[Sample] = []
    unreadable = 0
    parts: list[Callable[[], Iterator[Sample]]] = [
        lambda: of_raw(settings.warehouse),
        lambda: of_documents(settings, now),
        lambda: of_incidents(settings.warehouse),
        lambda: of_instance(settings),
    ]
    for part in parts:
        try:
            samples += part()
        except Exception as error:  # whatever is broken, the rest is still worth knowing
            logger.warning("metrics: %s", error)
            unreadable += 1
    samples.append(Sample(UNREADABLE, unreadable))
    lines = []
    for family, about in FAMILIES.items():
        mine = [sample for sample in samples if sample.family == family]
        if mine:
            lines += [f"# HELP {family} {about}", f"# TYPE {family} gauge", *map(str, mine)]
    return "\n".join(lines) + "\n"


def of_raw(warehouse: Path) -> Iterator[Sample]:
    """Rows of what was delivered, from the Delta logs."""
    for table in (raw.CUSTOMERS, raw.ARTICLES, raw.TRANSACTIONS):
        rows = _rows(warehouse, table)
        if rows is not None:
            yield Sample("hm_assets_rows", rows, (("table", table.path),))
    rejects = _rows(warehouse, raw.REJECTS)
    if rejects is not None:
        yield Sample("hm_assets_rejected_rows", rejects)


def _rows(warehouse: Path, table: Table) -> int | None:
    stored = delta.open_table(warehouse, table)
    return None if stored is None else delta.row_count(stored)


def of_documents(settings: Settings, now: dt.datetime) -> Iterator[Sample]:
    """How old the latest playbooks are, and the segments that they are about."""
    reports = settings.reports_dir
    folders = sorted(reports.iterdir(), reverse=True) if reports.is_dir() else []
    found = (read_manifest(folder) for folder in folders if MONTH_PATTERN.fullmatch(folder.name))
    latest = next((manifest for manifest in found if manifest is not None), None)
    if latest is None:
        return
    as_of = dt.datetime.combine(latest.as_of, dt.time(), dt.UTC)
    yield Sample("hm_assets_playbook_as_of_timestamp_seconds", as_of.timestamp())
    yield Sample("hm_assets_playbook_age_seconds", round((now - as_of).total_seconds()))
    for row in segments_of(settings.warehouse, parse_month(latest.month)):
        labels = (("segment", str(row["segment_id"])), ("name", str(row["segment_name"])))
        yield Sample("hm_assets_segment_customers", row["customers"], labels)


def of_incidents(warehouse: Path) -> Iterator[Sample]:
    """How often something went wrong."""
    for kind, count in incidents.count(warehouse).items():
        yield Sample("hm_assets_incidents", count, (("kind", kind),))
    yield Sample("hm_assets_landing_refused", len(refusal.read(warehouse)))


def of_instance(settings: Settings) -> Iterator[Sample]:
    """Runs, and when each stage was last made."""
    if not settings.postgres_url and not home_of(settings.warehouse).exists():
        return
    with opened(set_home(settings.warehouse, settings.postgres_url)) as instance:
        for status, count in runs_by_status(instance).items():
            yield Sample("hm_assets_runs", count, (("status", status),))
        for stage, at in last_made(instance).items():
            yield Sample("hm_assets_last_success_timestamp_seconds", round(at, 3), (("group", stage),))

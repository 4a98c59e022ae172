"""`hm run`: making everything that is missing or out of date, step by step on the screen, and what came of it."""

import datetime as dt
import gc
import threading
import time
import uuid
import warnings
from pathlib import Path
from typing import Any

from rich.progress import Progress
from rich.table import Table

from hm_assets.commands.landing import landed as look
from hm_assets.commands.showing import console, progress
from hm_assets.settings import Settings
from hm_assets.warehouse import java
from hm_assets.warehouse.errors import HmAssetsError


def run(
    settings: Settings, select: str | None = None, month: str | None = None, replace: bool = False
) -> None:
    """Make what is missing or out of date; whoever calls holds the warehouse (`lock.alone`).

    Raises
    ------
    HmAssetsError
        The landing zone cannot be read, the warehouse holds something else, or a step or a blocking check failed.
    """
    started = time.monotonic()
    if settings.engine == "spark":
        java.require(settings.spark_remote is not None)  # before the files are read, which takes its time
    raw, landed = look(settings, month, replace)
    # Dagster marks partitioned checks and backfill policies as previews at every start; the pin is exact.
    warnings.filterwarnings("ignore", module="dagster")
    warnings.filterwarnings("ignore", message=".*currently in (beta|preview).*")
    from hm_assets import planning, runs
    from hm_assets.definitions import TABLES, build_defs
    from hm_assets.raw.sensors import changed_files
    from hm_assets.segments.assets import report_appointments
    from hm_assets.warehouse import instance as instances
    from hm_assets.warehouse.calendar import months_between, parse_month
    from hm_assets.warehouse.partitions import MONTHS

    # HM_FIRST_MONTH and HM_LAST_MONTH may offer fewer months than the data have.
    offered = {parse_month(key) for key in MONTHS.get_partition_keys()}
    history = [each for each in months_between(landed.first_day, landed.last_day) if each in offered]
    if not history or (month and parse_month(month) not in history):
        raise HmAssetsError("HM_FIRST_MONTH and HM_LAST_MONTH leave no month of the data to make")
    latest = parse_month(month) if month else history[-1]
    defs = build_defs()
    _collect_rarely()
    home = instances.set_home(settings.warehouse, settings.postgres_url)
    instances.prepare(home)
    with instances.opened(home) as instance:
        runs.end_lost(instance, runs.MADE_BY)
        for event in changed_files(instance, landed):
            instance.report_runless_asset_event(event)
        report_appointments(instance, settings.warehouse)
        wanted = [each for each in planning.history(instance, history, latest) if each in offered]
        stored = planning.stored_months(settings.warehouse, TABLES)
        planner = planning.Planner(defs, instance, wanted, [latest], select, stored)
        made = 0
        for batch in planner.batches():
            _execute(defs, instance, batch)
            made += len(batch.keys)
    _summary(settings, raw, latest)
    took = time.monotonic() - started
    console.print(
        f"{made} assets made in {took:.0f} s." if made else f"Everything was up to date ({took:.0f} s)."
    )


def _collect_rarely() -> None:
    """Spare what is there for good, and look at the rest less often: a tenth of a step that writes queries went there.

    Ibis and Dagster make millions of small objects that die by themselves; what hangs together in circles is rare.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _execute(defs: Any, instance: Any, batch: Any) -> None:
    """Make a batch and show its steps as they start and end."""
    from hm_assets import runs

    run_id, done = str(uuid.uuid4()), threading.Event()
    span = "" if batch.months is None else f" for {batch.months[0]:%Y-%m} to {batch.months[1]:%Y-%m}"
    console.print(f"Run {run_id[:8]}: {len(batch.keys)} assets{span}", highlight=False)
    with progress() as shown:
        watcher = threading.Thread(target=_watch, args=(instance, run_id, shown, done), daemon=True)
        watcher.start()
        try:
            result = runs.execute(defs, instance, batch, run_id)
        finally:
            done.set()
            watcher.join()
    for line in runs.notices(result):
        console.print(f"  {line}", highlight=False)
    if not result.success:
        problems = "\n  ".join(runs.faults(result)) or f"run {run_id} failed; see it in the UI (`hm ui`)"
        raise HmAssetsError(problems)


def _watch(instance: Any, run_id: str, shown: Progress, done: threading.Event) -> None:
    from hm_assets import runs

    tasks: dict[str, Any] = {}
    for step, what in runs.steps(instance, run_id, done):
        name = step.replace("__", "/", 1)
        if what == runs.STARTED:
            tasks[step] = shown.add_task(name, total=1)
        elif step in tasks:
            took = shown.tasks[shown.task_ids.index(tasks[step])].elapsed or 0.0
            mark = "[green]ok[/]" if what == runs.SUCCEEDED else "[red]failed[/]"
            shown.console.print(f"  {mark} {name} ({took:.1f} s)", highlight=False)
            shown.remove_task(tasks.pop(step))


def _summary(settings: Settings, raw: Path, month: dt.date) -> None:
    """The segments of the month and where its playbooks are."""
    from hm_assets.profiles.summary import labels, recovered, segments_of

    segments = segments_of(settings.warehouse, month)
    if segments:
        table = Table("segment", "name", "customers", "share", "share of a year's spend")
        for row in segments:
            shares = [
                "" if row[name] is None else f"{row[name]:.1%}"
                for name in ("share_of_customers", "share_of_spend_365d")
            ]
            table.add_row(str(row["segment_id"]), row["segment_name"], f"{row['customers']:,.0f}", *shares)
        console.print(table)
        console.print(
            f"Segments: {'. '.join(labels(settings.warehouse, month))}", soft_wrap=True, highlight=False
        )
        if (found := recovered(settings.warehouse, raw, month)) is not None:
            console.print(
                f"Recovered of the planted segments: {found:.2f} (adjusted Rand index)", highlight=False
            )
    folder = settings.reports_dir / f"{month:%Y-%m}"
    if (folder / "index.html").exists():
        console.print(f"Playbooks: {folder.resolve() / 'index.html'}", soft_wrap=True, highlight=False)

"""`hm run` looks at the landing zone: which folder, what it holds, and taking the warehouse for it."""

import datetime as dt
import importlib
import threading
from functools import partial
from pathlib import Path
from typing import Any

from hm_assets.commands.generate import generate
from hm_assets.commands.showing import console, progress
from hm_assets.settings import Settings
from hm_assets.warehouse.errors import HmAssetsError


def landed(settings: Settings, month: str | None, replace: bool) -> tuple[Path, Any]:
    """Look at the landing zone and take the warehouse for what it holds; the folder, and what was found.

    Raises
    ------
    HmAssetsError
        The folder cannot be read, the warehouse holds something else, or the month has no data.
    """
    from hm_assets.raw import objects
    from hm_assets.warehouse import identity

    known = None if replace and identity.is_damaged(settings.warehouse) else identity.read(settings.warehouse)
    raw = settings.landing_zone or _landing_zone(known.raw if known else None, replace)
    address = objects.address_of(settings, known if known and raw == known.raw else None)
    if not address:
        _refuse_to_lie_among_tables(raw, settings.warehouse)
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    keep = known.raw if known else raw
    try:
        landed = _taken(settings, known, raw, address, month, replace)
        keep = raw
    finally:
        # Also of a landing zone that was refused: nobody would look there for whom to forget.
        objects.drop_others(settings.warehouse, keep)
    return raw, landed


def _taken(
    settings: Settings, known: Any, raw: Path, address: str | None, month: str | None, replace: bool
) -> Any:
    """Fetch and survey the landing zone, and take the warehouse for it; what was found."""
    from hm_assets.raw import landing, objects, settling
    from hm_assets.sources import origin
    from hm_assets.warehouse import forgotten, identity
    from hm_assets.warehouse.calendar import months_between, parse_month

    # Dagster takes a second to import, large files a few to look at: side by side.
    threading.Thread(target=importlib.import_module, args=("dagster",), daemon=True).start()
    with progress() as shown:
        task = shown.add_task(f"looking at {address or raw}", total=None)
        say = partial(shown.update, task)
        if address:
            objects.fetch(address, raw, lambda what: say(description=what))
        else:
            settling.wait(raw, settings.settle_seconds, lambda what: say(description=what))
        landed = landing.survey(raw, settings.warehouse, lambda what: say(description=what))
    source, days = origin.of(raw, address), (landed.first_day, landed.last_day)
    depth = settings.depth or (
        known.depth if known and not replace else "quick" if source.generated else "full"
    )
    history = list(months_between(*days))
    _refuse_impossible_months(landed, history, parse_month(month) if month else history[-1])
    if replace and (settings.warehouse / identity.FILE).exists():
        identity.clear(settings.warehouse, settings.reports_dir, raw)
    if (listed := forgotten.read(settings.warehouse)) and listed.unfinished:
        console.print(
            f"[yellow]{listed.unfinished} customers are not wholly forgotten yet: give `hm forget` again.[/]"
        )
    identity.claim(settings.warehouse, source.title, raw, days, depth, dt.date.today(), address)
    _tell(source.title, landed, address)
    return landed


def _tell(title: str, landed: Any, address: str | None) -> None:
    """What was found in the landing zone, and what of it is left out."""
    lines = sum(file.rows for file in landed.transactions)
    span = f"{landed.first_day} to {landed.last_day}"
    console.print(f"{title}: {lines:,} lines from {span} in {address or landed.raw}", highlight=False)
    for name in landed.not_ours:
        console.print(f"  {name} is not one of the input files; left alone", highlight=False)
    for file in landed.all_files:
        if file.ignored_columns:
            columns = ", ".join(file.ignored_columns)
            console.print(f"  {file.name}: left out the columns {columns}", highlight=False)


def _refuse_to_lie_among_tables(raw: Path, warehouse: Path) -> None:
    """Files among the tables: --replace would delete the only copy there is, or leave old tables for their sake."""
    place, root = raw.resolve(), warehouse.resolve()
    if not place.is_relative_to(root):
        return
    from hm_assets.definitions import TABLES

    if place == root or place.relative_to(root).parts[0] in {table.stage for table in TABLES.values()}:
        raise HmAssetsError(
            f"The landing zone {place} lies where the warehouse {root} keeps its tables, and --replace deletes those. "
            "Move the files out and name their folder (--raw DIR), or name another warehouse (--warehouse DIR)."
        )


def _refuse_impossible_months(landed: Any, history: list[dt.date], latest: dt.date) -> None:
    """Say so before anything is written: a month without data, or a line years ahead (a slip of the pen in a date)."""
    if latest not in history:
        raise HmAssetsError(
            f"--month {latest:%Y-%m}: the data run from {history[0]:%Y-%m} to {history[-1]:%Y-%m}"
        )
    ahead = [
        file
        for file in landed.transactions
        if file.last_day and file.last_day.year > dt.date.today().year + 1
    ]
    if ahead:
        raise HmAssetsError(
            f"{ahead[0].name} has a line of {ahead[0].last_day}, years ahead. Mend its t_dat; nothing was read."
        )


def _landing_zone(known: Path | None, replace: bool) -> Path:
    """The folder to read when none is named: the warehouse's own, else data/raw, else a demo made for the purpose."""
    from hm_assets.raw.landing import holds_files

    yours, demo = Path("data/raw"), Path("data/demo")
    if known is not None and not (replace and holds_files(yours) and known == demo.resolve()):
        if known == demo.resolve() and holds_files(yours):
            raise HmAssetsError(
                f"{yours} holds files, and the warehouse holds the demo. Delete the demo's warehouse and build yours "
                "with --replace, or keep both with --raw DIR --warehouse DIR."
            )
        return known
    if holds_files(yours):
        return yours
    if not holds_files(demo):
        console.print(f"{yours} holds no files yet: generating the demo in {demo}")
        generate(demo, preset="demo")
    return demo

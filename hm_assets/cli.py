"""The `hm` command: every command does one thing, shows progress, and ends with 0 or one line that says what to do.

The commands only call; what they call lives in `runs.py`, `ui.py` and the stages.
"""

import datetime as dt
import importlib
import os
import shutil
import threading
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table as RichTable

from hm_assets.settings import DEFAULT_WAREHOUSE, Settings
from hm_assets.warehouse import lock
from hm_assets.warehouse.errors import HmAssetsError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="From three CSV files to one marketing playbook per segment.",
)
data = typer.Typer(no_args_is_help=True, help="Make or fetch data in the layout of the three input files.")
models = typer.Typer(no_args_is_help=True, help="Every version of the model that places customers.")
imports = typer.Typer(no_args_is_help=True, help="Bring public data into that layout.")
tables = typer.Typer(no_args_is_help=True, help="Tidy the tables, read their past, make old documents again.")
app.add_typer(data, name="data")
app.add_typer(tables, name="tables")
app.add_typer(models, name="models")
data.add_typer(imports, name="import")

LITTLE_ROOM_BYTES = 50_000_000

console = Console()
errors = Console(stderr=True)

To = Annotated[
    Path, typer.Option("--to", help="Folder to write to; empty or made by the same command before")
]
Warehouse = Annotated[Path | None, typer.Option(help=f"Folder of the tables; default {DEFAULT_WAREHOUSE}")]


@contextmanager
def _plain_errors() -> Iterator[None]:
    """An expected fault ends the command with its message and nothing else."""
    try:
        yield
    except (HmAssetsError, ValueError, FileExistsError, NotADirectoryError) as error:
        text = str(error)
        if isinstance(error, ValidationError):
            text = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        errors.print(f"[bold red]Error:[/] {text}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error


@contextmanager
def _room(warehouse: Path) -> Iterator[None]:
    """A full disk shows in a dozen ways (SQLite, DuckDB, Delta); whichever comes first, it is said in one sentence."""
    try:
        yield
    except HmAssetsError:
        raise
    except Exception as error:
        free = shutil.disk_usage(warehouse).free
        if free > LITTLE_ROOM_BYTES:
            raise
        raise HmAssetsError(
            f"The disk that holds {warehouse} is full ({free // 1_000_000} MB are free). Free some space and run "
            "again; what was made before stays."
        ) from error


@contextmanager
def _progress() -> Iterator[Progress]:
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        yield progress


@data.command()
def generate(
    to: To,
    preset: Annotated[str, typer.Option(help="demo, survey, coop or hm")] = "demo",
    scale: Annotated[float, typer.Option(help="Multiplies customers, articles and lines")] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes")] = 42,
    noise: Annotated[bool, typer.Option("--noise", help="One population without any segments")] = False,
    difficulty: Annotated[
        str, typer.Option(help="easy, medium or hard: how much the segments blur")
    ] = "easy",
) -> None:
    """Generate a synthetic retailer with planted truth, and print what was wanted and what came out."""
    with _plain_errors():
        _generate(to, preset=preset, scale=scale, seed=seed, noise=noise, difficulty=difficulty)


def _generate(to: Path, **options: Any) -> None:
    from hm_assets.sources.synthetic.generate import generate as make

    with _progress() as progress:
        task = progress.add_task("generating", total=None)
        report = make(to, **options, progress=lambda what, _: progress.update(task, description=what))
    table = RichTable("fact", "wanted", "got", title=f"{to}: wanted and got")
    for fact in report.facts:
        table.add_row(fact.name, str(fact.wanted), str(fact.got))
    console.print(table)


@imports.command("complete-journey")
def complete_journey(to: To) -> None:
    """Import the Complete Journey data (2,469 households, 1.5 million lines) from its Python package."""
    from hm_assets.sources.complete_journey import import_complete_journey

    with _plain_errors():
        report = import_complete_journey(to)
    console.print(
        f"{to}: {report.lines:,} lines, {report.customers:,} customers, {report.articles:,} articles, "
        f"{report.campaigns:,} campaigns, {report.redemptions:,} redemptions"
    )
    for note in report.notes:
        console.print(f"- {note}", highlight=False)


@app.command()
def run(
    raw: Annotated[Path | None, typer.Option(help="Landing zone with the three files")] = None,
    warehouse: Warehouse = None,
    reports: Annotated[Path | None, typer.Option(help="Folder of the documents")] = None,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark")] = None,
    select: Annotated[
        str | None, typer.Option(help="Dagster's asset selection: group:features, +key:a/b, ...")
    ] = None,
    month: Annotated[
        str | None, typer.Option(help="YYYY-MM: playbooks as of this month, not the latest")
    ] = None,
    depth: Annotated[str | None, typer.Option(help="quick or full; default quick for generated data")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Delete what the warehouse holds first")] = False,
) -> None:
    """Make everything that is missing or out of date, and print the segments and where the playbooks are."""
    names = {"raw": raw, "warehouse": warehouse, "reports": reports, "engine": engine, "depth": depth}
    with _plain_errors():
        settings = _settings({name: value for name, value in names.items() if value is not None})
        say = partial(console.print, highlight=False)
        with lock.alone(settings.warehouse, "hm run", say), _room(settings.warehouse):
            _run(settings, select, month, replace)


def _settings(options: dict[str, Any]) -> Settings:
    """The settings with a command's options on top, handed on to Dagster and to child processes by environment."""
    for name, value in options.items():
        os.environ[f"HM_{name.upper()}"] = str(value.resolve() if isinstance(value, Path) else value)
    return Settings()


def _run(settings: Settings, select: str | None, month: str | None, replace: bool) -> None:
    started = time.monotonic()
    raw, landed = _landed(settings, month, replace)
    # Dagster marks partitioned checks and backfill policies as previews at every start; the pin is exact.
    warnings.filterwarnings("ignore", module="dagster")
    warnings.filterwarnings("ignore", message=".*currently in (beta|preview).*")
    from hm_assets import runs
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
    home = instances.set_home(settings.warehouse, settings.postgres_url)
    instances.prepare(home)
    with instances.opened(home) as instance:
        runs.end_lost(instance, runs.MADE_BY)
        for event in changed_files(instance, landed):
            instance.report_runless_asset_event(event)
        report_appointments(instance, settings.warehouse)
        wanted = [each for each in runs.history(instance, history, latest) if each in offered]
        stored = runs.stored_months(settings.warehouse, TABLES)
        planner = runs.Planner(defs, instance, wanted, [latest], select, stored)
        made = 0
        for batch in planner.batches():
            _execute(defs, instance, batch)
            made += len(batch.keys)
    _summary(settings, raw, latest)
    took = time.monotonic() - started
    console.print(
        f"{made} assets made in {took:.0f} s." if made else f"Everything was up to date ({took:.0f} s)."
    )


def _landed(settings: Settings, month: str | None, replace: bool) -> tuple[Path, Any]:
    """Look at the landing zone and take the warehouse for what it holds; the folder, and what was found."""
    from hm_assets.raw import landing, settling
    from hm_assets.sources import origin
    from hm_assets.warehouse import forgotten, identity
    from hm_assets.warehouse.calendar import months_between, parse_month

    known = None if replace and identity.is_damaged(settings.warehouse) else identity.read(settings.warehouse)
    raw = settings.raw or _landing_zone(known.raw if known else None, replace)
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    # Dagster takes a second to import, large files a few to look at: side by side.
    threading.Thread(target=importlib.import_module, args=("dagster",), daemon=True).start()
    with _progress() as progress:
        task = progress.add_task(f"looking at {raw}", total=None)
        say = partial(progress.update, task)
        settling.wait(raw, settings.settle_seconds, lambda what: say(description=what))
        landed = landing.survey(raw, settings.warehouse, lambda what: say(description=what))
    source, days = origin.of(raw), (landed.first_day, landed.last_day)
    depth = settings.depth or (
        known.depth if known and not replace else "quick" if source.generated else "full"
    )
    history = list(months_between(*days))
    _refuse_impossible_months(landed, history, parse_month(month) if month else history[-1])
    if replace and (settings.warehouse / identity.FILE).exists():
        identity.clear(settings.warehouse, settings.reports_dir)
    if (listed := forgotten.read(settings.warehouse)) and listed.unfinished:
        console.print(
            f"[yellow]{listed.unfinished} customers are not wholly forgotten yet: give `hm forget` again.[/]"
        )
    identity.claim(settings.warehouse, source.title, raw, days, depth, dt.date.today())
    _tell(source.title, landed)
    return raw, landed


def _tell(title: str, landed: Any) -> None:
    """What was found in the landing zone, and what of it is left out."""
    lines = sum(file.rows for file in landed.transactions)
    span = f"{landed.first_day} to {landed.last_day}"
    console.print(f"{title}: {lines:,} lines from {span} in {landed.raw}", highlight=False)
    for name in landed.not_ours:
        console.print(f"  {name} is not one of the input files; left alone", highlight=False)
    for file in landed.all_files:
        if file.ignored_columns:
            columns = ", ".join(file.ignored_columns)
            console.print(f"  {file.name}: left out the columns {columns}", highlight=False)


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
        _generate(demo, preset="demo")
    return demo


def _execute(defs: Any, instance: Any, batch: Any) -> None:
    """Make a batch and show its steps as they start and end."""
    from hm_assets import runs

    run_id, done = str(uuid.uuid4()), threading.Event()
    span = "" if batch.months is None else f" for {batch.months[0]:%Y-%m} to {batch.months[1]:%Y-%m}"
    console.print(f"Run {run_id[:8]}: {len(batch.keys)} assets{span}", highlight=False)
    with _progress() as progress:
        watcher = threading.Thread(target=_watch, args=(instance, run_id, progress, done), daemon=True)
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


def _watch(instance: Any, run_id: str, progress: Progress, done: threading.Event) -> None:
    import dagster as dg

    tasks: dict[str, Any] = {}
    cursor: str | None = None
    kinds = {
        dg.DagsterEventType.STEP_START,
        dg.DagsterEventType.STEP_SUCCESS,
        dg.DagsterEventType.STEP_FAILURE,
    }
    while True:
        last = done.is_set()
        records = instance.get_records_for_run(run_id, cursor=cursor, of_type=kinds)
        cursor = records.cursor
        for record in records.records:
            step = record.event_log_entry.step_key
            name = step.replace("__", "/", 1)
            kind = record.event_log_entry.dagster_event.event_type
            if kind is dg.DagsterEventType.STEP_START:
                tasks[step] = progress.add_task(name, total=1)
            elif step in tasks:
                took = progress.tasks[progress.task_ids.index(tasks[step])].elapsed or 0.0
                mark = "[green]ok[/]" if kind is dg.DagsterEventType.STEP_SUCCESS else "[red]failed[/]"
                progress.console.print(f"  {mark} {name} ({took:.1f} s)", highlight=False)
                progress.remove_task(tasks.pop(step))
        if last:
            return
        done.wait(0.5)


def _summary(settings: Settings, raw: Path, month: dt.date) -> None:
    """The segments of the month and where its playbooks are."""
    from hm_assets.profiles.summary import labels, recovered, segments_of

    segments = segments_of(settings.warehouse, month)
    if segments:
        table = RichTable("segment", "name", "customers", "share", "share of a year's spend")
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


@app.command()
def customer(
    customer_id: Annotated[str, typer.Argument(help="The retailer's id of the customer")],
    warehouse: Warehouse = None,
    month: Annotated[str | None, typer.Option(help="YYYY-MM; default the latest with features")] = None,
    html: Annotated[Path | None, typer.Option(help="Also write a page with pictures to this file")] = None,
) -> None:
    """Tell about one customer: totals, a summary in words, what they buy."""
    from hm_assets.serving import customer as one
    from hm_assets.warehouse.calendar import parse_month

    with _plain_errors():
        found = one.read(
            _settings({"warehouse": warehouse} if warehouse else {}),
            customer_id,
            parse_month(month) if month else None,
        )
        console.print("\n".join(found.summary()), highlight=False, soft_wrap=True)
        totals = RichTable("", f"up to {found.as_of}")
        for name, value in found.totals():
            totals.add_row(name, value)
        console.print(totals)
        if html:
            console.print(f"Page: {one.write_page(found, html).resolve()}", soft_wrap=True, highlight=False)


@models.command("list")
def list_models(warehouse: Warehouse = None) -> None:
    """Every version: trained as of when, by what, since when and why it was the champion, and which one is."""
    from hm_assets.commands import models as commands

    with _plain_errors():
        found = commands.listed(_settings({"warehouse": warehouse} if warehouse else {}))
    for version in found:
        console.print(version.words, highlight=False, soft_wrap=True)


@models.command()
def rollback(
    version: Annotated[str, typer.Argument(help="As `hm models list` names it, or how it begins")],
    why: Annotated[str, typer.Option(help="The reason; it is printed wherever the segments are explained")],
    who: Annotated[str | None, typer.Option(help="Who decides; default: your user name")] = None,
    warehouse: Warehouse = None,
) -> None:
    """Make a version the champion again; the next `hm run`, or the running sensors, re-make what depends on it."""
    import getpass

    from hm_assets.commands import models as commands

    with _plain_errors():
        settings = _settings({"warehouse": warehouse} if warehouse else {})
        commands.listed(settings)  # a warehouse that is none is not made by the lock
        with lock.alone(settings.warehouse, "hm models rollback", partial(console.print, highlight=False)):
            name = commands.rolled_back(settings, version, who or getpass.getuser(), why, dt.date.today())
            from hm_assets.segments.assets import report_appointments
            from hm_assets.warehouse import instance as instances

            home = instances.set_home(settings.warehouse, settings.postgres_url)
            with instances.opened(home) as instance:
                report_appointments(instance, settings.warehouse)
    console.print(f"{name} is the champion from the next run on: `hm run`.", highlight=False)


@app.command()
def forget(
    customer_id: Annotated[str, typer.Argument(help="The retailer's id of the customer")],
    warehouse: Warehouse = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say where they are, and change nothing")
    ] = False,
    later: Annotated[
        bool, typer.Option("--later", help="Leave the figures that rested on them to the next `hm run`")
    ] = False,
) -> None:
    """Take one customer out of every table, its past, the documents and the logs; prove it; make the figures anew."""
    from hm_assets.commands import forget as command
    from hm_assets.warehouse import instance as instances

    with _plain_errors():
        settings = _settings({"warehouse": warehouse} if warehouse else {})
        home = instances.home_of(settings.warehouse)
        found = command.find(settings, home, customer_id)
        console.print("\n".join(found.lines()), highlight=False, soft_wrap=True)
        if not dry_run:
            if not yes:
                typer.confirm("Take all of it out? This cannot be undone", abort=True)
            say = partial(console.print, highlight=False)
            with lock.alone(settings.warehouse, "hm forget", say):
                command.carry_out(settings, home, found, lambda line: say(f"  {line}"))
                say("Proven: no file of the warehouse, its reports and logs holds the id or its key.")
                if not later:
                    _run(settings, None, None, False)
                    command.prove(settings, home, found.person)
                    say("Proven again, after the figures were made anew.")
        console.print("\n".join(found.in_the_landing_zone()), highlight=False, soft_wrap=True)


@tables.command("tidy")
def tidy_tables(warehouse: Warehouse = None) -> None:
    """Make small files into large ones and delete old versions (HM_KEEP_DAYS), documents and models."""
    with _plain_errors():
        settings = _settings({"warehouse": warehouse} if warehouse else {})
        from hm_assets.commands import tables as command
        from hm_assets.definitions import TABLES

        say = partial(console.print, highlight=False)
        with lock.alone(settings.warehouse, "hm tables tidy", say):
            say(command.tidy(settings, TABLES, lambda line: say(f"  {line}")))


@tables.command("history")
def history_of_a_table(
    table: Annotated[str, typer.Argument(help="stage/table, e.g. features/customer_features")],
    warehouse: Warehouse = None,
) -> None:
    """Show the versions of a table: when, by which run, rows and size."""
    with _plain_errors():
        settings = _settings({"warehouse": warehouse} if warehouse else {})
        import dagster as dg

        from hm_assets import past
        from hm_assets.commands import tables as command
        from hm_assets.definitions import TABLES
        from hm_assets.warehouse import instance as instances

        found = command.table_named(TABLES, table)
        instances.set_home(settings.warehouse, settings.postgres_url)
        with dg.DagsterInstance.get() as instance:
            rows = command.history(settings, found, past.writings(instance, found.path))
        shown = RichTable(*command.HEADINGS, title=found.path)
        for row in rows:
            shown.add_row(*row)
        console.print(shown)


@tables.command("rebuild")
def rebuild_documents(
    manifest: Annotated[
        Path, typer.Argument(help="A manifest of documents, e.g. reports/2020-09/manifest.json")
    ],
    to: Annotated[Path, typer.Option("--to", help="Folder for the documents as they were")],
    warehouse: Warehouse = None,
) -> None:
    """Make documents again as they were, from the table versions that their manifest names."""
    with _plain_errors():
        settings = _settings({"warehouse": warehouse} if warehouse else {})
        import dagster as dg

        from hm_assets import past
        from hm_assets.commands import tables as command
        from hm_assets.definitions import TABLES, build_defs
        from hm_assets.warehouse import instance as instances

        instances.set_home(settings.warehouse, settings.postgres_url)
        with dg.DagsterInstance.get() as instance:
            made = past.rebuild(settings, build_defs, TABLES, instance, manifest, to.resolve())
        console.print("\n".join(command.told(made, to)), highlight=False, soft_wrap=True)


@app.command()
def ui(
    warehouse: Warehouse = None,
    port: Annotated[int, typer.Option(help="Port of the Dagster UI")] = 3000,
    portal_port: Annotated[int, typer.Option(help="Port of the portal")] = 8000,
    browser: Annotated[bool, typer.Option(help="Open the Dagster UI in a browser")] = True,
) -> None:
    """Start the Dagster UI, its daemon (sensors run) and the portal; stop them with Ctrl-C or `hm stop`."""
    from hm_assets import ui as servers

    with _plain_errors():
        options: dict[str, Any] = {"portal_url": f"http://127.0.0.1:{portal_port}"}
        if warehouse is not None:
            options["warehouse"] = warehouse
        settings = _settings(options)
        servers.serve(settings, port, portal_port, browser, lambda line: console.print(line, highlight=False))


@app.command()
def stop(warehouse: Warehouse = None) -> None:
    """Stop what `hm ui` started for this warehouse."""
    from hm_assets import ui as servers

    with _plain_errors():
        settings = _settings({"warehouse": warehouse} if warehouse else {})
        console.print("Stopped." if servers.stop(settings) else "Nothing was running.")


@app.command()
def serve(
    server: Annotated[str, typer.Argument(help="code, webserver, daemon or portal")],
    warehouse: Warehouse = None,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(help="Default: 3000 webserver, 8000 portal, HM_CODE_SERVER")
    ] = None,
) -> None:
    """Run one server in the foreground, for systemd, a Procfile or a container (see deploy/)."""
    from hm_assets.commands import serve as servers

    with _plain_errors():
        settings = _settings({"warehouse": warehouse} if warehouse else {})
        command = servers.command(settings, server, host, port)
    os.execv(command[0], command)


@app.command()
def doctor(warehouse: Warehouse = None) -> None:
    """Look at the machine, the installation and the warehouse, and say what to mend; 0 when nothing must be."""
    from hm_assets.commands import doctor as examination

    with _plain_errors():
        settings = _settings({"warehouse": warehouse} if warehouse else {})
        lines = examination.examine(settings, dt.datetime.now(dt.UTC))
    colours = {examination.OK: "green", examination.WARNING: "yellow", examination.FAULT: "bold red"}
    if console.is_terminal:
        table = RichTable("", "", "found", "to do")
        for line in lines:
            table.add_row(line.what, f"[{colours[line.state]}]{line.state}[/]", line.found, line.to_do)
        console.print(table)
    else:
        for line in lines:
            typer.echo(f"{line.state}: {line.what}: {line.found}{f' -> {line.to_do}' if line.to_do else ''}")
    raise typer.Exit(int(any(line.state == examination.FAULT for line in lines)))


if __name__ == "__main__":
    app()

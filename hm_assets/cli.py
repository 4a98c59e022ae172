"""The `hm` command: every command does one thing, shows progress, and ends with 0 or one line that says what to do.

The commands only call; what they call lives in `commands/`, `ui.py` and the stages.
"""

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.markup import escape
from rich.table import Table as RichTable

from hm_assets.commands.showing import console, errors
from hm_assets.settings import DEFAULT_WAREHOUSE, Settings
from hm_assets.warehouse import identity, lock
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
campaign = typer.Typer(
    no_args_is_help=True, help="Campaigns with a holdout: what they can show, and what they did."
)
app.add_typer(data, name="data")
app.add_typer(campaign, name="campaign")
app.add_typer(tables, name="tables")
app.add_typer(models, name="models")
data.add_typer(imports, name="import")

LITTLE_ROOM_BYTES = 50_000_000

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
        errors.print(f"[bold red]Error:[/] {escape(text)}", highlight=False, soft_wrap=True)
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
    from hm_assets.commands.generate import generate as make

    with _plain_errors():
        make(to, preset=preset, scale=scale, seed=seed, noise=noise, difficulty=difficulty)


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
    from hm_assets.commands import run as command

    names = {"raw": raw, "warehouse": warehouse, "reports": reports, "engine": engine, "depth": depth}
    with _plain_errors():
        settings = _settings({name: value for name, value in names.items() if value is not None})
        say = partial(console.print, highlight=False)
        with lock.alone(settings.warehouse, "hm run", say), _room(settings.warehouse):
            command.run(settings, select, month, replace)


def _settings(options: dict[str, Any]) -> Settings:
    """The settings with a command's options on top, handed on to Dagster and to child processes by environment."""
    for name, value in options.items():
        os.environ[f"HM_{name.upper()}"] = str(value.resolve() if isinstance(value, Path) else value)
    return Settings()


def _set_up(warehouse: Path | None) -> Settings:
    """The settings of a command that makes no warehouse: one that is not there is an error, and stays not there."""
    settings = _settings({"warehouse": warehouse} if warehouse else {})
    identity.of(settings.warehouse)
    return settings


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
        if found.recommended:
            lists = RichTable("", "what to show them", "why")
            for name, why in found.shown():
                lists.add_row(str(len(lists.rows) + 1), escape(name), escape(why))
            console.print(lists)
        if html:
            console.print(f"Page: {one.write_page(found, html).resolve()}", soft_wrap=True, highlight=False)


@app.command()
def recommend(
    submission: Annotated[
        Path, typer.Option(help="File to write: customer_id, and twelve article ids, as Kaggle asks for")
    ],
    warehouse: Warehouse = None,
    month: Annotated[str | None, typer.Option(help="YYYY-MM; default the latest that has lists")] = None,
) -> None:
    """Write the lists of all customers to a file."""
    from hm_assets.commands import recommend as command
    from hm_assets.warehouse.calendar import parse_month

    with _plain_errors():
        settings = _set_up(warehouse)
        customers, of_month = command.submission(
            settings, submission.resolve(), parse_month(month) if month else None
        )
    console.print(f"{submission}: {customers:,} customers, lists of {of_month:%Y-%m}", highlight=False)


@app.command()
def rules(
    check: Annotated[
        Path | None, typer.Option(help="A rules file to check; default: the one of HM_RULES, else as shipped")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="Copy the rules as shipped to this file, to be edited")
    ] = None,
) -> None:
    """Check the rules of the strategies, or copy those shipped so that they can be edited."""
    from hm_assets.commands import rules as command

    with _plain_errors():
        if to is not None:
            command.copy(to)
            console.print(
                f"Wrote {escape(str(to))}. Edit it, check it (--check), and set HM_RULES to it.",
                soft_wrap=True,
            )
        else:
            path = check or Settings().rules
            named = escape(str(path or "The rules as shipped"))
            console.print(f"{named}: {command.summary(path)}", highlight=False, soft_wrap=True)


@app.command()
def lookalikes(
    to: Annotated[
        Path, typer.Option("--to", help="CSV file for the audience; a manifest is written beside it")
    ],
    count: Annotated[int, typer.Option(help="Customers wanted")],
    seed: Annotated[
        Path | None, typer.Option(help="CSV file with customer_id, or one id a line: whom they shall be like")
    ] = None,
    segment: Annotated[int | None, typer.Option(help="Or a segment's id")] = None,
    bought: Annotated[
        str | None, typer.Option(help="Or a product type or article_id: who bought it in the last 30 days")
    ] = None,
    warehouse: Warehouse = None,
) -> None:
    """Write the customers who are most like a given set, without that set and without who left the club."""
    from hm_assets.commands import lookalikes as command
    from hm_assets.commands.showing import progress

    with _plain_errors():
        settings = _set_up(warehouse)
        with progress() as shown:
            shown.add_task("comparing customers")
            made = command.write(settings, command.Seed(seed, segment, bought), count, to)
    console.print(
        f"{to}: {made['count']:,} customers like the {made['seed_customers']:,} of the seed ({made['seed']}), as of "
        f"{made['as_of']}; {made['left_out']['left_club']:,} who left the club were left out.",
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def audience(
    where: Annotated[
        str, typer.Option(help='The rule, e.g. "segment=1,2 and churn>=50% and not category=Shoes"')
    ] = "",
    rule: Annotated[Path | None, typer.Option(help="Or a JSON file with the rule")] = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", help="File or folder to write to; without it, only the size is told"),
    ] = None,
    name: Annotated[str, typer.Option(help="Of the campaign; again the same name is the same campaign")] = "",
    layout: Annotated[str, typer.Option(help="csv, parquet, hubspot, salesforce or klaviyo")] = "csv",
    overlap: Annotated[
        list[str] | None, typer.Option(help="Another rule to compare with; may be given several times")
    ] = None,
    by: Annotated[str, typer.Option(help="email (only who gets fashion news) or other")] = "email",
    send_on: Annotated[str | None, typer.Option(help="YYYY-MM-DD: the day it is sent; default today")] = None,
    cap: Annotated[
        int | None, typer.Option(help="Campaigns per customer in 30 days; default HM_CONTACT_CAP")
    ] = None,
    month: Annotated[str | None, typer.Option(help="YYYY-MM; default the latest with segments")] = None,
    fields: Annotated[bool, typer.Option("--fields", help="Only list what a rule may ask about")] = False,
    warehouse: Warehouse = None,
) -> None:
    """Choose customers by a rule: how many can be reached, what is at stake, whom else it reaches, and their file."""
    from hm_assets.commands import audience as command
    from hm_assets.commands.showing import progress
    from hm_assets.playbooks.audience.sending import day_of
    from hm_assets.playbooks.audience.suppression import Campaign
    from hm_assets.warehouse.calendar import parse_month

    with _plain_errors():
        settings, of_month = _set_up(warehouse), parse_month(month) if month else None
        if fields:
            table = RichTable("field", "values", "what it means")
            for field in command.fields(settings, of_month):
                table.add_row(*map(escape, field))
            console.print(table)
            return
        most = settings.contact_cap if cap is None else cap
        asked, campaign = command.rule_of(where, rule), Campaign(name, day_of(send_on), by, most)
        with progress() as shown:
            shown.add_task("counting customers")
            told = command.tell(settings, asked, overlap or [], of_month, campaign)
        for line in told.lines:
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        if told.rows:
            table = RichTable(*told.headings)
            for row in told.rows:
                table.add_row(*row)
            console.print(table)
        if to is not None:
            with progress() as shown:
                shown.add_task("writing the audience")
                made = command.write(settings, asked, of_month, campaign, layout, to)
            console.print(
                f"{made['path']}: {made['rows']:,} customers, sha256 {made['sha256'][:12]}…; manifest beside it.",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
            for note in made["notes"]:
                console.print(note, markup=False, highlight=False, soft_wrap=True)


@app.command()
def launch(
    articles: Annotated[
        Path, typer.Option(help="CSV in the layout of articles.csv; price where it is known")
    ],
    warehouse: Warehouse = None,
    to: Annotated[Path, typer.Option("--to", help="Folder for the lists and pages")] = Path("launches"),
    customers: Annotated[int, typer.Option(help="Customers on each list, at most")] = 1_000,
) -> None:
    """Tell whom new garments are for: segments, customers with reasons, similar past launches, the first month."""
    from hm_assets.commands.showing import progress
    from hm_assets.serving import launching as command

    with _plain_errors():
        settings = _set_up(warehouse)
        with progress() as shown:
            task = shown.add_task("Reading", total=None)
            written = list(
                command.launch(
                    settings, articles, to, customers, lambda at: shown.update(task, description=at)
                )
            )
    for each in written:
        console.print(
            f"\n{each.garment.id}: {each.garment.title}", markup=False, highlight=False, style="bold"
        )
        for line in (*each.garment.notes, each.size):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        for headings, rows in ((command.OF_SEGMENTS, each.segments), (command.OF_SIMILAR, each.similar)):
            table = RichTable(*headings)
            for row in rows:
                table.add_row(*(escape(value) for value in row.values()))
            if rows:
                console.print(table)
        for path in (each.audience, each.page):
            console.print(f"{path.resolve()}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def score(
    source: Annotated[
        Path,
        typer.Argument(
            help="CSV or Parquet: customer_id and features, or raw purchases as transactions_*.csv"
        ),
    ],
    to: Annotated[Path, typer.Option("--to", help="File to write, .csv or .parquet")],
    warehouse: Warehouse = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="YYYY-MM-DD that counts as today, with purchases; default: the published month's"),
    ] = None,
) -> None:
    """Place the customers of a file of any size in the segments of the published month."""
    from hm_assets.commands.showing import progress
    from hm_assets.serving import scoring

    with _plain_errors():
        settings = _set_up(warehouse)
        day = dt.date.fromisoformat(as_of) if as_of else None
        with progress() as shown:
            task = shown.add_task("Reading", total=None)
            placed = scoring.score(settings, source, to, day, lambda at: shown.update(task, description=at))
    console.print(f"{to}: {placed:,} customers placed.", highlight=False, soft_wrap=True)


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
    reports: Annotated[
        Path | None, typer.Option(help="Folder of the documents, where `hm run` was told one")
    ] = None,
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
    from hm_assets.commands.run import run as make
    from hm_assets.monitoring.forgetting import removal

    with _plain_errors():
        options = {"warehouse": warehouse, "reports": reports}
        settings = _settings({name: value for name, value in options.items() if value is not None})
        where, raw = command.searched(settings)
        found = command.find(where, raw, customer_id)
        console.print("\n".join(found.lines()), highlight=False, soft_wrap=True, markup=False)
        if not dry_run:
            if not yes:
                typer.confirm("Take all of it out? This cannot be undone", abort=True)
            say = partial(console.print, highlight=False)
            with lock.alone(settings.warehouse, "hm forget", say):
                command.carry_out(where, found.person, lambda line: say(f"  {line}"))
                say("Proven: no file of the warehouse, its reports and logs holds the id or its key.")
                if not later:
                    make(settings)
                    removal.prove(where, found.person)
                    say("Proven again, after the figures were made anew.")
        console.print("\n".join(found.in_the_landing_zone()), highlight=False, soft_wrap=True, markup=False)


@tables.command("tidy")
def tidy_tables(warehouse: Warehouse = None) -> None:
    """Make small files into large ones and delete old versions (HM_KEEP_DAYS), documents and models."""
    with _plain_errors():
        settings = _set_up(warehouse)
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
        settings = _set_up(warehouse)
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
        settings = _set_up(warehouse)
        import dagster as dg

        from hm_assets import past
        from hm_assets.commands import tables as command
        from hm_assets.definitions import TABLES, build_defs
        from hm_assets.warehouse import instance as instances

        instances.set_home(settings.warehouse, settings.postgres_url)
        say = partial(console.print, highlight=False)
        # Nobody may tidy away, or forget, what is being laid out.
        with (
            lock.alone(settings.warehouse, "hm tables rebuild", say),
            dg.DagsterInstance.get() as instance,
        ):
            made = past.rebuild(settings, build_defs, TABLES, instance, manifest, to.resolve())
        console.print("\n".join(command.told(made, to)), highlight=False, soft_wrap=True)


@campaign.command("plan")
def plan_of_campaign(
    base: Annotated[float, typer.Option(help="Share that orders without it, e.g. 0.2", min=0, max=1)],
    customers: Annotated[int, typer.Option(help="To contact or leave alone, together", min=2)],
) -> None:
    """How small a rise each share of customers left alone would show; needs no warehouse."""
    from hm_assets.commands import campaign as command

    shown = RichTable(*command.PLAN_HEADINGS)
    for row in command.plan(base, customers):
        shown.add_row(*row)
    console.print(shown)


@campaign.command("read")
def read_campaigns(
    file: Annotated[Path | None, typer.Argument(help="Default: campaign_results in the landing zone")] = None,
    warehouse: Warehouse = None,
) -> None:
    """Check a file of results and show what the campaigns changed; nothing is stored (`hm run` does that)."""
    with _plain_errors():
        settings = _set_up(warehouse)
        from hm_assets.commands import campaign as command

        found = command.read(settings, file)
        shown = RichTable(*command.HEADINGS)
        for row in found.rows:
            shown.add_row(*row)
        console.print(shown)
        console.print(found.finding, highlight=False, markup=False)


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
        from hm_assets.definitions import TABLES

        lines = examination.examine(settings, dt.datetime.now(dt.UTC), TABLES)
    colours = {examination.OK: "green", examination.WARNING: "yellow", examination.FAULT: "bold red"}
    if console.is_terminal:
        table = RichTable("", "", "found", "to do")
        for line in lines:
            table.add_row(
                line.what, f"[{colours[line.state]}]{line.state}[/]", escape(line.found), escape(line.to_do)
            )
        console.print(table)
    else:
        for line in lines:
            typer.echo(f"{line.state}: {line.what}: {line.found}{f' -> {line.to_do}' if line.to_do else ''}")
    raise typer.Exit(int(any(line.state == examination.FAULT for line in lines)))


if __name__ == "__main__":
    app()

"""What keeps a warehouse in order: its models, its tables, whom it must forget, and how it is."""

import datetime as dt
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table as RichTable

from hm_assets.cli.shared import Warehouse, on_disk, plain_errors, set_up, settings_of
from hm_assets.commands.showing import console
from hm_assets.warehouse import lock

app = typer.Typer()
models = typer.Typer(no_args_is_help=True, help="Every version of the model that places customers.")
tables = typer.Typer(no_args_is_help=True, help="Tidy the tables, read their past, make old documents again.")


@models.command("list")
def list_models(warehouse: Warehouse = None) -> None:
    """Every version: trained as of when, by what, since when and why it was the champion, and which one is."""
    from hm_assets.commands import models as commands

    with plain_errors():
        found = commands.listed(settings_of({"warehouse": warehouse} if warehouse else {}))
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

    with plain_errors():
        settings = settings_of({"warehouse": warehouse} if warehouse else {})
        commands.listed(settings)  # a warehouse that is none is not made by the lock
        with lock.alone(settings.warehouse, "hm models rollback", partial(console.print, highlight=False)):
            name = commands.rolled_back(settings, version, who or getpass.getuser(), why, dt.date.today())
            from hm_assets.segments.assets import report_appointments
            from hm_assets.warehouse import instance as instances

            home = instances.set_home(settings.warehouse, settings.postgres_url)
            with instances.opened(home) as instance:
                report_appointments(instance, settings.warehouse)
    console.print(f"{name} is the champion from the next run on: `hm run`.", highlight=False)


@tables.command("tidy")
def tidy_tables(warehouse: Warehouse = None) -> None:
    """Make small files into large ones and delete old versions (HM_KEEP_DAYS), documents and models."""
    with plain_errors():
        settings = set_up(warehouse)
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
    with plain_errors():
        settings = set_up(warehouse)
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
    to: Annotated[Path, typer.Option("--to", help="Folder for the documents as they were", callback=on_disk)],
    warehouse: Warehouse = None,
) -> None:
    """Make documents again as they were, from the table versions that their manifest names."""
    with plain_errors():
        settings = set_up(warehouse)
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

    with plain_errors():
        options = {"warehouse": warehouse, "reports": reports}
        settings = settings_of({name: value for name, value in options.items() if value is not None})
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


@app.command()
def doctor(warehouse: Warehouse = None) -> None:
    """Look at the machine, the installation and the warehouse, and say what to mend; 0 when nothing must be."""
    from hm_assets.commands import doctor as examination

    with plain_errors():
        settings = settings_of({"warehouse": warehouse} if warehouse else {})
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

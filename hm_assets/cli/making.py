"""Data to begin with, `hm run`, and what a run costs."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hm_assets.cli.shared import Warehouse, on_disk, plain_errors, room, settings_of
from hm_assets.commands.showing import console
from hm_assets.warehouse import lock

app = typer.Typer()
data = typer.Typer(no_args_is_help=True, help="Make or fetch data in the layout of the three input files.")
imports = typer.Typer(no_args_is_help=True, help="Bring public data into that layout.")
data.add_typer(imports, name="import")

To = Annotated[
    Path,
    typer.Option(
        "--to", help="Folder to write to; empty or made by the same command before", callback=on_disk
    ),
]


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
    parquet: Annotated[
        bool, typer.Option("--parquet", help="Transactions as a Parquet file a month, not one CSV file")
    ] = False,
) -> None:
    """Generate a synthetic retailer with planted truth, and print what was wanted and what came out."""
    from hm_assets.commands.generate import generate as make

    with plain_errors():
        make(to, preset=preset, scale=scale, seed=seed, noise=noise, difficulty=difficulty, parquet=parquet)


@imports.command("complete-journey")
def complete_journey(to: To) -> None:
    """Import the Complete Journey data (2,469 households, 1.5 million lines) from its Python package."""
    from hm_assets.sources.complete_journey import import_complete_journey

    with plain_errors():
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
    with plain_errors():
        settings = settings_of({name: value for name, value in names.items() if value is not None})
        say = partial(console.print, highlight=False)
        with lock.alone(settings.warehouse, "hm run", say), room(settings.warehouse):
            command.run(settings, select, month, replace)


@app.command()
def bench(
    preset: Annotated[str, typer.Option(help="demo, survey, coop or hm (31.8 million lines)")] = "demo",
    scales: Annotated[
        str, typer.Option(help="Of the preset, with commas between; of several the growth is fitted")
    ] = "1",
    engine: Annotated[str, typer.Option(help="duckdb or spark")] = "duckdb",
    depth: Annotated[str, typer.Option(help="quick or full")] = "quick",
    select: Annotated[str | None, typer.Option(help="Dagster's asset selection; default everything")] = None,
    raw: Annotated[Path | None, typer.Option(help="Files that are there, instead of generated ones")] = None,
    work: Annotated[
        Path | None,
        typer.Option(
            help="Where files and warehouses go and stay; default: gone at the end", callback=on_disk
        ),
    ] = None,
) -> None:
    """Make everything from nothing, and tell what each stage took: time, processors, memory, rows."""
    from hm_assets.commands import bench as command

    options = {"preset": preset, "scales": scales, "engine": engine, "depth": depth, "select": select}
    paths = {"raw": raw and raw.resolve(), "work": work and work.resolve()}
    with plain_errors():
        command.run(
            [f"--{name}={value}" for name, value in {**options, **paths}.items() if value is not None]
        )

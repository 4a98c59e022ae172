"""What is asked about customers: one of them, all of them, those of a file, and who is like whom."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table as RichTable

from hm_assets.cli.shared import Warehouse, on_disk, plain_errors, set_up, settings_of
from hm_assets.commands.showing import console

app = typer.Typer()


@app.command()
def customer(
    customer_id: Annotated[str, typer.Argument(help="The retailer's id of the customer")],
    warehouse: Warehouse = None,
    month: Annotated[str | None, typer.Option(help="YYYY-MM; default the latest with features")] = None,
    html: Annotated[
        Path | None, typer.Option(help="Also write a page with pictures to this file", callback=on_disk)
    ] = None,
) -> None:
    """Tell about one customer: totals, a summary in words, what they buy."""
    from hm_assets.serving import customer as one
    from hm_assets.warehouse.calendar import parse_month

    with plain_errors():
        found = one.read(
            settings_of({"warehouse": warehouse} if warehouse else {}),
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
        Path,
        typer.Option(
            help="File to write: customer_id, and twelve article ids, as Kaggle asks for", callback=on_disk
        ),
    ],
    warehouse: Warehouse = None,
    month: Annotated[str | None, typer.Option(help="YYYY-MM; default the latest that has lists")] = None,
) -> None:
    """Write the lists of all customers to a file."""
    from hm_assets.commands import recommend as command
    from hm_assets.warehouse.calendar import parse_month

    with plain_errors():
        settings = set_up(warehouse)
        customers, of_month = command.submission(
            settings, submission.resolve(), parse_month(month) if month else None
        )
    console.print(f"{submission}: {customers:,} customers, lists of {of_month:%Y-%m}", highlight=False)


@app.command()
def lookalikes(
    to: Annotated[
        Path,
        typer.Option(
            "--to", help="CSV file for the audience; a manifest is written beside it", callback=on_disk
        ),
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

    with plain_errors():
        settings = set_up(warehouse)
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
def score(
    source: Annotated[
        Path,
        typer.Argument(
            help="CSV or Parquet: customer_id and features, or raw purchases as transactions_*.csv"
        ),
    ],
    to: Annotated[Path, typer.Option("--to", help="File to write, .csv or .parquet", callback=on_disk)],
    warehouse: Warehouse = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="YYYY-MM-DD that counts as today, with purchases; default: the published month's"),
    ] = None,
) -> None:
    """Place the customers of a file of any size in the segments of the published month."""
    from hm_assets.commands.showing import progress
    from hm_assets.serving import scoring

    with plain_errors():
        settings = set_up(warehouse)
        day = dt.date.fromisoformat(as_of) if as_of else None
        with progress() as shown:
            task = shown.add_task("Reading", total=None)
            placed = scoring.score(settings, source, to, day, lambda at: shown.update(task, description=at))
    console.print(f"{to}: {placed:,} customers placed.", highlight=False, soft_wrap=True)

"""What a marketer does: rules, audiences, launches and campaigns."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table as RichTable

from hm_assets.cli.shared import Warehouse, on_disk, plain_errors, set_up
from hm_assets.commands.showing import console
from hm_assets.settings import Settings

app = typer.Typer()
campaign = typer.Typer(
    no_args_is_help=True, help="Campaigns with a holdout: what they can show, and what they did."
)


@app.command()
def rules(
    check: Annotated[
        Path | None, typer.Option(help="A rules file to check; default: the one of HM_RULES, else as shipped")
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(help="Copy the rules as shipped to this file, to be edited", callback=on_disk),
    ] = None,
) -> None:
    """Check the rules of the strategies, or copy those shipped so that they can be edited."""
    from hm_assets.commands import rules as command

    with plain_errors():
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
def audience(
    where: Annotated[
        str, typer.Option(help='The rule, e.g. "segment=1,2 and churn>=50% and not category=Shoes"')
    ] = "",
    rule: Annotated[Path | None, typer.Option(help="Or a JSON file with the rule")] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", help="File or folder to write to; without it, only the size is told", callback=on_disk
        ),
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

    with plain_errors():
        settings, of_month = set_up(warehouse), parse_month(month) if month else None
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
    to: Annotated[Path, typer.Option("--to", help="Folder for the lists and pages", callback=on_disk)] = Path(
        "launches"
    ),
    customers: Annotated[int, typer.Option(help="Customers on each list, at most")] = 1_000,
) -> None:
    """Tell whom new garments are for: segments, customers with reasons, similar past launches, the first month."""
    from hm_assets.commands.showing import progress
    from hm_assets.serving import launching as command

    with plain_errors():
        settings = set_up(warehouse)
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
    with plain_errors():
        settings = set_up(warehouse)
        from hm_assets.commands import campaign as command

        found = command.read(settings, file)
        shown = RichTable(*command.HEADINGS)
        for row in found.rows:
            shown.add_row(*row)
        console.print(shown)
        console.print(found.finding, highlight=False, markup=False)

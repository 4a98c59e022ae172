"""`hm data generate`, and the demo that `hm run` makes where there is nothing to read."""

from pathlib import Path
from typing import Any

from rich.table import Table

from hm_assets.commands.showing import console, progress


def generate(to: Path, **options: Any) -> None:
    """Generate a retailer into a folder, and print what was wanted and what came out."""
    from hm_assets.sources.synthetic.generate import generate as make

    with progress() as shown:
        task = shown.add_task("generating", total=None)
        report = make(to, **options, progress=lambda what, _: shown.update(task, description=what))
    table = Table("fact", "wanted", "got", title=f"{to}: wanted and got")
    for fact in report.facts:
        table.add_row(fact.name, str(fact.wanted), str(fact.got))
    console.print(table)

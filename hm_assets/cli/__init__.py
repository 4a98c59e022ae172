"""The `hm` command: every command does one thing, shows progress, and ends with 0 or one line that says what to do.

The commands only call, a module for those that belong together; what they call lives in `commands/`, `ui.py` and the
stages.
"""

import typer

from hm_assets.cli import customers, keeping, making, marketing, servers

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="From three CSV files to one marketing playbook per segment.",
)
for group in (making, customers, marketing, servers, keeping):
    app.add_typer(group.app)
app.add_typer(making.data, name="data")
app.add_typer(marketing.campaign, name="campaign")
app.add_typer(keeping.tables, name="tables")
app.add_typer(keeping.models, name="models")

"""What the commands share: how a fault is told, which settings hold, and the options that many of them have."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.markup import escape

from hm_assets.commands.showing import errors
from hm_assets.settings import DEFAULT_WAREHOUSE, Settings, is_address, local
from hm_assets.warehouse import identity
from hm_assets.warehouse.errors import HmAssetsError

LITTLE_ROOM_BYTES = 50_000_000

Warehouse = Annotated[Path | None, typer.Option(help=f"Folder of the tables; default {DEFAULT_WAREHOUSE}")]


@contextmanager
def plain_errors() -> Iterator[None]:
    """An expected fault ends the command with its message and nothing else."""
    try:
        yield
    except (HmAssetsError, ValueError, FileExistsError, NotADirectoryError) as error:
        text = str(error)
        if isinstance(error, ValidationError):
            text = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        errors.print(f"[bold red]Error:[/] {escape(text)}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error


def on_disk(path: Path | None) -> Path | None:
    """Callback of options that name what to write and are no settings: an address must not become a folder `s3:`."""
    with plain_errors():
        local(path)
    return path


@contextmanager
def room(warehouse: Path) -> Iterator[None]:
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


def settings_of(options: dict[str, Any]) -> Settings:
    """The settings with a command's options on top, handed on to Dagster and to child processes by environment."""
    for name, value in options.items():
        folder = isinstance(value, Path) and not is_address(value)
        os.environ[f"HM_{name.upper()}"] = str(value.resolve() if folder else value)
    return Settings()


def set_up(warehouse: Path | None) -> Settings:
    """The settings of a command that makes no warehouse: one that is not there is an error, and stays not there."""
    settings = settings_of({"warehouse": warehouse} if warehouse else {})
    identity.of(settings.warehouse)
    return settings

"""Why the landing zone, or a file of it, cannot be read at the moment: kept in the warehouse until it can be again.

The landing sensor writes it; who watches (incidents, metrics, `hm doctor`) reads it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from hm_assets.warehouse import artifacts

FILE = "landing_refusals.json"


class Refusal(NamedTuple):
    """A reason, in a sentence, and the file that it holds back; without a file it holds back the whole folder."""

    reason: str
    file: str = ""


def note(warehouse: Path, refusals: Sequence[Refusal]) -> None:
    """Remember what the last look found in the place of what the one before it found; nothing means all is well."""
    if not refusals:
        (warehouse / FILE).unlink(missing_ok=True)
    elif read(warehouse) != list(refusals):
        artifacts.write_json(warehouse / FILE, refusals)


def read(warehouse: Path) -> list[Refusal]:
    """What the last look found; nothing where all was well."""
    path = warehouse / FILE
    return [Refusal(*each) for each in artifacts.read_json(path)] if path.exists() else []

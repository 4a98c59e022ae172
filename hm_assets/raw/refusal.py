"""Why the landing zone cannot be read at the moment: one sentence in the warehouse, gone when it can be read again.

The landing sensor writes it; who watches (incidents, metrics, `hm doctor`) reads it.
"""

from pathlib import Path

from hm_assets.warehouse import artifacts

FILE = "landing_refusal.txt"


def note(warehouse: Path, reason: str | None) -> None:
    """Remember the reason, or forget it."""
    path = warehouse / FILE
    if reason is None:
        path.unlink(missing_ok=True)
    elif read(warehouse) != reason:
        artifacts.write_text(path, reason)


def read(warehouse: Path) -> str | None:
    """The reason, or None where the last look found all well."""
    path = warehouse / FILE
    return path.read_text(encoding="utf-8") if path.exists() else None

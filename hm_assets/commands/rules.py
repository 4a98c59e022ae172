"""`hm rules`: check the rules of the strategies, or copy those shipped to a file that somebody edits."""

from pathlib import Path

from hm_assets.playbooks.strategy import rules as files
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.errors import HmAssetsError

KINDS = ("tone", "offer", "template", "frequency", "retention", "growth", "outcome", "tactic")


def copy(to: Path) -> None:
    """Write the rules as shipped to a new file.

    Raises
    ------
    HmAssetsError
        The file is there already: somebody's rules are never overwritten.
    """
    if to.exists():
        raise HmAssetsError(f"{to} is there already; name another file, or check it with --check {to}")
    artifacts.write_text(to, files.DEFAULT.read_text(encoding="utf-8"))


def summary(path: Path | None) -> str:
    """What a file holds, in a line, after having checked it; None: the rules as shipped.

    Raises
    ------
    RulesError
        It has faults.
    """
    found = files.rules_of(path)
    return "no mistakes; " + ", ".join(f"{len(getattr(found, kind))} {kind}" for kind in KINDS)

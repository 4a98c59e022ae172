"""Every version of the champion there was, as people read it: `hm models list`, and the champion's page in the UI."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from hm_assets.segments.champion.champion import Champion
from hm_assets.warehouse import artifacts, markdown
from hm_assets.warehouse.errors import HmAssetsError

HEADINGS = ("version", "trained as of", "algorithm", "segments", "champion since", "why", "champion now")


@dataclass(frozen=True)
class Version:
    """A version with the last time that it became the champion."""

    champion: Champion
    since: dt.date
    why: str
    is_champion: bool

    @property
    def cells(self) -> tuple[str, ...]:
        """Under `HEADINGS`."""
        model = self.champion
        space = model.space.name
        return (
            model.version,
            model.trained_as_of.isoformat(),
            f"{model.algorithm} ({space})",
            str(len(model.ids)),
            self.since.isoformat(),
            self.why,
            "yes" if self.is_champion else "",
        )

    @property
    def words(self) -> str:
        """The same in two lines, for a terminal of any width."""
        name, trained, algorithm, segments, since, why, _ = self.cells
        now = " (the champion)" if self.is_champion else ""
        fit = f"trained as of {trained}, {algorithm}, {segments} segments"
        return f"{name}{now}: {fit}, champion since {since}\n    {why}"


def versions(warehouse: Path) -> list[Version]:
    """All versions, the oldest first; each once, however often it was the champion."""
    paths = sorted((warehouse / "segments" / "champions").glob("*.json"))
    found: dict[str, Version] = {}
    for path in paths:
        value = artifacts.read_json(path)
        if "model" not in value:
            continue
        champion = Champion.from_json(value)
        decision = champion.decision
        # A champion carries no clock, so that equal fits are equal files: when it came is when its file was written.
        since = dt.date.fromtimestamp(path.stat().st_mtime)
        why = decision["reasons"][0] if "appointment" in decision else decision["headline"]
        found.pop(champion.version, None)
        found[champion.version] = Version(champion, since, why, path == paths[-1])
    return list(found.values())


def find(warehouse: Path, version: str) -> Version:
    """The version of that name, or the only one that begins with it.

    Raises
    ------
    HmAssetsError
        There is none, or there are several.
    """
    known = versions(warehouse)
    matching = [v for v in known if v.champion.version == version] or [
        v for v in known if version and v.champion.version.startswith(version)
    ]
    if len(matching) != 1:
        names = ", ".join(v.champion.version for v in known) or "none: `hm run` makes the first"
        raise HmAssetsError(f"{len(matching) or 'no'} versions are called {version!r}; there are: {names}")
    return matching[0]


def as_markdown(known: list[Version]) -> str:
    """As a table for the UI, the newest first."""
    return markdown.table(HEADINGS, [version.cells for version in reversed(known)])

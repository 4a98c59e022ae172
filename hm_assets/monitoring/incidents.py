"""Incidents: what went wrong, in words that somebody who did not build this can act on.

Each is two files in `<warehouse>/incidents`, `<time>-<first 8 of the run>.md` to read and `.json` for machines, and
a post to `HM_INCIDENT_WEBHOOK` where that is set.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from hm_assets.monitoring import webhook
from hm_assets.monitoring.faults import Fault
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.manifest import MONTH_PATTERN, read_all

FOLDER = "incidents"
RUN, LANDING = "run", "landing"


@dataclass(frozen=True)
class Incident:
    """What went wrong, what was not made because of it, what is still good, and what to do.

    `cause` is the run's id, or for a refused landing zone the hash of file and reason; `at` is in UTC.
    """

    kind: str
    at: dt.datetime
    cause: str
    faults: tuple[Fault, ...]
    months: str
    not_made: tuple[str, ...]
    held_back: tuple[str, ...]
    documents: tuple[str, ...]
    to_do: tuple[str, ...]
    posted: str = "no webhook is set (HM_INCIDENT_WEBHOOK)"

    @property
    def name(self) -> str:
        """Name of its files, without suffix."""
        return f"{self.at:%Y%m%dT%H%M%SZ}-{self.cause[:8]}"

    @property
    def title(self) -> str:
        """What happened, in one line."""
        if self.kind == LANDING:
            return f"{self.faults[0].asset} cannot be read"
        where = (
            ", ".join(dict.fromkeys(fault.asset for fault in self.faults))
            or "its process ended without a word"
        )
        return f"Run {self.cause[:8]} failed{f' ({self.months})' if self.months else ''}: {where}"

    def value(self) -> dict[str, Any]:
        """As JSON values."""
        return {"title": self.title, **asdict(self), "at": self.at.isoformat()}

    def text(self) -> str:
        """As markdown."""
        parts = [f"# {self.title}\n\n{self.at:%Y-%m-%d %H:%M} UTC"]
        parts.append(_list("What went wrong", [str(fault) for fault in self.faults]))
        parts.append(_list("What to do", self.to_do))
        parts.append(_list("Not made in this run", self.not_made))
        parts.append(_list("Below it, and as it was before", self.held_back))
        parts.append(_list("The last good documents", self.documents))
        parts.append(f"Posted: {self.posted}.")
        return "\n\n".join(part for part in parts if part) + "\n"


def _list(heading: str, lines: Sequence[str]) -> str:
    return "\n".join([f"## {heading}\n", *(f"- {line}" for line in lines)]) if lines else ""


def advice(faults: Sequence[Fault], cause: str) -> tuple[str, ...]:
    """What to do about a failed run."""
    found = []
    if not faults:
        found.append(
            "The process ended without a word: it was killed, memory ran out, or the machine went down. "
            "`hm doctor` looks at memory and disk."
        )
    if any(fault.check is None for fault in faults):
        found.append("Do what the sentence above says; where it says nothing, the log of the step says more.")
    if any(fault.check for fault in faults):
        found.append(
            "A check holds everything below it until it passes, raw/rejects too: mend what it names and put the file "
            "into the landing zone again."
        )
    found.append(
        "Changed files are taken up by themselves. If no file changes: `hm run`, or Re-execute in the UI (`hm ui`, "
        f"Runs, {cause[:8]}). Nothing else asks again before the monthly cycle."
    )
    return tuple(found)


def last_good(reports: Path, most: int = 3) -> tuple[str, ...]:
    """The latest months whose documents are whole, a line each."""
    folders = reports.iterdir() if reports.is_dir() else ()
    lines: list[str] = []
    for folder in sorted((f for f in folders if MONTH_PATTERN.fullmatch(f.name)), reverse=True):
        try:
            manifest = read_all(folder)
        except (OSError, WarehouseError):
            continue
        if manifest is not None and len(lines) < most:
            lines.append(
                f"{manifest.month}, as of {manifest.as_of}: {len(manifest.files)} documents in {folder}"
            )
    return tuple(lines)


def report(warehouse: Path, incident: Incident, url: str | None) -> Path | None:
    """Write the incident and post it; None where there is already one of that cause and time.

    Returns
    -------
    Path
        The text.
    """
    path = warehouse / FOLDER / f"{incident.name}.md"
    if path.exists():
        return None
    if url:
        # Written first: a post that takes the process down must not take the incident with it.
        _write(path, replace(incident, posted="it was about to be posted"))
        why = webhook.post(url, incident.value())
        incident = replace(incident, posted=f"no, {why}" if why else "yes")
    _write(path, incident)
    return path


def mend(warehouse: Path, name: str, at: dt.datetime) -> None:
    """Note in an incident, by its name, that its cause is gone; one that was deleted stays deleted."""
    path = warehouse / FOLDER / f"{name}.md"
    if path.exists() and path.with_suffix(".json").exists():
        value = artifacts.read_json(path.with_suffix(".json"))
        artifacts.write_json(path.with_suffix(".json"), {**value, "mended": at.isoformat()})
        artifacts.write_text(path, f"{path.read_text(encoding='utf-8')}\nMended: {at:%Y-%m-%d %H:%M} UTC.\n")


def _write(path: Path, incident: Incident) -> None:
    artifacts.write_json(path.with_suffix(".json"), incident.value())
    artifacts.write_text(path, incident.text())


def count(warehouse: Path) -> dict[str, int]:
    """How many incidents there are of each kind."""
    found = {RUN: 0, LANDING: 0}
    for path in (warehouse / FOLDER).glob("*.json"):
        kind = str(artifacts.read_json(path)["kind"])
        found[kind] = found.get(kind, 0) + 1
    return found

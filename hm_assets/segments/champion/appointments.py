"""Appointments: a challenger that was promoted, a version that somebody rolled back to; each a file, none is lost.

An appointment carries the whole champion. It stands until a person chooses otherwise after it, or the lab's candidates
are fitted anew; then the lab's rules decide again, and the appointment stays readable.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hm_assets.segments.champion.champion import Champion
from hm_assets.warehouse import artifacts

FOLDER = ("segments", "appointments")
# In a champion's decision: the appointment that it is by, and the last one that no longer counts.
BY, SUPERSEDED = "appointment", "superseded"


@dataclass(frozen=True)
class Appointment:
    """What was decided.

    Attributes
    ----------
    number
        From 1, in order.
    champion
        Who is champion by it, as JSON, with settled ids.
    candidates
        `fingerprint` of the candidates that the lab had then.
    what
        `promoted` or `rolled back`.
    who, why, on
        Who decided, for what reason, on which day (ISO).
    """

    number: int
    champion: dict[str, Any]
    candidates: str
    what: str
    who: str
    why: str
    on: str

    def crowned(self, last_id: int) -> Champion:
        """The champion, which says that it is one by this appointment."""
        model = Champion.from_json(self.champion)
        headline = f"{self.what} by {self.who} on {self.on}: {self.why}"
        before = [reason for reason in model.decision.get("reasons", ()) if not _is_ours(reason)]
        return replace(
            model,
            last_id=max(last_id, model.last_id),
            decision={
                **model.decision,
                "reasons": [f"{headline[0].upper()}{headline[1:]}.", *before],
                BY: self.number,
            },
        )


def _is_ours(reason: str) -> bool:
    return reason.startswith(("Promoted by ", "Rolled back by "))


def all_of(warehouse: Path) -> list[Appointment]:
    """All appointments in order."""
    return [Appointment(**artifacts.read_json(path)) for path in _paths(warehouse)]


def appoint(
    warehouse: Path, champion: Champion, candidates: str, what: str, who: str, why: str, on: str
) -> int:
    """Write an appointment down and return its number."""
    number = len(_paths(warehouse)) + 1
    value = {
        "number": number,
        "champion": champion.as_json(),
        "candidates": candidates,
        "what": what,
        "who": who,
        "why": why,
        "on": on,
    }
    artifacts.write_json(warehouse.joinpath(*FOLDER) / f"{number:04d}.json", value)
    return number


def standing(
    appointments: Sequence[Appointment], previous: Champion | None, candidates: str
) -> Appointment | None:
    """The last appointment, if it still counts.

    Parameters
    ----------
    appointments
        Of `all_of`.
    previous
        The champion so far.
    candidates
        `fingerprint` of what the lab has now.
    """
    if not appointments or appointments[-1].candidates != candidates:
        return None
    superseded = previous.decision.get(SUPERSEDED, 0) if previous else 0
    return appointments[-1] if appointments[-1].number > superseded else None


def fingerprint(rows: Sequence[dict[str, Any]]) -> str:
    """What tells one fit of all candidates from the next; `rows` of `segments/candidates`, in any order."""
    parts = sorted([row["algorithm"], row["space"], row["k"], row["model"] or ""] for row in rows)
    return artifacts.recipe(parts)


def version(warehouse: Path) -> str | None:
    """Hash of all appointments; None where there are none."""
    paths = _paths(warehouse)
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16] if paths else None


def _paths(warehouse: Path) -> list[Path]:
    return sorted(warehouse.joinpath(*FOLDER).glob("*.json"))

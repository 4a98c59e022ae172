"""`<warehouse>/triggers.toml`: which change of segment asks for which action.

    [[rules]]
    name = "win-back"
    when = "enters"              # or "leaves"
    segment = "At-Risk VIPs"     # a classic name as in profiles/names, or a segment's number
    action = "webhook"           # or "file": a CSV file in <reports>/triggers/
    url = "https://crm.example/hooks/win-back"

Without the file there are no triggers.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hm_assets.profiles.names import classic
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.errors import HmAssetsError

FILE = "triggers.toml"
ENTERS, LEAVES = "enters", "leaves"
TO_FILE, TO_WEBHOOK = "file", "webhook"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class RuleError(HmAssetsError):
    """A rule of triggers.toml cannot be followed; nothing is sent until it is mended."""


@dataclass(frozen=True)
class Rule:
    """One rule; `segments` are the numbers that its segment stands for today (none where nobody has that name)."""

    name: str
    when: str
    segments: frozenset[int]
    action: str
    url: str = ""


def read(path: Path, names: Mapping[int, str]) -> list[Rule]:
    """The rules of a file; none where there is no file.

    Parameters
    ----------
    path
        The rule file.
    names
        Segment -> its classic name (`profiles/names`).

    Raises
    ------
    RuleError
        The file is no TOML, or a rule is invalid: the message names rule, key and value.
    """
    if not path.exists():
        return []
    try:
        value = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise RuleError(f"{path} cannot be read as TOML ({error}). Mend it, or delete it.") from error
    entries = value.pop("rules", [])
    if value or not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise RuleError(
            f"{path} holds something else than [[rules]]: {', '.join(value) or 'rules'}. Mend it."
        )
    rules = [_rule(path, number, entry, names) for number, entry in enumerate(entries, 1)]
    twice = {rule.name for rule in rules if [r.name.lower() for r in rules].count(rule.name.lower()) > 1}
    if twice:
        raise RuleError(f"{path}: two rules have the name {min(twice)!r}. Give each its own.")
    return rules


def _rule(path: Path, number: int, entry: Mapping[str, Any], names: Mapping[int, str]) -> Rule:
    def refuse(key: str, wanted: str) -> RuleError:
        shown = f"{entry[key]!r} is not" if key in entry else "is missing: it must be"
        return RuleError(f"{path}, rule {entry.get('name', number)!r}: {key} {shown} {wanted}.")

    name, action = entry.get("name"), entry.get("action")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise refuse("name", "up to 64 letters, digits, - and _")
    if entry.get("when") not in (ENTERS, LEAVES):
        raise refuse("when", f"{ENTERS!r} or {LEAVES!r}")
    if action not in (TO_FILE, TO_WEBHOOK):
        raise refuse("action", f"{TO_FILE!r} or {TO_WEBHOOK!r}")
    url = entry.get("url", "")
    if action == TO_WEBHOOK and not _is_url(url):
        raise refuse("url", "an http or https address")
    known = {"name", "when", "segment", "action"} | ({"url"} if action == TO_WEBHOOK else set())
    if unknown := sorted(set(entry) - known):
        raise refuse(unknown[0], f"a key of a rule with this action; they are {', '.join(sorted(known))}")
    segments = _segments(entry.get("segment"), names)
    if segments is None:
        there = ", ".join(f"{number} ({name})" for number, name in sorted(names.items()))
        raise refuse("segment", f"a segment ({there}; {NO_PURCHASE} = no purchase) or a classic name")
    return Rule(name, str(entry["when"]), segments, str(action), str(url))


def _segments(value: Any, names: Mapping[int, str]) -> frozenset[int] | None:
    """The numbers that a value stands for; None where it stands for nothing."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return frozenset({value}) if value in names or value == NO_PURCHASE else None
    # A classic name that no segment has this month is no mistake: one may earn it.
    if value in classic.NAMES:
        return frozenset(number for number, name in names.items() if name == value)
    return None


def _is_url(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def called(names: Mapping[str, Any]) -> dict[int, str]:
    """Segment -> classic name, of what `profiles/names` holds."""
    return {int(number): str(given["classic"]) for number, given in names["segments"].items()}

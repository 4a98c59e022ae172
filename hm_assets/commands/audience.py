"""`hm audience`: how many a rule reaches, what it has in common with others, and its customers as a file."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hm_assets.playbooks.audience import export, people, selection
from hm_assets.playbooks.audience.fields import FIELDS
from hm_assets.playbooks.audience.held_back import held_back
from hm_assets.playbooks.audience.language import parse
from hm_assets.playbooks.audience.people import People
from hm_assets.playbooks.audience.rule import Rule, RuleError, from_json
from hm_assets.playbooks.audience.selection import Reach
from hm_assets.playbooks.audience.suppression import BY, REASONS, WINDOW_DAYS, Campaign
from hm_assets.playbooks.audience.wording import count, matched, shared, value_at_stake
from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.engine import DuckDBEngine, open_duckdb
from hm_assets.warehouse.errors import HmAssetsError


@dataclass(frozen=True)
class Told:
    """What was found: the lines to print, and the overlap as a table (headings, rows)."""

    lines: list[str]
    headings: list[str]
    rows: list[list[str]]


def rule_of(where: str, file: Path | None) -> Rule:
    """The rule of a line or of a JSON file; exactly one is given.

    Raises
    ------
    HmAssetsError
        Both or none, or no rule.
    """
    if (file is not None) == bool(where):
        raise RuleError(
            'give a rule: --where "segment=1,2 and churn>=50%", or --rule FILE with the same as JSON'
        )
    if file is None:
        return parse(where)
    try:
        return from_json(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise HmAssetsError(f"{file} cannot be read ({error})") from error


def tell(
    settings: Settings, rule: Rule, others: Sequence[str], month: dt.date | None, campaign: Campaign
) -> Told:
    """How many a rule reaches, who is held back, the parity of ages, and the overlap with other rules.

    Raises
    ------
    HmAssetsError
        The warehouse or the month cannot answer.
    """
    with _month(settings, month) as (engine, there):
        reasons = held_back(engine, settings, there, campaign)
        reach = selection.reach(rule, there, reasons)
        rules = [rule, *map(parse, others)]
        matrix = selection.overlap(rules, there, reasons) if others else []
    names = [chr(ord("A") + i) for i in range(len(rules))]
    lines = [*lines_of(reach, there, rule, campaign)]
    if others:
        lines += [f"{name}: {each.words}" for name, each in zip(names, rules, strict=True)]
    return Told(lines, ["also in", *names], shared(names, matrix) if others else [])


def write(
    settings: Settings, rule: Rule, month: dt.date | None, campaign: Campaign, layout: str, to: Path
) -> dict[str, Any]:
    """Write the file and `<file>.manifest.json`; returns the manifest. Without a suffix, `to` is a folder and
    the file is named after the audience.

    Raises
    ------
    HmAssetsError
        As `export.write`.
    """
    asked = export.Asked.of(rule, campaign, layout)
    path = to / asked.file_name if to.is_dir() or not to.suffix else to
    with _month(settings, month) as (engine, there):
        made = export.write(engine, settings, there, asked, path)
    artifacts.write_json(path.with_name(f"{path.name}.manifest.json"), made)
    return made | {"path": str(path)}


def fields(settings: Settings, month: dt.date | None) -> list[tuple[str, str, str]]:
    """What a rule may ask about in a month: name, values, meaning."""
    with _month(settings, month) as (_, there):
        found = []
        for field in FIELDS.values():
            choices = there.choices(field.name) if field.kind in ("choice", "taste") else []
            values = ", ".join(choices) or {"number": "a number", "flag": "yes"}.get(field.kind, "")
            found.append((field.name, values if there.has(field.table) else "not made", field.about))
    return found


def lines_of(reach: Reach, there: People, rule: Rule, campaign: Campaign) -> list[str]:
    """What is known of an audience, in lines."""
    lines = [
        f"{rule.words}: {count(reach.reached)} can be reached by {BY[campaign.by]}, of {matched(reach)} that "
        f"meet it, among {reach.everybody:,} customers as of {there.as_of}."
    ]
    lines += [f"{count(number)} {REASONS[reason]}." for reason, number in reach.held_back.items()]
    lines += [value_at_stake(reach), f"Age: {reach.parity.words}", *there.labels]
    lines.append(f"At most {campaign.cap} campaigns per customer in {WINDOW_DAYS} days.")
    return lines


@contextmanager
def _month(settings: Settings, month: dt.date | None) -> Iterator[tuple[DuckDBEngine, People]]:
    with open_duckdb(settings) as engine:
        yield engine, people.of_month(engine, settings.warehouse, month)

"""The plan as files for other programs: the matrix as JSON and CSV, the calendar as iCalendar (RFC 5545) and CSV."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from hm_assets.playbooks.cells import CONTROL, as_csv
from hm_assets.profiles.page import links

Row = Mapping[str, Any]
MATRIX_JSON: Final = "decision-matrix.json"
MATRIX_CSV: Final = "decision-matrix.csv"
CALENDAR_ICS: Final = links.CALENDAR
CALENDAR_CSV: Final = "campaign-calendar.csv"
OCTETS: Final = 75
ESCAPES: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
MATRIX_COLUMNS: Final = {
    "segment_id": "Segment number",
    "segment_name": "IF segment",
    "products": "THEN products",
    "template": "Template",
    "offer": "Offer",
    "tone": "Tone",
    "channel": "Channel first",
    "channels": "Open channels",
    "days_between": "Days between contacts",
    "contacts_in_30_days": "Most contacts in 30 days",
    "budget_share": "Budget share (assumption)",
    "owner": "Owner",
}
CALENDAR_COLUMNS: Final = {
    "week": "Week",
    "week_start": "Monday",
    "segment_id": "Segment number",
    "segment_name": "Segment",
    "contacts": "Contacts",
    "send_on": "Send on",
    "title": "What",
    "template": "Template",
    "channel": "Channel",
    "product": "Leads with",
    "owner": "Owner",
    "season": "Season (1 = usual)",
    "why": "Why",
}
LISTS: Final = ("products", "channels")


@dataclass(frozen=True)
class File:
    """A file of the plan, for the manifest."""

    name: str
    text: str
    title: str
    kind: Literal["matrix", "calendar"]
    summary: str


def files(
    matrix: Sequence[Row],
    calendar: Sequence[Row],
    month: dt.date,
    as_of: dt.date,
    versions: Mapping[str, str],
    banner: str = "",
) -> list[File]:
    """The matrix as JSON and CSV, and where there is one the calendar as iCalendar and CSV.

    `banner` is what must be read first: that a failed criterion was signed for, and by whom. It stands in every file.
    """
    what = "IF segment THEN products, template, offer, channel, frequency"
    made = [
        File(
            MATRIX_JSON,
            matrix_json(matrix, month, as_of, versions, banner),
            "Decision matrix (JSON)",
            "matrix",
            f"{what}: for a program.",
        ),
        File(
            MATRIX_CSV,
            matrix_csv(matrix, banner),
            "Decision matrix (CSV)",
            "matrix",
            f"{what}: for a spreadsheet.",
        ),
    ]
    if calendar:
        made += [
            File(
                CALENDAR_ICS,
                calendar_ics(calendar, month, banner),
                "Campaign calendar (iCalendar)",
                "calendar",
                "What goes out to whom in the next weeks: for Outlook, Google or Apple calendars.",
            ),
            File(
                CALENDAR_CSV,
                calendar_csv(calendar, banner),
                "Campaign calendar (CSV)",
                "calendar",
                "Every week of every segment, with the reason: for a spreadsheet.",
            ),
        ]
    return made


def matrix_json(
    matrix: Sequence[Row], month: dt.date, as_of: dt.date, versions: Mapping[str, str], banner: str = ""
) -> str:
    """The decision matrix for a program: IF and THEN of every segment, with the rule that gave each."""
    rules = [
        {
            "if": {"segment_id": row["segment_id"], "segment_name": row["segment_name"]},
            "then": {
                **{name: row[name] for name in ("template", "offer", "tone", "channel", "owner")},
                **{name: json.loads(row[name]) for name in ("products", "channels", "tactics")},
                "frequency": {
                    "days_between": row["days_between"],
                    "contacts_in_30_days": row["contacts_in_30_days"],
                    "most_contacts": row["most_contacts"],
                },
                "budget_share": row["budget_share"],
            },
            "because_of_rules": json.loads(row["rules"]),
            "products_from": row["products_from"],
        }
        for row in _ordered(matrix)
    ]
    value = {
        "month": f"{month:%Y-%m}",
        "as_of": as_of.isoformat(),
        "budget_share_is": "an assumption: shared out by predicted value; what it brings is not known",
        "versions": dict(sorted(versions.items())),
        "rules": rules,
        **({"signed": banner} if banner else {}),
    }
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def matrix_csv(matrix: Sequence[Row], banner: str = "") -> str:
    """The same for a spreadsheet."""
    return _csv(
        MATRIX_COLUMNS, ([_text(row, name) for name in MATRIX_COLUMNS] for row in _ordered(matrix)), banner
    )


def calendar_csv(calendar: Sequence[Row], banner: str = "") -> str:
    """Every week of every segment for a spreadsheet."""
    ordered = sorted(calendar, key=lambda row: (row["week"], row["segment_id"]))
    return _csv(CALENDAR_COLUMNS, ([row[name] for name in CALENDAR_COLUMNS] for row in ordered), banner)


def calendar_ics(calendar: Sequence[Row], month: dt.date, banner: str = "") -> str:
    """The contacts as events of a day each; the same rows give the same text, and a later month other events."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//hm_assets//campaign calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:Campaigns {month:%Y-%m}",
        f"X-WR-CALNAME:Campaigns {month:%Y-%m}",
    ]
    for row in sorted(calendar, key=lambda row: (row["week"], row["segment_id"])):
        if row["contacts"]:
            lines += _event(row, month, banner)
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _fold(line))


def _csv(columns: Mapping[str, str], rows: Iterable[list[Any]], banner: str) -> str:
    signed = [banner] if banner else []
    headings = [*columns.values(), *(["Signed"] if banner else [])]
    return as_csv(headings, ([*row, *signed] for row in rows))


def _event(row: Row, month: dt.date, banner: str) -> Iterator[str]:
    key = f"{month:%Y-%m}/{row['segment_id']}/{row['week']}/{row['send_on']}/{row['tactic']}"
    told = [
        f"{row['channel']}, template “{row['template']}”",
        *([f"Leads with {row['product']}"] if row["product"] else []),
        str(row["why"]),
        "Leave a holdout out: what it brings is not known otherwise.",
        *([banner] if banner else []),
    ]
    yield "BEGIN:VEVENT"
    yield f"UID:{hashlib.sha256(key.encode()).hexdigest()[:32]}@hm-assets"
    yield f"DTSTAMP:{row['as_of']:%Y%m%d}T000000Z"
    yield f"DTSTART;VALUE=DATE:{row['send_on']:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{row['send_on'] + dt.timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escape(row['segment_name'] + ': ' + row['title'])}"
    yield f"DESCRIPTION:{_escape(chr(10).join(told))}"
    yield f"CATEGORIES:{_escape(row['segment_name'])}"
    yield f"CONTACT:{_escape(row['owner'])}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _escape(text: str) -> str:
    lines = [CONTROL.sub(" ", line) for line in str(text).split("\n")]
    return "\n".join(lines).translate(ESCAPES)


def _fold(line: str) -> Iterator[str]:
    """Lines of at most 75 octets, the further ones begin with a space; no character is cut in two (RFC 5545, 3.1)."""
    start, used = "", 0
    for character in line:
        size = len(character.encode())
        if used + size > OCTETS:
            yield start
            start, used = " ", 1
        start, used = start + character, used + size
    yield start


def _ordered(matrix: Sequence[Row]) -> list[Row]:
    return sorted(matrix, key=lambda row: row["segment_id"])


def _text(row: Row, name: str) -> Any:
    return "; ".join(json.loads(row[name])) if name in LISTS else row[name]

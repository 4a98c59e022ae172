"""The plan as files: iCalendar that a calendar reads, CSV that no spreadsheet runs, JSON that equals the table."""

import csv
import datetime as dt
import io
import json
import re

from hypothesis import given
from hypothesis import strategies as st

from hm_assets.playbooks.strategy import calendar, exports
from hm_assets.playbooks.strategy.rules import default
from hm_assets_tests.playbooks.examples import AS_OF, MONTH
from hm_assets_tests.playbooks.strategy.months import HOSTILE, month, strategy

PLAN = strategy(month())
MATRIX = PLAN["decision_matrix"]
CALENDAR = [
    {**dict.fromkeys(("send_on", "tactic", "title", "template", "channel", "product", "owner")), **row}
    for row in calendar.rows(MATRIX, {}, calendar.Times({}), default(), AS_OF)
]


def parse(text: str) -> list[dict[str, str]]:
    """Events of an iCalendar text, read as RFC 5545 says: unfold, split name from value, undo escapes."""
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    lines = text.replace("\r\n ", "").split("\r\n")[:-1]
    events: list[dict[str, str]] = []
    for line in lines:
        name, _, value = line.partition(":")
        assert re.fullmatch(r"[A-Z-]+(;[A-Z-]+=[A-Z-]+)*", name), line[:50]
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events and line != "END:VEVENT":
            events[-1].setdefault(name.split(";")[0], unescape(value))
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(events)
    return events


def unescape(value: str) -> str:
    assert not re.search(r"(?<!\\)(\\\\)*\\[^\\;,nN]", value), value
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


def event(**changes: object) -> dict:
    return {**next(row for row in CALENDAR if row["contacts"]), **changes}


def test_every_contact_is_an_event_of_its_day_and_nothing_else_is():
    events = parse(exports.calendar_ics(CALENDAR, MONTH))
    contacts = [row for row in CALENDAR if row["contacts"]]
    assert sorted(e["DTSTART"] for e in events) == sorted(f"{row['send_on']:%Y%m%d}" for row in contacts)
    assert len({e["UID"] for e in events}) == len(events) > 5
    assert all(e["DTSTAMP"] == "20200922T000000Z" and e["CONTACT"] for e in events)
    first = events[0]
    assert dt.datetime.strptime(first["DTEND"], "%Y%m%d") - dt.datetime.strptime(
        first["DTSTART"], "%Y%m%d"
    ) == dt.timedelta(days=1)


def test_the_same_rows_in_any_order_give_the_same_bytes_and_another_month_other_events():
    assert exports.calendar_ics(CALENDAR, MONTH) == exports.calendar_ics(CALENDAR[::-1], MONTH)
    assert exports.matrix_json(MATRIX, MONTH, AS_OF, {}) == exports.matrix_json(
        MATRIX[::-1], MONTH, AS_OF, {}
    )
    later = {e["UID"] for e in parse(exports.calendar_ics(CALENDAR, dt.date(2020, 10, 1)))}
    assert not later & {e["UID"] for e in parse(exports.calendar_ics(CALENDAR, MONTH))}


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(["", HOSTILE, "a;b,c\\d\r\nBEGIN:VEVENT"]),
)
def test_lines_are_folded_at_75_octets_and_names_come_back_whole(name, product):
    text = exports.calendar_ics([event(segment_name=name, product=product)], MONTH)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    (found,) = parse(text)
    clean = "\n".join(re.sub(r"[\x00-\x1f\x7f]", " ", part) for part in name.split("\n"))
    assert found["CATEGORIES"] == clean
    assert found["SUMMARY"].startswith(clean)


@given(st.text())
def test_no_cell_begins_as_a_formula(name):
    text = exports.calendar_csv([event(segment_name=f"={name}", product=f"@{name}")])
    (line,) = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert line["Segment"].startswith("'=") and line["Leads with"].startswith("'@")
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in line.values())


def test_the_calendar_as_csv_has_every_week_of_every_segment():
    lines = list(csv.DictReader(io.StringIO(exports.calendar_csv(CALENDAR).removeprefix("\ufeff"))))
    assert len(lines) == len(CALENDAR) == 13 * len(MATRIX)
    assert sum(int(line["Contacts"]) for line in lines) == sum(row["contacts"] for row in CALENDAR)


def test_the_matrix_as_json_says_what_the_table_says():
    value = json.loads(exports.matrix_json(MATRIX, MONTH, AS_OF, {"a/b": "1"}))
    assert (value["month"], value["as_of"], value["versions"]) == ("2020-09", "2020-09-22", {"a/b": "1"})
    by_id = {row["segment_id"]: row for row in MATRIX}
    assert [rule["if"]["segment_id"] for rule in value["rules"]] == sorted(by_id)
    for rule in value["rules"]:
        row = by_id[rule["if"]["segment_id"]]
        assert rule["then"]["offer"] == row["offer"]
        assert rule["then"]["products"] == json.loads(row["products"])
        assert rule["then"]["frequency"]["days_between"] == row["days_between"]
        assert set(rule["because_of_rules"]) == {"tone", "offer", "template", "frequency"}


def test_what_was_signed_for_stands_in_every_file():
    banner = "Published although the segmentation fails; signed by somebody"
    assert json.loads(exports.matrix_json(MATRIX, MONTH, AS_OF, {}, banner))["signed"] == banner
    for text in (exports.matrix_csv(MATRIX, banner), exports.calendar_csv(CALENDAR, banner)):
        lines = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
        assert lines and all(line["Signed"] == banner for line in lines)
    assert all(banner in e["DESCRIPTION"] for e in parse(exports.calendar_ics(CALENDAR, MONTH, banner)))

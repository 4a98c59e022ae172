import datetime as dt
from pathlib import Path

import pytest

from hm_assets.raw import deliveries
from hm_assets_tests.raw.examples import BASE, LINES, deliver, ingest, line, more

SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (dt.date(2018, month, 1) for month in (9, 10, 11, 12))
MONTH_FILE = "transactions_2018-10.csv"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    raw = deliver(
        tmp_path / "raw", lines=LINES + line(price="x") + "\nbroken\n" + line("2018-10-03", price="x") + "\n"
    )
    more(raw, MONTH_FILE, line("2018-10-05"), line("2018-10-06", price="x"), line("2018-11-01"))
    return raw


def told(rows, file: str) -> dict:
    """Month -> (rows, accepted, refused, superseded, pending)."""
    names = ("rows", "accepted", "refused", "superseded", "pending")
    return {row["month_delivered"]: tuple(row[name] for name in names) for row in rows if row["file"] == file}


def test_every_file_and_month_says_what_became_of_its_rows(raw, tmp_path):
    found = ingest(raw, tmp_path / "warehouse")
    found.prove()
    assert told(found.deliveries, BASE) == {
        None: (1, 0, 1, 0, 0),
        SEPTEMBER: (3, 2, 1, 0, 0),
        OCTOBER: (2, 0, 0, 2, 0),
        NOVEMBER: (1, 1, 0, 0, 0),
        DECEMBER: (1, 1, 0, 0, 0),
    }
    assert told(found.deliveries, MONTH_FILE) == {OCTOBER: (2, 1, 1, 0, 0), NOVEMBER: (1, 0, 1, 0, 0)}
    assert told(found.deliveries, "customers.csv") == {None: (4, 4, 0, 0, 0)}
    assert {row["superseded_by"] for row in found.deliveries} == {None, MONTH_FILE}
    assert {row["file"]: row["role"] for row in found.deliveries} == {
        "customers.csv": "customers",
        "articles.csv": "articles",
        BASE: "base",
        MONTH_FILE: "month",
    }


def test_rows_of_months_that_were_not_asked_for_are_pending_and_not_in_rejects(raw, tmp_path):
    found = ingest(raw, tmp_path / "warehouse", months=[NOVEMBER])
    found.prove()
    base = told(found.deliveries, BASE)
    assert base[SEPTEMBER] == (3, 0, 0, 0, 3)
    assert base[NOVEMBER] == (1, 1, 0, 0, 0)
    assert base[OCTOBER] == (2, 0, 0, 2, 0)
    assert told(found.deliveries, MONTH_FILE) == {OCTOBER: (2, 0, 0, 0, 2), NOVEMBER: (1, 0, 1, 0, 0)}
    assert [(row[0], row[1]) for row in found.refused] == [(MONTH_FILE, 4), (BASE, 8)]


def test_only_files_with_refused_rows_are_read_again(raw, tmp_path):
    landed = ingest(raw, tmp_path / "warehouse").landed
    accepted = {(BASE, SEPTEMBER): 2, (BASE, NOVEMBER): 1, (BASE, DECEMBER): 1, (MONTH_FILE, OCTOBER): 1}
    ids = {"customers": 4, "articles": 3}
    months = [SEPTEMBER, OCTOBER, NOVEMBER]
    found = {file.name: hidden for file, hidden in deliveries.suspects(landed, accepted, ids, months).items()}
    assert found == {"articles.csv": [], BASE: [OCTOBER, DECEMBER], MONTH_FILE: []}


def test_rows_that_are_in_the_table_twice_or_not_at_all_show_as_refused_or_less_than_none(raw, tmp_path):
    """The blocking check compares with raw/rejects: a row that is neither accepted nor explained makes it fail."""
    landed = ingest(raw, tmp_path / "warehouse").landed
    months = [SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER]
    ids = {"customers": 4, "articles": 4}
    lost = deliveries.deliveries_of(landed, {}, ids, months)
    assert told(lost, BASE)[SEPTEMBER] == (3, 0, 3, 0, 0)
    doubled = deliveries.deliveries_of(landed, {(BASE, SEPTEMBER): 5}, ids, months)
    assert told(doubled, BASE)[SEPTEMBER] == (3, 5, -2, 0, 0)

"""A warehouse belongs to one source, and its calendar follows the data."""

import datetime as dt

import pytest

from hm_assets.warehouse import artifacts, identity
from hm_assets.warehouse.errors import WarehouseError

DAYS = (dt.date(2018, 9, 20), dt.date(2020, 9, 22))
LATER = dt.date(2026, 1, 1)


def test_a_closed_history_ends_three_months_past_the_data(tmp_path):
    claimed = identity.claim(tmp_path, "demo", tmp_path / "raw", DAYS, "quick", LATER)
    assert (claimed.first_month, claimed.last_month) == ("2018-09", "2020-12")
    assert identity.read(tmp_path) == claimed


def test_a_running_history_has_no_end(tmp_path):
    claimed = identity.claim(tmp_path, "shop", tmp_path, DAYS, "full", dt.date(2020, 10, 5))
    assert claimed.last_month is None


def test_the_calendar_grows_with_the_data(tmp_path):
    identity.claim(tmp_path, "shop", tmp_path, DAYS, "full", LATER)
    longer = identity.claim(
        tmp_path, "shop", tmp_path, (dt.date(2018, 7, 1), dt.date(2021, 1, 5)), "full", LATER
    )
    assert (longer.first_month, longer.last_month) == ("2018-07", "2021-04")


def test_another_source_is_refused_with_both_names(tmp_path):
    identity.claim(tmp_path, "the demo", tmp_path, DAYS, "quick", LATER)
    with pytest.raises(
        WarehouseError, match=r"holds the demo, and this is our shop.*--warehouse DIR.*--replace"
    ):
        identity.claim(tmp_path, "our shop", tmp_path, DAYS, "full", LATER)


def test_clearing_takes_tables_and_listed_documents_but_no_stranger(tmp_path):
    warehouse, reports = tmp_path / "wh", tmp_path / "reports"
    identity.claim(warehouse, "demo", tmp_path, DAYS, "quick", LATER)
    for month in ("2020-08", "2020-09"):
        artifacts.write_text(reports / month / "index.html", "ours")
        artifacts.write_json(reports / month / "manifest.json", {"files": [{"name": "index.html"}]})
    artifacts.write_text(reports / "2020-09" / "notes.txt", "mine")
    artifacts.write_text(reports / "2019-01" / "index.html", "no manifest says that this is ours")
    identity.clear(warehouse, reports)
    assert not warehouse.exists()
    left = sorted(str(path.relative_to(reports)) for path in reports.rglob("*") if path.is_file())
    assert left == ["2019-01/index.html", "2020-09/notes.txt"]
    assert not (reports / "2020-08").exists()


def test_clearing_keeps_a_landing_zone_that_lies_in_the_warehouse(tmp_path):
    raw = tmp_path / "landing" / "shop"
    for path in (raw / "customers.csv", tmp_path / "raw" / "customers" / "part.parquet"):
        artifacts.write_text(path, "")
    identity.claim(tmp_path, "demo", raw, DAYS, "quick", LATER)
    identity.clear(tmp_path, tmp_path / "reports", raw)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [raw / "customers.csv"]


def test_a_folder_that_is_no_warehouse_is_not_deleted(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(WarehouseError, match=r"has no warehouse\.json"):
        identity.clear(tmp_path, tmp_path / "reports")
    assert (tmp_path / "thesis.tex").exists()


def test_a_damaged_identity_says_so(tmp_path):
    (tmp_path / identity.FILE).write_text('{"source": "demo"}')
    with pytest.raises(WarehouseError, match="--replace"):
        identity.read(tmp_path)

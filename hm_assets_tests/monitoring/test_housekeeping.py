"""Tidying moves no row and deletes nothing that is needed; the past of a table is told by version."""

import datetime as dt
import json
import re
import time

import dagster as dg
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from typer.testing import CliRunner

from hm_assets.cli import app
from hm_assets.commands import tables as command
from hm_assets.monitoring.housekeeping import past, tidying
from hm_assets.monitoring.housekeeping.past import Written
from hm_assets.monitoring.housekeeping.sensors import schedule
from hm_assets.segments.champion import history as champions
from hm_assets.settings import Settings
from hm_assets.warehouse import delta, lock, manifest
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.resources import Warehouse
from hm_assets.warehouse.schema import Column, Table
from hm_assets_tests.segments.champion.test_history import model

TABLE = Table("things", "sizes", "a size", (Column("size", "int64", "Size"),))
TABLES = {TABLE.path: TABLE}


def batches(*sizes):
    return pa.table({"size": sizes}, schema=TABLE.arrow_schema()).to_batches()


@pytest.fixture
def settings(tmp_path):
    delta.write(tmp_path, TABLE, batches(1, 2))
    delta.write(tmp_path, TABLE, batches(3))
    return Settings(warehouse=tmp_path)


def sizes(settings, version=None):
    path = str(delta.table_path(settings.warehouse, TABLE))
    return sorted(DeltaTable(path, version=version).to_pyarrow_table()["size"].to_pylist())


def age(settings, days):
    """Make everything that was replaced so far look as if that had been days ago."""
    then = int((time.time() - days * 86_400) * 1000)
    for path in (delta.table_path(settings.warehouse, TABLE) / "_delta_log").glob("*.json"):
        path.write_text(re.sub(r'"deletionTimestamp":\d+', f'"deletionTimestamp":{then}', path.read_text()))


def test_small_files_become_one_and_no_row_moves(settings):
    for size in (4, 5):
        write_deltalake(
            str(delta.table_path(settings.warehouse, TABLE)),
            pa.table({"size": [size]}, schema=TABLE.arrow_schema()),
            mode="append",
        )
    before = DeltaTable(str(delta.table_path(settings.warehouse, TABLE)))
    assert (len(before.file_uris()), sizes(settings)) == (3, [3, 4, 5])
    assert tidying.tidy(settings, TABLES).compacted == 3
    after = DeltaTable(str(delta.table_path(settings.warehouse, TABLE)))
    assert (len(after.file_uris()), sizes(settings)) == (1, [3, 4, 5])
    # Whoever opened the table before still reads it.
    assert sorted(before.to_pyarrow_table()["size"].to_pylist()) == [3, 4, 5]
    assert tidying.tidy(settings, TABLES) == tidying.Tidied()
    assert DeltaTable(str(delta.table_path(settings.warehouse, TABLE))).version() == after.version()


@pytest.mark.parametrize(("days", "deleted"), [(0, 0), (61, 0), (63, 1)])
def test_a_version_is_kept_for_two_months_and_then_deleted(settings, days, deleted):
    age(settings, days)
    assert tidying.tidy(settings, TABLES).files == deleted
    assert sizes(settings) == [3]
    assert (past.at_version(settings.warehouse, TABLE, 0) is None) is bool(deleted)
    if not deleted:
        assert sizes(settings, 0) == [1, 2]


def test_less_than_a_day_cannot_be_asked_for(tmp_path):
    with pytest.raises(ValueError, match="keep_days"):
        Settings(warehouse=tmp_path, keep_days=0)


def test_old_documents_go_only_where_that_is_asked_for_and_no_strangers_file_goes(settings):
    reports = settings.reports_dir
    for month in ("2018-09", "2018-10", "2018-11"):
        (reports / month).mkdir(parents=True)
        path = reports / month / "a.html"
        path.write_text(month)
        entry = manifest.describe(path, "a", "facts", "")
        manifest.write_manifest(
            reports / month, manifest.Manifest(month, dt.date(2018, 9, 30), "a test", {}, (entry,))
        )
    (reports / "2018-10" / "mine.txt").write_text("a note")
    assert tidying.tidy(settings, TABLES).reports == 0
    assert tidying.tidy(settings.model_copy(update={"keep_reports": 1}), TABLES).reports == 2
    left = {str(path.relative_to(reports)) for path in reports.rglob("*") if path.is_file()}
    assert left == {"2018-10/mine.txt", "2018-11/a.html", "2018-11/manifest.json"}


def test_old_champions_go_only_where_that_is_asked_for_and_the_next_one_still_comes_last(settings):
    folder = settings.warehouse / "segments" / "champions"
    for ids in ([1], [2], [3]):
        champions.keep(folder, model(ids))
    assert tidying.tidy(settings, TABLES).champions == 0
    assert tidying.tidy(settings.model_copy(update={"keep_champions": 1}), TABLES).champions == 2
    champions.keep(folder, model([4]))
    known = champions.known(folder.with_suffix(".json"), folder)
    assert [champion.as_json() for champion in known] == [model(ids).as_json() for ids in ([3], [4])]


def test_what_a_killed_tidying_left_is_swept_by_the_next_one(settings):
    folder = delta.table_path(settings.warehouse, TABLE)
    left = folder / "part-half-of-a-compaction.parquet"
    left.write_bytes(b"PAR1")
    (folder.parent / f".{TABLE.name}.999999999.writing").touch()
    tidying.tidy(settings, TABLES)
    assert not left.exists()
    assert sizes(settings) == [3]


def test_the_tidying_on_sunday_is_no_second_writer(settings):
    job = schedule(TABLES).job
    resources = {"warehouse": dg.ResourceDefinition.hardcoded_resource(Warehouse(settings))}
    with lock.alone(settings.warehouse, "hm run"), pytest.raises(WarehouseError, match="in use: hm run"):
        job.execute_in_process(resources=resources)
    assert job.execute_in_process(resources=resources).success


def test_the_history_tells_run_rows_and_size_and_what_cannot_be_read_any_more(settings):
    writings = [Written(0, "a", "first-run-of-all", None), Written(1, "b", "second-run", None)]
    size = [
        file.stat().st_size
        for file in sorted(
            delta.table_path(settings.warehouse, TABLE).glob("*.parquet"), key=lambda p: p.stat().st_mtime_ns
        )
    ]
    told = [(row[0], *row[2:]) for row in command.history(settings, TABLE, writings)]
    assert told == [
        ("1", "WRITE", "second-r", "1", f"{size[1]:,} bytes"),
        ("0", "WRITE", "first-ru", "2", f"{size[0]:,} bytes"),
    ]
    age(settings, 63)
    tidying.tidy(settings, TABLES)
    assert {row[0]: row[4] for row in command.history(settings, TABLE, writings)}["0"] == "vacuumed"


def test_a_table_as_it_was_lies_elsewhere_and_stays_when_the_table_moves_on(settings, tmp_path):
    there = tmp_path / "there"
    past.lay_out(settings.warehouse, TABLE, 0, there)
    age(settings, 63)
    tidying.tidy(settings, TABLES)
    assert sizes(settings.model_copy(update={"warehouse": there})) == [1, 2]
    assert json.loads(
        (there / "things/sizes/_delta_log/00000000000000000000.json").read_text().splitlines()[0]
    )
    with pytest.raises(WarehouseError, match=r"version 0 cannot be read any more.*HM_KEEP_DAYS"):
        past.lay_out(settings.warehouse, TABLE, 0, tmp_path / "again")


@pytest.mark.parametrize("name", ["sizes", "things/size", "x"])
def test_an_unknown_table_is_answered_with_names(name):
    with pytest.raises(WarehouseError, match="things/sizes"):
        command.table_named(TABLES, name)


@pytest.mark.parametrize(
    "asked", [("tidy",), ("history", "raw/customers"), ("rebuild", "manifest.json", "--to", "x")]
)
def test_a_slip_in_the_warehouses_name_makes_none(tmp_path, asked, monkeypatch):
    monkeypatch.setenv("HM_WAREHOUSE", "")  # the command sets it for its children
    said = CliRunner().invoke(app, ["tables", *asked, "--warehouse", str(tmp_path / "slip")])
    assert said.exit_code == 1
    assert "is not set up yet" in said.stderr
    assert not (tmp_path / "slip").exists()

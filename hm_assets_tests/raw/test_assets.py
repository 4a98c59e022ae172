"""The stage through Dagster: the real definitions on an instance of the test's own, months 2018-09 to 2018-12."""

import datetime as dt
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from hm_assets import planning, runs
from hm_assets.definitions import build_defs
from hm_assets.raw import assets, tables
from hm_assets.raw import landing as landing_zone
from hm_assets.raw.sensors import landing as landing_sensor
from hm_assets.warehouse import delta
from hm_assets.warehouse.resources import Warehouse
from hm_assets_tests.raw.examples import BASE, CUSTOMERS, LINES, deliver, line, more
from hm_assets_tests.running import Platform, made, platform

pytestmark = pytest.mark.slow

FIRST, LAST = dt.date(2018, 9, 1), dt.date(2018, 12, 1)
RAW = [dg.AssetKey(["raw", table.name]) for table in tables.TABLES]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Platform]:
    with platform(tmp_path / "warehouse", deliver(tmp_path / "raw")) as ready:
        yield ready


def execute(here: Platform, months=(FIRST, LAST), keys=RAW) -> dg.ExecuteInProcessResult:
    here.land()
    defs = build_defs(here.settings)
    return runs.execute(defs, here.instance, planning.Batch(tuple(keys), months), str(uuid.uuid4()))


def failed_checks(result: dg.ExecuteInProcessResult) -> set[str]:
    return {check.check_name for check in result.get_asset_check_evaluations() if not check.passed}


def steps(result: dg.ExecuteInProcessResult) -> set[str]:
    return {event.step_key for event in result.all_events if event.event_type_value == "STEP_SUCCESS"}


def test_the_group_makes_every_table_with_counts_schema_and_passed_checks(here):
    result = execute(here)
    assert result.success, runs.faults(result)
    checks = {check.check_name for check in result.get_asset_check_evaluations() if check.passed}
    assert checks >= {
        assets.NOTHING_LOST,
        assets.FEW_REFUSED,
        "every_row_is_accounted_for",
        "keys_are_unique",
    }
    assert {path: len(here.rows(path)) for path in ("raw/customers", "raw/articles", "raw/transactions")} == {
        "raw/customers": 4,
        "raw/articles": 4,
        "raw/transactions": 5,
    }
    assert here.rows("raw/rejects") == []
    assert [row[0] for row in here.rows("raw/deliveries")].count(BASE) == 4
    stored = delta.open_table(here.warehouse, tables.TRANSACTIONS)
    assert {f"month=2018-{month:02d}-01" for month in (9, 10, 11, 12)} == {
        part for file in stored.file_uris() for part in file.split("/") if part.startswith("month=")
    }


def test_refused_rows_are_in_rejects_and_the_run_goes_on(here):
    deliver(here.raw, lines=LINES + (line() + "\n") * 40 + line(price="-1") + "\n")
    result = execute(here)
    assert result.success, runs.faults(result)
    assert here.rows("raw/rejects") == [(BASE, 47, "price", "-1", "negative")]


@pytest.mark.parametrize(
    ("changed", "asset"),
    [
        ({"lines": LINES + line(price="-1") + "\n"}, "transactions"),
        ({"lines": LINES + "too,few\n"}, "transactions"),
        ({"lines": LINES + line("01.09.2018") + "\n"}, "transactions"),
        ({"customers": CUSTOMERS + "anna,,,,,,\n"}, "customers"),
    ],
)
def test_too_many_refused_rows_block_what_comes_after(here, changed, asset):
    deliver(here.raw, **changed)
    result = execute(here)
    assert not result.success
    assert failed_checks(result) == {assets.FEW_REFUSED}
    assert "raw__rejects" not in steps(result)


def test_a_lost_row_blocks(here, monkeypatch):
    """Two counts that do not depend on each other: the survey's and the reader's."""
    honest = assets.ingestion.transactions_sql
    monkeypatch.setattr(
        assets.ingestion, "transactions_sql", lambda *given: honest(*given) + " WHERE d <> DATE '2018-10-02'"
    )
    result = execute(here)
    assert not result.success
    assert failed_checks(result) == {assets.NOTHING_LOST}
    assert "raw__deliveries" not in steps(result)


def test_months_that_were_not_asked_for_are_pending(here):
    assert execute(here, months=(FIRST, dt.date(2018, 10, 1))).success
    pending = {row[1]: row[8] for row in here.rows("raw/deliveries") if row[0] == BASE}
    assert list(pending.values()) == [0, 0, 1, 1]
    assert len(here.rows("raw/transactions")) == 3


def test_the_same_delivery_again_is_no_work_and_keeps_every_version(here):
    here.land()
    here.run("group:raw")
    versions = [delta.open_table(here.warehouse, table).version() for table in tables.TABLES]
    deliver(here.raw)
    assert here.land() == []
    assert here.run("group:raw") == []
    assert [delta.open_table(here.warehouse, table).version() for table in tables.TABLES] == versions


def test_a_corrected_file_for_an_old_month_replaces_that_month_only(here):
    here.land()
    here.run("group:raw")
    others = [row for row in here.rows("raw/transactions") if row[0].month != 10]
    more(here.raw, "transactions_2018-10.csv", line("2018-10-05"), line("2018-10-06"))
    assert [event.partition for event in here.land()] == ["2018-10-01"]
    assert made(here.run("group:raw"))["raw/transactions"] == ("2018-10", "2018-10")
    rows = here.rows("raw/transactions")
    assert [row for row in rows if row[0].month != 10] == others
    assert [row[0].day for row in rows if row[0].month == 10] == [5, 6]
    superseded = {row[1]: row[7] for row in here.rows("raw/deliveries") if row[0] == BASE}
    assert superseded[dt.date(2018, 10, 1)] == "transactions_2018-10.csv"


def test_lines_of_a_file_that_is_gone_do_not_pass_unseen(here):
    more(here.raw, "transactions_web.csv", line("2018-12-24"))
    assert execute(here).success
    (here.raw / "transactions_web.csv").unlink()
    result = execute(here, months=None, keys=RAW[3:])
    assert failed_checks(result) == {"every_row_is_accounted_for"}


def test_a_month_whose_rows_were_refused_stays_out_of_date_when_another_month_passes(here):
    november, december, lines = dt.date(2018, 11, 1), dt.date(2018, 12, 1), RAW[2]
    assert lines.path[-1] == "transactions"
    assert execute(here, keys=RAW[:3]).success
    more(here.raw, "transactions_2018-11.csv", line("2018-11-03"), line("2018-11-04", customer="nobody"))
    assert not execute(here, (november, november), [lines]).success
    assert execute(here, (december, december), [lines]).success
    assert here.planner("key:raw/transactions").work() == {lines: [november]}


class Sensor:
    """The landing sensor with the cursor that it keeps from tick to tick."""

    def __init__(self, here: Platform, settle_seconds: float = 30) -> None:
        settings = here.settings.model_copy(update={"settle_seconds": settle_seconds})
        self.instance, self.warehouse, self.cursor = here.instance, Warehouse(settings), None

    def tick(self) -> tuple[list[str], str]:
        """The months (or files) that are told, and what the tick says. As the daemon, it records what is told."""
        context = dg.build_sensor_context(
            instance=self.instance, resources={"warehouse": self.warehouse}, cursor=self.cursor
        )
        result = landing_sensor(context)
        self.cursor = context.cursor
        if isinstance(result, dg.SkipReason):
            return [], result.skip_message
        for event in result.asset_events:
            self.instance.report_runless_asset_event(event)
        return [
            e.partition or e.asset_key.path[-1] for e in result.asset_events
        ], result.skip_reason.skip_message


def test_the_sensor_reports_what_changed_and_skips_with_the_reason(here):
    sensor = Sensor(here, settle_seconds=0)
    assert "is not set up yet; run `hm run` once" in sensor.tick()[1]
    for event in here.land():
        assert event.asset_key.path[0] == "sources"
    assert "nothing new" in sensor.tick()[1]
    more(here.raw, "transactions_web.csv", line("2018-11-24"))
    assert sensor.tick()[0] == ["2018-11-01"]
    more(here.raw, "transactions_2018-11.csv", line("2018-11-25"))
    assert "transactions_web.csv adds 1 rows to the same month" in sensor.tick()[1]


def test_a_growing_file_is_waited_for_named_and_holds_nothing_else_back(here):
    here.land()
    sensor = Sensor(here)
    sensor.tick()
    growing = more(here.raw, "transactions_web.csv", line("2018-11-24"))
    other = more(here.raw, "transactions_shop.csv", line("2018-10-05"))
    os.utime(other, (1, 1))
    told, words = sensor.tick()
    assert told == ["2018-10-01"]
    assert "waiting: transactions_web.csv is still being written" in words
    with growing.open("a") as file:
        file.write(line("2018-11-26") + "\n")
    assert sensor.tick()[0] == []
    assert sensor.tick() == (["2018-11-01"], "told: transactions 2018-11")
    assert sensor.tick()[0] == []


def test_a_known_file_that_is_being_written_anew_counts_as_it_was(here):
    here.land()
    sensor = Sensor(here)
    (here.raw / BASE).write_text(LINES.replace("0.05", "0.06"))
    assert sensor.tick()[0] == []
    assert len(sensor.tick()[0]) == 4


def test_a_touch_and_the_same_bytes_again_tell_nothing(here):
    here.land()
    sensor = Sensor(here, settle_seconds=0)
    (here.raw / BASE).write_text(LINES)
    os.utime(here.raw / "customers.csv", (5, 5))
    assert sensor.tick()[0] == []


def test_a_bad_file_is_read_once_named_at_every_tick_and_hides_nothing(here, monkeypatch):
    here.land()
    sensor = Sensor(here, settle_seconds=0)
    bad = here.raw / "transactions_bad.csv"
    bad.write_text("a,b\n1,2\n")
    more(here.raw, "transactions_web.csv", line("2018-11-24"))
    (here.raw / "notes.txt").write_text("call the shop")
    told, words = sensor.tick()
    assert told == ["2018-11-01"]
    assert "transactions_bad.csv" in words
    assert "notes.txt is not one of the input files; left alone" in words
    with monkeypatch.context() as patch:
        patch.setattr(landing_zone, "look", None)
        assert "transactions_bad.csv" in sensor.tick()[1]
    bad.write_text(more(here.raw, "transactions_x.csv", line("2018-10-09")).read_text())
    (here.raw / "transactions_x.csv").unlink()
    assert sensor.tick()[0] == ["2018-10-01"]


def test_a_month_whose_file_vanished_and_a_vanished_folder_are_told(here):
    web = more(here.raw, "transactions_web.csv", line("2018-11-24"))
    here.land()
    sensor = Sensor(here, settle_seconds=0)
    web.unlink()
    assert sensor.tick()[0] == ["2018-11-01"]
    shutil.rmtree(here.raw)
    assert "There is no folder" in sensor.tick()[1]


def test_a_month_outside_of_the_calendar_is_named(here):
    here.land()
    more(here.raw, "transactions_web.csv", line("2019-08-24"))
    assert "holds 2019-08, outside of this warehouse's calendar" in Sensor(here, settle_seconds=0).tick()[1]

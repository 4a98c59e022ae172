"""The stage through Dagster: the real definitions on an instance of the test's own, months 2018-09 to 2018-12."""

import datetime as dt
import uuid
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from hm_assets import runs
from hm_assets.definitions import build_defs
from hm_assets.raw import assets, tables
from hm_assets.raw.sensors import landing as landing_sensor
from hm_assets.warehouse import delta
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
    return runs.execute(defs, here.instance, runs.Batch(tuple(keys), months), str(uuid.uuid4()))


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


def test_the_sensor_reports_what_changed_and_skips_with_the_reason(here):
    def tick() -> dg.SensorResult | dg.SkipReason:
        resources = build_defs(here.settings).resources
        context = dg.build_sensor_context(
            instance=here.instance, resources={"warehouse": resources["warehouse"]}
        )
        return landing_sensor(context)

    assert "is not set up yet" in tick().skip_message
    for event in here.land():
        assert event.asset_key.path[0] == "sources"
    assert "nothing new" in tick().skip_message
    more(here.raw, "transactions_web.csv", line("2018-11-24"))
    assert [event.partition for event in tick().asset_events] == ["2018-11-01"]
    more(here.raw, "transactions_2018-11.csv", line("2018-11-25"))
    assert "transactions_web.csv adds 1 rows to the same month" in tick().skip_message

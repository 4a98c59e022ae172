"""Incidents: one for each failed run and for each file or folder that cannot be read."""

import datetime as dt
import json

import dagster as dg
import pytest

from hm_assets.monitoring import sensors
from hm_assets.raw import refusal
from hm_assets.raw.refusal import Refusal
from hm_assets.settings import Settings
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.errors import LandingError
from hm_assets.warehouse.manifest import Manifest, write_manifest
from hm_assets.warehouse.resources import Warehouse
from hm_assets_tests.monitoring.post_box import post_box

MONTHS = dg.MonthlyPartitionsDefinition(start_date="2020-01-01", end_date="2020-07-01")


class Watched:
    """raw/file -> features/rows -> segments/groups -> playbooks/pages, of which the first fails as it is told."""

    def __init__(self, folder, **settings):
        self.warehouse = Warehouse(Settings(warehouse=folder / "warehouse", **settings))
        self.instance, self.cursor, self.fails = dg.DagsterInstance.ephemeral(), None, False
        self.refused = 0

        @dg.asset(key=["raw", "file"], partitions_def=MONTHS)
        def file():
            if self.fails:
                try:
                    open("/nowhere/at/all")  # noqa: SIM115, PTH123
                except OSError as error:
                    raise LandingError("a.csv line 3: price is 'x'. Mend it.") from error

        @dg.asset_check(asset=["raw", "file"], blocking=True)
        def few_rows_are_refused():
            return dg.AssetCheckResult(passed=not self.refused, description=f"{self.refused} rows of a.csv")

        @dg.asset(key=["features", "rows"], deps=[file], partitions_def=MONTHS)
        def rows():
            pass

        @dg.asset(key=["segments", "groups"], deps=[rows])
        def groups():
            pass

        @dg.asset(key=["playbooks", "pages"], deps=[groups])
        def pages():
            pass

        self.defs = dg.Definitions(
            assets=[file, rows, groups, pages],
            asset_checks=[few_rows_are_refused],
            sensors=sensors.SENSORS,
            resources={"warehouse": self.warehouse},
        )

    def run(self):
        keys = [dg.AssetKey(["raw", "file"]), dg.AssetKey(["features", "rows"])]
        job = self.defs.resolve_implicit_global_asset_job_def()
        return job.execute_in_process(
            instance=self.instance, asset_selection=keys, partition_key="2020-03-01", raise_on_error=False
        )

    def tick(self, sensor=sensors.run_incidents):
        context = dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursor,
            repository_def=self.defs.get_repository_def(),
            resources={"warehouse": self.warehouse},
        )
        data = sensor.evaluate_tick(context)
        self.cursor = data.cursor
        return data

    def incidents(self):
        folder = self.warehouse.path / "incidents"
        return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


@pytest.fixture
def watched(tmp_path):
    return Watched(tmp_path)


def test_a_failed_run_is_one_incident_that_says_what_why_and_what_to_do(watched):
    folder = watched.warehouse.settings.reports_dir / "2020-02"
    folder.mkdir(parents=True)
    write_manifest(folder, Manifest("2020-02", dt.date(2020, 2, 29), "a test", {}, ()))
    (folder.parent / "2020-03").mkdir()
    (folder.parent / "2020-03" / "manifest.json").write_text("{")
    watched.tick()
    watched.fails = True
    run_id = watched.run().run_id
    watched.tick()
    (incident,) = watched.incidents()
    assert incident["title"] == f"Run {run_id[:8]} failed (2020-03): raw/file"
    assert incident["faults"] == [
        {"asset": "raw/file", "sentence": "a.csv line 3: price is 'x'. Mend it.", "check": None}
    ]
    assert incident["not_made"] == ["features/rows", "raw/file"]
    assert incident["held_back"] == ["playbooks/pages", "segments/groups"]
    assert incident["documents"] == [f"2020-02, as of 2020-02-29: 0 documents in {folder}"]
    (text,) = (watched.warehouse.path / "incidents").glob(f"*-{run_id[:8]}.md")
    for words in (
        "raw/file: a.csv line 3: price is 'x'. Mend it.",
        "`hm run`",
        "- playbooks/pages",
        "2020-02-29",
    ):
        assert words in text.read_text()
    assert "Traceback" not in text.read_text()
    watched.tick()
    watched.cursor = json.dumps({**json.loads(watched.cursor), "record_id": 0})
    watched.tick()
    assert len(watched.incidents()) == 1


def test_what_failed_before_the_first_tick_is_not_reported(watched):
    watched.fails = True
    watched.run()
    watched.tick()
    watched.tick()
    assert watched.incidents() == []


def test_a_run_that_succeeds_is_no_incident(watched):
    watched.tick()
    assert watched.run().success
    watched.tick()
    assert watched.incidents() == []


def test_a_check_that_holds_the_flow_is_named_with_what_it_found(watched):
    watched.tick()
    watched.refused = 7
    watched.run()
    watched.tick()
    (incident,) = watched.incidents()
    assert incident["faults"] == [
        {"asset": "raw/file", "sentence": "7 rows of a.csv", "check": "few_rows_are_refused"}
    ]
    assert incident["not_made"] == ["features/rows"]
    assert any("raw/rejects" in line for line in incident["to_do"])


def test_a_run_whose_process_died_says_that(watched):
    watched.tick()
    run = watched.instance.create_run_for_job(watched.defs.resolve_implicit_global_asset_job_def())
    watched.instance.report_run_failed(run, "the run worker is gone")
    watched.tick()
    (incident,) = watched.incidents()
    assert incident["title"].endswith("failed: its process ended without a word")
    assert "hm doctor" in incident["to_do"][0]
    assert incident["at"] > "2026"


def test_it_is_posted_once_and_says_so_when_that_fails(tmp_path, monkeypatch):
    monkeypatch.setattr("hm_assets.monitoring.webhook.post.__defaults__", (5.0, (0.0,)))
    with post_box([500, 500, 200]) as (url, received):
        watched = Watched(tmp_path, incident_webhook=url)
        watched.tick()
        watched.fails = True
        watched.run()
        watched.tick()
        assert watched.incidents()[0]["posted"] == "no, 127.0.0.1 answered 500 Internal Server Error"
        watched.run()
        watched.tick()
        watched.tick()
    assert sorted(incident["posted"] for incident in watched.incidents())[1] == "yes"
    assert len(received) == 3
    assert received[-1]["title"].endswith("failed (2020-03): raw/file")


@pytest.fixture
def looked(watched):
    """What is written after a look at the landing zone that found these: (title, whether it is mended) by reason."""
    watched.warehouse.path.mkdir()

    def after(*found):
        refusal.note(watched.warehouse.path, [Refusal(*each) for each in found])
        for _ in range(2):
            watched.tick(sensors.landing_incidents)
        return sorted((i["faults"][0]["sentence"], "mended" in i) for i in watched.incidents())

    return after


A, B, ZONE = ("a is empty.", "a.csv"), ("b is empty.", "b.csv"), ("There is no folder.",)


def test_each_file_that_cannot_be_read_is_one_incident_which_is_marked_when_it_is_mended(looked):
    assert looked() == []
    assert looked(A) == [(A[0], False)]
    assert looked(A, B) == [(A[0], False), (B[0], False)]
    assert looked(B) == [(A[0], True), (B[0], False)]
    assert looked(B, ("a is short.", "a.csv")) == [(A[0], True), ("a is short.", False), (B[0], False)]
    assert {mended for _, mended in looked()} == {True}


def test_many_at_once_are_told_a_few_per_tick_and_none_is_left_out(looked):
    many = [(f"{n} is empty.", f"{n}.csv") for n in range(4)]
    assert looked(*many) == [(reason, False) for reason, _ in many]


def test_a_file_that_is_bad_again_is_told_again(looked, watched):
    looked(A)
    looked()
    for path in (watched.warehouse.path / "incidents").iterdir():
        path.unlink()
    assert looked(A) == [(A[0], False)]


def test_while_the_folder_is_refused_no_file_counts_as_mended_and_none_is_told_again(looked):
    looked(A)
    assert looked(ZONE) == [(ZONE[0], False), (A[0], False)]
    assert looked(A) == [(ZONE[0], True), (A[0], False)]
    assert looked() == [(ZONE[0], True), (A[0], True)]


def test_an_incident_says_of_a_file_that_the_others_go_on_and_of_the_folder_that_nothing_does(
    looked, watched
):
    looked(A)
    looked(ZONE)
    file, zone = sorted(watched.incidents(), key=lambda incident: incident["title"] != "a.csv cannot be read")
    assert zone["title"] == "The landing zone cannot be read"
    assert "all other files are taken up" in file["held_back"][0]
    assert "nothing that landed since is taken up" in zone["held_back"][0]
    looked()
    pages = (watched.warehouse.path / "incidents").glob("*.md")
    assert {"Mended: 20" in page.read_text() for page in pages} == {True}


def test_the_landing_sensor_leaves_its_reason_and_takes_it_back(tmp_path, small, monkeypatch):
    import shutil

    from hm_assets.raw.sensors import landing
    from hm_assets.warehouse import identity

    raw = tmp_path / "raw"
    shutil.copytree(small, raw)
    watched = Watched(tmp_path)
    days = (parse_month("2018-09"), parse_month("2019-06"))
    watched.warehouse.path.mkdir()
    identity.claim(watched.warehouse.path, "a test", raw, days, "quick", dt.date(2026, 1, 1))
    (raw / "transactions_2019-06.csv").write_text("t_dat,price\n")
    watched.tick(landing)
    assert refusal.read(watched.warehouse.path) == []  # it may still be being written
    watched.tick(landing)
    refused = refusal.read(watched.warehouse.path)
    assert [each.file for each in refused] == ["transactions_2019-06.csv"]
    # What is put in its place is written bit by bit: until it is whole there is nothing new to tell.
    with (raw / "transactions_2019-06.csv").open("a") as file:
        for _ in range(3):
            file.write("2019-06-01,0.1\n")
            file.flush()
            watched.tick(landing)
            assert refusal.read(watched.warehouse.path) == refused
    (raw / "transactions_2019-06.csv").unlink()
    watched.tick(landing)
    assert refusal.read(watched.warehouse.path) == []

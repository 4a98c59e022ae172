import datetime as dt
import importlib.metadata
import shutil
import socket

import pyarrow as pa
import pytest
from dagster._daemon.types import DaemonHeartbeat

from hm_assets.commands import doctor
from hm_assets.commands.doctor import FAULT, OK, WARNING
from hm_assets.raw.tables import ARTICLES, CUSTOMERS, REJECTS
from hm_assets.settings import Settings
from hm_assets.warehouse import delta, forgotten, identity
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.instance import opened, set_home

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
REQUIRED = ["dagster>=1.13.27,<1.14", "pyspark>=4; extra == 'spark'"]


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    return Settings(warehouse=tmp_path / "warehouse", raw=tmp_path / "raw")


def by_name(lines):
    return {line.what: (line.state, line.found) for line in lines}


def test_a_good_machine_without_a_warehouse_has_no_fault_and_nothing_is_written(tmp_path, settings):
    lines = doctor.examine(settings, NOW, {})
    assert [line for line in lines if line.state == FAULT] == []
    found = by_name(lines)
    assert found["packages"][0] in (OK, WARNING)
    assert found["instance"] == (OK, "not there yet; `hm run` makes it")
    assert found["landing zone"][0] == WARNING
    assert all(line.to_do for line in lines if line.state == WARNING and line.what not in ("landing zone",))
    assert not (tmp_path / "warehouse").exists()
    assert not (tmp_path / "home").exists()


def test_damaged_tables_and_models_and_an_unfinished_forgetting_are_named(tmp_path):
    known = {table.path: table for table in (CUSTOMERS, ARTICLES, REJECTS)}
    assert [(line.state, line.found) for line in doctor.stored(tmp_path, known)] == [(OK, "none yet")]
    for table in known.values():
        delta.write(tmp_path, table, [])
    assert [(line.state, line.found) for line in doctor.stored(tmp_path, known)] == [(OK, "3 and 0")]
    (tmp_path / CUSTOMERS.path / "_delta_log" / f"{0:020}.json").write_text('{"half')
    row = {"file": "a.csv", "line": 2, "column": "t_dat", "value": "x", "reason": "unknown"}
    delta.write(tmp_path, REJECTS, pa.Table.from_pylist([row], REJECTS.arrow_schema()).to_batches())
    next((tmp_path / REJECTS.path).glob("*.parquet")).write_bytes(b"PAR1")
    (tmp_path / "raw" / "model.json").write_text("{")
    forgotten.note(tmp_path, "anna", forgotten.BEGUN)
    told = [(line.what, line.state) for line in doctor.stored(tmp_path, known)]
    assert told == [
        (CUSTOMERS.path, FAULT),
        (REJECTS.path, WARNING),
        ("model", FAULT),
        ("forgetting", WARNING),
    ]


@pytest.mark.parametrize(
    ("installed", "state", "words"),
    [
        ({}, FAULT, "dagster: is not installed"),
        ({"dagster": "1.12.0"}, FAULT, "dagster: 1.12.0, and <1.14,>=1.13.27 is needed"),
        (
            {"dagster": "1.13.27", "dagster-webserver": "1.13.25"},
            FAULT,
            "Dagster's packages: are of several releases: dagster 1.13.27, dagster-webserver 1.13.25",
        ),
        (
            {"dagster": "1.13.28"},
            WARNING,
            "packages: not those of constraints.txt: dagster 1.13.28 for 1.13.27",
        ),
        ({"dagster": "1.13.27"}, OK, "packages: as asked for; Dagster 1.13.27"),
    ],
)
def test_versions_are_held_against_what_is_asked_for_the_pins_and_each_other(installed, state, words):
    def version_of(name):
        if name not in installed:
            raise importlib.metadata.PackageNotFoundError(name)
        return installed[name]

    lines = list(doctor.versions(version_of, REQUIRED, {"dagster": "1.13.27"}))
    assert (state, words) in [(line.state, f"{line.what}: {line.found}") for line in lines]
    assert not (state is OK and len(lines) > 1)


def test_a_daemon_that_fell_silent_is_told(settings):
    with opened(set_home(settings.warehouse)) as instance:
        assert by_name(doctor.instance(settings, NOW))["daemon"][0] == WARNING
        for name in instance.get_required_daemon_types():
            instance.add_daemon_heartbeat(DaemonHeartbeat(NOW.timestamp(), name, "me", []))
    found = by_name(doctor.instance(settings, NOW + dt.timedelta(seconds=10)))
    assert found["instance"][0] == found["daemon"][0] == OK
    silent = by_name(doctor.instance(settings, NOW + dt.timedelta(hours=1)))["daemon"]
    assert silent[0] == WARNING
    assert "last heard 2026-11-01 12:00 UTC" in silent[1]


def test_an_instance_that_cannot_be_opened_is_a_fault_and_hides_nothing(settings):
    home = set_home(settings.warehouse)
    (home / "dagster.yaml").write_text("storage: {nonsense: 1}\n")
    lines = doctor.examine(settings, NOW, {})
    (fault,) = [line for line in lines if line.state == FAULT]
    assert fault.what == "instance"
    assert "cannot be opened" in fault.found
    assert "\n" not in fault.found
    assert lines[-1].what == "Spark"


def test_the_landing_zone_is_told_in_the_words_of_its_survey(settings, small):
    shutil.copytree(small, settings.raw)
    settings.warehouse.mkdir()
    days = (parse_month("2018-09"), parse_month("2019-06"))
    identity.claim(settings.warehouse, "a test", settings.raw, days, "quick", NOW.date())
    (settings.raw / "notes.txt").write_text("mine")
    states = [(line.state, line.found) for line in doctor.landing_zone(settings)]
    assert states[0][0] == OK
    assert "lines from 2018-09" in states[0][1]
    assert states[1] == (WARNING, "notes.txt is not one of the input files")
    (settings.raw / "articles.csv").unlink()
    ((state, found),) = [(line.state, line.found) for line in doctor.landing_zone(settings)]
    assert state == FAULT
    assert "articles.csv is missing" in found


def test_a_taken_port_is_told():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ((state, found),) = [(line.state, line.found) for line in doctor.ports({port: "the portal"})]
    assert (state, found) == (WARNING, "is taken")


@pytest.mark.parametrize(("engine", "state"), [("duckdb", WARNING), ("spark", FAULT)])
def test_java_is_optional_for_the_default_engine_alone(tmp_path, monkeypatch, engine, state):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert by_name(doctor.spark(Settings(engine=engine)))["Java"][0] == state

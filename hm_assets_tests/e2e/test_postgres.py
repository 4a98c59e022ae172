"""The graph on an instance in Postgres, as a team runs it, held against the same on SQLite."""

import datetime as dt
import os
import shutil
import uuid
from concurrent.futures import ThreadPoolExecutor

import dagster as dg
import psycopg
import pytest

from hm_assets.commands import forget
from hm_assets.monitoring.forgetting.traces import Person
from hm_assets.settings import Settings
from hm_assets.warehouse import identity
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.instance import POSTGRES_URL, configuration, is_current, opened, prepare, set_home
from hm_assets_tests.postgres import postgres_server
from hm_assets_tests.raw.examples import deliver
from hm_assets_tests.running import Platform, made

pytestmark = pytest.mark.slow

EVERYTHING = ("2018-09", "2019-06")
RAW = ("raw/customers", "raw/articles", "raw/transactions", "raw/rejects", "raw/deliveries")


@pytest.fixture(scope="module")
def server():
    with postgres_server() as url:
        yield url


@pytest.fixture
def database(server):
    """A database of the test's own, by its address."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


@pytest.fixture
def unnamed(monkeypatch):
    """Without somebody's instance in the environment; what a test puts there goes with it."""
    for name in ("DAGSTER_HOME", POSTGRES_URL):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_a_first_run_a_second_and_a_corrected_month_make_under_postgres_what_they_make_under_sqlite(
    tmp_path, small, database, unnamed
):
    raw, warehouse = tmp_path / "raw", tmp_path / "warehouse"
    shutil.copytree(small, raw)
    warehouse.mkdir()
    home = set_home(warehouse, database)
    prepare(home)
    with opened(home) as instance:
        it = Platform(warehouse, raw, instance)
        assert [len(it.land()), len(it.land())] == [12, 0]
        first, second = made(it.run("group:raw")), made(it.run("group:raw"))
        assert set(first) == set(RAW)
        assert first["raw/transactions"] == EVERYTHING
        assert second == {}
        lines = (raw / "transactions_train.csv").read_text().splitlines()
        march = [line for line in lines if line.startswith("2019-03")]
        (raw / "transactions_2019-03.csv").write_text("\n".join([lines[0], *march[3:]]) + "\n")
        assert [event.partition for event in it.land()] == ["2019-03-01"]
        third = made(it.run("group:raw"))
        assert third["raw/transactions"] == ("2019-03", "2019-03")
        assert "raw/customers" not in third
        entries = [entry for run in instance.get_runs() for entry in instance.all_logs(run.run_id)]
        said = {entry.user_message for entry in entries if not entry.is_dagster_event}
        assert f"raw/transactions: {len(lines) - 1:,} rows for 2018-09 to 2019-06" in said
    assert not list((warehouse / ".dagster").glob("**/*.db"))
    with psycopg.connect(database) as connection:
        succeeded = "SELECT count(*) FROM runs WHERE status = 'SUCCESS'"
        assert connection.execute(succeeded).fetchone() == (2,)


def test_several_may_open_a_fresh_database_at_once(tmp_path, database, unnamed):
    home = set_home(tmp_path, database)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(prepare, [home] * 4))
    with opened(home) as instance:
        assert is_current(instance)


def test_the_instance_moves_to_postgres_and_not_back_for_want_of_a_variable(
    tmp_path, database, unnamed, monkeypatch
):
    config = set_home(tmp_path) / "dagster.yaml"
    assert config.read_text() == configuration(postgres=False)
    assert set_home(tmp_path, database) == config.parent
    assert config.read_text() == configuration(postgres=True)
    monkeypatch.delenv(POSTGRES_URL)
    with pytest.raises(HmAssetsError, match=f"lies in Postgres: set {POSTGRES_URL}, or delete"):
        set_home(tmp_path)
    assert config.read_text() == configuration(postgres=True)


def test_an_address_where_nobody_answers_is_one_sentence_without_the_password_and_changes_nothing(
    tmp_path, unnamed
):
    config = set_home(tmp_path) / "dagster.yaml"
    with pytest.raises(HmAssetsError, match=r"Postgres at 127\.0\.0\.1:9/hm does not answer") as caught:
        set_home(tmp_path, "postgresql://hm:secret@127.0.0.1:9/hm")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert config.read_text() == configuration(postgres=False)


def test_a_server_that_went_away_is_one_sentence_without_the_password(
    tmp_path, database, unnamed, monkeypatch
):
    monkeypatch.setattr("dagster_postgres.utils.calculate_delay", lambda *_, **__: 0)
    home = set_home(tmp_path, database)
    monkeypatch.setenv(POSTGRES_URL, "postgresql+psycopg2://hm:secret@127.0.0.1:9/hm")
    with pytest.raises(HmAssetsError, match=r"Postgres at 127\.0\.0\.1:9/hm does not answer") as caught:
        prepare(home)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_who_is_forgotten_is_blotted_out_of_the_log_in_postgres_and_its_files(tmp_path, database, unnamed):
    raw, anna = deliver(tmp_path / "raw"), Person("anna-0123456789abcdef")
    days = (dt.date(2018, 9, 1), dt.date(2018, 12, 1))
    settings = Settings(warehouse=tmp_path / "warehouse", postgres_url=database)
    identity.claim(settings.warehouse, "a test", raw, days, "quick", dt.date(2026, 1, 1))
    home = set_home(settings.warehouse, database)
    prepare(home)
    preview = f"| customer_key | age |\n| {anna.key} | 77 |\n| 5 | 34 |"
    key = dg.AssetKey(["a", "table"])
    with opened(home) as instance:
        instance.report_runless_asset_event(
            dg.AssetMaterialization(key, metadata={"preview": dg.MetadataValue.md(preview)})
        )
        # In both columns of one row.
        instance.run_storage.set_cursor_values({f"of {anna.key}": f"stopped at {anna.customer_id}"})
    files = "SELECT pg_read_binary_file(pg_relation_filepath(name)) FROM (VALUES ('event_logs'), ('kvs')) t (name)"

    def held():
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            return [anna.is_in(content) for (content,) in connection.execute(files).fetchall()]

    assert held() == [True, True]
    where, _ = forget.searched(settings)
    assert set(forget.find(where, raw, anna.customer_id).places.database) == {
        "asset_keys",
        "event_logs",
        "kvs",
    }
    forget.carry_out(where, anna, lambda _: None)
    assert held() == [False, False]
    with opened(home) as instance:
        event = instance.get_latest_materialization_event(key)
        told = event.asset_materialization.metadata["preview"].value
        assert told == "| customer_key | age |\n| 5 | 34 |"
        assert instance.run_storage.get_cursor_values({"of forgotten"}) == {
            "of forgotten": "stopped at forgotten"
        }
    nameless = Settings(warehouse=settings.warehouse, postgres_url=None)
    del os.environ[POSTGRES_URL]
    # Without the address the log cannot be searched: no proof, rather than a false one.
    with pytest.raises(HmAssetsError, match=f"lies in Postgres: set {POSTGRES_URL}"):
        forget.searched(nameless)

"""The Dagster instance of a warehouse."""

from concurrent.futures import ThreadPoolExecutor

import dagster as dg
import pytest

from hm_assets.warehouse.instance import opened, set_home


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    return set_home(tmp_path)


def test_an_event_of_the_log_does_not_wait_for_the_disk_and_is_written_ahead(home):
    with opened(home) as instance, instance.event_log_storage.index_connection() as log:
        normal = 1
        assert log.exec_driver_sql("PRAGMA synchronous").scalar() == normal
        # What makes it safe: only such a log cannot be damaged by a power failure.
        assert log.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_what_a_thread_writes_other_threads_and_instances_read(home):
    key = dg.AssetKey("made")
    with opened(home) as instance, opened(home) as other, ThreadPoolExecutor(1) as thread:
        for version in ("one", "two"):
            event = dg.AssetMaterialization(key, tags={"dagster/data_version": version})
            thread.submit(instance.report_runless_asset_event, event).result()
            for reader in (instance, other, dg.DagsterInstance.from_config(str(home))):
                found = reader.get_latest_materialization_event(key).asset_materialization
                assert found.tags["dagster/data_version"] == version

"""The Dagster instance of a warehouse."""

from hm_assets.warehouse.instance import opened, set_home


def test_an_event_of_the_log_does_not_wait_for_the_disk_and_is_written_ahead(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    with opened(set_home(tmp_path)) as instance, instance.event_log_storage.index_connection() as log:
        normal = 1
        assert log.exec_driver_sql("PRAGMA synchronous").scalar() == normal
        # What makes it safe: only such a log cannot be damaged by a power failure.
        assert log.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"

"""Files beside the input files: found, told to Dagster when they change, and told once more when they are gone."""

from types import SimpleNamespace

import dagster as dg

from hm_assets.raw import plugins, sensors
from hm_assets.sources import assets as sources
from hm_assets.sources.contract import CAMPAIGN_RESULTS


def told(instance, raw, monkeypatch):
    """What the sensor tells of results; of the other files this is no test."""
    landed = SimpleNamespace(
        raw=raw,
        customers_version="1",
        customers=SimpleNamespace(name="c"),
        articles=SimpleNamespace(sha256="1", name="a"),
        first_day=None,
        last_day=None,
    )
    monkeypatch.setattr(sensors, "months_between", lambda *_: [])
    events = sensors.changed_files(instance, landed)
    for event in events:
        instance.report_runless_asset_event(event)
    return [event for event in events if event.asset_key == sources.CAMPAIGN_RESULTS.key]


def test_results_are_told_when_they_come_change_and_go(tmp_path, monkeypatch):
    path = tmp_path / "campaign_results.csv"
    with dg.DagsterInstance.ephemeral() as instance:
        assert not told(instance, tmp_path, monkeypatch)
        path.write_text("campaign,customer_id\n")
        assert told(instance, tmp_path, monkeypatch)
        assert not told(instance, tmp_path, monkeypatch)
        path.write_text("campaign,customer_id,ordered\n")
        assert told(instance, tmp_path, monkeypatch)
        path.unlink()
        assert told(instance, tmp_path, monkeypatch)
        assert not told(instance, tmp_path, monkeypatch)


def test_the_version_is_that_of_name_and_content(tmp_path):
    assert plugins.version(plugins.found(tmp_path, CAMPAIGN_RESULTS)) == "none"
    (tmp_path / "campaign_results.csv").write_text("a")
    one = plugins.version(plugins.found(tmp_path, CAMPAIGN_RESULTS))
    (tmp_path / "campaign_results.parquet").write_text("a")
    assert len(plugins.found(tmp_path, CAMPAIGN_RESULTS)) == 2
    assert plugins.version(plugins.found(tmp_path, CAMPAIGN_RESULTS)) != one

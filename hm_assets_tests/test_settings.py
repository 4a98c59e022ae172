"""Where things may lie: a folder, or for the landing zone object storage. An address never becomes a folder."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from hm_assets.cli import app
from hm_assets.cli.shared import settings_of
from hm_assets.settings import Settings, copy_of, named


@pytest.mark.parametrize("name", ["warehouse", "reports", "rules", "suppression"])
@pytest.mark.parametrize("address", ["s3://shop/x", "gs://shop/x", "hdfs:///x", "file:///x"])
def test_an_address_is_refused_where_a_disk_is_wanted(name, address, monkeypatch):
    monkeypatch.setenv(f"HM_{name.upper()}", address)
    with pytest.raises(ValidationError, match=rf"{name}\n.*{address.partition('/')[0]}//.* is an address"):
        Settings()


def test_a_command_refuses_an_address_too_and_makes_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HM_WAREHOUSE", "")  # the command sets it
    refused = CliRunner().invoke(app, ["run", "--warehouse", "s3://shop/warehouse"])
    assert refused.exit_code == 1
    assert "warehouse: Value error, s3://shop/warehouse is an address" in refused.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        "data generate --to",
        "data import complete-journey --to",
        "bench --work",
        "customer anna --html",
        "recommend --submission",
        "lookalikes --count 5 --to",
        "score customers.csv --to",
        "rules --to",
        "audience --to",
        "launch --articles new.csv --to",
        "tables rebuild manifest.json --to",
    ],
)
def test_no_command_writes_to_an_address(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(app, [*command.split(), "s3://shop/x"])
    assert refused.exit_code == 1
    assert "s3://shop/x is an address, and this must be on a disk of this machine" in refused.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "given", ["s3://shop/drop/2020", "s3://shop/drop/2020/", Path("s3://shop/drop/2020")]
)
def test_a_landing_zone_may_be_s3_and_is_then_read_from_a_copy_in_the_warehouse(given):
    settings = Settings(raw=given, warehouse=Path("here"))
    assert settings.raw == "s3://shop/drop/2020"
    assert settings.landing_zone == Path("here/.landing/shop@drop@2020")


@pytest.mark.parametrize("address", ["s3://shop", "s3://shop/drop/2020"])
def test_a_copy_and_its_files_are_named_by_the_address(tmp_path, address, monkeypatch):
    monkeypatch.chdir(tmp_path)
    copy = copy_of(Path("wh"), address)
    assert named(copy) == address
    assert named(copy / "transactions_a@b.csv") == f"{address}/transactions_a@b.csv"
    assert named(Path("data/raw/x.csv")) == str(tmp_path / "data/raw/x.csv")


def test_a_landing_zone_that_is_a_folder_stays_one(tmp_path, monkeypatch):
    monkeypatch.setenv("HM_RAW", "data/raw")
    assert Settings().raw == Settings().landing_zone == Path("data/raw")
    monkeypatch.chdir(tmp_path)
    assert settings_of({"raw": Path("mine")}).raw == tmp_path / "mine"
    assert settings_of({"raw": Path("s3://shop/drop")}).raw == "s3://shop/drop"


@pytest.mark.parametrize(
    "address",
    ["gs://shop/drop", "s3://Shop/drop", "s3://shop/../drop", "s3://shop/a@b", "s3://", "s3://shop/.fetched"],
)
def test_another_address_is_no_landing_zone(address):
    with pytest.raises(ValidationError, match="is no landing zone; name a folder, or object storage as"):
        Settings(raw=address)


@pytest.mark.parametrize(
    ("given", "processes", "threads_each"),
    [
        ({"threads": 1}, 1, 1),
        ({"threads": 2}, 2, 1),
        ({"threads": 8}, 2, 4),
        ({"threads": 8, "workers": 3}, 3, 2),
        ({"threads": 2, "workers": 4}, 4, 1),
        ({"threads": 8, "engine": "spark"}, 1, 8),
    ],
)
def test_processes_share_the_threads_that_there_are(given, processes, threads_each, monkeypatch):
    monkeypatch.delenv("HM_WORKERS", raising=False)
    settings = Settings(**given)
    assert (settings.processes, settings.threads_each) == (processes, threads_each)

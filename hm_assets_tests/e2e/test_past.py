"""Last month's documents are made again as they were, after what they rest on has moved on."""

import shutil

import dagster as dg
import pytest

from hm_assets import past
from hm_assets.definitions import TABLES, build_defs
from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts, delta, manifest
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.io_manager import DATA_VERSION

pytestmark = pytest.mark.slow

MONTH = parse_month("2019-06")
PROFILES = TABLES["profiles/segment_profiles"]


def move_on(warehouse, instance):
    """What a later run does: another content of a table and of the model, recorded with another version."""
    stored = delta.open_table(warehouse, PROFILES).to_pyarrow_table()
    less = stored.slice(0, stored.num_rows // 2).select(PROFILES.arrow_schema().names)
    number = delta.write(warehouse, PROFILES, less.cast(PROFILES.arrow_schema()).to_batches(), [MONTH])
    path = artifacts.path_of(warehouse, ["segments", "champion"])
    artifacts.write_json(path, artifacts.read_json(path) | {"version": "later"})
    for key, month, more in (
        (["profiles", "segment_profiles"], MONTH.isoformat(), {"delta_version": number}),
        (["segments", "champion"], None, {}),
    ):
        event = dg.AssetMaterialization(key, partition=month, metadata=more, tags={DATA_VERSION: "later"})
        instance.report_runless_asset_event(event)


def test_the_playbooks_of_a_month_are_made_again_byte_for_byte(tmp_path, finished, hm):
    warehouse = tmp_path / "warehouse"
    shutil.copytree(finished, warehouse)
    settings = Settings(warehouse=warehouse)
    kept = shutil.copytree(warehouse / "reports" / "2019-06", tmp_path / "sent")
    with dg.DagsterInstance.from_config(str(warehouse / ".dagster")) as instance:
        move_on(warehouse, instance)
        source = kept / manifest.MANIFEST
        again = past.rebuild(settings, build_defs, TABLES, instance, source, tmp_path / "again")
        names = {entry.name for entry in manifest.read_manifest(kept).files}
        assert again == {f"2019-06/{name}": True for name in names}
        for name in names:
            assert (tmp_path / "again" / "2019-06" / name).read_bytes() == (kept / name).read_bytes()
        assert not list(warehouse.glob(".spill-*"))

        stranger = tmp_path / "stranger" / manifest.MANIFEST
        value = artifacts.read_json(source)
        value["versions"]["profiles/segment_profiles"] = "never-made"
        artifacts.write_json(stranger, value)
        with pytest.raises(
            WarehouseError, match=r"none of its runs read profiles/segment_profiles never-made"
        ):
            past.rebuild(settings, build_defs, TABLES, instance, stranger, tmp_path / "b")
        delta.open_table(warehouse, PROFILES).vacuum(0, dry_run=False, enforce_retention_duration=False)
        with pytest.raises(WarehouseError, match=r"segment_profiles: version \d cannot be read any more"):
            past.rebuild(settings, build_defs, TABLES, instance, source, tmp_path / "c")
    told = hm("tables", "history", "profiles/segment_profiles", "--warehouse", warehouse)
    assert told.returncode == 0, told.stderr
    assert "vacuumed" in told.stdout

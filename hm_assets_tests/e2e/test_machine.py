"""What a machine does to a warehouse: files gone or damaged, too little memory, dead processes, the clock."""

import re
import shutil
import uuid
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest
from pydantic import ValidationError

import hm_assets
from hm_assets import runs
from hm_assets.cli import shared
from hm_assets.definitions import build_defs
from hm_assets.settings import Settings
from hm_assets.warehouse import checks
from hm_assets.warehouse.errors import HmAssetsError, WarehouseError
from hm_assets_tests.raw.examples import deliver
from hm_assets_tests.running import made, platform

pytestmark = pytest.mark.slow

RAW = "group:raw"
NAMES = ("raw/transactions", "raw/customers", "raw/articles", "raw/rejects")


@pytest.fixture(scope="module")
def prototype(tmp_path_factory):
    """A small warehouse, to be copied."""
    folder = tmp_path_factory.mktemp("machine")
    (folder / "home").mkdir()
    with platform(folder / "warehouse", deliver(folder / "raw"), folder / "home") as found:
        found.land()
        found.run(RAW)
    return folder


@pytest.fixture
def it(tmp_path, prototype):
    """A small warehouse; whatever a test does to it, in the end it holds what it held."""
    shutil.copytree(prototype, tmp_path / "copy")
    with platform(*(tmp_path / "copy" / name for name in ("warehouse", "raw", "home"))) as found:
        found.land()
        found.before = {name: found.digests(name) for name in NAMES}
        yield found
        assert {name: found.digests(name) for name in NAMES} == found.before


def test_a_table_that_was_deleted_is_made_again(it):
    shutil.rmtree(it.warehouse / "raw" / "customers")
    assert set(made(it.run(RAW))) == {"raw/customers"}


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:100])])
def test_a_month_whose_file_is_gone_or_half_is_made_again_and_no_other(it, damage):
    damage(next(it.warehouse.glob("raw/transactions/month=2018-10-01/*.parquet")))
    assert made(it.run(RAW)) == {"raw/transactions": ("2018-10", "2018-10")}


def test_a_truncated_log_is_named_and_the_way_out_leads_out(it):
    log = it.warehouse / "raw" / "transactions" / "_delta_log"
    commit = max(log.glob("*.json"))
    commit.write_bytes(commit.read_bytes()[:200])
    with pytest.raises(WarehouseError, match=r"raw/transactions: the Delta log under .* Delete that folder"):
        it.run(RAW)
    shutil.rmtree(log)
    assert set(made(it.run(RAW))) == {"raw/transactions"}


def test_a_log_that_lost_its_first_version_is_made_anew(it):
    (it.warehouse / "raw" / "transactions" / "_delta_log" / "00000000000000000000.json").unlink()
    it.run(RAW)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 2, "raw": 1}'])
def test_what_was_remembered_of_the_landing_zone_may_be_damaged(it, content):
    (it.warehouse / "landing.json").write_text(content)
    assert it.land() == []
    assert it.run(RAW) == []


def test_too_little_memory_is_said_with_the_setting_to_raise(it):
    shutil.rmtree(it.warehouse / "raw" / "transactions")
    batch = next(it.planner(RAW).batches())
    poor = Settings(warehouse=it.warehouse, depth="quick", memory_limit="1MB")
    failed = runs.execute(build_defs(poor), it.instance, batch, str(uuid.uuid4()))
    (fault,) = runs.faults(failed)
    assert re.fullmatch(r"raw/transactions: .* used\)\. Raise HM_MEMORY_LIMIT, .* run again\.", fault)
    it.run(RAW)


@pytest.mark.parametrize("amount", ["lots", "4", "-1GB", ""])
def test_an_amount_of_memory_that_is_none_is_refused_at_once(amount):
    with pytest.raises(ValidationError, match="no amount of memory"):
        Settings(memory_limit=amount)


def test_a_run_whose_process_is_gone_is_ended_and_others_are_left_alone():
    @dg.job
    def nothing(): ...

    instance = dg.DagsterInstance.ephemeral()
    ours, theirs = (
        instance.create_run_for_job(nothing, tags=tags, status=dg.DagsterRunStatus.STARTED)
        for tags in (runs.MADE_BY, {})
    )
    assert runs.end_lost(instance, runs.MADE_BY) == [ours.run_id]
    assert instance.get_run_by_id(ours.run_id).status is dg.DagsterRunStatus.FAILURE
    assert instance.get_run_by_id(theirs.run_id).status is dg.DagsterRunStatus.STARTED
    assert runs.end_lost(instance, {}) == [theirs.run_id]


def test_what_was_killed_before_its_blocking_check_is_made_again(it, monkeypatch):
    """Else what lies below would be made of rows that nobody checked."""
    with (it.raw / "customers.csv").open("a") as file:
        file.write("\n")  # another file of the same rows
    it.land()
    batch = next(it.planner("key:raw/customers").batches())
    monkeypatch.setattr(checks, "delta", None)
    assert not runs.execute(build_defs(it.settings), it.instance, batch, str(uuid.uuid4())).success
    monkeypatch.undo()
    assert set(made(it.run(RAW))) == {"raw/customers", "raw/rejects", "raw/deliveries"}
    assert it.run(RAW) == []


def test_an_error_on_a_full_disk_is_said_in_one_sentence_and_any_other_stays(tmp_path, monkeypatch):
    with pytest.raises(OSError, match="disk I/O"), shared.room(tmp_path):
        raise OSError("disk I/O error")
    monkeypatch.setattr(shared.shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000))
    with pytest.raises(HmAssetsError, match=rf"disk that holds {tmp_path} is full"), shared.room(tmp_path):
        raise OSError("disk I/O error")


def test_no_number_can_follow_the_clock():
    """The calendar of a closed history, a date years ahead, the age of a file, when something was told, and the day on
    which an audience is written to; no more."""
    reads = re.compile(r"today\(|\.now\(|utcnow|time\.time\(|current_date|current_timestamp", re.IGNORECASE)
    root = Path(hm_assets.__file__).parent
    found = {
        path.relative_to(root).as_posix() for path in root.rglob("*.py") if reads.search(path.read_text())
    }
    triggers = {f"monitoring/triggers/{name}.py" for name in ("assets", "sending", "sensors")}
    told = {"monitoring/sensors.py", *triggers, "serving/portal.py", "playbooks/audience/sending.py"}
    assert found <= {"cli/keeping.py", "commands/landing.py", "raw/settling.py", "raw/sensors.py", *told}

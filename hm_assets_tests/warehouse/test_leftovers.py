"""What a killed or failed write leaves behind is deleted by the next one, and nothing else is."""

import resource
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.leftovers import sweep
from hm_assets_tests.warehouse.test_delta import MONTHLY, SEPTEMBER, batch, content


@pytest.fixture
def dead_process():
    """The number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def files(table):
    return {path.relative_to(table).as_posix() for path in table.rglob("*")}


@pytest.fixture
def table(tmp_path):
    """A table of two versions."""
    delta.write(tmp_path, MONTHLY, [batch(SEPTEMBER, 1)], [SEPTEMBER])
    delta.write(tmp_path, MONTHLY, [batch(SEPTEMBER, 1, 2)], [SEPTEMBER])
    return tmp_path / "features" / "spend"


def litter(table):
    (table / "month=2031-01-01").mkdir()
    (table / "month=2018-09-01" / "part-of-a-killed-write.parquet").write_bytes(b"half")
    (table / "month=2031-01-01" / "part.parquet#1").write_bytes(b"half")
    (table / "_delta_log" / "_commit_7.json.tmp").write_bytes(b"half")


def test_a_write_that_was_killed_is_swept_by_the_next_and_earlier_versions_stay(
    tmp_path, table, dead_process
):
    before = files(table)
    litter(table)
    mark = table.parent / f".{table.name}.{dead_process}.writing"
    mark.touch()
    delta.write(tmp_path, MONTHLY, [batch(SEPTEMBER, 3)], [SEPTEMBER])
    assert before < files(table)
    assert len(files(table)) == len(before) + 2  # its commit and its file
    assert not list(table.parent.glob(".*.writing"))
    assert content(tmp_path) == [(SEPTEMBER, 3)]


def test_without_the_mark_of_a_dead_process_nothing_is_searched(tmp_path, table):
    litter(table)
    delta.write(tmp_path, MONTHLY, [batch(SEPTEMBER, 3)], [SEPTEMBER])
    assert "month=2018-09-01/part-of-a-killed-write.parquet" in files(table)


def test_a_table_that_never_got_its_first_commit_is_swept_empty(tmp_path):
    (tmp_path / "spend" / "month=2018-09-01").mkdir(parents=True)
    (tmp_path / "spend" / "month=2018-09-01" / "part.parquet").touch()
    assert len(sweep(tmp_path / "spend")) == 1
    assert files(tmp_path / "spend") == set()


def test_where_the_log_cannot_be_read_no_file_is_deleted(table):
    litter(table)
    commit = table / "_delta_log" / "00000000000000000000.json"
    commit.write_bytes(commit.read_bytes()[:100])
    before = files(table)
    assert sweep(table) == []
    assert files(table) == before


def test_a_disk_that_runs_full_in_the_middle_of_a_write_leaves_the_table_and_no_half_file(tmp_path, table):
    before = files(table)

    def much():
        for seed in range(100):
            keys = pa.array(np.random.default_rng(seed).integers(0, 1 << 60, 50_000))
            rest = [pa.nulls(50_000, pa.float64()), pa.repeat(pa.scalar(SEPTEMBER, pa.date32()), 50_000)]
            yield pa.record_batch([keys, *rest], schema=MONTHLY.arrow_schema())

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(
            WarehouseError, match=r"features/spend could not be written to .* and run again\."
        ):
            delta.write(tmp_path, MONTHLY, much(), [SEPTEMBER])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files(table) == before
    assert content(tmp_path) == [(SEPTEMBER, 1), (SEPTEMBER, 2)]


def test_the_temporary_file_of_a_killed_process_goes_when_the_document_is_written_again(
    tmp_path, dead_process
):
    left = tmp_path / f".a.json.{dead_process}.tmp"
    left.write_text("{")
    stranger = tmp_path / ".b.json.1.tmp"
    stranger.write_text("{")
    artifacts.write_json(tmp_path / "a.json", {})
    assert not left.exists()
    assert stranger.exists()

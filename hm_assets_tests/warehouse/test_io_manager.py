"""Streaming: what is made ahead is what was made, in order, and a fault comes through."""

import subprocess
import sys
import threading

import dagster as dg
import ibis
import pytest

from hm_assets.warehouse.engine import stream
from hm_assets.warehouse.errors import ContractError
from hm_assets.warehouse.io_manager import latest_by_month, latest_record
from hm_assets.warehouse.schema import Column, Table
from hm_assets.warehouse.streaming import ahead

TABLE = Table(
    "customers",
    "ages",
    "a customer",
    columns=(Column("key", "int64", "who"), Column("age", "int16", "years")),
)


def test_batches_come_in_order_and_all_of_them():
    assert list(ahead(iter(range(1000)))) == list(range(1000))
    assert list(ahead(iter([]))) == []


def test_no_more_than_a_few_are_made_ahead():
    made = []

    def making():
        for number in range(100):
            made.append(number)
            yield number

    batches = ahead(making(), depth=3)
    for number in batches:
        assert len(made) <= number + 1 + 4


def test_a_fault_in_the_making_comes_through_after_what_was_made():
    def failing():
        yield 1
        raise RuntimeError("no more")

    seen = []
    with pytest.raises(RuntimeError, match="no more"):
        for batch in ahead(failing()):
            seen.append(batch)
    assert seen == [1]


def test_a_reader_that_gives_up_leaves_no_thread():
    before = threading.active_count()
    batches = ahead(iter(range(1000)))
    assert next(batches) == 0
    batches.close()
    assert threading.active_count() == before


def test_columns_are_put_into_the_registrys_order_and_types():
    (batch,) = stream(TABLE, [ibis.memtable({"age": [30, 40], "key": [1, 2]})])
    assert batch.schema == TABLE.arrow_schema()
    assert batch.to_pylist() == [{"key": 1, "age": 30}, {"key": 2, "age": 40}]


def test_a_column_too_many_or_too_few_is_named():
    with pytest.raises(ContractError, match=r"customers/ages: .*missing \['age'\], unknown \['height'\]"):
        list(stream(TABLE, [ibis.memtable({"key": [1], "height": [2]})]))


ENDS_IN_TWO_PIPELINES = """
from pathlib import Path
import ibis
from hm_assets.settings import Settings
from hm_assets.warehouse.engine import open_engine
from hm_assets.warehouse.engine import stream
from hm_assets.warehouse.schema import Column, Table

KEYS = Table("raw", "keys", "a key", columns=(Column("k", "int64", "A key"),))
with open_engine(Settings(warehouse=Path("{folder}"))) as engine:
    for name in "ab":
        engine.backend.raw_sql(f"CREATE TABLE {{name}} AS SELECT i AS k FROM range(2_000_000) AS r(i)")
    a, b = engine.backend.table("a"), engine.backend.table("b")
    both = a.join(b, "k").select("k").union(a.join(b, "k").select(k=a.k + 1))
    print(sum(batch.num_rows for batch in stream(KEYS, [both])))
"""


def test_a_result_of_several_pipelines_is_streamed_to_its_end(tmp_path):
    """DuckDB itself would wait for ever (its issue 22215), so it runs in a process that can be given up."""
    code = ENDS_IN_TWO_PIPELINES.format(folder=tmp_path)
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=40, check=True
    )
    assert result.stdout.strip() == "4000000"


def test_the_latest_of_all_months_at_once_is_the_latest_of_each():
    key, other = dg.AssetKey(["a", "b"]), dg.AssetKey(["a", "c"])
    months = ["2020-01-01", "2020-02-01", "2020-03-01"]
    with dg.instance_for_test() as instance:
        for month in [*months, months[1], months[0], months[1]]:
            instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=month))
        instance.report_runless_asset_event(dg.AssetMaterialization(other, partition=months[0]))
        found = latest_by_month(instance, key)
        assert {month: record.storage_id for month, record in found.items()} == {
            month: latest_record(instance, key, month).storage_id for month in months
        }
        assert latest_by_month(instance, dg.AssetKey("never")) == {}

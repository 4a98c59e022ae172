"""Delta tables: months are replaced exactly, in one commit, and nothing wrong gets in."""

import dataclasses
import datetime as dt
import itertools

import numpy as np
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.engine import open_engine
from hm_assets.warehouse.errors import ContractError, WarehouseError
from hm_assets.warehouse.schema import Column, Table

MONTHLY = Table(
    "features",
    "spend",
    "a customer's month",
    monthly=True,
    columns=(Column("customer_key", "int64", "who"), Column("spend", "float64", "how much", nullable=True)),
)
PLAIN = Table("customers", "names", "a name", columns=(Column("name", "string", "the name"),))
SEPTEMBER, OCTOBER, NOVEMBER = (dt.date(2018, month, 1) for month in (9, 10, 11))


def batch(month, *keys):
    return pa.record_batch(
        [
            pa.array(keys, pa.int64()),
            pa.array([1.5] * len(keys), pa.float64()),
            pa.array([month] * len(keys), pa.date32()),
        ],
        schema=MONTHLY.arrow_schema(),
    )


def content(warehouse, months=None):
    stored = delta.open_table(warehouse, MONTHLY)
    with open_engine(Settings(warehouse=warehouse)) as engine:
        rows = engine.read(MONTHLY, delta.files_of(stored, months)).to_pyarrow().to_pylist()
    return sorted((row["month"], row["customer_key"]) for row in rows)


def test_several_months_in_one_commit_then_one_of_them_alone(tmp_path):
    assert (
        delta.write(tmp_path, MONTHLY, [batch(SEPTEMBER, 1), batch(OCTOBER, 1, 2)], [SEPTEMBER, OCTOBER]) == 0
    )
    assert delta.write(tmp_path, MONTHLY, [batch(OCTOBER, 3)], [OCTOBER]) == 1
    assert content(tmp_path) == [(SEPTEMBER, 1), (OCTOBER, 3)]
    assert content(tmp_path, [SEPTEMBER]) == [(SEPTEMBER, 1)]
    assert content(tmp_path, [NOVEMBER]) == []


def test_equal_rows_are_kept_as_often_as_they_come(tmp_path):
    delta.write(tmp_path, MONTHLY, [batch(SEPTEMBER, 7, 7, 7)], [SEPTEMBER])
    assert content(tmp_path) == [(SEPTEMBER, 7)] * 3


def test_a_month_without_rows_ends_up_empty_and_the_others_stay(tmp_path):
    delta.write(tmp_path, MONTHLY, [batch(SEPTEMBER, 1), batch(OCTOBER, 2)], [SEPTEMBER, OCTOBER])
    delta.write(tmp_path, MONTHLY, [], [OCTOBER])
    assert content(tmp_path) == [(SEPTEMBER, 1)]


def test_an_empty_table_can_be_written_first_and_read(tmp_path):
    delta.write(tmp_path, MONTHLY, [], [SEPTEMBER])
    assert content(tmp_path) == []
    delta.write(tmp_path, MONTHLY, [batch(OCTOBER, 2)], [OCTOBER])
    assert content(tmp_path) == [(OCTOBER, 2)]


def test_rows_outside_the_months_are_refused_and_nothing_changes(tmp_path):
    delta.write(tmp_path, MONTHLY, [batch(SEPTEMBER, 1)], [SEPTEMBER])
    with pytest.raises(ContractError, match=r"features/spend: rows of 2018-11-01 .* 2018-10-01"):
        delta.write(tmp_path, MONTHLY, [batch(OCTOBER, 1), batch(NOVEMBER, 1)], [OCTOBER])
    assert content(tmp_path) == [(SEPTEMBER, 1)]
    assert DeltaTable(str(tmp_path / "features" / "spend")).version() == 0


def test_nulls_where_the_registry_forbids_them_are_refused(tmp_path):
    with pytest.raises(ContractError, match="customer_key holds nulls"):
        delta.write(tmp_path, MONTHLY, [batch(SEPTEMBER, 1, None)], [SEPTEMBER])
    assert delta.open_table(tmp_path, MONTHLY) is None


def test_a_stream_that_breaks_off_leaves_the_table_as_it_was(tmp_path):
    delta.write(tmp_path, MONTHLY, [batch(SEPTEMBER, 1)], [SEPTEMBER])

    def breaking():
        yield batch(SEPTEMBER, 2)
        raise RuntimeError("the power went")

    with pytest.raises(Exception, match="the power went"):
        delta.write(tmp_path, MONTHLY, breaking(), [SEPTEMBER])
    assert content(tmp_path) == [(SEPTEMBER, 1)]


def test_rows_are_streamed_not_collected(tmp_path):
    alive = []

    def many():
        for _ in range(60):
            columns = [
                pa.array(np.arange(50_000)),
                pa.nulls(50_000, pa.float64()),
                pa.repeat(pa.scalar(SEPTEMBER, pa.date32()), 50_000),
            ]
            part = pa.record_batch(columns, schema=MONTHLY.arrow_schema())
            alive.append(pa.total_allocated_bytes())
            yield part

    delta.write(tmp_path, MONTHLY, many(), [SEPTEMBER])
    assert (
        sum(delta.open_table(tmp_path, MONTHLY).get_add_actions(flatten=True)["num_records"].to_pylist())
        == 60 * 50_000
    )
    # Growth over the stream is a few batches (1 MB each), not the 60 that went through.
    assert max(alive) - alive[0] < 20 * 1_050_000


def test_a_table_without_months_is_replaced_as_a_whole(tmp_path):
    def names(*values):
        return pa.record_batch([pa.array(values, pa.string())], schema=PLAIN.arrow_schema())

    delta.write(tmp_path, PLAIN, [names("a", "b")])
    delta.write(tmp_path, PLAIN, [names("c")])
    with open_engine(Settings(warehouse=tmp_path)) as engine:
        stored = delta.open_table(tmp_path, PLAIN)
        assert engine.read(PLAIN, delta.files_of(stored)).to_pyarrow()["name"].to_pylist() == ["c"]


def test_a_broken_log_is_named_with_the_way_out(tmp_path):
    delta.write(tmp_path, MONTHLY, [batch(SEPTEMBER, 1)], [SEPTEMBER])
    for file in (tmp_path / "features" / "spend" / "_delta_log").glob("*.json"):
        file.write_text("{ not json")
    with pytest.raises(
        WarehouseError, match=r"features/spend: the Delta log .* materialise features/spend again"
    ):
        delta.open_table(tmp_path, MONTHLY)


def test_the_digest_sees_rows_and_multiplicity_but_not_order(tmp_path):
    rows = [[1, 2, 2, 3], [3, 2, 1, 2], [1, 2, 3], [1, 2, 2, 2, 3]]
    digests = []
    for number, keys in enumerate(rows):
        warehouse = tmp_path / str(number)
        delta.write(warehouse, MONTHLY, [batch(SEPTEMBER, *keys)], [SEPTEMBER])
        with open_engine(Settings(warehouse=warehouse)) as engine:
            stored = delta.open_table(warehouse, MONTHLY)
            digests.append(engine.digests(MONTHLY, delta.files_of(stored))[SEPTEMBER])
    assert digests[0] == digests[1]
    assert len({digest for _, digest in digests}) == 3
    assert [count for count, _ in digests] == [len(keys) for keys in rows]


def test_nulls_and_dates_survive(tmp_path):
    part = pa.record_batch(
        [
            pa.array([1, 2], pa.int64()),
            pa.array([None, 2.5], pa.float64()),
            pa.array([SEPTEMBER] * 2, pa.date32()),
        ],
        schema=MONTHLY.arrow_schema(),
    )
    delta.write(tmp_path, MONTHLY, [part], [SEPTEMBER])
    with open_engine(Settings(warehouse=tmp_path)) as engine:
        stored = delta.open_table(tmp_path, MONTHLY)
        table = engine.read(MONTHLY, delta.files_of(stored)).order_by("customer_key").to_pyarrow()
    assert table["spend"].to_pylist() == [None, 2.5]
    assert set(table["month"].to_pylist()) == {SEPTEMBER}


def test_the_spill_folder_goes_with_the_engine(tmp_path):
    with open_engine(Settings(warehouse=tmp_path)) as engine:
        assert list(tmp_path.glob(".spill-*"))
        assert list(itertools.chain(*engine.connection.execute("SELECT 1").fetchall())) == [1]
    assert not list(tmp_path.glob(".spill-*"))


def test_changed_columns_need_all_months_anew(tmp_path):
    delta.write(tmp_path, MONTHLY, [batch(SEPTEMBER, 1), batch(OCTOBER, 2)], [SEPTEMBER, OCTOBER])
    wider = dataclasses.replace(MONTHLY, columns=(*MONTHLY.columns, Column("items", "int64", "units")))

    def rows(month):
        columns = [pa.array([7]), pa.array([0.5]), pa.array([3]), pa.array([month], pa.date32())]
        return pa.record_batch(columns, schema=wider.arrow_schema())

    with pytest.raises(ContractError, match=r"1 months were written .*hm run --select key:features/spend"):
        delta.write(tmp_path, wider, [rows(OCTOBER)], [OCTOBER])
    assert content(tmp_path) == [(SEPTEMBER, 1), (OCTOBER, 2)]
    delta.write(tmp_path, wider, [rows(SEPTEMBER), rows(OCTOBER)], [SEPTEMBER, OCTOBER])
    with open_engine(Settings(warehouse=tmp_path)) as engine:
        stored = delta.open_table(tmp_path, wider)
        assert engine.read(wider, delta.files_of(stored)).to_pyarrow()["items"].to_pylist() == [3, 3]

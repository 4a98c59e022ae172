"""The Spark engine by itself: it reads and writes what DuckDB reads and writes, months and refusals included."""

import dataclasses
import datetime as dt
import sys

import ibis
import pyarrow as pa
import pytest

from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.engine import by_customer, open_duckdb, open_engine, settled, write
from hm_assets.warehouse.errors import ContractError, HmAssetsError
from hm_assets.warehouse.schema import Column, Table, optional
from hm_assets_tests import spark

pytestmark = pytest.mark.slow

MONTHLY = Table(
    "features",
    "spend",
    "a customer's month",
    monthly=True,
    key=("customer_key",),
    columns=(
        Column("customer_key", "int64", "who"),
        optional("age", "int16", "how old"),
        optional("spend", "float64", "how much"),
        Column("words", "array<string>", "some words"),
        optional("at", "timestamp('UTC')", "when"),
        Column("seconds", "float64", "how long it took to make", measured=True),
    ),
)
SEPTEMBER, OCTOBER, NOVEMBER = (dt.date(2018, month, 1) for month in (9, 10, 11))
BIG = 2**60 - 1  # a key that no float holds


def rows(*months, age=30):
    at = dt.datetime(2018, 9, 30, 23, 59, 59, 123456, tzinfo=dt.UTC)
    given = [
        {
            "customer_key": BIG - i,
            "age": age if i else None,
            "spend": 0.1 * i if i else None,
            "words": ["a", "é"],
            "at": at,
            "seconds": 1.0 * i,
            "month": month,
        }
        for month in months
        for i in range(3)
    ]
    return MONTHLY.in_memory(given)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    spark.needed()
    return Settings(warehouse=tmp_path_factory.mktemp("spark"), **spark.LEAN)


@pytest.fixture
def engine(settings):
    with open_engine(settings) as engine:
        yield engine


@pytest.fixture
def on_spark(engine, tmp_path):
    """Rows in memory as a table that Spark reads from files."""

    def read(given, table=MONTHLY, months=(SEPTEMBER, OCTOBER)):
        delta.write(tmp_path / "source", table, given.to_pyarrow().to_batches(), months)
        return engine.read(
            table, delta.files_of(delta.open_table(tmp_path / "source", table), months or None)
        )

    return read


def by_key(found):
    return sorted(found.to_pyarrow().to_pylist(), key=lambda row: (row["month"], row["customer_key"]))


def test_what_spark_writes_both_engines_read_as_it_was(settings, engine, on_spark, tmp_path):
    given = rows(SEPTEMBER, OCTOBER)
    write(tmp_path, MONTHLY, [on_spark(given)], [SEPTEMBER, OCTOBER])
    stored = delta.open_table(tmp_path, MONTHLY)
    assert delta.row_count(stored) == 6
    files = delta.files_of(stored)
    assert by_key(engine.read(MONTHLY, files)) == by_key(given)
    with open_duckdb(settings) as duckdb:
        assert by_key(duckdb.read(MONTHLY, files)) == by_key(given)
    assert delta.lost_files(stored) == []
    assert [field.name for field in stored.schema().fields] == MONTHLY.arrow_schema().names


def test_months_are_replaced_exactly_and_in_one_commit(engine, on_spark, tmp_path):
    write(tmp_path, MONTHLY, [on_spark(rows(SEPTEMBER, OCTOBER))], [SEPTEMBER, OCTOBER])
    write(tmp_path, MONTHLY, [on_spark(rows(OCTOBER, age=31), months=[OCTOBER])], [OCTOBER, NOVEMBER])
    stored = delta.open_table(tmp_path, MONTHLY)
    assert stored.version() == 1
    found = by_key(engine.read(MONTHLY, delta.files_of(stored)))
    assert {(row["month"], row["age"]) for row in found if row["age"]} == {(SEPTEMBER, 30), (OCTOBER, 31)}
    write(tmp_path, MONTHLY, [on_spark(rows(OCTOBER)).filter(ibis._.age > 99)], [OCTOBER])
    assert delta.files_of(delta.open_table(tmp_path, MONTHLY), [OCTOBER]) == []


def test_several_parts_are_one_commit(on_spark, tmp_path):
    part = on_spark(rows(SEPTEMBER, OCTOBER))
    write(
        tmp_path, MONTHLY, (part.filter(part.month == m) for m in (SEPTEMBER, OCTOBER)), [SEPTEMBER, OCTOBER]
    )
    stored = delta.open_table(tmp_path, MONTHLY)
    assert (stored.version(), delta.row_count(stored)) == (0, 6)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda t: t.mutate(customer_key=t.customer_key.nullif(BIG)), "customer_key holds nulls"),
        (lambda t: t.mutate(month=ibis.date("2018-11-01")), "rows of 2018-11-01 came"),
        (lambda t: t.drop("words"), r"missing \['words'\]"),
    ],
)
def test_what_the_registry_forbids_is_refused_and_leaves_nothing(on_spark, tmp_path, wrong, message):
    good = on_spark(rows(SEPTEMBER))
    with pytest.raises(ContractError, match=message):
        write(tmp_path / "made", MONTHLY, [wrong(good)], [SEPTEMBER])
    assert delta.open_table(tmp_path / "made", MONTHLY) is None
    assert list((tmp_path / "made").rglob("*.parquet")) == []


def test_digests_follow_the_content_and_not_what_was_measured(engine, on_spark, tmp_path):
    def digests(given, name):
        write(tmp_path / name, MONTHLY, [on_spark(given)], [SEPTEMBER])
        return engine.digests(MONTHLY, delta.files_of(delta.open_table(tmp_path / name, MONTHLY)))

    given = rows(SEPTEMBER)
    first = digests(given, "first")
    assert first[SEPTEMBER][0] == 3
    assert digests(given.mutate(seconds=9.0), "slower") == first
    assert digests(rows(SEPTEMBER, age=31), "older") != first
    # The null of one column moved to another: as many nulls, other rows.
    only_age, only_spend = (
        given.mutate(age=age, spend=spend)
        for age, spend in (
            (ibis.literal(1, "int16"), ibis.null("float64")),
            (ibis.null("int16"), ibis.literal(1.0)),
        )
    )
    assert digests(only_age, "age") != digests(only_spend, "spend")


def test_rows_in_memory_join_on_spark_without_losing_digits(engine, on_spark):
    known = ibis.memtable(
        pa.table({"customer_key": pa.array([BIG, BIG - 1]), "n": pa.array([None, 7], pa.int64())})
    )
    found = on_spark(rows(SEPTEMBER)).inner_join(known, "customer_key").select("customer_key", "n")
    assert sorted(found.to_pyarrow().to_pylist(), key=lambda row: -row["customer_key"]) == [
        {"customer_key": BIG, "n": None},
        {"customer_key": BIG - 1, "n": 7},
    ]


def test_batches_come_without_all_rows_on_the_driver(on_spark):
    batches = list(on_spark(rows(SEPTEMBER, OCTOBER)).to_pyarrow_batches(chunk_size=2))
    assert sum(batch.num_rows for batch in batches) == 6
    assert max(batch.num_rows for batch in batches) <= 2


def test_settled_rows_are_read_from_what_was_made_once(on_spark):
    with settled(on_spark(rows(SEPTEMBER)).mutate(drawn=ibis.random())) as made:
        assert made.to_pyarrow()["drawn"] == made.to_pyarrow()["drawn"]


def test_work_by_customer_gives_what_it_gives_at_once(on_spark):
    """Slices of customers in the executors' Python; who is in the second table only is left out."""
    given = rows(SEPTEMBER, OCTOBER)
    here = on_spark(given)
    own = here.filter((here.month == SEPTEMBER) & (here.customer_key != BIG)).select("customer_key", "age")
    others = here.select("customer_key", "spend")

    def spent(one, other):
        joined = one.inner_join(other, "customer_key")
        return joined.group_by("customer_key", "age").agg(spend=joined.spend.sum())

    schema = ibis.schema({"customer_key": "int64", "age": "int16", "spend": "float64"})
    made = by_customer(spent, schema, own, others).to_pyarrow()
    assert made.sort_by("customer_key").to_pylist() == [
        {"customer_key": BIG - 2, "age": 30, "spend": 0.4},
        {"customer_key": BIG - 1, "age": 30, "spend": 0.2},
    ]


def test_the_python_of_the_executors_is_this_one(engine):
    """And not the `python3` of the path, which has none of what is installed here."""
    assert engine.backend._session.sparkContext.pythonExec == sys.executable


def test_of_no_rows_the_number_is_0_and_nan_is_a_number(on_spark):
    table = on_spark(rows(SEPTEMBER))
    assert table.count(where=table.age > 99).to_pyarrow().as_py() == 0
    assert table.mutate(x=ibis.literal(float("nan"))).x.isnull().any().to_pyarrow().as_py() is False


def test_a_number_beside_32_bit_floats_is_one_on_both_engines(on_spark):
    table = Table("explore", "shares", "a share", columns=(Column("share", "float32", "the share"),))
    given = table.in_memory([{"share": share} for share in (0.2, 0.1, 0.7)])

    def asked(shares):
        share = shares.share
        return shares.select(
            at_most=share <= 0.2,
            between=share.between(0.2, 0.7),
            turned=ibis.literal(0.7) <= share,
            same=share == 0.1,
            less=(share - 0.2).cast("float64"),
            more=(share * 1.1).cast("float64"),
        )

    on_duckdb, found = (asked(rows).to_pyarrow() for rows in (given, on_spark(given, table, months=())))
    order = [(name, "ascending") for name in on_duckdb.column_names]
    assert found.sort_by(order).to_pylist() == on_duckdb.sort_by(order).to_pylist()


def test_a_half_is_rounded_alike_on_both_engines(on_spark):
    """A mean of two prices of nine digits ends in a tenth, 5, which few floats hold exactly."""
    table = Table("explore", "means", "a mean", columns=(Column("mean", "float64", "the mean"),))
    halves = [sign * (i + 0.5) / 1e9 for i in range(0, 200_000_000, 999_983) for sign in (1, -1)]
    others = [0.0, 0.49999999999999994, 123_456_789.25]
    given = table.in_memory([{"mean": mean} for mean in [*halves, *others]])

    def asked(rows):
        return rows.select(
            "mean",
            exact=rows["mean"].cast("decimal(18, 9)").cast("float64"),
            wide=rows["mean"].cast("decimal(28, 9)").cast("float64"),
            squared=(1e9 * rows["mean"] + 1e5**2).cast("decimal(28, 9)").cast("float64"),
            whole=rows["mean"].cast("decimal(18, 0)").cast("float64"),
            rounded=rows["mean"].round(9),
            tenths=rows["mean"].round(1),
        )

    on_duckdb, found = (asked(rows).to_pyarrow() for rows in (given, on_spark(given, table, months=())))
    assert found.sort_by("mean").to_pylist() == on_duckdb.sort_by("mean").to_pylist()


def test_another_set_of_columns_replaces_the_whole_table(engine, on_spark, tmp_path):
    before = dataclasses.replace(MONTHLY, columns=MONTHLY.columns[:3])
    part = on_spark(rows(SEPTEMBER, OCTOBER))
    write(tmp_path, before, [part.select("customer_key", "age", "spend", "month")], [SEPTEMBER, OCTOBER])
    with pytest.raises(ContractError, match="its columns changed"):
        write(tmp_path, MONTHLY, [part.filter(part.month == SEPTEMBER)], [SEPTEMBER])
    write(tmp_path, MONTHLY, [part], [SEPTEMBER, OCTOBER])
    stored = delta.open_table(tmp_path, MONTHLY)
    assert len(by_key(engine.read(MONTHLY, delta.files_of(stored)))) == 6


def test_without_java_one_sentence_says_so(tmp_path, monkeypatch):
    spark.needed()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    settings = Settings(warehouse=tmp_path, engine="spark", spark_master="local[1]")
    with pytest.raises(HmAssetsError, match="needs Java 17 or newer"), open_engine(settings):
        pass

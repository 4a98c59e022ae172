"""Reading the draws."""

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.customers import draws
from hm_assets.customers.imputation import Imputer
from hm_assets.customers.pooling import pool
from hm_assets.customers.tables import IMPUTATIONS
from hm_assets_tests.customers.examples import customers, rows


def drawn(base: pa.Table, number: int = 4) -> pa.Table:
    model = Imputer.fit(base, number, 3, 10_000, seed=1)
    gaps = [
        any(row[n] is None for n in ("age", "club_member_status", "fashion_news_frequency"))
        for row in base.to_pylist()
    ]
    return draws.drawn(model, base.filter(pa.array(gaps)), seed=1)


def test_a_row_per_customer_with_a_gap_and_draw():
    base = customers(500)
    table = drawn(base)
    assert table.schema.names == [column.name for column in IMPUTATIONS.columns]
    keys = {(row["customer_key"], row["draw"]) for row in table.to_pylist()}
    assert len(keys) == table.num_rows
    unknown = {r["customer_key"] for r in base.to_pylist() if None in r.values()}
    assert keys == {(key, draw) for key in unknown for draw in (1, 2, 3, 4)}


def test_flags_say_what_was_drawn():
    base = customers(500)
    known = {row["customer_key"]: row for row in base.to_pylist()}
    for row in drawn(base).to_pylist():
        for name in ("age", "club_member_status", "fashion_news_frequency"):
            was_unknown = known[row["customer_key"]][name] is None
            assert row[f"{name}_imputed"] == was_unknown
            assert was_unknown or row[name] == known[row["customer_key"]][name]


def test_completed_customers_are_all_customers_without_a_gap():
    base = customers(500)
    whole = (
        draws.completed(ibis.memtable(base), ibis.memtable(drawn(base)), 2)
        .order_by("customer_key")
        .to_pyarrow()
    )
    assert whole.column_names == base.column_names
    assert whole["customer_key"].to_pylist() == base["customer_key"].to_pylist()
    assert all(whole[name].null_count == 0 for name in whole.column_names)


def test_the_pooled_mean_age_allows_for_what_is_unknown():
    base = customers(3_000, unknown=0.3)
    pooled = draws.pooled_mean_age(ibis.memtable(base), ibis.memtable(drawn(base)))
    ages = base["age"].drop_null().to_numpy()
    assert pooled.low < ages.mean() < pooled.high
    assert 0.1 < pooled.missing_share < 0.7
    # Wider than if all ages were known, narrower than by throwing the unknown away and doubling.
    plain = ages.std() / np.sqrt(base.num_rows)
    assert plain < pooled.standard_error < 2 * plain


@pytest.mark.parametrize(
    "base",
    [
        rows(*[{"club_member_status": "ACTIVE"}] * 5, {"fashion_news_frequency": "NONE"}),
        rows(*[{"age": 30, "club_member_status": "ACTIVE"}] * 9, {"age": 40}),
        rows(*[{"age": 30}] * 3, *[{"club_member_status": "ACTIVE"}] * 7),
        rows({"age": 30}),
    ],
    ids=["no age known", "all ages known, a status unknown", "most ages unknown", "one customer"],
)
def test_where_no_age_was_drawn_there_is_no_pooled_age(base):
    assert draws.pooled_mean_age(ibis.memtable(base), ibis.memtable(drawn(base))) is None


def test_the_pooled_mean_is_rubins_rule_on_the_draws():
    base = customers(300, unknown=0.2)
    table = drawn(base)
    ages = [
        draws.completed(ibis.memtable(base), ibis.memtable(table), d)
        .age.to_pyarrow()
        .to_numpy()
        .astype(float)
        for d in (1, 2, 3, 4)
    ]
    wanted = pool(
        [a.mean() for a in ages], [a.var(ddof=1) / 300 for a in ages], complete_degrees_of_freedom=299
    )
    found = draws.pooled_mean_age(ibis.memtable(base), ibis.memtable(table))
    assert (found.low, found.high) == (pytest.approx(float(wanted.low)), pytest.approx(float(wanted.high)))


def test_a_customer_of_whom_nothing_could_be_filled_has_no_row():
    base = rows(*[{"club_member_status": "ACTIVE", "fashion_news_frequency": "NONE"}] * 5, {"age": 30})
    table = drawn(base)
    # Nobody's age can be filled, so only the sixth customer has something drawn.
    assert set(table["customer_key"].to_pylist()) == {6}


def test_nothing_unknown_gives_no_row():
    base = customers(100, unknown=0.0)
    table = drawn(base)
    assert table.num_rows == 0
    whole = (
        draws.completed(ibis.memtable(base), ibis.memtable(table), 1).order_by("customer_key").to_pyarrow()
    )
    assert whole.cast(base.schema) == base
    assert draws.pooled_mean_age(ibis.memtable(base), ibis.memtable(table)) is None


@pytest.mark.parametrize("draw", [1, 4])
def test_what_is_known_is_never_replaced(draw):
    base = customers(400)
    whole = (
        draws.completed(ibis.memtable(base), ibis.memtable(drawn(base)), draw)
        .order_by("customer_key")
        .to_pyarrow()
    )
    for name in ("age", "club_member_status", "fashion_news_frequency"):
        known = base[name].is_valid()
        assert whole[name].filter(known).to_pylist() == base[name].filter(known).to_pylist()

"""A planted taste is found, shuffled outcomes give a lift of 1, and the judged day knows nothing of what follows."""

import datetime as dt

import dagster as dg
import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.recommendations.lookalikes import assets, back_test, people, shown
from hm_assets.recommendations.lookalikes.back_test import ACTIVE, ALL, LOOKALIKES, ONLY_RFM, RANDOM, Effort
from hm_assets.recommendations.lookalikes.nearness import KINDS, nearness, points, ranked
from hm_assets.recommendations.lookalikes.tables import LOOKALIKE_SCORES
from hm_assets.settings import Settings
from hm_assets.warehouse.resources import Warehouse

MONTHS = (dt.date(2019, 4, 1), dt.date(2019, 5, 1))
AS_OF = (dt.date(2019, 4, 30), dt.date(2019, 5, 31))
EFFORT = Effort(2, 3, 5_000, 100)
TASTE = "clr_product_group_1"


def world(customers: int = 900, seed: int = 0) -> tuple[ibis.Table, ibis.Table, ibis.Table]:
    """Features of two months, lines, articles: three in ten have a taste for type a; activity tells nothing of it."""
    rng = np.random.default_rng(seed)
    liked = rng.random(customers) < 0.3
    features = []
    for month, as_of in zip(MONTHS, AS_OF, strict=True):
        columns = {name: pa.array(rng.normal(size=customers), pa.float64()) for name in KINDS}
        for name, kind in KINDS.items():
            if kind != "number":
                columns[name] = pa.array(rng.poisson(4, customers) + 1, pa.float64())
        columns[TASTE] = pa.array(3 * liked + rng.normal(0, 0.5, customers), pa.float64())
        # Of nobody known.
        columns["discount_365d"] = pa.nulls(customers, pa.float64())
        columns["items"] = pa.array(rng.poisson(5, customers) + 1, pa.int32())
        columns["customer_key"] = pa.array(np.arange(customers))
        columns |= {
            name: pa.array([day] * customers, pa.date32())
            for name, day in (("as_of", as_of), ("month", month))
        }
        features.append(pa.table(columns))
    rows = []
    for ago in range(95):
        day = dt.date(2019, 6, 30) - dt.timedelta(days=ago)
        for who in np.flatnonzero(rng.random(customers) < np.where(liked, 0.02, 0.002)):
            rows.append((day, int(who), 1))
        rows += [(day, int(who), 2) for who in np.flatnonzero(rng.random(customers) < 0.005)]
    day, who, what = zip(*rows, strict=True)
    lines = pa.table(
        {
            "t_dat": pa.array(day, pa.date32()),
            "customer_key": who,
            "article_key": what,
            "price": [0.1] * len(rows),
            "month": pa.array([d.replace(day=1) for d in day], pa.date32()),
        }
    )
    articles = pa.table({"article_key": [1, 2, 3], "product_type_name": ["a", "b", None]})
    return ibis.memtable(pa.concat_tables(features)), ibis.memtable(lines), ibis.memtable(articles)


@pytest.fixture(scope="module")
def known():
    return world()


@pytest.fixture(scope="module")
def judged(known):
    features, lines, articles = known
    days = back_test.days_before(lines, MONTHS, dt.date(2019, 6, 30), 2)
    assert list(days.values()) == [AS_OF[1], AS_OF[0]], "the latest first, each with thirty days after it"
    return back_test.judge(features, lines, articles, days, EFFORT, seed=1)


def test_a_planted_taste_is_found_and_activity_does_not_tell_it(judged):
    rows = back_test.scores(judged, 200, 1)
    of_a = [row for row in rows if row["product_type"] == "a"]
    assert len({row["as_of"] for row in of_a}) == 2
    for row in of_a:
        if row["picked"] == LOOKALIKES:
            assert row["low"] > 1.5
        if row["picked"] == ACTIVE:
            assert row["low"] < 1.2 and row["verdict"] == "lookalikes are better"
    assert {row["lift"] for row in rows if row["picked"] == RANDOM} == {1.0}
    whole = {row["picked"] for row in rows if row["as_of"] == ALL}
    assert whole == {LOOKALIKES, ACTIVE, ONLY_RFM, RANDOM}
    assert "lookalikes" in shown.scores(rows)


def test_shuffled_outcomes_have_a_lift_of_one(known):
    features, lines, articles = known
    rows = lines.to_pyarrow()
    mixed = np.random.default_rng(3).permutation(900)[rows["customer_key"].to_numpy()]
    after = rows["t_dat"].to_numpy() > np.datetime64(AS_OF[1])
    keys = np.where(after, mixed, rows["customer_key"].to_numpy())
    shuffled = ibis.memtable(rows.set_column(1, "customer_key", pa.array(keys)))
    found = back_test.judge(features, shuffled, articles, {MONTHS[1]: AS_OF[1]}, EFFORT, seed=1)
    for row in back_test.scores(found, 200, 1):
        if row["picked"] == LOOKALIKES and row["as_of"] != ALL:
            assert row["low"] < 1 < row["high"], row


def test_a_past_day_reads_thirty_days_after_it_and_no_more(known, judged):
    features, lines, articles = known
    first = AS_OF[0]
    past = lines.filter(lines.t_dat <= ibis.literal(first + dt.timedelta(days=30), "date"))
    (*again,) = back_test.judge(features, past, articles, {MONTHS[0]: first}, EFFORT, seed=1)
    before = [one for one in judged if one.as_of == first]
    assert [one.lift for one in again] == [one.lift for one in before] and again


def test_nearness_does_not_depend_on_the_batch_and_knows_a_crowd(monkeypatch):
    rng = np.random.default_rng(0)
    at = np.concatenate([rng.normal(0, 0.1, (600, 3)), rng.normal(3, 1, (200, 3))])
    seed = np.zeros(800, dtype=bool)
    seed[rng.choice(np.arange(600, 800), 60, replace=False)] = True
    # Some of the seed lie in the crowd too: to be near one of them says little.
    seed[:20] = True
    found = nearness(at, seed)
    rest = np.flatnonzero(~seed)
    assert (ranked(found, rest)[:100] >= 600).all()
    monkeypatch.setattr("hm_assets.recommendations.lookalikes.nearness.BATCH", 7)
    assert np.array_equal(nearness(at, seed), found)


def test_a_seed_of_few_is_refused_and_all_the_same_is_no_fault(known):
    rows = people.read(known[0].filter(known[0].month == ibis.literal(MONTHS[0], "date")))
    few = np.arange(len(rows)) < 5
    with pytest.raises(ValueError, match="the seed has 5 customers"):
        nearness(points(rows), few)
    same = np.zeros((100, 2))
    assert np.allclose(nearness(same, np.arange(100) < 30), 0)
    assert ranked(np.zeros(4), np.array([0, 2, 3])).tolist() == [0, 2, 3], "equal ones by key"


def test_the_asset_makes_the_table_of_its_month(known, tmp_path):
    features, lines, articles = known
    warehouse = Warehouse(Settings(warehouse=tmp_path, depth="quick", threads=1))
    inputs = {"customer_features": features, "transactions": lines, "articles": articles}

    def made(month: str) -> pa.Table:
        context = dg.build_asset_context(partition_key=month)
        return assets.lookalike_scores(context, warehouse=warehouse, **inputs).value.to_pyarrow()

    found = made("2019-06-01")
    assert set(found.column_names) == {column.name for column in LOOKALIKE_SCORES.stored_columns}
    keys = found.select(list(LOOKALIKE_SCORES.key)).to_pylist()
    assert found.num_rows == len({tuple(key.values()) for key in keys}) > 4
    assert made("2019-04-01").num_rows == 0, "no past day is over"
    assert shown.scores([]) == shown.NOTHING


def test_the_seed_is_in_no_pool_and_among_no_buyers(known, judged):
    features, lines, articles = known
    everybody = (
        features.filter(features.month == ibis.literal(MONTHS[0], "date")).count().to_pyarrow().as_py()
    )
    for one in judged:
        before, after = (
            set(
                back_test.bought(lines, articles, one.as_of + dt.timedelta(days=shift))[
                    one.product_type
                ].tolist()
            )
            for shift in (0, 30)
        )
        assert (one.seed, one.pool) == (len(before), everybody - len(before))
        assert one.buyers == len(after - before)

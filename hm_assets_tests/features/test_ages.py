"""Unknown ages filled with what customers bought: a planted effect is found, and nothing later is seen."""

import datetime as dt
from dataclasses import replace

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from hm_assets.customers.draws import drawn as draws_of
from hm_assets.customers.encoding import ATTRIBUTES
from hm_assets.customers.imputation import Imputer
from hm_assets.customers.imputation_bench import QUICK, scores
from hm_assets.features import age_bench, ages
from hm_assets.features.attributes import POSITIONS, part, parts
from hm_assets.features.imputed_ages import FEWEST_KNOWN, estimates, imputed
from hm_assets.features.tables import AGE_ESTIMATES, IMPUTED_AGES
from hm_assets_tests.customers.examples import customers

MONTH, AS_OF = dt.date(2020, 2, 1), dt.date(2020, 2, 29)
DRAWS = 4


def base(number: int = 1_500) -> pa.Table:
    """Customers with two humps of ages; a tenth of the ages is unknown."""
    return customers(number)


def truth(number: int = 1_500) -> np.ndarray:
    """The ages of `base`, the unknown ones among them."""
    return customers(number, unknown=0.0)["age"].to_numpy()


def behaviour(number: int, seed: int = 5) -> tuple[ibis.Table, ibis.Table]:
    """Features and tastes of the first 90 %: those above 38 buy in the first position of each attribute and dearer."""
    rng = np.random.default_rng(seed)
    keys, older = np.arange(number) * 7 + 3, truth(number) > 38
    buyers = int(0.9 * number)
    items = rng.integers(3, 20, number)
    counts = {}
    for attribute in POSITIONS:
        first = rng.binomial(items, np.where(older, 0.8, 0.2))
        counts |= {name: np.zeros(number, dtype=np.int32) for name in parts(attribute)}
        counts[part(attribute, 1)] = first
        counts[part(attribute, 2)] = items - first
    price = np.where(older, 0.05, 0.03) * rng.uniform(0.7, 1.4, number)
    month = pa.array([MONTH] * number)
    features = pa.table({"customer_key": keys, "items": items, "spend": items * price, "month": month})
    tastes = pa.table({"customer_key": keys, **counts, "month": month})
    return ibis.memtable(features.slice(0, buyers)), ibis.memtable(tastes.slice(0, buyers))


def imputations_of(table: pa.Table) -> pa.Table:
    model = Imputer.fit(table.select(list(ATTRIBUTES)), DRAWS, 3, 5_000, seed=1)
    return draws_of(model, table, seed=1)


@pytest.fixture(scope="module")
def everybody() -> pa.Table:
    return base()


@pytest.fixture(scope="module")
def given(everybody) -> pa.Table:
    return imputations_of(everybody)


@pytest.fixture(scope="module")
def people(everybody) -> pa.Table:
    features, tastes = behaviour(everybody.num_rows)
    return ages.people(ibis.memtable(everybody), features, tastes, MONTH, 5_000, seed=1)


@pytest.fixture(scope="module")
def filled(people, given) -> pa.Table:
    return imputed(people, given, MONTH, AS_OF, seed=1)


def unknown_keys(table: pa.Table) -> set[int]:
    return set(table.filter(table["age"].is_null())["customer_key"].to_pylist())


def true_ages(keys: pa.ChunkedArray) -> np.ndarray:
    return truth()[(keys.to_numpy() - 3) // 7]


def test_everybody_of_unknown_age_is_filled_in_every_draw(everybody, filled):
    assert filled.schema.names == IMPUTED_AGES.arrow_schema().names
    assert set(filled["customer_key"].to_pylist()) == unknown_keys(everybody)
    assert filled.num_rows == DRAWS * len(unknown_keys(everybody))
    assert set(filled["draw"].to_pylist()) == set(range(1, DRAWS + 1))
    assert set(filled["age"].to_pylist()) <= set(everybody["age"].drop_null().to_pylist())
    assert filled["age"].null_count == 0


def test_who_has_not_bought_keeps_the_draw_from_attributes(everybody, given, filled):
    without = filled.filter(pc.equal(filled["bought"], 0))
    last = set(everybody["customer_key"].to_pylist()[int(0.9 * everybody.num_rows) :])
    assert set(without["customer_key"].to_pylist()) == unknown_keys(everybody) & last
    from_attributes = {(r["customer_key"], r["draw"]): r["age"] for r in given.to_pylist()}
    assert all(from_attributes[r["customer_key"], r["draw"]] == r["age"] for r in without.to_pylist())


def test_a_planted_effect_of_what_is_bought_is_found_and_both_humps_stay(given, filled):
    bought = filled.filter(pc.equal(filled["bought"], 1))
    plain = given.filter(pc.is_in(given["customer_key"], bought["customer_key"].combine_chunks()))
    errors = [
        np.abs(table["age"].to_numpy() - true_ages(table["customer_key"])).mean() for table in (bought, plain)
    ]
    assert errors[0] < 0.7 * errors[1]
    drawn = bought["age"].to_numpy()
    assert ((drawn >= 34) & (drawn <= 42)).mean() < 0.08


def test_the_estimate_is_closer_to_the_truth_than_a_draw_and_than_the_median(people, given, filled):
    table = estimates(people, given, 30.0, MONTH, AS_OF, seed=1)
    assert table.schema.names == AGE_ESTIMATES.arrow_schema().names
    assert table["customer_key"].to_pylist() == sorted(set(filled["customer_key"].to_pylist()))
    bought = table.filter(pc.equal(table["bought"], 1))
    true = true_ages(bought["customer_key"])
    error = np.abs(bought["age"].to_numpy() - true).mean()
    of_draws = filled.filter(pc.equal(filled["bought"], 1))
    assert error < np.abs(of_draws["age"].to_numpy() - true_ages(of_draws["customer_key"])).mean()
    assert error < 0.7 * np.abs(30 - true).mean()
    assert set(table.filter(pc.equal(table["bought"], 0))["age"].to_pylist()) == {30.0}


def test_purchases_of_later_months_are_not_seen_and_the_order_of_rows_does_not_matter(everybody, people):
    features, tastes = (table.to_pyarrow() for table in behaviour(everybody.num_rows))
    rng = np.random.default_rng(1)

    def with_future(rows: pa.Table) -> ibis.Table:
        later = rows.set_column(
            rows.column_names.index("month"), "month", pa.array([dt.date(2020, 3, 1)] * rows.num_rows)
        )
        both = pa.concat_tables([rows, later])
        return ibis.memtable(both.take(rng.permutation(both.num_rows)))

    shuffled = ibis.memtable(everybody.take(rng.permutation(everybody.num_rows)))
    again = ages.people(shuffled, with_future(features), with_future(tastes), MONTH, 5_000, seed=1)
    assert again == people


def test_the_same_seed_gives_the_same_ages_and_another_month_other_ones(people, given, filled):
    assert imputed(people, given, MONTH, AS_OF, seed=1) == filled
    later = imputed(people, given, dt.date(2020, 3, 1), AS_OF, seed=1)
    assert later["age"] != filled["age"]


def test_the_order_of_the_imputations_does_not_matter(people, given, filled):
    shuffled = given.take(np.random.default_rng(2).permutation(given.num_rows))
    assert imputed(people, shuffled, MONTH, AS_OF, seed=1) == filled


def test_ages_that_the_imputation_leaves_empty_stay_without_rows(everybody):
    mostly = customers(600, unknown=0.6)
    features, tastes = behaviour(600)
    some = ages.people(ibis.memtable(mostly), features, tastes, MONTH, 5_000, seed=1)
    given = imputations_of(mostly)
    assert imputed(some, given, MONTH, AS_OF, seed=1).num_rows == 0
    assert estimates(some, given, 30.0, MONTH, AS_OF, seed=1).num_rows == 0


@pytest.mark.parametrize("known", [0, FEWEST_KNOWN - 1])
def test_while_few_have_bought_all_keep_the_draws_from_attributes(everybody, people, given, known):
    of_known_age = people.filter(people["age"].is_valid()).slice(0, known)
    few = pa.concat_tables([of_known_age, people.filter(people["age"].is_null())]).sort_by("customer_key")
    table = imputed(few, given, MONTH, AS_OF, seed=1)
    assert set(table["bought"].to_pylist()) == {0}
    wanted = given.filter(pc.equal(given["age_imputed"], 1)).sort_by([("draw", "ascending")])
    assert sorted(table["age"].to_pylist()) == sorted(wanted["age"].to_pylist())
    assert set(estimates(few, given, 30.0, MONTH, AS_OF, seed=1)["age"].to_pylist()) == {30.0}


def test_a_month_before_the_first_purchase_has_everybodys_draws_from_attributes(everybody, given):
    features, tastes = behaviour(everybody.num_rows)
    nobody = ages.people(ibis.memtable(everybody), features, tastes, dt.date(2020, 1, 1), 5_000, seed=1)
    assert nobody.num_rows == 0
    table = imputed(nobody, given, MONTH, AS_OF, seed=1)
    assert set(table["customer_key"].to_pylist()) == unknown_keys(everybody)


def test_a_sample_takes_the_same_people_when_more_have_bought(everybody):
    features, tastes = behaviour(everybody.num_rows)
    fewer = features.filter(features.customer_key % 3 > 0)

    def taken(bought: ibis.Table, seed: int) -> set[int]:
        found = ages.people(ibis.memtable(everybody), bought, tastes, MONTH, 200, seed)
        return set(found.filter(found["age"].is_valid())["customer_key"].to_pylist())

    assert len(taken(features, 1)) == len(taken(fewer, 1)) == 200
    assert {key for key in taken(features, 1) if key % 3 > 0} <= taken(fewer, 1)
    assert taken(features, 1) != taken(features, 2)


def test_a_customer_with_one_unit_at_no_price_is_filled(everybody, given):
    features, tastes = behaviour(everybody.num_rows)
    cheap = features.mutate(items=1, spend=0.0)
    people = ages.people(ibis.memtable(everybody), cheap, tastes, MONTH, 5_000, seed=1)
    assert np.isfinite(ages.purchases(people)).all()
    assert imputed(people, given, MONTH, AS_OF, seed=1)["age"].null_count == 0


def test_the_bench_shows_what_purchases_add(people):
    tiny = replace(QUICK, folds=1, draws=4, iterations=2)
    known = people.filter(people["age"].is_valid())
    rows = {
        row["method"]: row
        for row in scores(known, tiny, 1, methods=age_bench.fillers(known, tiny))
        if row["mechanism"] == "MCAR"
    }
    assert set(rows) == {*age_bench.WITHOUT_PURCHASES, age_bench.ESTIMATE, age_bench.MATCHING}
    errors = {name: row["mean_absolute_error"] for name, row in rows.items()}
    assert errors[age_bench.ESTIMATE] < 0.8 * errors["gradient boosting"]
    assert errors[age_bench.MATCHING] < 0.8 * errors["MICE with mean matching"]
    assert rows[age_bench.MATCHING]["ks_distance"] < rows["hot deck"]["ks_distance"] + 0.05
    assert rows[age_bench.ESTIMATE]["ks_distance"] > rows[age_bench.MATCHING]["ks_distance"]

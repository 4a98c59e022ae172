import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.buyers.known import MBG, PARETO
from hm_assets.forecasts.cutoffs import LONGEST
from hm_assets.forecasts.value import buying, models
from hm_assets.forecasts.value.models import CATALOGUE, NAIVE, TWEEDIE, Known
from hm_assets.forecasts.value.spending import YEAR, column, examples
from hm_assets.segments.space import numbers
from hm_assets_tests.forecasts.shops import FIRST, LAST, shop

PAST, TODAY = [dt.date(2019, 5, 1), dt.date(2019, 8, 1)], dt.date(2019, 11, 1)


def rows_of(known, months) -> pa.Table:
    return examples(known.features, known.days, months, FIRST, LAST)


def replaced(rows: pa.Table, **values) -> pa.Table:
    for name, value in values.items():
        rows = rows.set_column(
            rows.column_names.index(name), name, pa.array(np.full(len(rows), value), from_pandas=True)
        )
    return rows


@pytest.fixture(scope="module")
def known() -> Known:
    people = shop(customers=200)
    past = rows_of(people, PAST)
    return Known(past, numbers(past, column(LONGEST)), rows_of(people, [TODAY]))


@pytest.fixture(scope="module")
def spenders(known):
    return {model.name: model.fit(known, 0, 1) for model in CATALOGUE}


def test_every_model_tells_who_spends_more_and_more_for_a_year_and_survives_its_file(known, spenders):
    truth = numbers(known.today, column(LONGEST))
    for name, spender in spenders.items():
        said, year = (spender.predict(known.today, horizon) for horizon in (LONGEST, YEAR))
        assert np.isfinite(said).all() and (said >= 0).all(), name
        assert (year >= said).all() and (year <= said * YEAR / LONGEST * 1.0001).all(), name
        assert np.corrcoef(said, truth)[0, 1] > 0.3, name
        assert 0.5 < said.sum() / truth.sum() < 2, name
        again = models.from_json(json.loads(json.dumps(spender.as_json())))
        assert np.array_equal(again.predict(known.today, YEAR), year), name


def test_the_same_seed_gives_the_same_model_on_any_number_of_threads_and_batch(known, spenders):
    for model in CATALOGUE:
        again = model.fit(known, 0, 2)
        assert json.dumps(again.as_json()) == json.dumps(spenders[model.name].as_json())
        whole = again.predict(known.today, LONGEST)
        parts = [again.predict(known.today.slice(at, 50), LONGEST) for at in range(0, len(known.today), 50)]
        assert np.array_equal(whole, np.concatenate(parts)), model.name


def test_values_are_in_the_unit_of_prices_whatever_it_is(known, spenders):
    money = ("spend", "spend_90d", "spend_365d", "price_per_item", "first_spend")
    # A power of two changes no digit, so trees meet the same ties.
    past, today = (
        replaced(rows, **{name: 512 * numbers(rows, name) for name in money})
        for rows in (known.past, known.today)
    )
    others = Known(past, 512 * known.spent, today)
    for model in CATALOGUE:
        said = model.fit(others, 0, 1).predict(today, LONGEST)
        assert said == pytest.approx(512 * spenders[model.name].predict(known.today, LONGEST), rel=1e-3), (
            model.name
        )


def test_without_this_season_in_the_past_the_trees_say_who_but_not_how_much_all_spend(known):
    """Learned from winter to summer, they would take the spring for growth and go on with it."""
    months = [dt.date(2019, month, 1) for month in (1, 3, 5)]
    past = rows_of(shop(customers=200), months)
    grown = numbers(past, column(LONGEST)) * np.array(
        [1 + month.month / 2 for month in past["month"].to_pylist()]
    )
    trees = models._tweedie(Known(past, grown, known.today), 0, 1)
    said, steady = (one.predict(known.today, LONGEST) for one in (trees, known.buying(PARETO)))
    assert said.sum() == pytest.approx(steady.sum())
    assert abs(trees.level - 1) > 0.1 and np.corrcoef(said, steady)[0, 1] < 0.99
    year_before = known.today.set_column(
        known.today.column_names.index("month"), "month", pa.array([dt.date(2020, 5, 1)] * len(known.today))
    )
    assert models._tweedie(Known(past, grown, year_before), 0, 1).level == 1


def test_naive_carries_the_last_year_on_as_far_as_such_customers_did(known, spenders):
    base = models.pace(known.past) * LONGEST
    recent = numbers(known.past, "recency_days") < 30
    kept = spenders[NAIVE].kept[0]
    assert kept == pytest.approx(known.spent[recent].sum() / base[recent].sum(), rel=0.05)
    young = replaced(known.today, history_days=100, spend_365d=5.0, recency_days=1)
    assert spenders[NAIVE].predict(young, 90)[0] == pytest.approx(5.0 / 101 * 90 * kept)


def test_nobody_came_back_nothing_was_spent_and_all_the_same(known):
    once = replaced(known.today, purchase_days=1, recency_days=50, tenure_days=50)
    assert buying.fit(MBG, once) is None and buying.fit(PARETO, once) is None
    free = Known(known.past, np.zeros(len(known.past)), once)
    for model in CATALOGUE:
        spender = model.fit(free, 0, 1)
        assert (spender is None) == (model.name in (MBG, PARETO))
        if spender is not None:
            assert not spender.predict(known.today, YEAR).any()
    same = Known(
        replaced(known.past, spend=2.0, spend_365d=2.0, first_spend=1.0),
        np.ones(len(known.past)),
        known.today,
    )
    for model in CATALOGUE:
        assert np.isfinite(model.fit(same, 0, 1).predict(known.today, LONGEST)).all()


def test_customers_who_paid_nothing_have_a_model_of_orders_and_no_value(known):
    nothing = replaced(known.today, spend=0.0, spend_365d=0.0, first_spend=0.0)
    found = buying.fit(PARETO, nothing)
    assert found.spend is None and "0 customers came back and paid something" in found.warning
    assert not found.predict(nothing, LONGEST).any() and found.p_active(nothing).min() < 1
    assert json.loads(json.dumps(found.as_json()))["errors"].keys() == {"r", "alpha", "s", "beta"}


def test_trees_are_longer_by_how_long_customers_stay(known, spenders):
    trees = spenders[TWEEDIE]
    ratio = trees.predict(known.today, YEAR) / trees.predict(known.today, LONGEST)
    assert ratio == pytest.approx(trees.buying.longer(known.today, YEAR))
    assert ratio.mean() < YEAR / LONGEST


def test_a_model_of_buying_is_fitted_when_it_is_asked_for_and_once(known, monkeypatch):
    asked = []
    monkeypatch.setattr(buying, "fit", lambda kind, rows: asked.append(kind))
    anew = Known(known.past, known.spent, known.today)
    for model in CATALOGUE:
        model.fit(anew, 0, 1)
        assert asked == {NAIVE: [], MBG: [MBG]}.get(model.name, [MBG, PARETO])

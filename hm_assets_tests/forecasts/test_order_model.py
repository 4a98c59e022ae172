import datetime as dt
import json

import ibis
import numpy as np
import pytest

from hm_assets.forecasts import order_model
from hm_assets.forecasts.churn import back_test
from hm_assets.forecasts.cutoffs import split
from hm_assets.forecasts.inputs import KINDS
from hm_assets.forecasts.order_model import OrderModel, choice_of
from hm_assets.forecasts.tables import CUSTOMERS, SCOREBOARD
from hm_assets.warehouse import delta
from hm_assets_tests.forecasts.shops import Shop, shop

MONTH = dt.date(2019, 12, 1)
P = ["p_order_30d", "p_order_60d", "p_order_90d"]


def fitted(
    known: Shop, month: dt.date = MONTH, chosen: tuple[str, str] | None = ("lightgbm", "best")
) -> OrderModel:
    dates, first, _ = back_test.reach(known.features, known.days)
    return order_model.fitted(
        known.features, known.days, split(dates, month, first), first, chosen, 300, 0, 1
    )


@pytest.fixture(scope="module")
def known() -> Shop:
    return shop(customers=120)


@pytest.fixture(scope="module")
def model(known) -> OrderModel:
    return fitted(known)


def test_everybody_gets_three_ascending_probabilities_and_the_table_s_columns(known, model):
    found = model.outlook(known.features, MONTH).to_pyarrow()
    assert set(found.column_names) <= {column.name for column in CUSTOMERS.stored_columns}
    people = known.features.filter(known.features.month == MONTH).to_pyarrow()
    assert sorted(found["customer_key"].to_pylist()) == sorted(people["customer_key"].to_pylist())
    p = np.column_stack([found[name].to_numpy() for name in P])
    assert (p > 0).all() and (p < 1).all() and (np.diff(p, axis=1) >= 0).all()
    assert set(found["model_version"].to_pylist()) == {model.version}


def test_months_before_the_training_day_are_restated(known, model):
    for month, restated in ((dt.date(2019, 11, 1), True), (MONTH, False), (dt.date(2020, 1, 1), False)):
        found = model.outlook(known.features, month).to_pyarrow()
        assert set(found["restated"].to_pylist()) == {restated}


def test_a_model_read_from_its_file_is_the_same_model(known, model):
    back = OrderModel.from_json(json.loads(json.dumps(model.as_json(), sort_keys=True)))
    assert back.version == model.version
    same = [one.outlook(known.features, MONTH).order_by("customer_key").to_pyarrow() for one in (model, back)]
    assert same[0].equals(same[1])
    assert fitted(known).version == model.version, "the same customers and seed give the same model"


def test_a_month_before_the_files_that_it_learned_from_has_probabilities_too(known, model):
    later = OrderModel(model.model, model.trained_as_of, dt.date(2019, 1, 1), (), 0, "")
    p = later.outlook(known.features, dt.date(2018, 10, 1)).to_pyarrow()["p_order_30d"].to_numpy()
    assert len(p) and np.isfinite(p).all()


def test_later_lines_change_no_model(known):
    bare = known.known_on(dt.date(2019, 12, 31))
    assert fitted(bare).version == fitted(known).version


@pytest.mark.parametrize("last", [dt.date(2018, 9, 30), dt.date(2018, 12, 31)])
def test_a_history_that_is_too_short_gives_no_model_and_empty_probabilities(last):
    known = shop(customers=40, last=last)
    model = fitted(known, last.replace(day=1))
    assert model.model is None and model.version == "none" and "90 days after it" in model.why
    assert OrderModel.from_json(json.loads(json.dumps(model.as_json()))) == model
    found = model.outlook(known.features, last.replace(day=1)).to_pyarrow()
    assert len(found) == known.features.filter(known.features.month == last.replace(day=1)).count().execute()
    assert all(found[name].null_count == len(found) for name in P)


def test_without_a_judged_day_the_simplest_model_is_taken_and_says_so():
    model = fitted(shop(customers=60, last=dt.date(2019, 2, 28)), dt.date(2019, 2, 1), None)
    assert model.model is not None and model.model.name == "recency" and "no past day" in model.why


def test_a_month_without_orders_and_one_purchase_customers_have_probabilities(known, model):
    """Nobody bought for half a year: long recencies, no gaps in the year, no spend."""
    people = known.features.filter(known.features.month == MONTH)
    still = people.mutate(
        recency_days=people.recency_days + 200,
        mean_gap_days=ibis.null("float64"),
        purchase_days=ibis.literal(1),
        spend=ibis.literal(0.0),
        spend_365d=ibis.literal(0.0),
        purchase_days_90d=ibis.literal(0),
    )
    for one in (model, fitted(known, chosen=("logistic", ""))):
        p = one.outlook(still, MONTH).to_pyarrow()["p_order_90d"].to_numpy()
        usual = one.outlook(known.features, MONTH).to_pyarrow()["p_order_90d"].to_numpy()
        assert np.isfinite(p).all() and p.mean() < usual.mean()
    assert "spend" in KINDS


def test_the_choice_is_that_of_the_scoreboard_s_latest_month(tmp_path):
    assert choice_of(None, MONTH) is None
    row = {
        "as_of": dt.date(2019, 6, 30),
        "horizon_days": 90,
        "metric": "auc",
        "customers": 1,
        "learned_rows": 1,
        "baseline": False,
    }
    months = [dt.date(2019, m, 1) for m in (9, 10, 11)]
    named = zip(months, ("recency", "logistic", "lightgbm"), strict=True)
    rows = [
        {**row, "month": month, "model": name, "chosen": name == taken, "why": month.isoformat()}
        for month, taken in named
        for name in ("recency", "logistic", "lightgbm")
    ]
    delta.write(tmp_path, SCOREBOARD, SCOREBOARD.in_memory(rows).to_pyarrow().to_batches(), months)
    stored = delta.open_table(tmp_path, SCOREBOARD)
    assert choice_of(stored, dt.date(2019, 10, 1)) == ("logistic", "2019-10-01")
    assert choice_of(stored, MONTH) == ("lightgbm", "2019-11-01")
    assert choice_of(stored, dt.date(2019, 8, 1)) is None

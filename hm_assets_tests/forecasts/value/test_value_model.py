import datetime as dt
import json

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.value import value_model
from hm_assets.forecasts.value.models import CATALOGUE
from hm_assets.forecasts.value.tables import VALUE_SCOREBOARD
from hm_assets.forecasts.value.value_model import Chosen, ValueModel, choice_of
from hm_assets.warehouse import delta
from hm_assets_tests.forecasts.shops import Shop, shop

MONTH = dt.date(2019, 12, 1)
LIMITS = [("value_90d_low", "value_90d", "value_90d_high"), ("value_12m_low", "value_12m", "value_12m_high")]


def trained(known: Shop, month: dt.date = MONTH, name: str = "lightgbm_tweedie") -> ValueModel:
    features = known.features.filter(known.features.month <= month)
    days = known.days.filter(known.days.month <= month)
    chosen = Chosen(name, "best", "mbg_nbd")
    return value_model.trained(features, days, month, chosen, 200, 0, 1)


@pytest.fixture(scope="module")
def known() -> Shop:
    return shop(customers=100)


@pytest.fixture(scope="module")
def model(known) -> ValueModel:
    return trained(known)


def values(model: ValueModel, known: Shop, month: dt.date = MONTH) -> pa.Table:
    return model.outlook(known.features, known.days, month).sort_by("customer_key")


def test_everybody_has_values_within_their_limits_and_a_chance_to_be_active(known, model):
    found = values(model, known)
    people = known.features.filter(known.features.month == MONTH).to_pyarrow()
    assert found["customer_key"].to_pylist() == sorted(people["customer_key"].to_pylist())
    for low, value, high in ([found[name].to_numpy() for name in names] for names in LIMITS):
        assert (low >= 0).all() and (low <= value).all() and (value <= high).all() and high.max() < np.inf
    assert (found["value_12m"].to_numpy() >= found["value_90d"].to_numpy()).mean() > 0.95
    p = found["p_active"].to_numpy()
    assert (p > 0).all() and (p < 1).all()
    assert set(found["value_version"].to_pylist()) == {model.version}


def test_a_model_read_from_its_file_is_the_same_model_and_later_lines_change_none(known, model):
    back = ValueModel.from_json(json.loads(json.dumps(model.as_json(), sort_keys=True)))
    assert back.version == model.version and values(back, known).equals(values(model, known))
    then = known.known_on(dt.date(2019, 12, 31))
    assert trained(then).version == model.version
    assert values(model, then).equals(values(model, known)), "nothing later is read for the month either"


def test_a_year_is_extrapolated_until_a_past_year_could_be_compared(known, model):
    assert values(model, known)["value_extrapolated"].to_pylist()[0] is True
    later = trained(known, dt.date(2020, 3, 1), "naive")
    assert later.forecast is not None and later.forecast.extrapolated is False
    assert set(values(later, known)["value_extrapolated"].to_pylist()) == {False}


@pytest.mark.parametrize("last", [dt.date(2018, 9, 30), dt.date(2018, 12, 31)])
def test_a_history_that_is_too_short_gives_no_model_and_says_why(last):
    known = shop(customers=30, last=last)
    month = last.replace(day=1)
    model = trained(known, month)
    assert model.forecast is None and model.version == "none" and "90 days after it" in model.why
    assert ValueModel.from_json(json.loads(json.dumps(model.as_json()))) == model
    found = values(model, known, month)
    assert found.num_rows and all(
        found[name].null_count == found.num_rows for name in ("p_active", *LIMITS[0])
    )


def test_customers_who_never_came_back_get_the_naive_value_and_no_p_active(known):
    once = known.features.mutate(
        purchase_days=ibis.literal(1),
        tenure_days=known.features.recency_days,
        mean_gap_days=ibis.null("float64"),
    )
    model = trained(Shop(once, known.days), name="pareto_nbd")
    assert model.forecast is not None and model.forecast.name == "naive"
    assert "pareto_nbd could not be fitted" in model.why and model.active is None
    found = values(model, Shop(once, known.days))
    assert found["p_active"].null_count == found.num_rows and found["value_90d"].null_count == 0


def test_a_month_without_orders_is_worth_less_and_one_without_customers_nothing(known, model):
    people = known.features.filter(known.features.month == MONTH)
    still = people.mutate(
        recency_days=people.recency_days + 200,
        tenure_days=people.tenure_days + 200,
        purchase_days_30d=ibis.literal(0),
        purchase_days_90d=ibis.literal(0),
        spend_90d=ibis.literal(0.0),
    )
    quiet = values(model, Shop(still, known.days))
    usual = values(model, known)
    for name in ("p_active", "value_90d", "value_12m"):
        assert np.mean(quiet[name].to_numpy()) < np.mean(usual[name].to_numpy())
    assert values(model, known, dt.date(2017, 1, 1)).num_rows == 0


def test_the_choice_is_that_of_the_scoreboard_s_latest_month_and_p_active_of_the_likelier(tmp_path):
    assert choice_of(None, MONTH) is None
    row = {
        "as_of": dt.date(2019, 6, 30),
        "horizon_days": 90,
        "tenth": 0,
        "customers": 1,
        "learned_rows": 1,
        "baseline": False,
        "extrapolated": False,
    }
    losses = {"mbg_nbd": 0.4, "pareto_nbd": 0.3}
    months = [dt.date(2019, m, 1) for m in (9, 10)]
    rows = [
        {**row, "month": month, "model": model.name, "chosen": model.name == taken, "why": month.isoformat()}
        | {"metric": metric, "value": losses.get(model.name, 1.0)}
        for month, taken in zip(months, ("naive", "lightgbm_tweedie"), strict=True)
        for model in CATALOGUE
        for metric in ("mae", *(["order_log_loss"] if model.name in losses else []))
    ]
    delta.write(
        tmp_path, VALUE_SCOREBOARD, VALUE_SCOREBOARD.in_memory(rows).to_pyarrow().to_batches(), months
    )
    stored = delta.open_table(tmp_path, VALUE_SCOREBOARD)
    assert choice_of(stored, months[0]) == Chosen("naive", "2019-09-01", "pareto_nbd")
    assert choice_of(stored, MONTH) == Chosen("lightgbm_tweedie", "2019-10-01", "pareto_nbd")
    assert choice_of(stored, dt.date(2019, 8, 1)) is None


def test_months_without_a_line_at_the_end_are_known_to_have_had_none(known):
    """The last line is of January, the day of the forecast the end of March: 90 days without an order are over."""
    quiet = Shop(known.features, known.days.filter(known.days.t_dat <= dt.date(2020, 1, 15)))
    month = dt.date(2020, 3, 1)
    found = values(trained(quiet, month, "naive"), quiet, month)
    for low, value, high in ([found[name].to_numpy() for name in names] for names in LIMITS):
        assert (low >= 0).all() and (low <= value).all() and (value <= high).all() and high.max() < np.inf

import datetime as dt
import json

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.churn import back_test as orders
from hm_assets.forecasts.cutoffs import split
from hm_assets.forecasts.tables import TIMING
from hm_assets.forecasts.timing import timing_model
from hm_assets.forecasts.timing.timing_model import TimingModel
from hm_assets_tests.forecasts.shops import Shop, shop

MONTH = dt.date(2019, 12, 1)
P = ["p_order_30d", "p_order_60d", "p_order_90d"]


def fitted(known: Shop, month: dt.date = MONTH) -> TimingModel:
    dates, first, _ = orders.reach(known.features, known.days)
    return timing_model.fitted(known.features, known.days, split(dates, month, first), first, 300, 0, 1)


def said(known: Shop, month: dt.date = MONTH, p: tuple[float | None, ...] = (0.3, 0.4, 0.5)) -> pa.Table:
    """Keys of the month's customers, in an order of their own, with the same P(order) for all."""
    keys = sorted(
        known.features.filter(known.features.month == month).to_pyarrow()["customer_key"].to_pylist()
    )
    columns = {name: pa.array([value] * len(keys), pa.float64()) for name, value in zip(P, p, strict=True)}
    return pa.table({"customer_key": keys[::2] + keys[1::2], **columns})


@pytest.fixture(scope="module")
def known() -> Shop:
    return shop(customers=120)


@pytest.fixture(scope="module")
def model(known) -> TimingModel:
    return fitted(known)


def outlook(model: TimingModel, known: Shop, asked: pa.Table, month: dt.date = MONTH) -> pa.Table:
    return pa.table(model.outlook(known.features, known.days, month, asked))


def test_everybody_has_windows_and_a_rhythm_in_the_order_asked_for(known, model):
    asked = said(known)
    found = outlook(model, known, asked)
    assert found.column_names == [column.name for column in TIMING] and len(found) == len(asked)
    assert set(found["window_reach_days"].to_pylist()) == {model.waiting.reach} == {365}
    people = {
        row["customer_key"]: row
        for row in known.features.filter(ibis._.month == MONTH).to_pyarrow().to_pylist()
    }
    for key, row in zip(asked["customer_key"].to_pylist(), found.to_pylist(), strict=True):
        mine = people[key]
        assert mine["as_of"] < row["next_order_low_80"] <= row["next_order_low_50"]
        assert (
            row["next_order_high_50"] <= row["next_order_high_80"] <= mine["as_of"] + dt.timedelta(days=365)
        )
        once = mine["purchase_days"] == 1
        assert (row["usual_gap_days"] is None) == once and (row["overdue_days"] is None) == once
        if not once:
            late = mine["recency_days"] - row["usual_gap_days"]
            assert row["overdue_days"] == max(0, int(np.floor(late)))
        assert row["past_cadence"] == (mine["recency_days"] > row["cadence_horizon_days"])
        assert row["past_90_days"] == (mine["recency_days"] >= 90)


def test_probabilities_of_other_customers_are_refused(known, model):
    with pytest.raises(ValueError, match=r"2019-12: P.order. is given for 3 customers"):
        outlook(model, known, said(known).slice(0, 3))


def test_a_month_without_customers_has_no_rows(known, model):
    nobody = Shop(known.features.filter(ibis.literal(False)), known.days)
    found = outlook(model, nobody, said(known).slice(0, 0))
    assert len(found) == 0 and found.column_names == [column.name for column in TIMING]


def test_who_is_likelier_to_order_soon_has_an_earlier_window(known, model):
    low, high = (outlook(model, known, said(known, p=p)) for p in ((0.05, 0.1, 0.2), (0.8, 0.9, 0.95)))
    for name in ("next_order_low_80", "next_order_high_50", "next_order_high_80"):
        assert (low[name].to_numpy() >= high[name].to_numpy()).all() and low[name] != high[name]


def test_batches_of_customers_and_a_file_change_nothing(known, model, monkeypatch):
    asked = said(known)
    whole = outlook(model, known, asked)
    back = TimingModel.from_json(json.loads(json.dumps(model.as_json(), sort_keys=True)))
    assert back == model and back.version == model.version
    monkeypatch.setattr(timing_model, "BATCH", 7)
    assert outlook(back, known, asked).equals(whole)


def test_later_lines_change_neither_the_model_nor_what_it_says(known, model):
    day = dt.date(2019, 12, 31)
    bare = known.known_on(day)
    assert fitted(bare).version == model.version
    assert outlook(model, bare, said(known)).equals(outlook(model, known, said(known)))


@pytest.mark.parametrize(("last", "none"), [(dt.date(2018, 9, 30), True), (dt.date(2018, 12, 31), False)])
def test_a_short_history_gives_no_window_and_a_rhythm_where_somebody_came_back(last, none):
    short = shop(customers=40, last=last)
    days = short.days.filter(short.days.t_dat < dt.date(2018, 9, 21)) if none else short.days
    short, month = Shop(short.features, days), last.replace(day=1)
    model = fitted(short, month)
    assert model.waiting is None and (model.cadence is None) == none and (model.version == "none") == none
    assert TimingModel.from_json(json.loads(json.dumps(model.as_json()))) == model
    found = outlook(model, short, said(short, month, (None,) * 3), month)
    empty = ["next_order_low_50", "next_order_high_80", "window_reach_days"]
    assert all(found[name].null_count == len(found) for name in empty)
    assert (found["cadence_horizon_days"].null_count == len(found)) == none
    assert found["past_90_days"].null_count == 0


def test_without_p_order_there_is_no_window(known, model):
    found = outlook(model, known, said(known, p=(None, None, None)))
    assert found["next_order_low_80"].null_count == len(found) and found["usual_gap_days"].null_count < len(
        found
    )


def test_a_month_without_orders_and_customers_of_one_purchase_have_windows(known, model):
    people = known.features.filter(known.features.month == MONTH)
    still = people.mutate(
        recency_days=people.recency_days + 200,
        mean_gap_days=ibis.null("float64"),
        purchase_days=ibis.literal(1),
        spend=ibis.literal(0.0),
        spend_365d=ibis.literal(0.0),
        purchase_days_90d=ibis.literal(0),
    )
    one_day = known.days.filter(known.days.t_dat < ibis.literal(dt.date(2018, 9, 21), "date"))
    found = outlook(model, Shop(still, one_day), said(known))
    assert found["next_order_low_80"].null_count == 0 and found["usual_gap_days"].null_count == len(found)
    assert set(found["cadence_horizon_days"].to_pylist()) == {model.cadence.horizon_days}
    assert all(found["past_90_days"].to_pylist())

import datetime as dt
from dataclasses import replace

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.inputs import KINDS
from hm_assets.forecasts.order_model import OrderModel
from hm_assets.forecasts.why.drivers import SMALLEST, drivers, effect_alone
from hm_assets.forecasts.why.tables import DRIVERS
from hm_assets.forecasts.why.themes import NO_REASON, PHRASES, THEME_OF, median_price, worded
from hm_assets_tests.forecasts.shops import shop
from hm_assets_tests.forecasts.why.models import MONTH, fitted, known


@pytest.mark.parametrize("name", ["recency", "logistic", "lightgbm"])
def test_three_different_reasons_and_the_rest_add_up(name):
    model = fitted(name)
    found, _ = drivers(model, known().features, MONTH)
    assert found.schema == DRIVERS.arrow_schema()
    p = {
        row["customer_key"]: row["p_order_90d"]
        for row in model.outlook(known().features, MONTH).to_pyarrow().to_pylist()
    }
    rows = found.to_pylist()
    assert {row["customer_key"] for row in rows} == set(p)
    for row in rows:
        themes = [row[f"theme_{k}"] for k in (1, 2, 3) if row[f"theme_{k}"]]
        points = [row[f"points_{k}"] for k in (1, 2, 3) if row[f"points_{k}"] is not None]
        assert len(set(themes)) == len(themes) == len(points) and NO_REASON not in themes
        assert all(abs(point) >= SMALLEST for point in points)
        assert np.abs(points).tolist() == sorted(np.abs(points), reverse=True)
        assert row["reference"] + sum(points) + row["others"] == pytest.approx(
            p[row["customer_key"]], abs=1e-12
        )
        for k in (1, 2, 3):
            if row[f"points_{k}"] is None:
                assert row[f"driver_{k}"] is None and row[f"input_{k}"] is None
            else:
                assert THEME_OF[row[f"input_{k}"]] == row[f"theme_{k}"]
                assert row[f"driver_{k}"].endswith("raises" if row[f"points_{k}"] > 0 else "lowers")


def test_recency_alone_has_one_reason_in_the_customer_s_own_days():
    rows = drivers(fitted("recency"), known().features, MONTH)[0].to_pylist()
    days = {
        row["customer_key"]: row["recency_days"]
        for row in known().features.filter(known().features.month == MONTH).to_pyarrow().to_pylist()
    }
    told = [row for row in rows if row["driver_1"]]
    assert told and all(row["driver_2"] is None for row in rows)
    for row in told:
        if days[row["customer_key"]] > 1:
            assert row["driver_1"].startswith(f"last order {days[row['customer_key']]} days ago: ")
    points = np.array([row["points_1"] or 0.0 for row in rows])
    assert (
        np.diff(points[np.argsort([days[row["customer_key"]] for row in rows], kind="stable")]) <= 1e-12
    ).all()


def test_a_weight_that_is_the_wrong_way_round_is_not_said():
    """A small positive weight of recency beside a large one of purchase days, of which the late have few."""
    model = fitted("rfm_logistic")
    turned = tuple(replace(each, weights=(0.2, 2.0, 0.0, 0.0)) for each in model.model.intervals)
    rows = drivers(replace(model, model=replace(model.model, intervals=turned)), known().features, MONTH)[0]
    told = [row[f"driver_{k}"] for row in rows.to_pylist() for k in (1, 2, 3) if row[f"driver_{k}"]]
    assert len(told) > len(rows), "the others are said"
    late = [text for text in told if text.startswith("last order") and "raises" in text]
    assert not [text for text in late if int(text.split()[2]) > 190], "of whom far fewer order than of all"


def test_an_effect_alone_is_that_of_like_values_and_of_unknown_ones():
    values = np.array([np.nan] * 50 + list(range(100)))
    p = np.concatenate([np.full(50, 0.9), np.where(np.arange(100) < 30, 0.1, 0.5)])
    assert effect_alone(values, p).tolist() == [1] * 50 + [-1] * 30 + [-1] * 70
    p[80:] = 0.8
    assert effect_alone(values, p)[-10:].tolist() == [1] * 10
    assert effect_alone(np.ones(3), np.array([0.1, 0.2, 0.6])).tolist() == [0, 0, 0]


def test_ids_and_the_order_of_rows_change_no_driver():
    model, features = fitted("lightgbm"), known().features
    mine = features.filter(features.month == MONTH).to_pyarrow()
    order = np.random.default_rng(1).permutation(len(mine))
    keys = pa.array(np.random.default_rng(2).permutation(len(mine)) + 1_000)
    mixed = mine.take(order)
    mixed = mixed.set_column(mixed.column_names.index("customer_key"), "customer_key", keys)
    found = drivers(model, ibis.memtable(mine), MONTH)[0].drop("customer_key").to_pylist()
    other = drivers(model, ibis.memtable(mixed), MONTH)[0].drop("customer_key").to_pylist()
    line = repr
    assert sorted(map(line, found)) == sorted(map(line, other))


def test_the_future_changes_no_driver():
    bare = known().known_on(dt.date(2019, 12, 31))
    one, other = (
        drivers(fitted("logistic"), the.features, MONTH)[0].sort_by("customer_key") for the in (known(), bare)
    )
    assert one.equals(other)


@pytest.mark.parametrize(("model", "why"), [("base_rate", "the same of everybody"), (None, "too short")])
def test_without_anything_to_explain_there_are_no_drivers_and_it_says_so(model, why):
    the = (
        fitted("base_rate")
        if model
        else OrderModel(None, dt.date(2019, 12, 31), dt.date(2018, 9, 20), (), 0, "")
    )
    found, said = drivers(the, known().features, MONTH)
    assert len(found) and why in said
    assert all(
        found[name].null_count == len(found) for name in ("driver_1", "points_3", "others", "reference")
    )


def test_a_month_of_which_nobody_is_known_has_no_rows():
    found, said = drivers(fitted("logistic"), known().features, dt.date(2017, 1, 1))
    assert len(found) == 0 and "no customer" in said


def test_a_first_month_of_one_purchase_customers_has_drivers():
    early = shop(customers=400, last=dt.date(2018, 9, 30))
    rows = drivers(fitted("logistic"), early.features, dt.date(2018, 9, 1))[0].to_pylist()
    assert any(row["driver_1"] for row in rows)
    assert all(np.isfinite([row["others"], row["reference"]]).all() for row in rows)


def test_money_is_said_in_items_whatever_the_unit_of_prices():
    space = fitted("logistic").model.space
    price = median_price(space)
    texts = worded("spend_365d", pa.table({"spend_365d": [0.0, price, 12.2 * price]}), price).to_pylist()
    assert texts == [
        "next to nothing spent in the last year",
        "spent the price of 1 usual item in the last year",
        "spent the price of 12 usual items in the last year",
    ]
    assert median_price(fitted("recency").model.space) == 1.0


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("recency_days", 14.0, "last order 14 days ago"),
        ("recency_days", 0.0, "last order today"),
        ("mean_gap_days", None, "no second order yet"),
        ("gaps_since", 1.26, "1.3 usual gaps since the last order"),
        ("gaps_since", 0.04, "less than a tenth of the usual gap since the last order"),
        ("came_back", 0.0, "no second order yet"),
        ("purchase_days_90d", 1.0, "1 day with an order in the last 90 days"),
        ("online_share_365d", 0.25, "25 % of the last year's orders online"),
        ("discount_365d", 0.1, "paid 90 % of usual prices in the last year"),
        ("discount_365d", None, "no usual price known"),
    ],
)
def test_an_input_is_said_in_plain_units(column, value, text):
    rows = pa.table({column: pa.array([value], pa.float64())})
    assert worded(column, rows, 1.0).to_pylist() == [text]


def test_every_input_has_a_theme_and_words():
    assert set(THEME_OF) == set(KINDS) == set(PHRASES)

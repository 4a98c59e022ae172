"""The assets called as Dagster calls them, from the model and the scoreboard of a simulated shop."""

import datetime as dt

import dagster as dg
import pytest

from hm_assets.forecasts import judged, order_model
from hm_assets.forecasts.assets import back_test_of_models
from hm_assets.forecasts.churn import back_test as churn_back_test
from hm_assets.forecasts.cutoffs import split
from hm_assets.forecasts.decisions import assets, checks
from hm_assets.forecasts.decisions.judged import Judged
from hm_assets.forecasts.tables import BACK_TEST, SCOREBOARD
from hm_assets.forecasts.why import assets as why
from hm_assets.forecasts.why import checks as why_checks
from hm_assets.settings import Settings
from hm_assets.warehouse.resources import Warehouse
from hm_assets_tests.forecasts.shops import Shop, shop

MODEL, MONTH, LAST = "logistic", dt.date(2019, 6, 1), dt.date(2019, 6, 30)


def context() -> dg.AssetExecutionContext:
    return dg.build_asset_context(partition_key=MONTH.isoformat())


@pytest.fixture(scope="module")
def the() -> Shop:
    return shop(customers=60, last=LAST)


@pytest.fixture(scope="module")
def made(tmp_path_factory, the):
    """What the stage makes of a month, by table; the scoreboard takes the logistic model."""
    settings = Settings(warehouse=tmp_path_factory.mktemp("warehouse"), depth="quick", threads=1)
    warehouse = Warehouse(settings)
    dates, first, _ = churn_back_test.reach(the.features, the.days)
    model = order_model.fitted(
        the.features, the.days, split(dates, MONTH, first), first, (MODEL, "asked for"), 300, 0, 1
    )
    row = {
        "as_of": MONTH,
        "model": MODEL,
        "horizon_days": 90,
        "metric": "auc",
        "customers": 1,
        "learned_rows": 1,
    }
    scoreboard = SCOREBOARD.in_memory([row | {"month": MONTH, "baseline": False, "chosen": True, "why": ""}])
    outlook = model.outlook(the.features, MONTH)
    tested = back_test_of_models(
        context(), warehouse=warehouse, customer_features=the.features, customer_days=the.days
    )
    back_test = tested.value[0].union(*tested.value[1:])
    board = {"back_test": back_test, "scoreboard": scoreboard}
    people = {"outlook": outlook, "customer_features": the.features}
    kept = {"order_model": model.as_json()}
    return {
        "outlook": outlook,
        "back_test": back_test,
        "profit": assets.profit_of_models(context(), warehouse=warehouse, **board),
        "thresholds": assets.thresholds_of_audiences(context(), warehouse=warehouse, **people, **board),
        "budgets": assets.budgets_of_campaigns(context(), warehouse=warehouse, **people),
        "drivers": why.drivers_of_customers(context(), customer_features=the.features, **kept),
        "importance": why.importance_of_inputs(
            context(), warehouse=warehouse, customer_features=the.features, customer_days=the.days, **kept
        ),
        "lime": why.lime_beside_shap(context(), warehouse=warehouse, customer_features=the.features, **kept),
    }


def test_judged_days_are_read_back_as_they_were_written(made):
    days = [Judged.of(day) for day in judged.read(made["back_test"])]
    assert [day.as_of for day in days] == sorted((day.as_of for day in days), reverse=True)
    rows = (
        made["back_test"].filter(made["back_test"].model == MODEL).order_by("place").to_pyarrow().to_pylist()
    )
    mine = [row for row in rows if row["as_of"] == days[0].as_of]
    assert days[0].leaves[MODEL] == pytest.approx([1 - row["p_order_90d"] for row in mine])
    assert days[0].left.tolist() == [row["days_to_next"] is None for row in mine]
    assert days[0].spend == pytest.approx([row["spend_365d"] / row["mean_order"] for row in mine])


def test_every_table_has_rows_of_the_month_and_says_what_is_assumed(made):
    for name in ("profit", "thresholds", "budgets", "importance", "lime"):
        rows = made[name].value.to_pyarrow()
        assert rows.num_rows and set(rows["month"].to_pylist()) == {MONTH}
    assert "assumed" in made["profit"].metadata["assumptions"]
    assert "by money" in made["profit"].metadata["finding"]
    assert "rank correlation" in made["lime"].metadata["finding"]
    assert "the AUC of" in made["importance"].metadata["finding"]


def test_the_checks_of_both_rooms_hold_and_find_faults(made, the):
    (part,) = made["drivers"].value
    outlook, audiences = made["outlook"], made["thresholds"].value
    assert why_checks.drivers_add_up(part, outlook).passed
    for wrong in (
        part.mutate(others=part.others + 1e-6),
        part.filter(part.customer_key > part.customer_key.min()),
        part.mutate(reference=(part.customer_key > part.customer_key.min()).ifelse(part.reference, None)),
    ):
        assert not why_checks.drivers_add_up(wrong, outlook).passed
    none = part.mutate(
        reference=part.reference.nullif(part.reference), others=part.others.nullif(part.others)
    )
    assert why_checks.drivers_add_up(none, outlook).passed
    features = the.features.filter(the.features.month == MONTH)
    assert checks.audiences_grow_with_the_share(audiences, features).passed
    for wrong in (
        audiences.mutate(expected_hits=-audiences.expected_hits),
        audiences.filter(audiences.top_percent != 7),
        audiences.mutate(customers=audiences.customers + 1),
    ):
        assert not checks.audiences_grow_with_the_share(wrong, features).passed


def test_too_short_a_history_gives_empty_tables_that_say_why(tmp_path, the):
    warehouse = Warehouse(Settings(warehouse=tmp_path, depth="quick", threads=1))
    empty = BACK_TEST.in_memory([])
    found = assets.profit_of_models(
        context(), warehouse=warehouse, back_test=empty, scoreboard=SCOREBOARD.in_memory([])
    )
    assert found.value.count().execute() == 0 and "no past day" in found.metadata["finding"]
    people = the.features.filter(the.features.month == MONTH)
    nobody = people.select("customer_key", "as_of", "month").mutate(p_order_90d=None)
    nobody = nobody.cast({"p_order_90d": "float64"})
    found = assets.budgets_of_campaigns(
        context(), warehouse=warehouse, outlook=nobody, customer_features=people
    )
    assert found.value.count().execute() == 0 and "no customer" in found.metadata["finding"]

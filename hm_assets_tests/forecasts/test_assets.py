"""The assets called as Dagster calls them: what a month reads, and what is kept until a refit is asked for."""

import datetime as dt
import functools

import dagster as dg
import ibis
import pytest

from hm_assets.forecasts.assets import (
    back_test_of_models,
    customers,
    imbalance_table,
    order_model,
    scoreboard,
)
from hm_assets.forecasts.kept import KEPT
from hm_assets.forecasts.tables import CUSTOMERS, SCOREBOARD
from hm_assets.forecasts.timing.assets import timing_model
from hm_assets.forecasts.timing.checks import windows_are_nested_and_within_reach
from hm_assets.forecasts.value.value_model import trained
from hm_assets.warehouse import delta
from hm_assets.warehouse.assets import FitConfig
from hm_assets_tests.forecasts.shops import shop

MAY, JUNE = dt.date(2019, 5, 1), dt.date(2019, 6, 1)


@pytest.fixture(scope="module")
def known():
    return shop(customers=60, last=dt.date(2019, 6, 30))


def board(warehouse, known, month=JUNE) -> dg.MaterializeResult:
    context = dg.build_asset_context(partition_key=month.isoformat())
    parts = back_test_of_models(
        context, warehouse=warehouse, customer_features=known.features, customer_days=known.days
    ).value
    return scoreboard(
        context, warehouse=warehouse, customers_judged=functools.reduce(ibis.Table.union, parts)
    )


def test_a_month_s_scoreboard_reads_nothing_later_and_names_one_model(warehouse, known, fit):
    found = board(warehouse, known, MAY).value.to_pyarrow()
    assert found.equals(board(warehouse, known.known_on(dt.date(2019, 5, 31)), MAY).value.to_pyarrow())
    rows = found.to_pylist()
    assert rows and all(row["as_of"] + dt.timedelta(days=90) <= dt.date(2019, 5, 31) for row in rows)
    assert len({row["model"] for row in rows if row["chosen"]}) == 1
    delta.write(warehouse.path, SCOREBOARD, found.to_batches(), [MAY])
    taken = next(row for row in rows if row["chosen"])
    assert fit(order_model, known).value["why"] == taken["why"], "and it is the one that is fitted"


def test_a_history_too_short_to_judge_gives_an_empty_scoreboard_that_says_why(warehouse, known):
    result = board(warehouse, known, dt.date(2018, 12, 1))
    assert result.value.count().execute() == 0 and "no past day has 90 days" in result.metadata["choice"]


def test_a_new_month_never_refits_and_a_refit_does(known, fit):
    before = fit(order_model, known.known_on(dt.date(2019, 5, 31)))
    after = fit(order_model, known)
    assert after.metadata["fit"] == KEPT and after.value == before.value
    again = fit(order_model, known, refit=True)
    assert again.value["trained_as_of"] == "2019-06-30" and again.value["version"] != before.value["version"]
    assert fit(order_model, known, seed=5).value["seed"] == 5, "a changed setting refits"


def test_a_model_that_could_not_be_fitted_is_tried_again_with_the_next_month(known, fit):
    short = fit(order_model, known.known_on(dt.date(2018, 11, 30)))
    assert short.value["model"] is None and short.metadata["model_version"] == "none"
    assert fit(order_model, known).value["model"] is not None


def test_the_table_is_one_part_for_each_month(warehouse, known, fit):
    value = fit(order_model, known).value
    timing = timing_model(
        config=FitConfig(),
        warehouse=warehouse,
        customer_features=known.features,
        customer_days=known.days,
    ).value
    context = dg.build_asset_context(partition_key=JUNE.isoformat())
    worth = trained(known.features, known.days, JUNE, None, 100, 0, 1)
    (part,) = customers(
        context,
        customer_features=known.features,
        customer_days=known.days,
        order_model=value,
        timing_model=timing,
        value_model=worth.as_json(),
    ).value
    rows = part.to_pyarrow()
    assert rows.num_rows and set(rows["month"].to_pylist()) == {JUNE}
    assert rows.schema.names == [column.name for column in CUSTOMERS.stored_columns]
    assert windows_are_nested_and_within_reach(part).passed
    assert set(rows["restated"].to_pylist()) == {False}
    (later,) = customers(
        context,
        customer_features=known.features,
        customer_days=known.days,
        order_model=value,
        value_model=worth.as_json(),
        timing_model={**timing, "trained_as_of": "2019-07-31"},
    ).value
    assert set(later.to_pyarrow()["restated"].to_pylist()) == {True}, "one of its models knows of July"
    assert set(rows["value_version"].to_pylist()) == {worth.version}
    assert rows.num_rows == known.features.filter(known.features.month == JUNE).count().execute()


def test_files_too_short_to_compare_treatments_give_an_empty_table_that_says_so(warehouse, known):
    context = dg.build_asset_context(partition_key=JUNE.isoformat())
    result = imbalance_table(
        context, warehouse=warehouse, customer_features=known.features, customer_days=known.days
    )
    assert result.value.count().execute() == 0 and "too short" in result.metadata["finding"]

"""The assets called as Dagster calls them."""

import datetime as dt

import dagster as dg
import pytest

from hm_assets.forecasts.kept import KEPT
from hm_assets.forecasts.timing.assets import (
    churn_rules,
    timing_model,
    timing_scoreboard,
)
from hm_assets_tests.forecasts.shops import shop

MAY, JUNE = dt.date(2019, 5, 1), dt.date(2019, 6, 1)


@pytest.fixture(scope="module")
def known():
    return shop(customers=60, last=dt.date(2019, 6, 30))


def made(asset, warehouse, known, month=JUNE) -> dg.MaterializeResult:
    context = dg.build_asset_context(partition_key=month.isoformat())
    return asset(context, warehouse=warehouse, customer_features=known.features, customer_days=known.days)


@pytest.mark.parametrize("asset", [timing_scoreboard, churn_rules])
def test_a_month_reads_nothing_later_than_itself(warehouse, known, asset):
    whole = made(asset, warehouse, known, MAY)
    bare = made(asset, warehouse, known.known_on(dt.date(2019, 5, 31)), MAY)
    rows = whole.value.to_pyarrow()
    assert rows.num_rows and rows.equals(bare.value.to_pyarrow())
    assert max(rows["as_of"].to_pylist()) <= dt.date(2019, 5, 31)


def test_the_share_that_each_rule_flags_stands_beside_the_other_s(warehouse, known):
    result = made(churn_rules, warehouse, known)
    assert 0 <= result.metadata["past_90_days"] <= 1 and 0 <= result.metadata["past_cadence"] <= 1
    first = made(churn_rules, warehouse, known, dt.date(2018, 9, 1)).value.to_pyarrow().to_pylist()
    assert {row["metric"] for row in first} == {"share"}, "a single month of history"


def test_a_history_too_short_to_judge_has_no_windows_to_judge(warehouse, known):
    assert made(timing_scoreboard, warehouse, known, dt.date(2018, 12, 1)).value.count().execute() == 0


def test_a_new_month_never_refits_and_a_refit_does(known, fit):
    before = fit(timing_model, known.known_on(dt.date(2019, 5, 31)))
    after = fit(timing_model, known)
    assert after.metadata["fit"] == KEPT and after.value == before.value
    again = fit(timing_model, known, refit=True)
    assert again.value["trained_as_of"] == "2019-06-30" and again.value["version"] != before.value["version"]
    assert fit(timing_model, known, seed=5).value["seed"] == 5, "a changed setting refits"


def test_a_model_that_could_not_be_fitted_is_tried_again_with_the_next_month(known, fit):
    short = fit(timing_model, known.known_on(dt.date(2018, 11, 30)))
    assert short.value["waiting"] is None and short.value["cadence"], "who came back has a rhythm already"
    assert fit(timing_model, known).value["waiting"] is not None

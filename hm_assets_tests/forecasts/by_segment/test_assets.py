"""The assets called as Dagster calls them, and their checks on sound and broken tables."""

import datetime as dt

import dagster as dg
import ibis
import pytest

from hm_assets.forecasts.by_segment import assets
from hm_assets.forecasts.by_segment.checks import no_segment_is_lost, the_list_is_in_order
from hm_assets.forecasts.by_segment.tables import TABLES
from hm_assets.settings import Settings
from hm_assets.warehouse.resources import Warehouse
from hm_assets_tests.forecasts.by_segment.test_past import placed
from hm_assets_tests.forecasts.shops import shop
from hm_assets_tests.forecasts.test_order_model import fitted

MONTH = dt.date(2019, 6, 1)


@pytest.fixture(scope="module")
def known():
    return shop(customers=120, last=dt.date(2019, 6, 30))


@pytest.fixture(scope="module")
def model(known):
    return fitted(known, MONTH, chosen=("rfm_logistic", "for the test"))


@pytest.fixture(scope="module")
def made(known, model, tmp_path_factory) -> dict[str, ibis.Table]:
    """Every table of the room for a month."""
    warehouse = Warehouse(Settings(warehouse=tmp_path_factory.mktemp("wh"), depth="quick", threads=1))
    past = {
        "warehouse": warehouse,
        "customer_features": known.features,
        "customer_days": known.days,
        "assignments": placed(known),
        "order_model": model.as_json(),
    }
    now = {name: past[name] for name in ("customer_features", "assignments")}
    now["customers"] = model.outlook(known.features, MONTH)

    def context() -> dg.AssetExecutionContext:
        return dg.build_asset_context(partition_key=MONTH.isoformat())

    parts = assets.past_outlook(context(), **past).value
    judged = parts[0].union(*parts[1:])
    scored = assets.segment_scores(context(), past_outlook=judged).value
    warning = assets.early_warning(
        context(), config=assets.EarlyWarningConfig(share=0.2), order_model=model.as_json(), **now
    ).value
    return {
        "segment_scores": scored,
        "past_outlook": judged,
        "early_warning_scores": assets.early_warning_scores(
            context(), warehouse=warehouse, past_outlook=judged
        ).value,
        "segments": assets.forecasts_of_segments(context(), segment_scores=scored, **now).value,
        "early_warning": warning[0],
    }


def test_the_tables_have_the_registry_s_columns_and_rows(made):
    for table in TABLES:
        found = made[table.name].to_pyarrow()
        assert set(found.column_names) == {column.name for column in table.stored_columns}, table.name
        assert found.num_rows and set(found["month"].to_pylist()) == {MONTH}
        keys = [tuple(row[name] for name in table.key) for row in found.to_pylist()]
        assert len(set(keys)) == len(keys), table.name


def test_the_checks_pass_what_is_sound(made, known):
    assert no_segment_is_lost(made["segments"], placed(known).filter(placed(known).month == MONTH)).passed
    assert the_list_is_in_order(made["early_warning"]).passed


def test_a_lost_segment_a_share_above_one_and_a_list_out_of_order_are_found(made, known):
    there = placed(known).filter(placed(known).month == MONTH)
    segments, listed = made["segments"], made["early_warning"]
    assert not no_segment_is_lost(segments.filter(segments.segment != "2"), there).passed
    assert not no_segment_is_lost(segments.mutate(high=segments.high + 1), there).passed
    assert not no_segment_is_lost(segments.mutate(low=segments.low + 5), there).passed
    last = listed["rank"].max()
    assert not the_list_is_in_order(listed.mutate(rank=(last - listed["rank"] + 1).cast("int32"))).passed
    assert not the_list_is_in_order(listed.mutate(p_order_90d=listed.p_order_90d + 0.5)).passed


@pytest.mark.parametrize("wrong", [{"share": -0.1}, {"share": 1.1}, {"most": -1}])
def test_a_list_of_less_than_nobody_is_refused(wrong):
    with pytest.raises(ValueError, match="than or equal to"):
        assets.EarlyWarningConfig(**wrong)


def test_without_a_model_nothing_is_promised(known, model, tmp_path):
    none = model.as_json() | {"model": None}
    warehouse = Warehouse(Settings(warehouse=tmp_path, depth="quick", threads=1))
    context = dg.build_asset_context(partition_key=MONTH.isoformat())
    (nobody,) = assets.past_outlook(
        context,
        warehouse=warehouse,
        customer_features=known.features,
        customer_days=known.days,
        assignments=placed(known),
        order_model=none,
    ).value
    scored = assets.segment_scores(context, past_outlook=nobody)
    assert scored.value.count().execute() == 0
    customers = model.outlook(known.features, MONTH).mutate(
        **{f"p_order_{d}d": ibis.null("float64") for d in (30, 60, 90)}
    )
    warning = assets.early_warning(
        context,
        config=assets.EarlyWarningConfig(),
        customers=customers,
        customer_features=known.features,
        assignments=placed(known),
        order_model=none,
    )
    assert warning.value[0].count().execute() == 0
    told = assets.forecasts_of_segments(
        context,
        customers=customers,
        customer_features=known.features,
        assignments=placed(known),
        segment_scores=scored.value,
    )
    rows = told.value.to_pyarrow().to_pylist()
    assert rows and all(row["value"] is None for row in rows if row["measure"].startswith("ordering"))

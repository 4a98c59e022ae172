"""The assets called as Dagster calls them, from forecasts that are there and from none, and their checks."""

import datetime as dt

import dagster as dg
import ibis
import pyarrow as pa
import pytest

from hm_assets.features.tables import CUSTOMER_FEATURES
from hm_assets.forecasts.by_segment.tables import SEGMENTS
from hm_assets.playbooks.strategy import assets, tables
from hm_assets.playbooks.strategy.checks import (
    assumptions_say_so,
    nobody_exceeds_the_cap,
    the_budget_is_whole,
)
from hm_assets.playbooks.strategy.rules import DEFAULT, RulesError
from hm_assets.profiles.movement.tables import CUSTOMER_MOVEMENT, TRANSITIONS
from hm_assets.profiles.tables import SEGMENT_PROFILES, SEGMENT_WORDS
from hm_assets.profiles.words import sentences
from hm_assets.segments.tables import ASSIGNMENTS
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.resources import Warehouse
from hm_assets_tests.playbooks.examples import AS_OF, rows
from hm_assets_tests.playbooks.strategy.months import outlook, transitions

MONTH = dt.date(2019, 6, 1)  # a month of the calendar that tests run with


def store(path, table, found) -> None:
    whole = [
        {**dict.fromkeys(table.arrow_schema().names), **row, "as_of": AS_OF, "month": MONTH} for row in found
    ]
    batches = pa.Table.from_pylist(whole, schema=table.arrow_schema()).to_batches()
    delta.write(path, table, batches, months=[MONTH])


def context() -> dg.AssetExecutionContext:
    return dg.build_asset_context(partition_key=MONTH.isoformat())


def make(warehouse: Warehouse) -> dict[str, ibis.Table]:
    """Every table of the room for the month of the examples."""
    profiles = [{"customers": 1000, **row, "month": MONTH} for row in rows()]
    words = [
        said
        for i in (0, 1, 2, 3)
        for said in sentences.rows_of([{"effect": None, **row} for row in profiles if row["segment_id"] == i])
    ]
    people = [{"customer_key": n, "segment_id": n % 4, "month": MONTH} for n in range(400)]
    known = {
        "segment_profiles": SEGMENT_PROFILES.in_memory(profiles),
        "segment_words": SEGMENT_WORDS.in_memory(words),
    }
    features = [
        {"customer_key": n, "purchase_days": 1 + n % 12, "recency_days": n, "month": MONTH}
        for n in range(400)
    ]
    made = {
        "journey": assets.journey(
            context(),
            warehouse=warehouse,
            segment_profiles=known["segment_profiles"],
            customer_features=nullable(CUSTOMER_FEATURES).in_memory(features),
            assignments=nullable(ASSIGNMENTS).in_memory(people),
        ).value
    }
    only = {"segment_profiles": known["segment_profiles"], "warehouse": warehouse}
    made["decision_matrix"] = assets.decision_matrix(context(), **only).value
    plans = {"decision_matrix": made["decision_matrix"]}
    made["assumptions"] = assets.assumptions(context(), **only, **plans).value
    made["calendar"] = assets.calendar(context(), warehouse=warehouse, **plans).value
    before = {name: made[name] for name in ("journey", "decision_matrix", "assumptions")}
    made["strategy"] = assets.strategy(context(), warehouse=warehouse, **known, **before).value
    return made


def nullable(table):
    """The same table, where a test needs few of its columns."""
    from dataclasses import replace

    return replace(table, columns=tuple(replace(column, nullable=True) for column in table.columns))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> dict[str, ibis.Table]:
    path = tmp_path_factory.mktemp("wh")
    store(path, nullable(SEGMENTS), outlook())
    store(path, nullable(TRANSITIONS), transitions())
    moving = [
        {"customer_key": n, "segment_id": n % 4, "drops_without_order_in_days": 5 if n < 200 else None}
        for n in range(400)
    ]
    store(path, nullable(CUSTOMER_MOVEMENT), moving)
    return make(Warehouse(Settings(warehouse=path)))


def test_the_tables_have_the_registry_s_columns_and_keys(made):
    for table in tables.TABLES:
        found = made[table.name].to_pyarrow()
        assert set(found.column_names) == {column.name for column in table.stored_columns}
        assert found.num_rows and set(found["month"].to_pylist()) == {MONTH}
        keys = [tuple(row[name] for name in table.key) for row in found.to_pylist()]
        assert len(set(keys)) == len(keys), table.name
        for column in table.columns:
            assert column.nullable or not found[column.name].null_count, column.name


def test_what_a_strategy_rests_on_is_read_where_it_has_been_made(made):
    said = " ".join(made["strategy"].to_pyarrow()["text"].to_pylist())
    assert "a month ago 260,009" in said
    assert "50 % fall to a group of lower spend" in said
    assert "are expected not to order within 90 days" in said


def test_a_warehouse_without_forecasts_and_movement_has_whole_strategies(tmp_path):
    bare = make(Warehouse(Settings(warehouse=tmp_path)))
    said = " ".join(bare["strategy"].to_pyarrow()["text"].to_pylist())
    assert "There is no month before in the data." in said and "No forecast for this group" in said
    assert not bare["assumptions"].count().to_pyarrow().as_py()
    assert the_budget_is_whole(bare["decision_matrix"]).passed


def test_own_rules_are_used_and_broken_ones_stop_the_step(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(DEFAULT.read_text().replace("calendar_weeks = 13", "calendar_weeks = 2"))
    own = make(Warehouse(Settings(warehouse=tmp_path / "wh", rules=path)))
    assert own["calendar"].week.max().to_pyarrow().as_py() == 2
    path.write_text("[limits]")
    with pytest.raises(RulesError, match="budget"):
        make(Warehouse(Settings(warehouse=tmp_path / "wh", rules=path)))


def test_the_checks_pass_what_is_sound(made):
    assert nobody_exceeds_the_cap(made["calendar"], made["decision_matrix"]).passed
    assert the_budget_is_whole(made["decision_matrix"]).passed
    assert assumptions_say_so(made["strategy"]).passed


def test_the_checks_find_what_is_not(made):
    calendar, matrix, strategy = made["calendar"], made["decision_matrix"], made["strategy"]
    often = calendar.mutate(send_on=ibis.literal(AS_OF, "date"), contacts=ibis.literal(1, "int16"))
    assert not nobody_exceeds_the_cap(often, matrix).passed
    assert not the_budget_is_whole(matrix.mutate(budget_share=matrix.budget_share / 2)).passed
    half = ibis.ifelse(matrix.segment_id == 1, ibis.null("float64"), matrix.budget_share)
    assert not the_budget_is_whole(matrix.mutate(budget_share=half)).passed
    assert not assumptions_say_so(strategy.mutate(text=strategy.text.replace("Assumption", "Fact"))).passed
    unmarked = strategy.mutate(
        text=strategy.text.replace("Assumption", "Fact"), pieces=strategy.pieces.replace("Assumption", "Fact")
    )
    assert not assumptions_say_so(unmarked).passed


def test_what_the_ui_shows_names_every_segment_and_is_inert(tmp_path):
    from hm_assets.playbooks.strategy import shown
    from hm_assets_tests.playbooks.strategy.months import month, strategy

    made = strategy(month())
    text = shown.matrix(made["decision_matrix"])
    assert text.count("\n") == 1 + len(made["decision_matrix"])
    assert "<script>" not in text and "<script>" not in shown.strategies(made["strategy"])
    assert shown.matrix([]) == shown.calendar([]) == shown.strategies([]) == shown.NOTHING

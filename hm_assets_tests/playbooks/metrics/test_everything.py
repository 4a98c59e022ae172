import dataclasses

import pytest

from hm_assets.forecasts.decisions.tables import BUDGETS
from hm_assets.forecasts.why.tables import SEGMENT_REASONS
from hm_assets.playbooks.metrics.everything import Read, store_of
from hm_assets.playbooks.metrics.figure import write_figure
from hm_assets.playbooks.metrics.store import Store
from hm_assets.playbooks.metrics.tables import METRICS
from hm_assets.playbooks.strategy.figures import of_gap
from hm_assets.profiles.movement.tables import SIZE_FORECAST
from hm_assets.profiles.wording import Style
from hm_assets.recommendations.complements.tables import CROSS_SELL
from hm_assets.warehouse.errors import ContractError
from hm_assets_tests.playbooks.examples import MONTH, rows
from hm_assets_tests.playbooks.metrics.examples import (
    ARTICLE,
    NAMES,
    UPLIFT,
    listed,
    outlook,
    read,
    store,
    strategy,
    tables,
)


def test_a_month_without_profiles_has_no_figures() -> None:
    assert store_of(Read([]), MONTH, {}) is None


def test_figures_come_from_every_table_and_survive_being_stored() -> None:
    found = store()
    assert {figure.asset for figure in found.figures.values()} == {
        "profiles/segment_profiles",
        "customers/customers",
        "articles/articles",
        "raw/transactions",
        *tables(),
    }
    stored = METRICS.in_memory(found.rows()).to_pyarrow().to_pylist()
    again = Store.from_rows(stored)
    assert again is not None
    assert again.figures == found.figures
    assert list(again.names) == list(found.names) == ["3", "2", "1", "0"]
    assert again.versions["profiles/segment_profiles"] == "9f3c21ab77d0"


def test_what_a_segment_was_a_month_ago_is_not_taken_for_what_it_is() -> None:
    before = {
        **{"segment_id": 2, "segment_name": NAMES[2], "kind": "step", "name": "customers"},
        **{"position": 1, "value": 999.0, "low": None, "high": None, "unit": "customers", "to_segment": None},
    }
    found = store(rows={"playbooks/journey": [before]})
    again = Store.from_rows(METRICS.in_memory(found.rows()).to_pyarrow().to_pylist())
    assert again is not None
    assert again.figures["playbooks/journey", "2", "step", "customers", "value"].value == 999.0
    assert again.value("2", "customers") == found.value("2", "customers") == 540_825
    assert list(again.names) == ["3", "2", "1", "0"]


def test_profiles_alone_are_enough() -> None:
    found = store(rows={}, counts={}, months=())
    assert {figure.asset for figure in found.figures.values()} == {"profiles/segment_profiles"}
    assert found.names == {str(i): NAMES[i] for i in (3, 2, 1, 0)}


def test_a_month_in_which_nobody_has_bought_has_the_figures_of_those_on_file() -> None:
    found = store(profiles=[row for row in rows() if row["segment_id"] == 0], rows={}, counts={}, months=())
    assert list(found.names) == ["0"]
    assert found.value("0", "customers") == 9_699


def test_nothing_is_gathered_of_a_segment_of_fewer_than_twenty() -> None:
    few = [
        row | {"value": 12.0} if (row["segment_id"], row["fact"]) == (2, "customers") else row
        for row in rows()
    ]
    found = store(profiles=few, rows=tables() | {"forecasts/segments": outlook("2")})
    told = {(f.asset, f.fact) for f in found.figures.values() if f.segment == "2"}
    # Its size is told, as everywhere; and nothing else.
    assert told <= {
        ("profiles/segment_profiles", "customers"),
        ("profiles/segment_profiles", "share_of_customers"),
    }


def test_of_a_shop_with_fewer_than_twenty_buyers_only_counts_are_told() -> None:
    few = [
        row | {"value": 5.0} if row["fact"] == "customers" and row["segment_id"] else row for row in rows()
    ]
    found = store(profiles=few, rows=tables() | {"playbooks/strategy": []})
    assert {f.asset for f in found.figures.values()} == {
        *("profiles/segment_profiles", "customers/customers", "articles/articles", "raw/transactions"),
    }


def test_how_many_bought_an_article_cannot_be_worked_out_where_they_are_few() -> None:
    found = store(rows={"recommendations/segments": [listed(1, 1, None)]})
    assert {f.field for f in found.figures.values() if f.kind == "recommendation"} == {"price"}


def test_flows_are_rounded_to_twenty_and_small_ones_are_not_told() -> None:
    found = [f for f in store().figures.values() if f.kind == "movement"]
    assert [(f.segment, f.fact, f.value, f.text) for f in found] == [("1", "to_2", 60.0, "about 60")]


def test_an_assumed_figure_keeps_its_mark() -> None:
    assert store().figures[UPLIFT.key].assumption
    assert {f for f in store().figures.values() if f.assumption} == {UPLIFT}


def test_a_line_that_writes_a_known_figure_in_its_own_way_is_in_the_store_too() -> None:
    share = store().figures["profiles/segment_profiles", "1", "size", "share_of_customers", "value"]
    said = dataclasses.replace(share, text="a fifth")
    found = store(rows={"playbooks/strategy": strategy((1, "who", [said]))})
    assert {
        f.text for f in found.figures.values() if f.fact == "share_of_customers" and f.segment == "1"
    } >= {
        "20 %",
        "a fifth",
    }


def test_two_values_of_one_figure_are_refused() -> None:
    wrong = dataclasses.replace(
        store().figures["profiles/segment_profiles", "1", "size", "share_of_customers", "value"], value=0.5
    )
    with pytest.raises(ContractError, match="share_of_customers"):
        store(rows={"playbooks/strategy": strategy((1, "who", [wrong]))})


def test_the_label_of_an_article_is_its_name_in_full() -> None:
    labels = {f.label for f in read_labels()}
    assert f"{ARTICLE}, White, Dress (article 0806226001)" in labels


def read_labels() -> list:  # type: ignore[type-arg]
    return [f for f in store_of(read(), MONTH, {}).figures.values() if f.kind == "recommendation"]  # type: ignore[union-attr]


def test_a_strategy_that_says_another_share_of_a_gap_than_the_lists_is_refused() -> None:
    gap = {
        **{"segment_id": 1, "rank": 1, "have": "Skirt", "lack": "Belt", "customers": 400, "missing": 300},
        **{"share": 0.25, "share_of_others": 0.5},
    }
    said = of_gap({**gap, "share": 0.35}, "share", "share")
    with pytest.raises(ContractError, match="Skirt without Belt"):
        store(
            rows={
                "recommendations/cross_sell": [gap],
                "playbooks/strategy": strategy((1, "growth", [said, " also buy belts."])),
            }
        )


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [(0.0004, "share", "under 0.1 %"), (0.0004, "number", "under 0.001"), (0.0, "share", "0 %")],
)
def test_what_is_too_small_to_be_written_says_so(value: float, style: Style, text: str) -> None:
    assert write_figure(value, style) == text


def test_gaps_reasons_and_sizes_to_come_that_tell_of_few_are_not_gathered() -> None:
    gap = {"segment_id": 3, "have": "Skirt", "lack": "Belt", "missing": 30, "share_of_others": 0.5}
    reason = {"segment": "1", "customers": 500, "theme": "recency", "effect": "lowers"}
    few = [
        row | {"value": 12.0} if (row["segment_id"], row["fact"]) == (2, "customers") else row
        for row in rows()
    ]
    told = store(
        profiles=few,
        rows={
            CROSS_SELL.path: [
                {**gap, "customers": 40, "share": 0.25},
                {**gap, "have": "Hat", "customers": 400, "share": 0.25},
            ],
            SEGMENT_REASONS.path: [
                {**reason, "moved": 10, "share": 0.02},
                {**reason, "theme": "price", "moved": 100, "share": 0.2},
            ],
            SIZE_FORECAST.path: [
                {
                    "segment_id": i,
                    "leads": True,
                    "months_ahead": 1,
                    "customers": 12,
                    "low_80": 10,
                    "high_80": 14,
                }
                for i in (1, 2)
            ],
        },
    )
    found = {
        (f.segment, f.fact)
        for f in told.figures.values()
        if not f.asset.startswith(("profiles/segment_p", "cust", "art", "raw"))
    }
    assert found == {("3", "Hat without Belt"), ("1", "price lowers"), ("1", "size_in_1_months")}


def test_what_a_budget_costs_and_brings_is_assumed_and_whom_it_reaches_is_not() -> None:
    budget = {"ranking": "value_at_risk", "budget_percent": 5, "customers": 100, "assumptions": "made up"}
    amounts = dict.fromkeys(("cost", "profit", "profit_low", "profit_high"), 1.5)
    found = store(rows={BUDGETS.path: [{**budget, **amounts}]}).figures.values()
    assert {f.field for f in found if f.assumption} == set(amounts)

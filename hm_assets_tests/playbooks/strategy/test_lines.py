"""The lines of the strategies: every figure stands in its table, assumptions are marked, ids do not matter."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.playbooks.metrics.figure import ALL, Figure, from_json, plain
from hm_assets.playbooks.strategy import journey, plans
from hm_assets.playbooks.strategy.tables import PARTS, STRATEGY
from hm_assets_tests.playbooks.examples import rows, segment
from hm_assets_tests.playbooks.strategy.months import (
    HOSTILE,
    cross_sell,
    launches,
    lists,
    month,
    outlook,
    steps,
    strategy,
)


def figures(made: list[dict[str, Any]]) -> list[Figure]:
    return [p for row in made for p in from_json(json.loads(row["pieces"])) if isinstance(p, Figure)]


def texts(made: list[dict[str, Any]], part: str, segment_id: int = 1) -> str:
    return " ".join(row["text"] for row in made if (row["part"], row["segment_id"]) == (part, segment_id))


def looked_up(figure: Figure, made: dict[str, list[dict[str, Any]]]) -> float:
    """The figure as its table has it."""
    the = int(figure.segment) if figure.segment != ALL else -1
    found: list[dict[str, Any]]
    match figure.asset:
        case "profiles/segment_profiles":
            found = [
                r
                for r in rows()
                if (r["segment_id"], r["kind"], r["fact"]) == (the, figure.kind, figure.fact)
            ]
        case "forecasts/segments":
            found = [r for r in outlook() if (r["segment"], r["measure"]) == (figure.segment, figure.fact)]
        case "recommendations/segments":
            found = [r for r in lists() if (r["segment_id"], r["article_id"]) == (the, figure.fact)]
        case "recommendations/launches":
            found = [r for r in launches() if (r["segment_id"], str(r["article_key"])) == (the, figure.fact)]
        case "recommendations/cross_sell":
            found = [
                r
                for r in cross_sell()
                if (r["segment_id"], f"{r['have']} without {r['lack']}") == (the, figure.fact)
            ]
        case "playbooks/journey":
            key = (the, figure.kind, figure.fact)
            found = [r for r in made["journey"] if (r["segment_id"], r["kind"], r["name"]) == key]
        case "playbooks/assumptions":
            found = [r for r in made["assumptions"] if (r["segment_id"], r["measure"]) == (the, figure.fact)]
        case "playbooks/decision_matrix":
            found = [r for r in made["decision_matrix"] if r["segment_id"] == the]
        case other:
            raise AssertionError(other)
    assert len(found) == 1, figure
    return found[0][figure.field]


def test_every_figure_of_a_line_is_in_the_table_that_it_names():
    made = strategy(month())
    found = figures(made["strategy"])
    assert len(found) > 100
    assert len({figure.asset for figure in found}) == 8
    for figure in found:
        assert figure.value == looked_up(figure, made)


def test_a_line_is_its_pieces_and_no_share_stands_outside_of_a_figure():
    for row in strategy(month())["strategy"]:
        pieces = from_json(json.loads(row["pieces"]))
        assert plain(pieces) == row["text"]
        prose = "".join(p for p in pieces if isinstance(p, str)).replace("80 % interval", "")
        assert "%" not in prose, row["text"]


def test_an_article_is_called_in_the_store_as_in_its_line_so_that_a_number_in_its_name_is_no_figure():
    for row in strategy(month())["strategy"]:
        for piece in from_json(json.loads(row["pieces"])):
            if isinstance(piece, Figure) and piece.asset == "recommendations/launches":
                assert piece.label in row["text"] and "(1)" in piece.label


def test_every_segment_has_every_part_of_the_card_in_order():
    made = strategy(month())["strategy"]
    for i in (0, 1, 2, 3):
        mine = [row for row in made if row["segment_id"] == i]
        parts = [row["part"] for row in mine]
        assert parts == sorted(parts, key=list(PARTS).index)
        must = {
            "channel",
            "tone",
            "offer",
            "frequency",
            "product",
            "tactic",
            "outcome",
            "budget",
            "owner",
            "missing",
        }
        assert must <= set(parts)
        assert parts.count("tactic") == 3
        for part in set(parts):
            positions = [row["position"] for row in mine if row["part"] == part]
            assert positions == list(range(1, len(positions) + 1))
    assert {column.name for column in STRATEGY.columns} == set(made[0])


def test_what_is_assumed_is_marked_and_nothing_else_is():
    for row in strategy(month())["strategy"]:
        assumed = any(isinstance(p, Figure) and p.assumption for p in from_json(json.loads(row["pieces"])))
        assert row["assumption"] is (assumed or "do not pay" in row["text"])
        if row["assumption"]:
            assert "assumption" in row["text"].lower()
        if row["part"] == "outcome":
            assert row["assumption"] or "Not in the data" in row["text"]


def test_no_line_promises_an_effect_or_names_money():
    for row in strategy(month(lists=[]))["strategy"]:
        assert not re.search(r"[$€£¥]|\b(SEK|EUR|USD|kr)\b", row["text"])
        assert not re.search(r"\b(will|would|should)\b[^.]*\b(rise|grow|lift|increase|uplift)", row["text"])


SWAPPED = {1: 3, 2: 1, 3: 2, 0: 0}


def test_permuting_the_ids_of_segments_changes_no_line():
    def renumbered(found: list[dict[str, Any]], name: str = "segment_id") -> list[dict[str, Any]]:
        return [
            {**row, name: type(row[name])(SWAPPED[int(row[name])])} if row[name] != ALL else row
            for row in found
        ]

    def said(made: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
        return {(row["segment_name"], row["part"], row["position"], row["text"], row["rule"]) for row in made}

    plain_rows = renumbered(rows())
    other = month(
        plain_rows,
        outlook=renumbered(outlook(), "segment"),
        lists=renumbered(lists()),
        cross_sell=renumbered(cross_sell()),
        launches=renumbered(launches()),
    )
    # The journey is the same for both: it is made of counts that keep their ids here.
    without = ("journey", "changed")
    one = [row for row in strategy(month())["strategy"] if row["part"] not in without]
    two = [row for row in strategy(other, plain_rows)["strategy"] if row["part"] not in without]
    assert said(one) == said(two)


def test_the_order_of_rows_does_not_matter():
    turned = month(rows()[::-1], outlook=outlook()[::-1], lists=lists()[::-1], launches=launches()[::-1])
    assert strategy(turned, rows()[::-1])["strategy"] == strategy(month())["strategy"]


def test_without_forecasts_and_recommendations_it_says_what_is_missing():
    made = strategy(month(outlook=[], lists=[], cross_sell=[], launches=[]))["strategy"]
    assert "Not in the data" in texts(made, "outcome")
    assert "Not in the data" in texts(made, "budget")
    assert "No forecast" in texts(made, "missing")
    assert "Bikini top: index 287" in texts(made, "product")
    assert "Nothing" in texts(made, "product", 2)


def test_of_fewer_than_twenty_nothing_is_said():
    few = [*rows(), *segment(4, "Few", {"customers": 19.0, "orders": 3.0})]
    made = [row for row in strategy(month(few), few)["strategy"] if row["segment_id"] == 4]
    assert [row["text"] for row in made] == [
        "The strategy is withheld: it would tell of fewer than 20 customers."
    ]


def test_one_segment_alone_and_nobody_who_bought_still_have_a_strategy():
    alone = segment(1, "Everybody", {"customers": 100.0})
    assert strategy(month(alone, lists=[], outlook=[]), alone)["strategy"]
    never = segment(0, "No purchase yet", {"customers": 100.0})
    made = strategy(month(never, lists=[], outlook=[], cross_sell=[], launches=[]), never)["strategy"]
    assert "first order" in texts(made, "offer", 0)
    assert not texts(made, "journey", 0)


def test_what_changed_says_size_flows_and_that_nothing_else_is_known():
    said = texts(strategy(month())["strategy"], "changed")
    assert said.startswith("272,456 customers, a month ago 260,009.")
    assert "Came from another group: about 12,460 (../../Été / Ünïcode), to the nearest 20." in said
    assert "not in the warehouse" in said


def test_the_largest_drop_off_is_named_with_who_is_gone():
    said = texts(strategy(month())["strategy"], "journey", 3)
    assert "From the third order to the fifth: 50 % went on" in said
    assert "The smallest share goes on after the third order: of those who stopped there, 50 % have" in said


def test_steps_after_a_small_one_are_said_to_be_withheld():
    told = [row for row in journey.steps({3: steps(1000, 600, 590, 100, 50)}) if row["segment_id"] == 3]
    said = [plain(line.sentence) for line in plans.journeys(told, [])]
    assert said[0] == "From the first order to the second: 60 % went on."
    assert said[1].startswith("The further steps are withheld")
    assert len(said) == 3


def test_gaps_of_few_customers_are_not_told():
    said = texts(strategy(month())["strategy"], "growth")
    assert "Belt" in said and "Scarf" not in said


def test_a_launch_is_named_for_the_segment_that_wants_it_most():
    made = strategy(month())["strategy"]
    assert "Not on sale yet: New blouse (1) (article 0954812001); expected 4 buyers" in texts(made, "product")
    assert "New blouse" not in texts(made, "product", 3)
    everybody = month(launches=[{**row, "over_index": 1.0} for row in launches()])
    assert "New blouse" not in texts(strategy(everybody)["strategy"], "product")


def test_hostile_names_are_text_and_stay_whole():
    made = strategy(month())["strategy"]
    assert HOSTILE in texts(made, "product")


figure_values = st.fixed_dictionaries(
    {"customers": st.floats(20, 1e6)},
    optional={
        "recency_days": st.floats(0, 800),
        "orders": st.floats(1, 100),
        "bought_365d": st.floats(0, 1),
        "spend_365d": st.floats(0, 10),
        "fashion_news": st.floats(0, 1),
        "club_active": st.floats(0, 1),
        "online_share": st.floats(0, 1),
        "items_per_order": st.floats(1, 10),
    },
)


@settings(max_examples=40)
@given(figure_values, st.floats(0, 1), st.floats(0, 1e6))
def test_any_group_gets_a_whole_strategy(facts, leaving, value):
    group = segment(1, "A group", facts)
    told = [
        {**row, "value": {"leaving_90d": leaving, "value_12m_sum": value}.get(row["measure"], row["value"])}
        for row in outlook()
        if row["segment"] in ("1", ALL)
    ]
    made = strategy(month(group, outlook=told), group)
    parts = {row["part"] for row in made["strategy"]}
    assert {"channel", "tone", "offer", "frequency", "tactic", "budget", "owner"} <= parts
    assert all("{" not in row["text"] for row in made["strategy"])


def test_words_that_rest_on_a_missing_fact_are_an_error():
    from hm_assets.playbooks.strategy import lines
    from hm_assets.playbooks.strategy.rules import default
    from hm_assets.warehouse.errors import ContractError
    from hm_assets_tests.playbooks.examples import AS_OF

    made = strategy(month())
    words = [
        {
            **{"segment_id": 1, "kind": "strength", "position": 1, "sentence": "They are rich."},
            "pieces": json.dumps([["rich", "demographic", "income", "value"]]),
        }
    ]
    with pytest.raises(ContractError, match=r"They are rich.*income.*materialise profiles/segment_words"):
        list(lines.rows(month(), rows(), words, made, default(), AS_OF))


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (20.0, "Every 20 days, in their own rhythm (half of them order again within 20 days); never"),
        (
            120.0,
            "Every 60 days, in their own rhythm (half of them order again within 120 days; no plan waits longer)",
        ),
        (
            3.0,
            "Every 8 days, in their own rhythm (half of them order again within 3 days; no plan comes sooner)",
        ),
    ],
)
def test_a_plan_that_a_limit_holds_does_not_claim_to_follow_their_rhythm(gap, said):
    group = segment(1, "A group", {"customers": 1000.0, "gap_days": gap})
    made = strategy(month(group, lists=[], outlook=[]), group)["strategy"]
    assert texts(made, "frequency").startswith(said)


def test_the_step_that_fewest_take_is_not_called_the_one_where_most_stop():
    # 400 stop after the first order, 80 after the fifth; of the latter the share is larger.
    told = [row for row in journey.steps({3: steps(1000, 600, 300, 100, 20)}) if row["segment_id"] == 3]
    (last,) = [text for line in plans.journeys(told, []) if "improve" in (text := plain(line.sentence))]
    assert last.startswith("The smallest share goes on after the fifth order")


def test_a_group_of_which_half_leave_is_not_said_to_leave_almost_whole():
    told = [{**row, "value": 0.5} if row["measure"] == "leaving_90d" else row for row in outlook()]
    assert "half of them or more" in texts(strategy(month(outlook=told))["strategy"], "retention")


@pytest.mark.parametrize(("customers", "told"), [(200.0, False), (2000.0, True)])
def test_how_many_would_stay_is_not_told_where_few_are_expected_to_leave(customers, told):
    group = segment(1, "A group", {"customers": customers})  # one in twenty of them is expected to leave
    made = strategy(month(group, lists=[]), group)["strategy"]
    said = texts(made, "outcome")
    assert "would stay" in said
    assert ("customers" in said) is told

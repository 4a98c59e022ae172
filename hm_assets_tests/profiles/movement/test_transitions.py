"""Flows of a month: their sums, and the sentence that leads."""

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.profiles.movement import shown
from hm_assets.profiles.movement.customer_movement import CHAIN, SPENDS, _cause, _direction
from hm_assets.profiles.movement.prices import PriceIndex
from hm_assets.profiles.movement.transitions import (
    ALL,
    PATHS,
    Moves,
    causes,
    spend_parts,
    transitions,
    unaccounted,
)
from hm_assets_tests.profiles.movement.histories import BEFORE, MONTH

INDEX = PriceIndex(1.02, 0.9)
SCHEMA = pa.schema(
    [(name, pa.int32()) for name in CHAIN]
    + [(name, pa.float64()) for name in SPENDS]
    + [("as_of", pa.date32())]
)


def movement(chains: list[tuple], spends: list[tuple]) -> ibis.Table:
    rows = [
        {**dict(zip(CHAIN, chain, strict=True)), **dict(zip(SPENDS, spend, strict=True)), "as_of": MONTH}
        for chain, spend in zip(chains, spends, strict=True)
    ]
    table = ibis.memtable(pa.Table.from_pylist(rows, schema=SCHEMA))
    return table.mutate(cause=_cause(table))


@settings(max_examples=8)
@given(
    st.lists(
        st.tuples(
            st.tuples(*[st.integers(0, 3)] * 5),
            st.tuples(*[st.integers(0, 10**12).map(lambda units: units / 1e9)] * 4),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_rows_add_up_to_the_sizes_before_and_after_and_parts_to_the_whole(customers):
    chains, spends = zip(*customers, strict=True)
    rows = transitions(movement(chains, spends), INDEX, MONTH)
    for step, (start, end, _, _) in PATHS.items():
        mine = [row for row in rows if row["step"] == step]
        for side, name in (("from_segment", start), ("to_segment", end)):
            for segment in range(4):
                size = sum(chain[CHAIN.index(name)] == segment for chain in chains)
                assert sum(row["customers"] for row in mine if row[side] == segment) == size
        for segment in {row["from_segment"] for row in mine}:
            assert sum(
                row["share_of_from"] for row in mine if row["from_segment"] == segment
            ) == pytest.approx(1)
    parts = spend_parts(rows)
    assert parts["model"] == 0.0
    assert sum(value for step, value in parts.items() if step != ALL) == pytest.approx(parts[ALL], abs=1e-9)
    assert parts[ALL] == pytest.approx(sum(spend[-1] - spend[0] for spend in spends), abs=1e-8)


def test_a_lost_customer_and_lost_spend_are_found():
    """What the blocking check rests on."""
    chains = [(1, 1, 2, 2, 2)] * 5 + [(0, 0, 0, 1, 1)] * 2 + [(1,) * 5] * 20
    rows = transitions(movement(chains, [(1.0, 0.5, 0.75, 0.75)] * 27), INDEX, MONTH)
    before = [{"month": BEFORE, "segment_id": 1, "customers": 25}]
    after = [{"month": MONTH, "segment_id": i, "customers": n} for i, n in ((1, 22), (2, 5))]
    assert unaccounted(rows, before + after) == []
    assert unaccounted(rows, [{**before[0], "customers": 26}, *after]) == [
        "2020-06: flows count 25 customers in segment 1 in 2020-05, segments/assignments has 26"
    ]
    gone = {"month": MONTH, "segment_id": 3, "customers": 1}
    assert unaccounted(rows, [*before, *after, gone]) == [
        "2020-06: flows count 0 customers in segment 3 in 2020-06, segments/assignments has 1"
    ]
    less = [{**row, "spend_change": row["spend_change"] + 0.5 * (row["step"] == "time")} for row in rows[:]]
    assert "is in no step" in unaccounted(less, before + after)[0]
    assert unaccounted([], before + after) == []


@pytest.mark.parametrize(
    ("chain", "cause", "direction"),
    [
        ((1, 1, 1, 1, 1), "none", "level"),
        ((1, 1, 3, 1, 1), "none", "level"),
        ((1, 1, 3, 3, 3), "time", "down"),
        ((3, 3, 3, 2, 2), "behaviour", "up"),
        ((1, 1, 3, 2, 2), "behaviour", "down"),
        ((2, 2, 2, 2, 1), "price", "up"),
        ((2, 1, 1, 1, 1), "model", "up"),
        ((0, 0, 0, 3, 3), "behaviour", "up"),
        ((3, 3, 3, 3, 9), "price", "down"),
        ((None, None, None, None, 2), "none", "level"),
    ],
)
def test_the_cause_is_the_last_step_that_changed_the_segment(chain, cause, direction):
    table = movement([chain], [(0.0,) * 4])
    found = (
        table.select("cause", direction=_direction(table, {0: 0, 1: 3, 2: 2, 3: 1})).to_pyarrow().to_pylist()
    )
    assert found == [{"cause": cause, "direction": direction}]


def test_without_a_month_before_there_is_no_flow():
    nobody = movement([(None, None, None, None, 2)], [(None, None, None, 1.0)])
    assert transitions(nobody, INDEX, MONTH) == []
    assert causes(nobody).headline == "Nobody has bought anything yet"
    assert shown.sankey([], causes(nobody)) == shown.matrix([]) == shown.NOTHING


@pytest.mark.parametrize(
    ("counted", "headline"),
    [
        ({"none": 80, "time": 9, "behaviour": 1}, "1 in 9 of 90 customers moved; most because time passed"),
        ({"none": 10, "behaviour": 90}, "90 % of 100 customers moved; all because they bought"),
        ({"none": 5}, "None of 5 customers moved"),
        (
            {"none": 50, "time": 4, "behaviour": 4, "price": 2},
            "1 in 6 of 60 customers moved; the largest part because time passed",
        ),
        ({}, "Nobody has bought anything yet"),
    ],
)
def test_the_headline_says_how_many_moved_and_why(counted, headline):
    assert Moves.of(counted).headline == headline


def test_pictures_are_the_same_for_rows_in_any_order():
    chains = [(1, 1, 2, 2, 2)] * 5 + [(2, 2, 2, 1, 1)] * 3 + [(0, 0, 0, 1, 1)] * 2 + [(1,) * 5] * 20
    rows = transitions(movement(chains, [(1.0, 1.0, 1.0, 1.0)] * 30), INDEX, MONTH)
    moves = Moves.of({"none": 20, "time": 5, "behaviour": 5})
    assert shown.sankey(rows, moves) == shown.sankey(rows[::-1], moves)
    assert shown.matrix(rows) == shown.matrix(rows[::-1])
    assert shown.matrix(rows).startswith(
        "![Segment 1 kept 80 % of its members, segment 2 0 %](data:image/png"
    )

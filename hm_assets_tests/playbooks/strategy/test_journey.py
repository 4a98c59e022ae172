"""How far customers have come: counted as by hand, and never of few."""

import datetime as dt

import ibis
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hm_assets.playbooks.facts import read_profiles
from hm_assets.playbooks.strategy import journey
from hm_assets.playbooks.strategy.journey import EVERYBODY, STEPS
from hm_assets_tests.playbooks.examples import row
from hm_assets_tests.playbooks.strategy.months import counts, steps, transitions

NAMES = {1: "A", 2: "B", 3: "C"}


def test_steps_are_counted_as_by_hand():
    rng = np.random.default_rng(1)
    days, recency, segment = rng.integers(1, 15, 500), rng.integers(0, 400, 500), rng.integers(0, 3, 500)
    keys = list(range(500))
    features = ibis.memtable({"customer_key": keys, "purchase_days": days, "recency_days": recency})
    found = journey.counts(features, ibis.memtable({"customer_key": keys, "segment_id": segment}))
    assert set(found) == {1, 2}
    for i, mine in found.items():
        own = segment == i
        assert [mine[f"reached_{n}"] for n in STEPS] == [int((days[own] >= n).sum()) for n in STEPS]
        assert mine["gone_2"] == int(((days == 2) & (recency > 90) & own).sum())


def test_shares_are_of_those_on_the_step_before_and_all_customers_are_all():
    rows = {(row["segment_id"], row["kind"], row["name"]): row for row in journey.steps(counts())}
    assert rows[3, "step", "2"]["value"] == 300_000 / 549_000
    assert rows[3, "step", "2"]["customers"] == 549_000
    every = rows[EVERYBODY, "step", "2"]
    assert every["value"] == (272_456 + 300_000) / (272_456 + 540_825 + 549_000)
    assert rows[3, "stopped", "1"]["value"] == 0.5


sizes = st.integers(0, 60)
ladders = st.tuples(sizes, sizes, sizes, sizes, sizes).map(lambda s: steps(*sorted(s, reverse=True)))


@given(st.dictionaries(st.integers(1, 4), ladders, min_size=1))
def test_no_share_is_of_few_nor_follows_from_two_others(by_segment):
    rows = journey.steps(by_segment)
    for told in rows:
        part = round(told["value"] * told["customers"])
        for many in (part, told["customers"] - part):
            assert many == 0 or many >= 20
    for place in range(1, len(STEPS)):
        told = [row for row in rows if row["kind"] == "step" and row["position"] == place]
        every = [row for row in told if row["segment_id"] == EVERYBODY]
        hidden = {i: by_segment[i] for i in by_segment if i not in {row["segment_id"] for row in told}}
        if every and len(hidden) == 1:
            mine = next(iter(hidden.values()))
            n, following = STEPS[place - 1], STEPS[place]
            # One that is left out alone comes back by subtraction: only nobody may.
            assert (
                mine[f"reached_{n}"] == 0
                or min(
                    mine[f"reached_{following}"] or 20,
                    mine[f"reached_{n}"] - mine[f"reached_{following}"] or 20,
                )
                >= 20
            )


def test_flows_are_rounded_and_few_are_not_told():
    rows = list(journey.flows(transitions(), NAMES))
    told = {(row["segment_id"], row["kind"], row["name"]): row["value"] for row in rows}
    assert told[3, "went_to", "A"] == 12_460
    assert told[1, "came_from", "C"] == 12_460
    assert (1, "went_to", "C") not in told
    assert told[1, "size", "customers"] == 260_009
    assert not list(journey.flows([], NAMES))


def test_a_figure_has_changed_where_the_intervals_lie_apart():
    # Orders lie within each other's intervals; items per order do not, but 3 % is too little to be told.
    now, before = (
        read_profiles([row(1, "A", fact, value) for fact, value in facts.items()])
        for facts in (
            {"recency_days": 30.0, "orders": 5.0, "items_per_order": 2.0},
            {"recency_days": 60.0, "orders": 5.05, "items_per_order": 2.06},
        )
    )
    rows = list(journey.changes(now, before))
    assert [(r["kind"], r["name"], r["value"]) for r in rows] == [
        ("before", "recency_days", 60.0),
        ("compared", "facts", 3.0),
    ]
    assert list(journey.changes(now, [])) == []


def test_rows_carry_their_day_and_names_and_who_has_none_is_left_out():
    rows = journey.whole(journey.steps(counts()), {3: "C"}, dt.date(2020, 9, 22), dt.date(2020, 9, 1))
    assert {row["segment_name"] for row in rows} == {"C", "all customers"}
    assert {row["as_of"] for row in rows} == {dt.date(2020, 9, 22)}


def test_who_may_move_soon_is_counted():
    movement = ibis.memtable(
        {
            "segment_id": [1] * 100 + [0] * 5,
            "drops_without_order_in_days": [10] * 40 + [None] * 65,
            "rises_with_one_order": [True] * 95 + [None] * 10,
        },
        schema={
            "segment_id": "int32",
            "drops_without_order_in_days": "int16",
            "rises_with_one_order": "boolean",
        },
    )
    assert [(row["name"], row["value"]) for row in journey.soon(movement)] == [("down", 0.4)]

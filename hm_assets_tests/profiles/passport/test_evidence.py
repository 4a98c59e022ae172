"""What a passport measures, on customers whose groups are known."""

import datetime as dt
from dataclasses import replace

import ibis
import numpy as np
import pytest

from hm_assets.profiles.passport import evidence
from hm_assets.segments.algorithms.catalogue import CATALOGUE
from hm_assets.segments.algorithms.centres import kmeans
from hm_assets.segments.fitting import Data
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets_tests.segments.customers import PLAIN, champion, cloud, groups, rows

KMEANS = next(a for a in CATALOGUE if (a.name, a.space) == ("kmeans", "rfm"))


def assigned(*members: tuple[int, int, float | None]) -> ibis.Table:
    """(customer, segment, confidence)."""
    columns = {"customer_key": "int64", "segment_id": "int32", "confidence": "float64"}
    return ibis.memtable(
        [dict(zip(columns, member, strict=True)) for member in members], schema=ibis.schema(columns)
    )


def fitted(values, k):
    points = PLAIN.transform(rows(values))
    centres = kmeans(Data(points), k, 1).model.centres
    return champion(centres, ids=range(11, 11 + k))


@pytest.mark.parametrize("rows_looked_at", [200, 10_000])
def test_clear_groups_are_found_again_and_slices_of_a_cloud_are_not(rows_looked_at):
    real, slices = groups(100), cloud(400)
    clear = evidence.jaccards(fitted(real, 4), KMEANS, 4, rows(real), None, rows_looked_at, 8)
    none = evidence.jaccards(fitted(slices, 6), KMEANS, 6, rows(slices), None, rows_looked_at, 8)
    assert sorted(clear) == [11, 12, 13, 14]
    assert min(measured.value for measured in clear.values()) > 0.95
    assert min(measured.value for measured in none.values()) < 0.7
    for measured in (*clear.values(), *none.values()):
        assert 0 <= measured.low <= measured.value <= measured.high <= 1


def test_the_same_seed_gives_the_same_figures_and_the_order_of_ids_does_not_matter():
    values = cloud(300)
    first = evidence.jaccards(fitted(values, 3), KMEANS, 3, rows(values), None, 200, 4)
    again = evidence.jaccards(
        fitted(values, 3), KMEANS, 3, rows(values, keys=range(900, 600, -1)), None, 200, 4
    )
    assert first == again


def test_sizes_hold_a_segment_that_nobody_is_in_and_no_customer_without_a_purchase():
    model = champion([[0, 0, 0], [1, 1, 1]], ids=[3, 7])
    members = assigned((1, 3, 0.9), (2, 3, 0.8), (3, NO_PURCHASE, None))
    assert evidence.sizes(members, model) == {3: 2, 7: 0}


def test_members_near_the_border_are_counted():
    members = assigned((1, 3, 0.51), (2, 3, 0.54), (3, 3, 0.55), (4, 3, 0.9), (5, 7, 1.0), (6, 0, None))
    found = evidence.ambiguous(members)
    assert {number: measured.value for number, measured in found.items()} == {3: 0.5, 7: 0.0}
    assert {number: measured.customers for number, measured in found.items()} == {3: 4, 7: 1}


def test_members_kept_are_counted_where_they_were():
    before = assigned(*((i, 3, 1.0) for i in range(4)), (9, 7, 1.0), (10, 0, None))
    now = assigned(*((i, 3 if i < 3 else 7, 1.0) for i in range(4)), (9, 7, 1.0), (10, 3, 1.0))
    found = evidence.kept(now, before)
    assert {number: measured.value for number, measured in found.items()} == {3: 0.75, 7: 1.0}
    assert {number: measured.customers for number, measured in found.items()} == {3: 4, 7: 1}


def row(tier, fact, test, effect, low, **more):
    head = {"tier": tier, "fact": fact, "test": test, "effect": effect, "low": low, "high": 1.0}
    names = {
        "segment_id": None,
        "level": None,
        "effect_name": "omega_squared",
        "n": 500,
        "as_of": dt.date(2020, 6, 22),
    }
    return {**names, **head, "verdict": "small: whatever it says", **more}


CELLS = [
    row(
        "held_out",
        "club",
        "adjusted_residual",
        0.2,
        0.1,
        segment_id=segment,
        level=level,
        effect_name="share",
    )
    for segment in (3, 7, 9)
    for level in ("none", "active", "left")
]


@pytest.mark.parametrize(
    ("found", "counted"),
    [
        ([row("held_out", "age", "welch_anova", 0.0101, 0.001)], (1, 1)),
        ([row("held_out", "age", "welch_anova", 0.0099, 0.001)], (0, 1)),
        ([row("held_out", "age", "welch_anova", 0.2, -0.001)], (0, 1)),
        ([row("held_out", "age", "anova", 0.2, 0.1)], (0, 0)),
        ([row("held_out", "age", "welch_anova", None, None)], (0, 0)),
        ([row("later", "spend", "brown_forsythe", 0.2, 0.1)], (0, 0)),
        ([row("construction", "orders", "by_construction", 0.9, 0.8)], (0, 0)),
        # Cohen's w = 0.1 is a V of 0.071 where the smaller side has three.
        ([row("held_out", "club", "chi_square", 0.08, 0.01, effect_name="cramers_v"), *CELLS], (1, 1)),
        ([row("held_out", "club", "chi_square", 0.06, 0.01, effect_name="cramers_v"), *CELLS], (0, 1)),
    ],
)
def test_facts_that_differ_are_counted_by_their_effects_and_in_their_own_tier(found, counted):
    assert evidence.differing(found, "held_out") == counted


def test_later_facts_are_counted_apart_and_nothing_where_nobody_was_judged():
    assert evidence.differing([row("later", "spend", "welch_anova", 0.2, 0.1)], "later") == (1, 1)
    assert evidence.differing([], "later") is None


def test_a_segment_without_later_spend_has_a_reason_of_its_own():
    model = champion([[0, 0, 0], [1, 1, 1], [2, 2, 2]], ids=[3, 7, 9])
    found = evidence.lifts(
        [
            row("later", "later_spend", "lift", 1.5, 1.2, segment_id=3, high=1.8),
            row(
                "later",
                "later_spend",
                "lift",
                None,
                None,
                segment_id=7,
                verdict="not measured: only one customer",
            ),
        ],
        model,
    )
    assert found == {
        3: evidence.Measured(1.5, 1.2, 1.8),
        7: "only one customer",
        9: "no segment of 2020-06-22, the judged day, goes on in it",
    }
    assert evidence.lifts([], model) == {}


def test_a_number_that_is_none_is_seen_wherever_it_stands():
    model = champion([[0, 0, 0], [1, 1, 1]], ids=[3, 7])
    assert evidence.is_finite(model)
    assert not evidence.is_finite(champion([[0, 0, np.nan], [1, 1, 1]], ids=[3, 7]))
    spoilt = replace(model.space, coordinates=(replace(model.space.coordinates[0], unit=np.inf),))
    assert not evidence.is_finite(replace(model, space=spoilt))


def test_nothing_is_told_of_a_segment_that_was_of_few_on_the_judged_day():
    model = champion([[0, 0, 0], [1, 1, 1]], ids=[3, 7])
    found = evidence.lifts(
        [
            row("later", "later_spend", "lift", 2.5, 1.2, segment_id=number, high=4.8, n=n)
            for number, n in ((3, 19), (7, 20))
        ],
        model,
    )
    assert found[3] == "fewer than 20 customers were in it on 2020-06-22, the judged day"
    assert found[7] == evidence.Measured(2.5, 1.2, 4.8)

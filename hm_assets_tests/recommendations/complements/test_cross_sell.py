"""A planted lack is found, and none where segments only differ in how much they buy."""

import numpy as np
import pytest

from hm_assets.recommendations.complements.cross_sell import gaps, holdings
from hm_assets.recommendations.complements.rules import Rules


def rule(a: int, b: int) -> Rules:
    one = np.ones(1)
    whole = one.astype(np.int64)
    return Rules(np.array([a]), np.array([b]), whole, whole, one, one, one, one, one, one, one, tested=1)


def people(lack: float, customers: int = 3_000, types: int = 12, seed: int = 0):
    """Segment 1 buys half as many product types as segment 2, and has type 1 rarer by a factor."""
    rng = np.random.default_rng(seed)
    segment = 1 + np.arange(customers) % 2
    have = rng.random((customers, types)) < np.where(segment == 1, 0.3, 0.6)[:, None] * rng.uniform(
        0.5, 1, (customers, 1)
    )
    have[:, 1] &= (segment == 2) | (rng.random(customers) < lack)
    customer, kind = np.nonzero(have)
    return holdings(customer, kind, types, segment.astype(np.int64)), have, segment


def test_who_has_half_of_what_goes_with_it_lacks_it():
    have, _, _ = people(lack=0.4)
    found, tested = gaps(rule(0, 1), have, withheld=())
    assert tested == 2 and [(row["segment_id"], row["lack"], row["rank"]) for row in found] == [(1, 1, 1)]
    (row,) = found
    assert row["low"] <= row["gap"] <= row["high"] < 0
    assert row["missing"] == pytest.approx(-row["gap"] * row["customers"])
    assert row["share_of_others"] == pytest.approx(row["share"] - row["gap"])


def test_who_buys_less_of_everything_lacks_nothing_in_particular():
    # By plain shares they would: 0.23 against 0.47 have type 1.
    have, bought, segment = people(lack=1.0)
    plain = [bought[(segment == s) & bought[:, 0], 1].mean() for s in (1, 2)]
    assert plain[1] - plain[0] > 0.1
    assert gaps(rule(0, 1), have, withheld=())[0] == []


def test_of_small_segments_nothing_is_said():
    have, _, _ = people(lack=0.4)
    assert gaps(rule(0, 1), have, withheld={1})[0] == []
    few, _, _ = people(lack=0.0, customers=40)
    assert gaps(rule(0, 1), few, withheld=())[1] == 0


def test_a_comparison_of_few_customers_is_not_made_though_the_segment_has_many():
    """Fifteen of the segment have as many types as anybody else; the other sixty have more than all others."""
    narrow = [(who, kind) for who in range(15) for kind in (0, 2)]
    broad = [(who, kind) for who in range(15, 75) for kind in (0, *range(2, 12))]
    others = [(who, kind) for who in range(75, 275) for kind in (0, 1)]
    customer, kind = (np.array(column) for column in zip(*(narrow + broad + others), strict=True))
    segment = np.where(np.arange(275) < 75, 1, 2)
    assert gaps(rule(0, 1), holdings(customer, kind, 12, segment), withheld=()) == ([], 0)


def test_one_segment_and_no_rules_give_nothing():
    have, _, _ = people(lack=0.4)
    alone = type(have)(have.customers, have.breadth, np.ones_like(have.segment))
    assert gaps(rule(0, 1), alone, withheld=()) == ([], 0)
    none = rule(0, 1).of(np.zeros(1, dtype=bool))
    assert gaps(none, have, withheld=()) == ([], 0)

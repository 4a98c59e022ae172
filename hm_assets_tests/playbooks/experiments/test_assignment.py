"""The draw of the arms: the same everywhere, balanced, and its own in each campaign."""

import json
import os
import random
import subprocess
import sys
from collections import Counter

import duckdb
import pytest

from hm_assets.playbooks.experiments.assignment import HOLDOUT, assign, draw, holdout_size, value_bands

PEOPLE = [f"customer {number}" for number in range(12)]
STRATA = ["1-low"] * 4 + ["1-high"] * 4 + ["2-low"] * 4
SHARES = {"1-low": 0.5, "1-high": 0.25, "2-low": 0.0}
# Worked out once and never to change: a campaign that runs is counted by these arms.
EXPECTED = {0, 1, 4}


def held(arms):
    return {place for place, arm in enumerate(arms) if arm == HOLDOUT}


def test_the_arms_are_those_of_the_table():
    assert draw("2020-09", "abc") == 84_259_720_097_353_025
    assert held(assign("2020-09", PEOPLE, STRATA, SHARES)) == EXPECTED


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_another_process_draws_the_same(seed):
    code = (
        "import json; from hm_assets.playbooks.experiments.assignment import assign; "
        f"print(json.dumps(assign('2020-09', {PEOPLE!r}, {STRATA!r}, {SHARES!r})))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
    )
    assert json.loads(told.stdout) == assign("2020-09", PEOPLE, STRATA, SHARES)


def test_another_engine_draws_the_same():
    query = "SELECT ('0x' || substr(sha256(? || chr(10) || ?), 1, 15))::BIGINT"
    for customer in ("abc", "Zoë 🧥", "=1+1", ""):
        assert duckdb.execute(query, ["2020-09", customer]).fetchone()[0] == draw("2020-09", customer)


def test_the_order_of_the_rows_changes_nothing():
    order = list(range(12))
    random.Random(3).shuffle(order)
    arms = assign("2020-09", [PEOPLE[i] for i in order], [STRATA[i] for i in order], SHARES)
    assert {order[place] for place in held(arms)} == EXPECTED


def test_each_stratum_holds_out_its_share_to_within_one_customer():
    strata = [f"{number % 7}" for number in range(7003)]
    arms = assign("x", [str(number) for number in range(7003)], strata, {f"{n}": 0.13 for n in range(7)})
    counted = Counter(stratum for stratum, arm in zip(strata, arms, strict=True) if arm == HOLDOUT)
    for stratum, size in Counter(strata).items():
        assert abs(counted[stratum] - 0.13 * size) < 1


def test_campaigns_draw_apart_and_each_customer_has_the_same_chance():
    people = [str(number) for number in range(10)]
    times = Counter()
    for campaign in range(2000):
        arms = assign(str(campaign), people, ["a"] * 3 + ["b"] * 7, {"a": 0.1, "b": 0.1})
        times.update(held(arms))
    # 2,000 draws of 10 %: 200, four standard deviations are 54. Strata of 3 are below one customer each.
    assert all(146 < times[person] < 254 for person in range(10))


def test_who_joins_moves_at_most_one_other_customer():
    people = [str(number) for number in range(1000)]
    before = held(assign("x", people, ["a"] * 1000, {"a": 0.2}))
    after = held(assign("x", [*people, "new"], ["a"] * 1001, {"a": 0.2}))
    assert len(before ^ (after - {1000})) <= 1


def test_a_larger_share_keeps_those_who_are_held_out():
    people, strata = [str(number) for number in range(500)], ["a"] * 500
    few, many = (held(assign("x", people, strata, {"a": share})) for share in (0.1, 0.3))
    assert few < many


def test_nobody_and_everybody_can_be_held_out():
    assert held(assign("x", PEOPLE, STRATA, dict.fromkeys(SHARES, 0.0))) == set()
    assert held(assign("x", PEOPLE, STRATA, dict.fromkeys(SHARES, 1.0))) == set(range(12))
    assert assign("x", [], [], {}) == []
    assert holdout_size("x", "a", 10, 0.3) == 3


def test_a_customer_twice_and_a_share_that_is_none_are_refused():
    with pytest.raises(ValueError, match="twice"):
        assign("x", ["a", "a"], ["s", "s"], {"s": 0.5})
    with pytest.raises(ValueError, match="0 to 1"):
        assign("x", ["a"], ["s"], {"s": 1.5})


def test_bands_are_thirds_of_each_segment_and_equal_spend_shares_one():
    segments = [1] * 9 + [2] * 4
    assert value_bands(segments, [*range(9), 5.0, 5.0, 5.0, 5.0]) == [
        *["low"] * 3,
        *["middle"] * 3,
        *["high"] * 3,
        *["low"] * 4,
    ]
    assert value_bands([], []) == []

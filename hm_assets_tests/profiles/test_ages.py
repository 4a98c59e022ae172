"""Facts about age: by pencil where all are known, by Rubin's rules where some are drawn."""

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.customers.pooling import pool
from hm_assets.profiles import ages


def counts(known: dict[int, list], drawn: dict[int, list[list[int]]] | None = None) -> list[dict]:
    """Rows of `ages.counts`: known ages (None = unknown) by segment, and the draws of the unknown ones."""
    rows = []
    for i, found in known.items():
        rows += [{"segment_id": i, "draw": 0, "age": age, "customers": 1} for age in found]
    for i, draws in (drawn or {}).items():
        for number, found in enumerate(draws, 1):
            rows += [{"segment_id": i, "draw": number, "age": age, "customers": 1} for age in found]
    return rows


def by_fact(rows: list[dict], segment: int) -> dict[str, dict]:
    return {row["fact"]: row for row in ages.rows_of(rows)[segment]}


def test_known_ages_are_what_a_pencil_says():
    found = by_fact(counts({1: [20, 24, 30, 40, 60], 2: [70, 70, 70], 0: [18]}), 1)
    assert {name: row["value"] for name, row in found.items()} == {
        "age_known": 1.0,
        "age": 30,
        "age_lower_quartile": 24,
        "age_upper_quartile": 40,
        "age_under_25": 0.4,
        "age_25_34": 0.2,
        "age_35_49": 0.2,
        "age_50_plus": 0.2,
    }
    # The base is the eight who have bought; who has not is in none.
    assert found["age"]["base"] == 50
    assert found["age_under_25"]["base"] == 2 / 8


@pytest.mark.parametrize("age", [16, 24, 25, 34, 35, 49, 50, 99])
def test_each_age_is_in_exactly_one_band(age):
    found = by_fact(counts({1: [age]}), 1)
    assert sorted(found[name]["value"] for name in ages.BANDS) == [0, 0, 0, 1]


def test_a_share_with_drawn_ages_is_pooled():
    known, drawn = [20] * 40 + [60] * 40 + [None] * 20, [[20] * 20, [20] * 10 + [60] * 10, [60] * 20]
    found = by_fact(counts({1: known, 2: [30] * 50}, {1: drawn}), 1)["age_under_25"]
    shares = np.array([0.6, 0.5, 0.4])
    wary = (100 * shares + 2) / 104
    expected = pool(shares, wary * (1 - wary) / 104, complete_degrees_of_freedom=99)
    assert found["value"] == pytest.approx(0.5)
    assert (found["low"], found["high"]) == pytest.approx((float(expected.low), float(expected.high)))


def test_not_knowing_widens_the_interval_and_known_ages_alone_do_not():
    known = [20] * 45 + [60] * 55
    sure = by_fact(counts({1: known}), 1)["age_under_25"]
    unsure = by_fact(counts({1: known[5:95] + [None] * 10}, {1: [[20] * 10, [60] * 10]}), 1)["age_under_25"]
    assert unsure["high"] - unsure["low"] > 1.3 * (sure["high"] - sure["low"])
    # A draw of somebody in another segment says nothing of this one.
    other = by_fact(counts({1: known, 2: [None] * 3}, {2: [[20] * 3, [60] * 3]}), 1)["age_under_25"]
    assert (other["low"], other["high"]) == (sure["low"], sure["high"])


def test_the_pooled_interval_covers_the_true_share():
    """Ages missing at random and drawn from the known ones, five draws, as `customers/draws.py` does."""
    rng = np.random.default_rng(6)
    hits = 0
    for _ in range(200):
        everybody = rng.choice([20, 60], 150, p=[0.3, 0.7])
        hidden = rng.random(150) < 0.3
        left = everybody[~hidden]
        drawn = [rng.choice(rng.choice(left, len(left)), int(hidden.sum())).tolist() for _ in range(5)]
        rows = counts({1: [*left.tolist(), *[None] * int(hidden.sum())]}, {1: drawn})
        row = by_fact(rows, 1)["age_under_25"]
        hits += row["low"] <= 0.3 <= row["high"]
    assert 0.91 <= hits / 200 <= 0.99


def test_where_no_age_is_known_or_drawn_only_that_is_said():
    assert list(by_fact(counts({1: [None, None], 2: [30]}), 1)) == ["age_known"]
    assert ages.rows_of([]) == {}


def test_who_never_bought_has_no_base_where_nobody_bought():
    found = by_fact(counts({0: [20, 30]}), 0)
    assert found["age"]["value"] == 25
    assert found["age"]["base"] is None
    assert found["age"]["index_to_base"] is None


def test_the_engine_counts_known_and_drawn_ages():
    assignments = ibis.memtable(
        pa.table({"customer_key": [1, 2, 3], "segment_id": pa.array([1, 1, 0], pa.int32())})
    )
    customers = ibis.memtable(
        pa.table({"customer_key": [1, 2, 3], "age": pa.array([30, None, None], pa.int16())})
    )
    draws = ibis.memtable(
        pa.table(
            {
                "customer_key": [2, 2, 9],
                "draw": pa.array([1, 2, 1], pa.int16()),
                "age": pa.array([20, 22, 50], pa.int16()),
            }
        )
    )
    found = ages.counts(assignments, customers, draws).to_pyarrow().to_pylist()
    assert {(row["segment_id"], row["draw"], row["age"], row["customers"]) for row in found} == {
        (1, 0, 30, 1),
        (1, 0, None, 1),
        (0, 0, None, 1),
        (1, 1, 20, 1),
        (1, 2, 22, 1),
    }

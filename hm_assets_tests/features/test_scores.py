"""Scores: equal behaviour, equal score; more is never scored lower; the cut-points stay with the month."""

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.features import scores

CUSTOMERS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 6), st.integers(1, 9).map(lambda n: n / 8)),
    min_size=1,
    max_size=40,
)


def scored(customers: list[tuple[int, int, float]]) -> list[dict]:
    columns = {
        "customer_key": list(range(len(customers))),
        "recency_days": [c[0] for c in customers],
        "purchase_days": [c[1] for c in customers],
        "spend": [c[2] for c in customers],
    }
    sums = ibis.memtable(pa.table(columns))
    found = scores.scored(sums, scores.cut_points(sums))
    return sums.mutate(**found).order_by("customer_key").to_pyarrow().to_pylist()


@settings(max_examples=25)
@given(CUSTOMERS)
def test_equals_score_equally_and_more_is_never_less(customers):
    rows = scored(customers)
    for column, score, sign in (
        ("recency_days", "recency_score", -1),
        ("purchase_days", "frequency_score", 1),
        ("spend", "monetary_score", 1),
    ):
        ranked = sorted((sign * row[column], row[score]) for row in rows)
        assert [s for _, s in ranked] == sorted(s for _, s in ranked)
        assert len({(value, s) for value, s in ranked}) == len({value for value, _ in ranked})
        assert all(1 <= s <= 5 for _, s in ranked)


@settings(max_examples=10)
@given(CUSTOMERS, st.randoms(use_true_random=False))
def test_another_order_of_customers_gives_each_the_same_scores(customers, random):
    order = random.sample(range(len(customers)), len(customers))
    before, after = scored(customers), scored([customers[i] for i in order])
    names = ("recency_score", "frequency_score", "monetary_score", "rfm_score", "value_tier")
    for position, i in enumerate(order):
        assert [before[i][name] for name in names] == [after[position][name] for name in names]


def test_many_one_timers_still_leave_the_best_at_five():
    # T17: with quantile bins and ties the top labels become unreachable.
    rows = scored([(100, 1, 1.0)] * 80 + [(10, 9, 5.0)] * 5 + [(50, 3, 2.0)] * 15)
    assert {row["frequency_score"] for row in rows if row["purchase_days"] == 9} == {5}
    assert {row["frequency_score"] for row in rows if row["purchase_days"] == 1} == {1}


def test_distinct_customers_fill_all_five_scores_evenly():
    rows = scored([(i, i + 1, float(i + 1)) for i in range(100)])
    for name in ("recency_score", "frequency_score", "monetary_score"):
        counts = [sum(row[name] == s for row in rows) for s in range(1, 6)]
        assert counts == [20] * 5, name


def test_the_newest_are_the_best_in_recency():
    rows = scored([(i, 1, 1.0) for i in range(50)])
    assert (rows[0]["recency_score"], rows[-1]["recency_score"]) == (5, 1)


def test_the_rfm_score_is_the_mean_and_tiers_follow_spend():
    rows = scored([(i, i + 1, float(i + 1)) for i in range(100)])
    for row in rows:
        mean = (row["recency_score"] + row["frequency_score"] + row["monetary_score"]) / 3
        assert row["rfm_score"] == pytest.approx(mean)
    counts = {tier: sum(row["value_tier"] == tier for row in rows) for tier in scores.TIERS}
    assert counts == {"low": 50, "medium": 30, "high": 15, "premium": 5}


def test_nobody_has_no_cut_points():
    empty = pa.table({"recency_days": pa.array([], pa.int32()), "purchase_days": pa.array([], pa.int32()),
                      "spend": pa.array([], pa.float64())})  # fmt: skip
    assert scores.cut_points(ibis.memtable(empty)) == []

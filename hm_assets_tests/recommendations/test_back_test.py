"""The ladder on a small shop: nothing later is known, and what people come back for beats what everybody buys."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.recommendations.back_test import (
    IN_STOCK,
    OWNED_LEFT_OUT,
    bought_after,
    judge,
    new_to,
    setting,
)
from hm_assets.recommendations.effort import Effort
from hm_assets.recommendations.judged import days_judged
from hm_assets.recommendations.ladder.catalogue import BESTSELLERS, DECAYED, REPURCHASE_FILLED, RUNGS
from hm_assets.recommendations.ladder.rung import Rung
from hm_assets.recommendations.purchases import purchases, sampled
from hm_assets.recommendations.stock import in_stock
from hm_assets.recommendations.weeks import cut_offs, week_after
from hm_assets_tests.recommendations.baskets import FIRST, LAST, as_ibis, lines

ROWS = lines()
DAY = LAST - dt.timedelta(days=7)
PEOPLE = pa.table({"customer_key": np.arange(1000, 1080), "age": pa.nulls(80, pa.float64())})
NO_CATALOGUE = pa.table({"article_key": pa.array([], pa.int64())})


@pytest.fixture(scope="module")
def judged():
    return judge(purchases(as_ibis(ROWS), LAST), DAY, RUNGS, PEOPLE, NO_CATALOGUE, 1, 1)


def test_weeks_end_with_the_lines_and_need_a_history():
    assert cut_offs(FIRST, LAST, 2) == [DAY, DAY - dt.timedelta(days=7)]
    assert cut_offs(DAY, LAST, 2) == []
    assert week_after(DAY) == (DAY + dt.timedelta(days=1), LAST)


def test_who_bought_in_the_week_and_what():
    customers, bought = bought_after(purchases(as_ibis(ROWS), LAST), DAY)
    week = ROWS.filter(pa.compute.greater(ROWS["t_dat"], pa.scalar(DAY)))
    pairs = set(zip(week["customer_key"].to_pylist(), week["article_key"].to_pylist(), strict=True))
    assert pairs == {(who, what) for who, mine in zip(customers, bought, strict=True) for what in mine}
    with pytest.raises(ValueError, match="not over"):
        bought_after(purchases(as_ibis(ROWS), LAST), DAY + dt.timedelta(days=1))


def test_favourites_beat_bestsellers(judged):
    score = {name: said.ap.mean() for name, said in judged.said.items()}
    assert score[BESTSELLERS] < score[REPURCHASE_FILLED] and score[BESTSELLERS] < score[DECAYED]


@pytest.mark.parametrize("rung", RUNGS, ids=lambda rung: rung.name)
def test_lists_are_the_same_without_the_later_lines(rung, judged):
    """Of all that is judged, only what was bought may hang on the later lines."""
    later = ROWS.filter(pa.compute.greater(ROWS["t_dat"], pa.scalar(DAY)))
    other = later.set_column(2, "article_key", pa.array([999_999_999] * later.num_rows))
    kept = ROWS.filter(pa.compute.less_equal(ROWS["t_dat"], pa.scalar(DAY)))
    again = judge(
        purchases(as_ibis(pa.concat_tables([kept, other])), LAST), DAY, [rung], PEOPLE, NO_CATALOGUE, 1, 1
    )
    assert np.array_equal(again.said[rung.name].lists, judged.said[rung.name].lists)
    assert not again.said[rung.name].hit.any()


def test_lists_are_whole_and_name_nothing_twice(judged):
    for name, said in judged.said.items():
        for row in said.lists:
            named = row[row >= 0]
            assert len(set(named)) == len(named), name
            assert name == "repurchase" or len(named) == 12


def test_owned_articles_can_be_left_out():
    whole = purchases(as_ibis(ROWS), LAST)
    found = judge(whole, DAY, RUNGS[:1], PEOPLE, NO_CATALOGUE, 1, 1, exclude_owned=True)
    known = whole.known_on(DAY)
    matrix = known.matrix().toarray() > 0
    for who, row in zip(found.customers, found.said[BESTSELLERS].lists, strict=True):
        owned = set(known.articles[matrix[known.positions(np.array([who]))[0]]])
        assert not owned & set(row)


def test_in_every_setting_lists_are_whole_and_hold_what_they_may():
    whole = purchases(as_ibis(ROWS), LAST)
    found = judge(
        whole, DAY, RUNGS, PEOPLE, NO_CATALOGUE, 1, 1, others=(OWNED_LEFT_OUT, IN_STOCK), reranked=5
    )
    known = whole.known_on(DAY)
    allowed = set(known.articles[in_stock(known).allowed].tolist())
    for name, said in found.said.items():
        for lists in said.others.values():
            for row in lists:
                named = row[row >= 0]
                assert len(set(named)) == len(named), name
        assert set(said.others[IN_STOCK].ravel().tolist()) <= allowed | {-1}
        new = new_to(known, found.customers, [row[row >= 0] for row in said.others[OWNED_LEFT_OUT]])
        assert all(each.all() for each in new), f"{name}: what fills a list is not owned either"
        assert said.candidates is not None and np.array_equal(
            said.candidates.articles[:, :12], said.lists[:5]
        )
    with pytest.raises(ValueError, match="no setting"):
        setting(known, found.customers, "owned")


def test_what_was_new_to_a_customer_is_what_she_had_never_bought():
    whole = purchases(as_ibis(ROWS), LAST)
    known = whole.known_on(DAY)
    customers, bought = bought_after(whole, DAY)
    before = ROWS.filter(pa.compute.less_equal(ROWS["t_dat"], pa.scalar(DAY)))
    owned = set(zip(before["customer_key"].to_pylist(), before["article_key"].to_pylist(), strict=True))
    found = new_to(known, customers, bought)
    plain = [[(who, what) not in owned for what in mine] for who, mine in zip(customers, bought, strict=True)]
    assert [each.tolist() for each in found] == plain
    assert {True, False} == {each for row in plain for each in row}, "both are there to be told apart"
    nothing = whole.known_on(FIRST - dt.timedelta(days=1))
    assert all(each.all() for each in new_to(nothing, customers, bought))


def test_in_stock_lists_of_a_quiet_shop_are_filled_as_those_of_its_customers_are():
    # Three articles sold in the last week, so that the window of the stock is wider than that.
    days = [DAY - dt.timedelta(days=ago) for ago in (1, 1, 1, *range(20, 40))]
    rows = pa.table(
        {
            "t_dat": pa.array([*days, LAST], pa.date32()),
            "customer_key": np.arange(1000, 1024),
            "article_key": 1 + np.arange(24),
            "price": np.full(24, 0.1),
        }
    )
    found = judge(
        purchases(as_ibis(rows), LAST), DAY, RUNGS[:1], PEOPLE, NO_CATALOGUE, 1, 1, others=(IN_STOCK,)
    )
    assert (found.said[BESTSELLERS].others[IN_STOCK] >= 0).all()
    assert (found.said[BESTSELLERS].lists[:, 3:] < 0).all(), (
        "what everybody bought this week is no more than that"
    )


def test_a_week_in_which_nobody_bought_is_not_judged_and_nothing_is_fitted_for_it():
    def fit(known):
        raise AssertionError("fitted for nobody")

    closed = ROWS.filter(pa.compute.less_equal(ROWS["t_dat"], pa.scalar(DAY)))
    found = judge(purchases(as_ibis(closed), LAST), DAY, [Rung("any", fit)], PEOPLE, NO_CATALOGUE, 1, 1)
    assert not len(found.customers) and not found.said


@pytest.mark.slow
def test_two_processes_judge_as_one_does():
    everything = purchases(as_ibis(ROWS), LAST)
    people = PEOPLE.append_column("segment_id", pa.nulls(len(PEOPLE), pa.int32()))
    effort = Effort(weeks=2, customers=30, reranked=10, resamples=10)

    def judged_by(workers):
        rungs = RUNGS[:5]
        return days_judged(everything, rungs, lambda _: people, NO_CATALOGUE, effort, 1, 1, workers=workers)

    one, two = judged_by(1), judged_by(2)
    assert [day.as_of for day in one] == [day.as_of for day in two] == [DAY, DAY - dt.timedelta(days=7)]
    for alone, shared in zip(one, two, strict=True):
        assert list(alone.said) == list(shared.said) == [rung.name for rung in RUNGS[:5]]
        for name in alone.said:
            assert np.array_equal(alone.said[name].lists, shared.said[name].lists)


def test_of_a_large_retailer_every_nth_customer_takes_part():
    keys = {row["customer_key"] for row in ROWS.to_pylist()}
    assert set(sampled(as_ibis(ROWS), LAST, len(keys)).customer_key.to_pyarrow().to_pylist()) == keys
    taken = set(sampled(as_ibis(ROWS), LAST, len(keys) // 3).customer_key.to_pyarrow().to_pylist())
    parts = -(-len(keys) // (len(keys) // 3))
    assert taken == {key for key in keys if key % parts == 0}
    before = ROWS.filter(pa.compute.less_equal(ROWS["t_dat"], pa.scalar(DAY)))
    assert set(sampled(as_ibis(before), DAY, 20).customer_key.to_pyarrow().to_pylist()) <= set(
        sampled(as_ibis(ROWS), DAY, 20).customer_key.to_pyarrow().to_pylist()
    )

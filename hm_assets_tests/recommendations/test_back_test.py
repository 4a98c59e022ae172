"""The ladder on a small shop: nothing later is known, and what people come back for beats what everybody buys."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.recommendations.back_test import bought_after, judge
from hm_assets.recommendations.ladder.catalogue import BESTSELLERS, DECAYED, REPURCHASE_FILLED, RUNGS
from hm_assets.recommendations.purchases import purchases
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

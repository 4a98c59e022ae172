"""Past launches in a shop with planted tastes: the taste is found, chance is not, and nothing later is looked at."""

import datetime as dt

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.recommendations.launch import back_test
from hm_assets.recommendations.launch.effort import Effort
from hm_assets.recommendations.launch.matcher import draw, learn, past_days
from hm_assets.recommendations.launch.past import launches
from hm_assets.recommendations.purchases import purchases
from hm_assets_tests.recommendations.launch.tastes import FIRST, LAST, garments, lines

EFFORT = Effort(5_000, 2, 40, 100, 2, 100, 10)
RANGE, ROWS = garments(), lines(customers=120)
DAYS = back_test.cut_offs(LAST, FIRST, EFFORT.cut_offs)


def judged(rows, days=DAYS, last=LAST):
    table = ibis.memtable(rows)
    known = purchases(table, last), RANGE, launches(table, last)
    return list(back_test.judge(*known, days, FIRST, EFFORT, 1))


@pytest.fixture(scope="module")
def planted():
    return judged(ROWS)


def of(rows, method, metric):
    return next(row for row in rows if (row["method"], row["metric"]) == (method, metric))


def test_a_planted_taste_is_found(planted):
    for each in planted:
        rows = back_test.scores(each, 100, 1)
        # A quarter has the taste and buys all of it, so a tenth of all is at most four times as good as a draw.
        assert of(rows, back_test.MODEL, back_test.LIFT)["low"] > 2.5
        assert of(rows, back_test.RANDOM, back_test.LIFT)["value"] == 1
        assert of(rows, back_test.ACTIVE, back_test.LIFT)["value"] < 2.5


def test_what_anybody_buys_is_no_taste():
    """Launches bought by customers drawn from all: who bought much may come first, a taste may not be seen."""
    found = [
        of(back_test.scores(each, 100, 1), back_test.MODEL, back_test.LIFT)
        for each in judged(lines(customers=120, shuffled=True))
    ]
    assert 0.5 < np.mean([row["value"] for row in found]) < 1.9


def test_a_day_is_judged_by_a_model_that_does_not_know_what_came_later(planted):
    """Without the later lines the model is the same; of what is judged only the outcome may hang on them."""
    day, rows = DAYS[0], ROWS
    kept = rows.filter(pa.compute.less_equal(rows["t_dat"], pa.scalar(day)))

    def model(table):
        table = ibis.memtable(table)
        last = table.t_dat.max().to_pyarrow().as_py()
        bought, launched = purchases(table, last), launches(table, last)
        days = past_days(day, FIRST, EFFORT.periods)
        return learn([draw(bought, RANGE, launched, each, EFFORT, 1) for each in days], day, 1).as_json()

    assert model(kept) == model(rows)


def test_periods_whose_outcomes_a_day_knows():
    assert past_days(LAST, FIRST, 2) == [LAST - dt.timedelta(days=60), LAST - dt.timedelta(days=90)]
    assert past_days(FIRST + dt.timedelta(days=100), FIRST, 2) == []
    assert back_test.cut_offs(FIRST + dt.timedelta(days=179), FIRST, 9) == []


def test_lift_is_what_a_loop_counts(planted):
    each = planted[0]
    rows = back_test.scores(each, 10, 1)
    share = each.reached[back_test.POPULAR].sum() / each.buyers.sum()
    assert of(rows, back_test.POPULAR, back_test.LIFT)["value"] == pytest.approx(
        share / (each.top / each.customers)
    )


def test_intervals_hold_and_the_sizes_are_those_sold(planted):
    each = planted[0]
    assert (each.sizes[back_test.SIMILAR][:, 1] <= each.sizes[back_test.SIMILAR][:, 0]).all()
    assert of(back_test.scores(each, 50, 1), back_test.SIMILAR, back_test.COVERAGE)["value"] >= 0.6


def test_the_first_are_in_a_total_order():
    assert back_test.first(3, np.array([1.0, 2, 2, 0]), np.array([0.0, 1, 1, 9])).tolist() == [1, 2, 0]
    assert back_test.first(2, np.zeros(3), np.array([0.0, 0, 5])).tolist() == [2, 0]


def test_the_words_say_where_it_does_not_win(planted):
    rows = [row for each in planted for row in back_test.scores(each, 50, 1)]
    leads = [row for row in rows if row["metric"] == back_test.LEAD]
    for value, verdict, said in (
        (1.0, back_test.BETTER, "it beats them"),
        (0.1, back_test.SAME, "no difference that one could rely on"),
        (-1.0, back_test.WORSE, "it does not beat them"),
    ):
        assert said in back_test.finding([{**row, "value": value, "verdict": verdict} for row in leads])
    assert "No past day" in back_test.finding([])


@pytest.mark.parametrize("days", [1, 31, 130])
def test_a_short_history_is_judged_on_nothing_and_learns_nothing(days):
    last = FIRST + dt.timedelta(days=days - 1)
    rows = ROWS.filter(pa.compute.less_equal(ROWS["t_dat"], pa.scalar(last)))
    assert back_test.cut_offs(last, FIRST, 4) == []
    table = ibis.memtable(rows)
    known = learn(
        [
            draw(purchases(table, last), RANGE, launches(table, last), each, EFFORT, 1)
            for each in past_days(last, FIRST, 2)
        ],
        last,
        1,
    )
    assert (known.without_price is None) == (days < 120)

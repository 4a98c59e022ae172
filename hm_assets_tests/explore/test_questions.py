"""The questions that come first: figures of a loop, and no figure where there is nothing to say."""

import datetime as dt

import numpy as np
import pytest

from hm_assets.explore.questions import questions
from hm_assets.explore.sample import sample
from hm_assets.explore.words import number, percent
from hm_assets_tests.explore import shops
from hm_assets_tests.features.histories import article_days_of


def asked(lines, as_of=None):
    people, as_of = shops.people(lines, as_of)
    points = sample(people, 42).to_pyarrow().to_pylist()
    seen = [line for line in lines if line[1] <= as_of]
    found = questions(people, article_days_of(seen), shops.catalogue(), 100, points, as_of, 42)
    return {line["question"]: line for line in found}


def test_the_answers_are_those_of_a_loop():
    lines = shops.lines()
    as_of = max(line[1] for line in lines)
    found = asked(lines)
    spend = {}
    for customer, day, _, price, _ in lines:
        if 0 <= (as_of - day).days < 365:
            spend[customer] = spend.get(customer, 0) + price
    values = np.array(sorted(spend.values()))
    assert found["average_value"]["value"] == pytest.approx(values.mean())
    assert found["average_value"]["customers"] == len(values)
    assert found["high_value"]["value"] == pytest.approx((values > 2 * values.mean()).mean())
    best = values[::-1][: int(len(values) * 0.1)]
    assert found["top_tenth"]["value"] == pytest.approx(best.sum() / values.sum())
    tenure = [(as_of - min(n[1] for n in lines if n[0] == c)).days for c in {n[0] for n in lines}]
    assert found["tenure"]["value"] == pytest.approx(np.median(tenure))
    assert found["sparsity"]["value"] == pytest.approx(len(lines) / (100 * 10))
    assert "€" not in str(found)


def test_later_rows_change_nothing():
    lines = shops.lines()
    as_of = shops.FIRST + dt.timedelta(days=200)
    assert asked(lines, as_of) == asked([line for line in lines if line[1] <= as_of], as_of)


def test_one_customer_gets_answers_and_no_interval():
    found = asked([(1, shops.FIRST, 1, 0.03, 1)])
    assert found["average_value"]["value"] == pytest.approx(0.03)
    assert found["average_value"]["low"] is None
    assert found["visible_groups"]["answer"] == "Not enough data to say."
    assert found["top_tenth"]["value"] is None


@pytest.mark.parametrize(
    ("value", "words"), [(0.0, "0"), (0.0321, "0.0321"), (12.345, "12.3"), (54321, "54,321")]
)
def test_numbers_show_three_digits_that_count(value, words):
    assert number(value) == words


def test_small_shares_keep_a_digit():
    assert (percent(0.0), percent(0.012), percent(0.12)) == ("0 %", "1.2 %", "12 %")

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.by_segment.early_warning import SUGGESTIONS, WORDS, listed, rows_of
from hm_assets.forecasts.by_segment.past import BEFORE
from hm_assets.forecasts.by_segment.tables import EARLY_WARNING
from hm_assets.forecasts.by_segment.warning_scores import scores
from hm_assets_tests.forecasts.by_segment.people import judged, people_of

N = 40


def reasons(people: pa.Table, share: float = 1.0) -> dict[int, str]:
    rows = rows_of(people, listed(people, share))
    return dict(zip(rows["customer_key"].to_pylist(), rows["reason"].to_pylist(), strict=True))


def changed(values: list, place: int, value) -> list:
    return [*values[:place], value, *values[place + 1 :]]


STEADY = {"p": [0.4] * N, "gaps_since": [1.0] * N, "spend_365d": [0.0] * N, BEFORE: [0.4] * N}


def test_each_rule_alone_puts_one_on_the_list_with_its_reason():
    people = people_of(
        changed(STEADY["p"], 1, 0.2),
        gaps_since=changed(STEADY["gaps_since"], 0, 2.0),
        spend_365d=changed(STEADY["spend_365d"], 2, 9.0),
        **{BEFORE: STEADY[BEFORE]},
    )
    assert reasons(people) == {1: "overdue", 2: "falling", 3: "at_stake"}
    assert set(SUGGESTIONS) == set(WORDS)


@pytest.mark.parametrize(
    "unless",
    [
        {"p": [0.6] * N},
        {"purchase_days": [2] * N},
        {"recency_days": [180] * N},
        {"gaps_since": [None] * N},
        {"p": [None] * N},
    ],
)
def test_nobody_is_listed_who_is_likely_to_order_barely_known_long_gone_or_without_a_probability(unless):
    columns = STEADY | {"gaps_since": [3.0] * N} | unless
    p = columns.pop("p")
    people = people_of(p, **columns | {BEFORE: p})
    assert reasons(people) == {}


def test_a_season_that_lowers_everybody_is_no_reason():
    people = people_of([0.2] * N, **{BEFORE: [0.45] * N, "spend_365d": [0.0] * N})
    assert reasons(people) == {}
    people = people_of(changed([0.2] * N, 3, 0.1), **{BEFORE: [0.45] * N, "spend_365d": [0.0] * N})
    assert reasons(people) == {4: "falling"}
    # Nor is a season that raises everybody but one a reason against that one.
    people = people_of([0.4] * N, **{BEFORE: changed([0.25] * N, 3, 0.45), "spend_365d": [0.0] * N})
    assert reasons(people) == {}


def test_the_list_is_capped_in_order_of_what_is_at_stake_with_ties_by_key():
    spend = [1.0, 5.0, 5.0, 3.0] * 10
    people = people_of([0.4] * N, gaps_since=[2.5] * N, spend_365d=spend)
    rows = rows_of(people, listed(people, share=0.1))
    assert rows["customer_key"].to_pylist() == [2, 3, 6, 7] and rows["rank"].to_pylist() == [1, 2, 3, 4]
    assert rows["value_at_stake"].to_pylist() == pytest.approx([3.0] * 4)
    assert len(listed(people, 1.0, most=3).people) == 3
    EARLY_WARNING.in_memory(rows.to_pylist())


def test_a_forecast_value_is_taken_where_everybody_has_one():
    worth = [10.0] * N
    people = people_of([0.4] * N, gaps_since=[2.5] * N, value_12m=worth)
    assert rows_of(people, listed(people))["value_at_stake"][0].as_py() == pytest.approx(6.0)
    people = people_of([0.4] * N, gaps_since=[2.5] * N, value_12m=changed(worth, 0, None))
    assert set(rows_of(people, listed(people))["value_from"].to_pylist()) == {"spend_365d"}


def test_no_customers_make_an_empty_list():
    assert len(rows_of(people_of([]), listed(people_of([])))) == 0


def test_a_model_that_knows_who_leaves_has_lift_and_chance_has_none():
    rng = np.random.default_rng(0)
    n = 2000
    p = rng.choice([0.1, 0.45, 0.9], n)
    came = [40 if x < y else None for x, y in zip(rng.random(n), p, strict=True)]
    people = people_of(
        p.tolist(), gaps_since=rng.choice([1.0, 3.0], n).tolist(), spend_365d=rng.uniform(1, 2, n).tolist()
    )
    found = {row["pick"]: row for row in scores([judged(people, came)], 200, 0)}
    early, random, late = (found[pick] for pick in ("early_warning", "random", "ninety_days"))
    assert early["lift_low"] > 1.3 and early["left"] == pytest.approx(0.9, abs=0.1)
    assert random["lift"] == 1.0 and random["left_low"] <= random["left"] <= random["left_high"]
    assert late["listed"] == early["listed"] == 100 and late["lift_low"] < 1.05


def test_the_plain_rule_picks_from_the_same_customers():
    """Who has been gone for longer than half a year spent most, and is on no list."""
    people = people_of(
        [0.4] * 60,
        gaps_since=[3.0] * 60,
        recency_days=[400] * 20 + [100] * 40,
        spend_365d=[99.0] * 20 + [1.0] * 40,
    )
    found = {row["pick"]: row for row in scores([judged(people, [None] * 60)], 5, 0)}
    assert found["ninety_days"]["listed"] == 2 and found["ninety_days"]["lost_spend"] == 1.0


def test_a_day_on_which_nobody_is_listed_is_told_as_such():
    rows = list(scores([judged(people_of([0.9] * 5, recency_days=[10] * 5), [3] * 5)], 10, 0))
    assert [row["listed"] for row in rows] == [0, 0, 0] and all(row.get("left") is None for row in rows)

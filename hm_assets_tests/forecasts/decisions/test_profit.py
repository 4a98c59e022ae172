import dataclasses

import numpy as np
import pytest

from hm_assets.forecasts.decisions import profit, shown
from hm_assets.forecasts.decisions.campaign import Campaign
from hm_assets.forecasts.decisions.maximum_profit import Ranking, expected_maximum_profit
from hm_assets.forecasts.decisions.tables import PROFIT
from hm_assets_tests.forecasts.decisions.days import DAY, MONTH, USUAL, judged


def test_a_missed_leaver_and_a_wrong_contact_cost_what_they_cost():
    campaign = Campaign(4.0, 0.1, 0.01)
    leaves, left = np.array([0.9, 0.9, 0.01, 0.01]), np.array([1.0, 0.0, 1.0, 0.0])
    value = np.full(4, 4.0)
    # A stayer gets contact and incentive for nothing; a leaver is worth 0.3 x (4 - 0.1) - 0.01.
    assert profit.regret(leaves, left, value, campaign) == pytest.approx([0, 0.11, 1.16, 0])
    worthless = profit.regret(leaves, left, np.zeros(4), campaign)
    assert worthless == pytest.approx(0), "who is worth nothing is not contacted, and not missed"


def test_savings_are_one_for_who_knows_and_about_none_for_who_knows_nothing():
    day = judged()
    day = dataclasses.replace(day, leaves={**day.leaves, "oracle": day.left.astype(float)})
    found = profit.measures(day, USUAL, 50, 0)
    assert found["oracle", "savings"][0] == pytest.approx(1) and found["oracle", "cost"][0] == 0
    assert found["base_rate", "savings"][0] < found["good", "savings"][0] < 1
    assert found["oracle", "emp"][0] > found["good", "emp"][0] > found["base_rate", "emp"][0]


def test_a_customer_is_worth_the_margin_of_last_year_s_spend():
    day = judged()
    campaign = Campaign(0.5 * day.spend.mean(), 0.1, 0.01)
    found = profit.measures(day, USUAL, 1, 0)
    assert (
        found["good", "emp"][0]
        == expected_maximum_profit(Ranking.of(day.leaves["good"], day.left), campaign)[0]
    )
    lost = profit.regret(day.leaves["good"], day.left.astype(float), 0.5 * day.spend, campaign)
    assert found["good", "cost"][0] == pytest.approx(lost.mean())


def test_rows_have_intervals_a_baseline_and_a_choice_in_words():
    rows, choice = profit.rows(
        [judged(), judged(seed=1, day=DAY.replace(month=1))], USUAL, "base_rate", 60, 0
    )
    assert (
        choice.name == "good"
        and "more than the chosen base_rate" in choice.words
        and "2 past days" in choice.words
    )
    assert {row["model"] for row in rows if row["best_by_money"]} == {"good"}
    for row in rows:
        assert (row["low"] <= row["value"] + 1e-12 and row["value"] <= row["high"] + 1e-12) or row[
            "metric"
        ] == "emp"
        assert "assumed" in row["assumptions"]
    zero = [row for row in rows if row["metric"] == "emp_above_chosen" and row["chosen"]]
    assert all(row["value"] == row["low"] == row["high"] == 0 for row in zero)
    table = PROFIT.in_memory([{**row, "month": MONTH} for row in rows])
    assert table.count().execute() == 2 * 3 * 5
    assert shown.profit(rows).count("| good |") == 2


def test_where_the_chosen_model_is_the_best_it_says_so():
    rows, choice = profit.rows([judged()], USUAL, "good", 30, 0)
    assert choice.name == "good" and choice.words.endswith("as by the Brier score")
    again, _ = profit.rows([judged()], USUAL, "good", 30, 0)
    assert again == rows, "the same seed gives the same draws"


@pytest.mark.parametrize(
    ("best", "unkept"), [("stacking", True), ("random_forest", True), ("lightgbm", False)]
)
def test_a_best_model_that_no_file_can_hold_is_named_as_such(best, unkept):
    day = judged()
    day = dataclasses.replace(day, leaves={best: day.leaves["good"], "recency": day.leaves["base_rate"]})
    _, choice = profit.rows([day], USUAL, "recency", 10, 0)
    assert choice.name == best and ("kept in no file" in choice.words) == unkept


def test_scores_by_lot_earn_what_contacting_everybody_earns():
    rng = np.random.default_rng(5)
    day = judged(3_000)
    day = dataclasses.replace(day, leaves={"lot": rng.random(3_000), "base_rate": day.leaves["base_rate"]})
    rows, _ = profit.rows([day], USUAL, "base_rate", 100, 0)
    gain = next(r for r in rows if r["model"] == "lot" and r["metric"] == "emp_above_chosen")
    assert abs(gain["value"]) < 0.02 * next(r for r in rows if r["metric"] == "emp")["value"]


@pytest.mark.parametrize("left", [False, True])
def test_days_on_which_all_did_the_same_or_nothing_is_spent_have_figures_or_none(left):
    day = dataclasses.replace(judged(), left=np.full(400, left))
    for spend in (day.spend, np.zeros(400)):
        rows, _ = profit.rows([dataclasses.replace(day, spend=spend)], USUAL, "good", 20, 0)
        assert all(row["value"] is None or np.isfinite(row["value"]) for row in rows)


def test_nobody_judged_is_said():
    with pytest.raises(ValueError, match="no past day"):
        profit.rows([], USUAL, "good", 10, 0)

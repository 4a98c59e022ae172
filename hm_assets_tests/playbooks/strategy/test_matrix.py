"""The decision matrix and what is assumed of it."""

import datetime as dt
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hm_assets.playbooks.facts import read_profiles
from hm_assets.playbooks.strategy import assumptions, matrix
from hm_assets.playbooks.strategy.matrix import Month
from hm_assets.playbooks.strategy.rules import Budget, Frequency, default
from hm_assets_tests.playbooks.examples import AS_OF, rows, segment
from hm_assets_tests.playbooks.strategy.months import CAMPAIGN, effects, month, strategy

RULES = default()


@given(st.floats(0.1, 2000), st.floats(0.1, 10))
def test_days_between_contacts_follow_the_own_rhythm_within_the_limits(gap, times):
    profile = read_profiles([*segment(1, "A", {"customers": 100.0, "orders": 2.0}), gap_row(gap)])[0]
    rule = Frequency(name="own", times_own_gap=times, say="so")
    days = matrix.days_between(rule, profile, RULES.limits)
    least = max(RULES.limits.least_days_between, math.ceil(30 / RULES.limits.contacts_in_30_days))
    assert days == round(min(max(gap * times, least), RULES.limits.most_days_between))


def gap_row(gap: float) -> dict:
    return {
        **segment(1, "A", {"orders": 2.0})[0],
        **{"fact": "gap_days", "unit": "days", "value": gap, "low": gap, "high": gap, "base": 30.0},
    }


def test_the_budget_is_shared_out_whole_with_something_for_everybody():
    shares = matrix.budget(month(), RULES)
    assert sum(budget for _, budget in shares.values()) == pytest.approx(1)
    assert all(budget >= RULES.budget.least_share for _, budget in shares.values())
    assert shares[1][1] > shares[3][1] > shares[2][1] > shares[0][1]
    assert shares[1][0] == pytest.approx(500 / 610)
    assert shares[0][0] is None


def test_without_a_forecast_no_budget_is_made_up():
    for row in matrix.rows(month(outlook=[]), RULES):
        assert row["budget_share"] is None and row["value_share"] is None


def test_a_hundred_segments_still_share_one_budget():
    many = [fact for i in range(1, 101) for fact in segment(i, f"Group {i}", {"customers": 50.0})]
    outlook = [
        {"segment": str(i), "measure": "value_12m_sum", "unit": "price index", "value": 1.0}
        for i in range(1, 101)
    ]
    rules = RULES.model_copy(update={"budget": Budget(by="value_12m_sum", least_share=0.1)})
    shares = matrix.budget(Month(read_profiles(many), outlook), rules)
    assert sum(budget for _, budget in shares.values()) == pytest.approx(1)


def test_every_segment_of_twenty_or_more_has_a_row_and_small_ones_have_none():
    few = [*rows(), *segment(4, "Few", {"customers": 19.0})]
    told = {row["segment_id"] for row in matrix.rows(month(few), RULES)}
    # The next smallest goes, too: the sum of all is told.
    assert 4 not in told and len(told) == 3 and 0 in told


def test_products_are_the_list_else_categories_else_none():
    by_id = {row["segment_id"]: row for row in matrix.rows(month(), RULES)}
    assert json.loads(by_id[1]["products"])[0] == "Strap top (0108775001)"
    assert by_id[1]["products_from"] == "recommendations/segments"
    assert json.loads(by_id[2]["products"]) == []
    without = {row["segment_id"]: row for row in matrix.rows(month(lists=[]), RULES)}
    assert json.loads(without[1]["products"]) == ["Bikini top", '"><img src=x>']
    assert without[1]["products_from"] == "profiles/segment_profiles"


def test_email_is_open_only_with_consent_and_a_parcel_only_to_buyers():
    for row in matrix.rows(month(), RULES):
        channels = json.loads(row["channels"])
        news = {1: 0.517, 2: 0.262, 0: 0.412}.get(row["segment_id"])
        assert (
            ("e-mail (fashion news)" in channels) is (news is not None and news >= 0.5) is row["email_open"]
        )
        assert ("note in the parcel" in channels) is (row["segment_id"] != 0)
        assert row["owner"]


def test_one_segment_alone_has_a_whole_plan():
    alone = segment(1, "Everybody", {"customers": 100.0, "share_of_customers": 1.0})
    (row,) = matrix.rows(month(alone, lists=[], launches=[], cross_sell=[]), RULES)
    assert row["budget_share"] == pytest.approx(1)
    assert row["tone"] and row["offer"] and json.loads(row["tactics"])


def test_results_are_the_range_times_what_it_is_of():
    made = strategy(month())["assumptions"]
    for row in made:
        assert row["low"] <= row["high"]
        assert row["result_low"] == pytest.approx(row["low"] * row["base"])
        assert row["result_high"] == pytest.approx(row["high"] * row["base"])
    kept = {row["segment_id"]: row for row in made if row["measure"] == "kept"}
    assert kept[3]["base"] == pytest.approx(0.3 * 549_000)
    assert (kept[2]["low"], kept[2]["high"]) == (0.01, 0.05)
    assert {row["segment_id"] for row in made} == {1, 2, 3}


def test_leavers_kept_are_those_of_the_settings_where_no_rule_says_otherwise():
    from scipy.stats import beta

    kept = next(
        row for row in strategy(month())["assumptions"] if (row["segment_id"], row["measure"]) == (1, "kept")
    )
    assert beta.cdf(kept["high"], 6, 14) - beta.cdf(kept["low"], 6, 14) == pytest.approx(0.8)
    assert kept["source"] == "settings: Beta(6, 14), its middle 80 %"


def test_a_measured_campaign_takes_the_place_of_the_assumption_with_both_beside_it():
    from scipy.stats import beta

    row = effects("1")
    made = strategy(month(), measured=assumptions.measured([row], [], AS_OF))
    kept = {row["segment_id"]: row for row in made["assumptions"] if row["measure"] == "kept"}
    assert beta.cdf(kept[1]["high"], 30, 370) - beta.cdf(kept[1]["low"], 30, 370) == pytest.approx(0.8)
    assert (kept[1]["prior_low"], kept[1]["prior_high"]) == CAMPAIGN.kept()
    assert kept[1]["result_high"] == pytest.approx(kept[1]["high"] * kept[1]["base"])
    # The other segments have not been measured: a rule, or the settings, still speak of them.
    assert kept[2]["campaigns"] == kept[3]["campaigns"] == 0 and kept[3]["prior_low"] is None
    (said,) = [
        r for r in made["strategy"] if r["segment_id"] == 1 and "with a group left out measured" in r["text"]
    ]
    assert said["assumption"] and said["rule"].startswith("measured in 1 campaign")
    assert "5.9 % to 9.2 % of those who are expected to leave" in said["text"]
    assert "before it was 18 % to 43 %, and one campaign with a group left out measured 5.0 %" in said["text"]


@pytest.mark.parametrize("untold", [{"segment": "all"}, {"assumption": True}])
def test_what_was_not_measured_in_a_segment_changes_nothing(untold):
    assert assumptions.measured([effects(**untold)], [], AS_OF) == {}


def test_what_was_measured_of_fewer_than_twenty_is_not_told():
    result = {"campaign": "2020-06", "segment": "3", "treated": 900, "holdout": 100, "measured_to": AS_OF}
    few = {**result, "treated_ordered": 450, "holdout_ordered": 7}
    assert assumptions.measured([effects()], [few], AS_OF) == {}
    assert assumptions.measured([effects()], [{**few, "holdout_ordered": 50}], AS_OF) == {3: effects()}
    # A campaign whose days are not over is not known, so it hides nothing either.
    later = {**few, "measured_to": AS_OF + dt.timedelta(1)}
    assert assumptions.measured([effects()], [later], AS_OF) == {3: effects()}


def test_the_break_even_pays_exactly_for_the_contacts():
    made = strategy(month())
    plans = {row["segment_id"]: row for row in made["decision_matrix"]}
    row = next(r for r in made["assumptions"] if (r["segment_id"], r["measure"]) == (1, "break_even"))
    contacts = assumptions.contacts_of_a_year(plans[1]["days_between"], plans[1]["most_contacts"], 13)
    cost = contacts * 272_456 * CAMPAIGN.contact * 0.0961
    assert row["result_low"] * CAMPAIGN.margin == pytest.approx(cost)


def test_rest_after_the_most_contacts_counts_for_a_year():
    assert assumptions.contacts_of_a_year(28, 2, 13) == pytest.approx(2 * 365 / 91)
    assert assumptions.contacts_of_a_year(28, None, 13) == pytest.approx(365 / 28)

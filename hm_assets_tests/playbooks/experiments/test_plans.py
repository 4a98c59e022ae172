"""Base rates and plans on a shop whose rates are known."""

import datetime as dt
import math

import pytest

from hm_assets.forecasts.decisions.campaign import Assumptions
from hm_assets.playbooks.experiments.audience import contactable
from hm_assets.playbooks.experiments.base_rates import BaseRate, Past, base_rate, past_months
from hm_assets.playbooks.experiments.plans import plans
from hm_assets.playbooks.experiments.power import power
from hm_assets.playbooks.experiments.returns import break_even, net
from hm_assets.playbooks.experiments.updating import belief
from hm_assets.warehouse.calendar import month_end
from hm_assets_tests.playbooks.experiments import shop

AS_OF = month_end(shop.MONTH)
PRIOR = belief(6, 14)
COSTS = Assumptions(0.5, 0.1, 0.01, 6, 14)


def chosen(size, rate, short=None):
    rows = list(plans(shop.MONTH, AS_OF, {4: size}, {30: {4: short}, 90: {4: rate}}, PRIOR, COSTS))
    (found,) = [row for row in rows if row["chosen"]]
    assert len({(row["horizon_days"], row["holdout_share"]) for row in rows}) == len(rows)
    return found


def steady(share, months=4):
    return BaseRate(share, share, share, months)


@pytest.mark.parametrize(("horizon", "months", "share"), [(30, 7, 0.2), (90, 2, 0.6)])
def test_past_months_are_counted_as_they_were(horizon, months, share):
    known = contactable(shop.customers())
    found = past_months(shop.assignments(), shop.customer_days(), known, AS_OF, horizon)
    assert [past.customers for past in found[2]] == [400 - 8] * months
    # A fifth each month, another one; 90 days hold three of them. Who left the club does not count.
    left = [n for n in range(400) if n % shop.LEFT_EVERY == 1]
    for past in found[2]:
        reached = [
            m for m in shop.months() if past.as_of < m.replace(day=15) <= past.as_of + dt.timedelta(horizon)
        ]
        ordered = {n for m in reached for n in range(400) if shop.orders(m, 2, n)} - set(left)
        assert past.ordered == len(ordered)
        assert past.ordered / past.customers == pytest.approx(share, abs=0.03)
    assert {past.ordered for past in found[3]} == {0}
    assert {past.ordered for past in found[1]} == {200 - 4}


def test_nothing_after_the_day_counts_and_too_short_a_history_has_no_months():
    known = contactable(shop.customers())
    earlier = dt.date(2019, 1, 31)
    found = past_months(shop.assignments(), shop.customer_days(), known, earlier, 90)
    assert all(past.as_of + dt.timedelta(90) <= earlier for past in found[2])
    assert past_months(shop.assignments(2), shop.customer_days(2), known, AS_OF, 90) == {}
    assert base_rate([], 100) is None


def test_the_interval_holds_a_coming_month_that_swings_like_the_past_ones():
    months = [Past(AS_OF, 10_000, ordered) for ordered in (2000, 2400, 1600, 2000)]
    rate = base_rate(months, 10_000)
    assert rate.share == pytest.approx(0.2)
    # Student's t of 3 degrees, standard deviation .0327, one more month: 3.182 x .0327 x sqrt(1.25).
    assert rate.high - rate.share == pytest.approx(3.182 * math.sqrt(0.0032 / 3) * math.sqrt(1.25), rel=1e-3)
    alone = base_rate(months[:1], 100)
    assert alone.high - alone.low > 0.15


def test_a_large_segment_holds_out_as_few_as_show_the_cautious_end():
    plan = chosen(20_000, steady(0.3))
    assert plan["verdict"] == "measurable"
    assert plan["holdout_share"] == 0.1
    assert plan["holdout"] + plan["treated"] == plan["customers"]
    assert plan["power_low"] == pytest.approx(power(0.3, plan["assumed_gain_low"], 18_000, 2_000))
    assert plan["assumed_gain"] == pytest.approx(0.3 * 0.7)
    middle = chosen(2000, steady(0.5))
    assert middle["power_low"] >= 0.8
    assert power(0.5, middle["assumed_gain_low"], 1800, 200) < 0.8


def test_what_one_campaign_cannot_show_is_said():
    plan = chosen(300, steady(0.7))
    assert plan["verdict"] == "only_large"
    assert plan["holdout"] == 60
    assert "several campaigns" in plan["words"]
    assert plan["customers_needed"] > 300


def test_where_nearly_everybody_orders_spend_is_looked_at():
    plan = chosen(300, steady(0.985))
    assert plan["verdict"] == "spend_only"
    assert plan["detectable_gain"] is None
    assert "98" not in plan["words"]  # four and a half people do not order: not told


def test_few_people_are_all_contacted():
    plan = chosen(39, steady(0.3))
    assert (plan["verdict"], plan["holdout"], plan["treated"]) == ("too_few", 0, 39)


def test_without_history_nobody_is_held_out_and_a_short_one_is_counted_for_thirty_days():
    assert chosen(1000, None)["verdict"] == "no_history"
    short = chosen(1000, None, steady(0.2))
    assert short["horizon_days"] == 30
    assert short["holdout"] == 200
    assert short.get("assumed_gain") is None  # nothing is assumed of thirty days


def test_numbers_of_customers_are_told_to_the_nearest_twenty():
    assert "60 of 320" in chosen(311, steady(0.7))["words"]


def test_a_campaign_at_its_break_even_earns_nothing_and_some_never_pay():
    gain = chosen(1000, steady(0.3))["break_even_gain"]
    assert net(0.3, gain, COSTS) == pytest.approx(0)
    assert net(0.3, gain + 0.01, COSTS) > 0
    assert break_even(0.9, COSTS) is None  # the incentive goes to nine of ten who order anyhow
    assert break_even(0.1, Assumptions(0.1, 0.1, 0.01, 6, 14)) is None

"""Results by segment and for all, with alarms; what is then believed; and what the page tells of it."""

import datetime as dt

import numpy as np
import pytest

from hm_assets.forecasts.decisions.campaign import Assumptions
from hm_assets.playbooks.experiments import learning, measuring, telling
from hm_assets.playbooks.experiments.results_file import Answer
from hm_assets.playbooks.experiments.tables import CAMPAIGN_RESULTS
from hm_assets.playbooks.experiments.updating import belief
from hm_assets.warehouse.errors import LandingError

AS_OF = dt.date(2020, 1, 31)
MONTH = dt.date(2020, 6, 1)
PRIOR = belief(6, 14)
COSTS = Assumptions(0.5, 0.1, 0.01, 6, 14)


def audience(sizes, share=0.25):
    return [
        {
            "customer_id": f"={segment}-{n}",
            "segment_id": segment,
            "arm": "holdout" if n < share * size else "treated",
            "spend_before": float(n % 7),
            "as_of": AS_OF,
            "horizon_days": 90,
        }
        for segment, size in sizes.items()
        for n in range(size)
    ]


def answers(people, base=0.3, gain=0.0, seed=0):
    generator = np.random.default_rng(seed)
    found = {}
    for row in people:
        ordered = float(generator.random() < base + gain * (row["arm"] == "treated"))
        spent = ordered * (1 + row["spend_before"] + generator.exponential())
        found[row["customer_id"]] = Answer(float(row["arm"] == "treated"), ordered, spent)
    return found


def by_key(rows):
    return {(row["segment"], row["outcome"], row["method"]): row for row in rows}


def test_a_planted_effect_is_found_in_its_segment_and_rows_are_those_of_the_table():
    people = audience({1: 4000, 2: 4000})
    told = answers(people[:4000], gain=0.15) | answers(people[4000:], seed=1)
    rows = measuring.measure("2020-01", people, told)
    found = by_key(rows)
    one, two, both = (found[segment, "ordered", "difference"] for segment in ("1", "2", "all"))
    assert one["low"] < 0.15 < one["high"]
    assert two["low"] < 0 < two["high"]
    assert both["difference"] == pytest.approx((one["difference"] + two["difference"]) / 2)
    assert (one["contacted"], one["holdout_contacted"]) == (1, 0)
    assert one["p_adjusted"] == pytest.approx(2 * one["p"])
    assert not any(row["ratio_alarm"] for row in rows)
    assert all(row["variance_left"] <= 1 + 1e-9 for row in rows if row["method"] == "cuped")
    assert both["measured_to"] == AS_OF + dt.timedelta(90)
    CAMPAIGN_RESULTS.in_memory(rows)


def test_two_per_cent_of_the_holdout_lost_is_an_alarm_and_does_not_count():
    people = audience({1: 8000})
    told = answers(people, gain=0.1)
    for row in [row for row in people if row["arm"] == "holdout"][:40]:
        del told[row["customer_id"]]
    rows = measuring.measure("2020-01", people, told)
    assert all(row["ratio_alarm"] and row["holdout_lost"] == 40 for row in rows)
    (all_, _) = learning.effects(dt.date(2020, 6, 30), MONTH, [plan(1)], rows, PRIOR, COSTS)
    assert (all_["campaigns"], all_["left_out"], all_["assumption"]) == (0, 1, True)
    assert all_["posterior_mean"] == PRIOR.mean


def test_ids_that_a_spreadsheet_was_given_are_known_again():
    people = audience({1: 400})
    written = {f"'{name}": answer for name, answer in answers(people).items()}
    assert (
        by_key(measuring.measure("2020-01", people, written))["1", "ordered", "difference"]["treated_lost"]
        == 0
    )


def test_a_file_of_the_contacted_alone_is_refused_and_one_without_outcome_too():
    people = audience({1: 400})
    told = answers(people)
    treated = {row["customer_id"]: told[row["customer_id"]] for row in people if row["arm"] == "treated"}
    with pytest.raises(LandingError, match="none of the 100 customers who were held out"):
        measuring.measure("2020-01", people, treated)
    with pytest.raises(LandingError, match="no column ordered or spend"):
        measuring.measure("2020-01", people, {"=1-1": Answer(1, None, None)})


def test_campaigns_of_others_are_named_and_nothing_is_said_of_them():
    told = {"18": {"a": Answer(1, None, None)}, "2020-01": {}, "2020-01-31": {}}
    assert measuring.of_file(told, lambda _: []) == ([], ["18", "2020-01", "2020-01-31"])


def plan(segment, base=0.3):
    return {"segment_id": segment, "base_rate": base, "chosen": True}


def test_what_was_measured_replaces_the_assumption_once_its_days_are_over():
    people = audience({1: 40_000})
    rows = measuring.measure("2020-01", people, answers(people, gain=0.07))
    day = AS_OF + dt.timedelta(90)
    before = list(learning.effects(day - dt.timedelta(1), MONTH, [plan(1)], rows, PRIOR, COSTS))
    after = list(learning.effects(day, MONTH, [plan(1)], rows, PRIOR, COSTS))
    assert all(row["assumption"] and "Assumption" in row["words"] for row in before)
    assert not any(row["assumption"] for row in after)
    one = after[1]
    assert one["posterior_mean"] == pytest.approx(0.1, abs=0.015)
    assert one["gain"] == pytest.approx(one["posterior_mean"] * 0.7)
    assert one["prior_mean"] == 0.3
    # An order more earns half of it, a contact costs a hundredth, an incentive a tenth for everybody who orders.
    assert one["net"] == pytest.approx(0.5 * one["gain"] - 0.01 - 0.1 * (0.3 + one["gain"]))
    assert one["net_low"] < one["net"] < one["net_high"]
    assert "The assumption was" in one["words"]


def test_thirty_days_say_nothing_of_an_assumption_about_ninety():
    people = [{**row, "horizon_days": 30} for row in audience({1: 4000})]
    rows = measuring.measure("2020-01", people, answers(people, gain=0.1))
    assert all(
        row["assumption"]
        for row in learning.effects(dt.date(2020, 6, 30), MONTH, [plan(1)], rows, PRIOR, COSTS)
    )


def test_a_segment_that_would_come_back_by_subtraction_is_withheld_with_the_next():
    people = audience({1: 4000, 2: 4000, 3: 100})
    rows = measuring.measure("2020-01", people, answers(people))
    hidden = telling.withheld(rows)
    assert {segment for _, segment in hidden} >= {"3"}
    assert len(hidden) == 2
    assert ("2020-01", "all") not in hidden


def test_of_one_segment_and_of_few_nothing_fails():
    people = audience({5: 44}, share=0.5)
    rows = measuring.measure("2020-01", people, answers(people))
    assert {segment for _, segment in telling.withheld(rows)} == {"5", "all"}
    nobody = measuring.measure(
        "2020-01", people, dict.fromkeys([p["customer_id"] for p in people], Answer(None, 0, 0))
    )
    assert by_key(nobody)["all", "spend", "cuped"]["difference"] == 0

"""The retrain decision: which figures lead to which verdict, in a table."""

import datetime as dt

import pytest

from hm_assets.monitoring.need import evaluate_reclustering_need

MONTH = dt.date(2021, 1, 1)


def months_ago(count):
    return dt.date(2021 - (count + 11) // 12 if count else 2021, (12 - count) % 12 + 1 if count else 1, 22)


def drifted(segment="all", lasting=True, alarm=True, trained_on_it=False):
    head = {
        "feature": "spend_365d",
        "segment": segment,
        "p_year": 0.001,
        "words": f"spend_365d of {segment} moved",
    }
    return [
        {**head, "reference": "last_year", "judged": True, "large": True, "alarm": alarm, "lasting": lasting},
        {
            **head,
            "reference": "training",
            "judged": False,
            "large": not trained_on_it,
            "alarm": False,
            "lasting": False,
        },
    ]


def fits(silhouette=0.5, distance=1.0, share=0.3, training_share=0.3):
    everybody = {
        "segment": "all",
        "share": 1.0,
        "silhouette": silhouette,
        "distance": distance,
        "training_share": 1.0,
        "training_silhouette": 0.5,
        "training_distance": 1.0,
        "share_of_spend_365d": 1.0,
    }
    mine = {"segment": "3", "share": share, "training_share": training_share, "share_of_spend_365d": 0.25}
    return [everybody, {**everybody, **mine}]


def refit(ari, month):
    return {"model": "refit", "segment": "all", "ari": ari, "to_month": month}


BEFORE, AFTER = dt.date(2020, 6, 1), dt.date(2020, 11, 1)
CASES = {
    "nothing moved": ({"drift": drifted(alarm=False)}, "ignore", "no alarm in 1 comparisons"),
    "nothing to compare": ({}, "ignore", "no whole year"),
    "drift for the first time": ({"drift": drifted(lasting=False)}, "wait", "for the first time"),
    "drift for two months": ({"drift": drifted()}, "retrain", "for two months now"),
    "drift of a segment, with its spend": ({"drift": drifted("3")}, "retrain", "25% of a year's spend"),
    "drift it was trained on": ({"drift": drifted(trained_on_it=True)}, "ignore", "trained on already"),
    "silhouette lower": ({"quality": fits(silhouette=0.40)}, "wait", "silhouette 0.40 against 0.50"),
    "silhouette much lower": ({"quality": fits(silhouette=0.30)}, "retrain", "silhouette 0.30 against 0.50"),
    "customers far from the centres": (
        {"quality": fits(distance=1.4)},
        "retrain",
        "distance 1.40 against 1.00",
    ),
    "a segment dies out": ({"quality": fits(share=0.04)}, "retrain", "segment 3 holds 4.0%"),
    "a segment swallows the others": ({"quality": fits(share=0.61)}, "retrain", "segment 3 holds 61.0%"),
    "nobody is left in a segment": ({"quality": fits(share=0.0)}, "retrain", "segment 3 holds 0.0%"),
    "small from the first day": (
        {"quality": fits(share=0.03, training_share=0.04)},
        "ignore",
        "0.50 against 0.50",
    ),
    "refits disagree since the training": (
        {"stability": [refit(0.9, BEFORE), refit(0.5, AFTER)]},
        "wait",
        "ARI of 0.50 (on months up to the training 0.90)",
    ),
    "refits never agreed": ({"stability": [refit(0.4, BEFORE), refit(0.5, AFTER)]}, "ignore", "ARI of 0.50"),
    "half a year old": ({"age": 6}, "wait", "6 months ago"),
    "a year old": ({"age": 12}, "retrain", "12 months ago"),
    "trained on this month, whatever moved": ({"age": 0, "drift": drifted()}, "ignore", "on this month"),
}


@pytest.mark.parametrize(("case", "verdict", "said"), CASES.values(), ids=CASES)
def test_verdict_and_reasons(case, verdict, said):
    age = case.get("age", 4)
    found = evaluate_reclustering_need(
        MONTH, months_ago(age), case.get("drift", []), case.get("stability", []), case.get("quality", fits())
    )
    assert found.verdict == verdict
    assert any(said in reason.words for reason in found.reasons), found.reasons
    assert found.headline.startswith(verdict)


def test_a_month_before_the_training_asks_for_nothing():
    found = evaluate_reclustering_need(MONTH, dt.date(2021, 3, 22), drifted(), [], fits(0.1))
    assert found.verdict == "ignore"

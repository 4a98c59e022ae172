import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from hm_assets.forecasts.decisions.campaign import Campaign
from hm_assets.forecasts.decisions.maximum_profit import Ranking, expected_maximum_profit

PAPER = Campaign(200, 10, 1)
"""The paper's costs, in euros."""


def emp(
    scores: list[float], left: list[int], campaign: Campaign = PAPER, weights=None
) -> tuple[float, float]:
    ranking = Ranking.of(np.array(scores, dtype=float), np.array(left, dtype=bool))
    return expected_maximum_profit(ranking, campaign, weights)


@pytest.mark.parametrize(
    ("left", "scores", "value"),
    [
        # Printed in the documentation of empulse (`empc_score`).
        ([0, 1, 0, 1, 0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9], 23.875593418348124),
        # The tests of proflogit-python, whose authors checked them against R's EMP::empChurn.
        (
            [1, 1, 0, 0, 0, 1, 1, 1, 1, 0],
            [0.6125478, 0.364271, 0.4321361, 0.1402911, 0.3848959, 0.2444155, 0.9706413, 0.8901728, 0.7817814,
            0.8687518], 30.3003222629848,
        ),
        ([0, 1], [0, 1], 28.0000000000391),
        ([0, 1], [1, 0], 22.5007912244511),
        ([1, 0], [0.5, 0.5], 22.5007912244511),
    ],
)  # fmt: skip
def test_it_is_what_others_print(left, scores, value):
    assert emp(scores, left)[0] == pytest.approx(value, abs=1e-10)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=30),
    st.floats(0.5, 50),
    st.floats(0, 2),
    st.floats(0, 1),
    st.floats(1.0, 20),
    st.floats(1.0, 20),
)
def test_it_is_the_integral_over_the_best_cut(people, value, incentive, contact, a, b):
    """For each gamma every cut of the ranking is tried; the best ones, weighted by the density."""
    scores, left = (np.array(column, dtype=float) for column in zip(*people, strict=True))
    campaign = Campaign(value, incentive, contact, a, b)
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])) + 1, len(order))
    gammas = (np.arange(4_000) + 0.5) / 4_000
    per_gamma = np.zeros_like(gammas)
    for end in ends:
        leavers = left[order][:end].sum()
        kept = gammas * (value - incentive) - contact
        profit = (leavers * kept - (end - leavers) * (incentive + contact)) / len(order)
        per_gamma = np.maximum(per_gamma, profit)
    wanted = (per_gamma * beta.pdf(gammas, a, b)).mean()
    assert emp(scores, left, campaign)[0] == pytest.approx(wanted, abs=2e-3 * max(1.0, value))


def test_weights_are_repeated_customers():
    scores, left = [0.1, 0.9, 0.5, 0.5, 0.3], [0, 1, 1, 0, 1]
    counts = np.array([2, 0, 3, 1, 1])
    repeated = emp(np.repeat(scores, counts), np.repeat(left, counts))
    assert emp(scores, left, weights=counts.astype(float)) == pytest.approx(repeated, abs=1e-12)


def test_better_rankings_earn_no_less_and_ids_change_nothing():
    rng = np.random.default_rng(0)
    left = rng.random(300) < 0.3
    scores = [left + rng.normal(0, noise, 300) for noise in (0.2, 1.0, 5.0)]
    found = [emp(s, left)[0] for s in scores]
    assert found == sorted(found, reverse=True)
    order = rng.permutation(300)
    assert emp(scores[1][order], left[order]) == pytest.approx(emp(scores[1], left), abs=1e-12)


@pytest.mark.parametrize(("left", "profit", "share"), [([0, 0, 0], 0.0, 0.0), ([1, 1, 1], 56.0, 1.0)])
def test_nobody_or_everybody_leaves(left, profit, share):
    found = emp([0.1, 0.5, 0.9], left)
    assert found == pytest.approx((profit, share), abs=1e-6), "0.3 x (200 - 10) - 1 of each leaver"


def test_a_campaign_that_cannot_pay_contacts_nobody_and_nobody_has_no_measure():
    assert emp([0.1, 0.9], [0, 1], Campaign(0.5, 1.0, 0.0)) == (0.0, 0.0)
    assert np.isnan(emp([], [])).all()


@pytest.mark.parametrize(
    "wrong", [{"value": -1.0}, {"incentive": float("nan")}, {"contact": -0.1}, {"alpha": 0.0}, {"beta": -2.0}]
)
def test_assumptions_without_sense_are_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Campaign(**{"value": 1.0, "incentive": 0.1, "contact": 0.0} | wrong)


def test_the_threshold_is_where_contacting_begins_to_pay():
    for campaign in (Campaign(3, 0.1, 0.01), Campaign(0.9, 0.2, 0.05, 10, 7)):
        at = campaign.worth_contacting
        assert campaign.profit(np.array([at - 1e-6]))[0] < 0 < campaign.profit(np.array([at + 1e-6]))[0]
    assert Campaign(0, 1, 0.1, 1, 1e9).worth_contacting > 1
    assert Campaign(200, 10, 1).acceptance == pytest.approx(0.3)
    assert Campaign(200, 10, 1).acceptance_at(0.5) == pytest.approx(beta(6, 14).median())

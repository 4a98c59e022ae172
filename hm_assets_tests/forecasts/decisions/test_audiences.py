import numpy as np
import pytest

from hm_assets.forecasts.decisions import audiences, shown
from hm_assets.forecasts.decisions.audiences import Reachable, budgets, thresholds
from hm_assets.forecasts.decisions.tables import BUDGETS, THRESHOLDS
from hm_assets_tests.forecasts.decisions.days import DAY, MONTH, USUAL, judged, today

DATES = {"as_of": MONTH, "month": MONTH}


def some(n: int = 250, seed: int = 0) -> Reachable:
    rng = np.random.default_rng(seed)
    return Reachable(rng.beta(2, 1, n), rng.gamma(1.0, 2.0, n), "spend_365d")


def test_a_threshold_counts_whom_it_takes():
    now = some()
    rows = {(r["audience"], r["top_percent"]): r for r in thresholds(now, judged(), "good", USUAL)}
    assert len(rows) == 200
    for (audience, percent), row in rows.items():
        p = now.leaves if audience == "leaves" else 1 - now.leaves
        assert row["customers"] == np.ceil(250 * percent / 100)
        assert (p >= row["threshold"]).sum() == row["customers"]
        assert row["expected_hits"] == pytest.approx(p[p >= row["threshold"]].sum())
        assert row["precision_low"] <= row["precision"] <= row["precision_high"]
        assert row["judged_as_of"] == DAY
        assert ("profit" in row) == (audience == "leaves")
    whole = rows["leaves", 100]
    campaign = USUAL.campaign(float(now.value.mean()))
    assert whole["precision"] == pytest.approx(judged().left.mean()) and whole["recall"] == 1
    assert whole["profit"] == pytest.approx(campaign.profit(now.leaves, now.value).sum())
    assert whole["profit_low"] < whole["profit"] < whole["profit_high"]
    for row in rows.values():
        if row["audience"] == "leaves":
            # Other assumptions can be laid over these sums without the customers.
            assert row["profit"] == pytest.approx(row["kept_share"] * row["value_at_risk"] - row["cost"])
            contacted, leavers = row["customers"], row["expected_hits"]
            taken = contacted - leavers + row["kept_share"] * leavers
            assert row["cost"] == pytest.approx(row["contact"] * contacted + row["incentive"] * taken)
            assert row["kept_share_low"] < row["kept_share"] < row["kept_share_high"]
    table = THRESHOLDS.in_memory([row | DATES for row in rows.values()])
    assert table.count().execute() == 200
    assert "worth contacting" in shown.best_threshold(
        list(rows.values())
    ) or "earns most" in shown.best_threshold(list(rows.values()))


def test_true_shares_of_ties_do_not_depend_on_how_they_are_sorted():
    rows = list(thresholds(some(), judged(), "base_rate", USUAL))
    rate = judged().left.mean()
    for row in rows:
        assert row["precision"] == pytest.approx(rate if row["audience"] == "leaves" else 1 - rate, abs=0.13)
    ten = next(row for row in rows if row["top_percent"] == 10)
    assert ten["precision"] == pytest.approx(rate, abs=0.02)


def test_without_a_judged_day_there_are_expected_hits_only():
    for model in (None, "unknown"):
        rows = list(thresholds(some(), judged() if model else None, model, USUAL))
        assert all(row["judged_as_of"] is None and "precision" not in row for row in rows)


def test_one_customer_is_every_share():
    rows = list(thresholds(Reachable(np.array([0.4]), np.array([1.0]), "spend_365d"), None, None, USUAL))
    assert all(row["customers"] == 1 for row in rows)


def test_money_ranked_by_value_at_risk_beats_value_alone_and_lots():
    now = some(2_000)
    rows = {(r["ranking"], r["budget_percent"]): r for r in budgets(now, USUAL)}
    for percent in audiences.BUDGET_PERCENT:
        mine = rows["value_at_risk", percent]
        assert mine["cost"] <= mine["budget"] * (1 + 1e-9)
        for other in ("value", "p_leave", "random"):
            assert mine["profit"] >= rows[other, percent]["profit"]
        assert mine["profit_low"] <= mine["profit"] <= mine["profit_high"]
    assert BUDGETS.in_memory([row | DATES for row in rows.values()]).count().execute() == 16
    assert "value_at_risk" in shown.budgets(list(rows.values()))


def test_a_budget_too_small_for_anybody_contacts_nobody():
    now = Reachable(np.array([0.4, 0.5]), np.array([1.0, 2.0]), "spend_365d")
    row = next(iter(budgets(now, USUAL)))
    assert row["customers"] == 0 and row["profit"] == row["cost"] == 0


def test_the_value_is_that_of_the_forecast_where_there_is_one():
    spent = today([0.2, 0.9], [10.0, 30.0])
    now = audiences.reachable(*spent, USUAL)
    # 40 in 10 orders: a mean order of 4; half of it is earned.
    assert now.value_from == "spend_365d" and now.value == pytest.approx([1.25, 3.75])
    assert now.leaves == pytest.approx([0.8, 0.1])
    told = audiences.reachable(*today([0.2, 0.9], [10.0, 30.0], [8.0, None]), USUAL)
    assert told.value_from == "value_12m" and told.value == pytest.approx([1.0, 3.75])
    assert audiences.reachable(*today([0.2], [10.0], [None]), USUAL).value_from == "spend_365d"


def test_without_probabilities_or_spend_there_is_nothing_to_decide():
    assert audiences.reachable(*today([None, None], [1.0, 2.0]), USUAL) is None
    assert audiences.reachable(*today([0.5], [0.0]), USUAL) is None
    assert audiences.reachable(*today([], []), USUAL) is None


def test_neither_ids_nor_rows_change_a_digit_of_what_is_known_of_today():
    rng = np.random.default_rng(0)
    p, spend = rng.uniform(0.1, 0.9, 300), rng.gamma(1.0, 2.0, 300)
    order = rng.permutation(300)
    one, other = (
        audiences.reachable(*today(p[i].tolist(), spend[i].tolist()), USUAL) for i in (slice(None), order)
    )
    assert np.array_equal(one.value, other.value) and np.array_equal(one.leaves, other.leaves)


def test_ids_change_no_sum():
    now, order = some(), np.random.default_rng(1).permutation(250)
    mixed = Reachable(now.leaves[order], now.value[order], now.value_from)
    for make in (lambda t: thresholds(t, None, None, USUAL), lambda t: budgets(t, USUAL)):
        for one, other in zip(make(now), make(mixed), strict=True):
            for name, value in one.items():
                assert other[name] == (pytest.approx(value, rel=1e-9) if isinstance(value, float) else value)

"""Why values are unknown: a planted cause is found, chance is no cause, and too little is called too little."""

import math

import numpy as np
import pytest

from hm_assets.customers import mechanism
from hm_assets.customers.mechanism import GAPS, MAR, MCAR, MNAR
from hm_assets_tests.customers.files import complete, recoded

PLANTED_ODDS = 4.0


def without_age(rows: list[dict], odds: float, seed: int = 0) -> list[dict]:
    """5 % of the ages unknown, with these odds for pre-created accounts against the others."""
    rng = np.random.default_rng(seed)
    found = []
    for row in rows:
        log_odds = math.log(0.05 / 0.95) + math.log(odds) * (row["club_member_status"] == "PRE-CREATE")
        gone = rng.random() < 1 / (1 + math.exp(-log_odds))
        found.append({**row, "age": None if gone else row["age"]})
    return found


def outcomes(rows: list[dict]) -> dict[tuple[str, str, int | None], dict]:
    found = mechanism.rows_of(recoded(rows))
    return {(row["test"], row["column"], row["assumed_years"]): row for row in found}


@pytest.fixture(scope="module")
def planted():
    return outcomes(without_age(complete(8_000, 1), PLANTED_ODDS))


def test_a_planted_cause_is_found_with_its_odds(planted):
    row = planted[MAR, "age", None]
    assert row["strongest"] == "club_member_status = PRE-CREATE"
    assert row["low"] < PLANTED_ODDS < row["high"]
    assert row["p_value"] < 1e-6
    assert row["effect"] > mechanism.TINY_R2
    assert row["auc"] > 0.6
    assert row["finding"].startswith("Depends on the other attributes")


def test_little_sees_it_too(planted):
    (row,) = (row for (test, *_), row in planted.items() if test == MCAR)
    assert row["p_value"] < 1e-6
    assert row["effect"] > mechanism.TINY_DISTANCE
    assert row["customers"] == 8_000


def test_chance_is_not_taken_for_a_cause():
    tests = outcomes(without_age(complete(4_000, 2), odds=1.0))
    assert tests[MAR, "age", None]["finding"].startswith("No sign")
    (row,) = (row for (test, *_), row in tests.items() if test == MCAR)
    assert "not rejected" in row["finding"]


def test_a_slight_cause_in_many_customers_is_called_tiny():
    # 5.0 % of the ages unknown in the club, 5.5 % before it: of 1.2 million customers.
    status = ["ACTIVE", "ACTIVE", "PRE-CREATE", "PRE-CREATE"]
    attributes = {
        "fn": [0] * 4,
        "active": [0] * 4,
        "club_member_status": status,
        "fashion_news_frequency": ["NONE"] * 4,
        "age": [None, 40, None, 40],
        "postal_code": ["known"] * 4,
    }
    sizes = np.array([50_000.0, 950_000.0, 11_000.0, 189_000.0])
    row = mechanism.logistic(mechanism.Combinations(attributes, sizes), "age")
    # With one attribute the odds ratio and Woolf's interval have a closed form.
    odds = 11_000 / 189_000 / (50_000 / 950_000)
    error = math.sqrt((1 / sizes).sum())
    assert row["odds_ratio"] == pytest.approx(odds, rel=1e-6)
    assert row["low"] == pytest.approx(odds * math.exp(-mechanism.Z * error), rel=1e-4)
    assert row["p_value"] < 1e-6
    assert row["finding"].startswith("Significant but tiny")


def test_the_order_of_the_customers_changes_nothing():
    rows = without_age(complete(500, 4), PLANTED_ODDS)
    turned = [rows[i] for i in np.random.default_rng(0).permutation(len(rows))]
    assert outcomes(rows) == outcomes(turned)


def test_nothing_unknown_is_said_and_not_tested():
    tests = outcomes(complete(60, 5))
    assert {tests[MAR, name, None]["finding"] for name in GAPS} == {"Nothing is unknown"}
    assert [row["finding"] for (test, *_), row in tests.items() if test == MCAR] == [
        "Nothing to compare: one pattern only"
    ]
    assert not [key for key in tests if key[0] == MNAR]


def test_a_column_that_nobody_has_is_compared_with_nothing():
    tests = outcomes([{**row, "age": None} for row in complete(60, 6)])
    assert tests[MAR, "age", None]["finding"] == "All are unknown: nothing to compare with"
    assert tests[MAR, "age", None]["p_value"] is None
    assert not [key for key in tests if key[0] == MNAR]


@pytest.mark.parametrize(
    ("gaps", "finding"), [(29, "Too few to tell: 29 unknown, 30 needed"), (30, "No sign")]
)
def test_few_unknown_values_tell_nothing(gaps, finding):
    rows = [{**row, "age": None if i < gaps else row["age"]} for i, row in enumerate(complete(600, 7))]
    tests = outcomes(rows)
    assert tests[MAR, "age", None]["finding"].startswith(finding)
    (row,) = (row for (test, *_), row in tests.items() if test == MCAR)
    assert (row["p_value"] is None) == (gaps < mechanism.FEWEST_UNKNOWN)


def test_a_level_that_decides_alone_does_not_upset_the_regression():
    rows = [
        {**row, "age": None if row["club_member_status"] == "PRE-CREATE" else row["age"]}
        for row in complete(400, 8)
    ]
    row = outcomes(rows)[MAR, "age", None]
    assert row["auc"] == pytest.approx(1.0)
    assert row["effect"] == pytest.approx(1.0, abs=1e-3)
    assert math.isfinite(row["statistic"])
    assert row["p_value"] < 1e-6
    # Endless odds have no interval; no other level may claim to be the strongest for sure.
    assert row["strongest"] != "club_member_status = PRE-CREATE"


def test_two_columns_unknown_together_are_named_as_such():
    gone = dict.fromkeys(("fashion_news_frequency", "club_member_status"))
    rows = [row if i % 12 else row | gone for i, row in enumerate(complete(1_200, 9))]
    rows += [row | {"club_member_status": None} for row in complete(20, 10)]
    rows += [row | {"fashion_news_frequency": None} for row in complete(20, 11)]
    finding = outcomes(rows)[MAR, "club_member_status", None]["finding"]
    assert "most with fashion_news_frequency = unknown" in finding
    assert finding.endswith("so the two are unknown together")


def test_the_mean_age_moves_by_share_unknown_times_the_assumed_years(planted):
    rows = [row for (test, *_), row in planted.items() if test == MNAR]
    assert [row["assumed_years"] for row in rows] == [-10, -5, 5, 10]
    for row in rows:
        assert row["effect"] == pytest.approx(row["unknown"] / 8_000 * row["assumed_years"])
        assert row["p_value"] is None


@pytest.mark.parametrize("rows", [[], [{}], [{}] * 50])
def test_customers_with_nothing_known_break_nothing(rows):
    tests = outcomes(rows)
    assert len([key for key in tests if key[0] == MAR]) == len(GAPS)
    assert all(row["p_value"] is None for row in tests.values())

import numpy as np
import pytest

from hm_assets.profiles.validity.differences import ALL, categorical, lifts, numeric
from hm_assets.profiles.validity.facts import BY_NAME
from hm_assets.profiles.validity.tables import VALIDITY
from hm_assets_tests.profiles.validity.retailers import BRIEF, IDS, by_test, segments

AGE, ONLINE, CLUB, SPEND = (
    BY_NAME[name] for name in ("age", "online_share_365d", "club_member_status", "later_spend")
)


def ages(groups, shift=0.0, seed=1):
    """Normal ages, those of the third segment shifted by so many standard deviations."""
    return np.random.default_rng(seed).normal(40, 10, len(groups)) + 10 * shift * (groups == 2)


def test_a_planted_difference_is_found_sized_and_pinned_to_the_segment_that_has_it():
    groups = segments()
    rows = numeric(AGE, groups, ages(groups, 0.8), IDS, BRIEF, 0)
    lead = by_test(rows, "welch_anova")[ALL]
    assert lead["p"] < 1e-6
    assert 0.03 < lead["low"] < lead["effect"] < lead["high"] < 0.2
    assert lead["verdict"].startswith("medium")
    assert abs(lead["null_effect"]) < 0.02
    for test in ("games_howell", "tukey_hsd", "brunner_munzel"):
        pairs = by_test(rows, test)
        assert {subject for subject, row in pairs.items() if row["p_adjusted"] < 0.01} == {
            "segments 1 and 3",
            "segments 2 and 3",
        }
        assert pairs["segments 1 and 3"]["effect"] < 0
    assert "segment 3 has" in by_test(rows, "games_howell")["segments 1 and 3"]["verdict"]


def test_the_rows_fit_the_table_and_its_key():
    groups = segments()
    rows = numeric(AGE, groups, ages(groups), IDS, BRIEF, 0)
    club = np.where(ages(groups) > 40, "ACTIVE", "LEFT CLUB").astype(object)
    rows += categorical(CLUB, groups, club, IDS, BRIEF, 0) + lifts(SPEND, groups, ages(groups), IDS)
    assert {name for row in rows for name in row} <= {column.name for column in VALIDITY.columns}
    keys = [tuple(row[name] for name in VALIDITY.key) for row in rows]
    assert len(set(keys)) == len(keys)


def test_the_order_of_customers_and_the_numbers_of_segments_change_no_figure():
    groups, order = segments(), np.random.default_rng(9).permutation(600)
    values = ages(groups, 0.3)
    rows, again = (
        numeric(AGE, g, v, IDS, BRIEF, 0) for g, v in ((groups, values), (groups[order], values[order]))
    )
    for row, other in zip(rows, again, strict=True):
        assert row["subject"] == other["subject"]
        for name in ("statistic", "p", "effect"):
            assert row[name] == pytest.approx(other[name], rel=1e-9)


def test_unknown_values_and_segments_without_any_are_left_out():
    groups = segments()
    values = np.where(groups == 1, np.nan, ages(groups))
    rows = numeric(AGE, groups, values, IDS, BRIEF, 0)
    assert by_test(rows, "welch_anova")[ALL]["n"] == (groups != 1).sum()
    assert set(by_test(rows, "games_howell")) == {"segments 1 and 3"}


def test_ranks_are_not_compared_of_shares():
    """A customer with one order has 0 or 1, so ranks would tell who bought often, whatever the channel."""
    groups = segments()
    orders = np.where(groups == 0, 1, 6)
    values = np.random.default_rng(2).binomial(orders, 0.5) / orders
    rows = numeric(ONLINE, groups, values, IDS, BRIEF, 0)
    assert not {"kruskal_wallis", "brunner_munzel"} & {row["test"] for row in rows}
    assert by_test(rows, "welch_anova")[ALL]["p"] > 0.05


def test_a_segment_in_which_nobody_differs_is_compared_all_the_same():
    groups = segments()
    spend = np.where(groups == 2, 0.0, np.random.default_rng(3).exponential(size=600))
    rows = numeric(SPEND, groups, spend, IDS, BRIEF, 0)
    assert by_test(rows, "brown_forsythe")[ALL]["p"] < 1e-6
    assert not by_test(rows, "welch_anova")
    assert len(by_test(rows, "games_howell")) == 3


@pytest.mark.parametrize(
    "groups, values, says",
    [
        (np.zeros(6, dtype=int), np.arange(6.0), "one group"),
        (np.array([0, 0, 1, 1]), np.full(4, 3.0), "same value"),
        (np.array([0, 0, 1, 1]), np.full(4, np.nan), "nobody's value is known"),
        (np.array([0, 0, 1, 1]), np.array([0.0, 0, 1, 1]), "nobody differs"),
    ],
    ids=["one segment", "constant", "all unknown", "no spread"],
)
def test_what_cannot_be_tested_is_one_row_that_says_why(groups, values, says, recwarn):
    (row,) = numeric(AGE, groups, values, IDS, BRIEF, 0)
    assert row["verdict"].startswith("not tested: ")
    assert "p" not in row
    assert says in row["verdict"]
    assert not recwarn.list


def test_a_category_tells_its_shares_with_residuals_held_by_holm():
    rng, groups = np.random.default_rng(4), segments(2_000)
    values = np.where(rng.random(2_000) < np.where(groups == 2, 0.6, 0.3), "ACTIVE", "LEFT CLUB").astype(
        object
    )
    values[:50] = None
    rows = categorical(CLUB, groups, values, IDS, BRIEF, 0)
    lead = by_test(rows, "chi_square")[ALL]
    assert lead["n"] == 1_950
    assert 0.15 < lead["low"] < lead["effect"] < lead["high"] < 0.4
    assert lead["verdict"].startswith("small: ") or lead["verdict"].startswith("medium: ")
    cells = by_test(rows, "adjusted_residual")
    third = cells["segment 3: ACTIVE"]
    assert third["statistic"] > 5
    assert third["low"] < 0.6 < third["high"]
    assert all(row["p_adjusted"] >= row["p"] for row in cells.values())
    assert sum(row["effect"] for row in cells.values() if row["segment_id"] == 1) == pytest.approx(1.0)


@pytest.mark.parametrize("values", [["a"] * 6, [None] * 6], ids=["one level", "all unknown"])
def test_a_category_without_levels_is_one_row_that_says_why(values):
    (row,) = categorical(CLUB, np.array([0, 0, 1, 1, 2, 2]), np.array(values, dtype=object), IDS, BRIEF, 0)
    assert row["verdict"].startswith("not tested: ")


def test_lift_is_a_segments_mean_over_everybodys():
    groups = segments()
    spend = np.random.default_rng(5).exponential(np.where(groups == 2, 3.0, 1.0))
    rows = lifts(SPEND, groups, spend, IDS)
    weights = np.bincount(groups) / 600
    assert [row["segment_id"] for row in rows] == list(IDS)
    assert sum(w * row["effect"] for w, row in zip(weights, rows, strict=True)) == pytest.approx(1.0)
    assert rows[2]["low"] > 1.5
    nothing = lifts(SPEND, groups, np.zeros(600), IDS)
    assert all(row["verdict"].startswith("not measured") for row in nothing)

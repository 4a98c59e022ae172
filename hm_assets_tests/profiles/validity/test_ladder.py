"""The whole ladder on made-up retailers: silent where there is nothing, and sure where there is something."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.validity import FEW, OF_LINES, TESTED, Retailer, judged, leading, naive, of_lines
from hm_assets.profiles.validity import construction, ladder, shown
from hm_assets.profiles.validity.calibration import LEVEL, band
from hm_assets.profiles.validity.effort import Effort
from hm_assets.profiles.validity.facts import BY_NAME, CONSTRUCTION, LATER
from hm_assets.profiles.validity.past import fitted
from hm_assets.profiles.validity.tables import VALIDITY
from hm_assets.profiles.validity.words import EXPLAINED
from hm_assets.segments.lab.effort import EFFORTS
from hm_assets_tests.profiles.validity.retailers import BRIEF
from hm_assets_tests.profiles.validity.test_past import champion
from hm_assets_tests.segments.customers import MONTH, groups, load_of

CUSTOMERS, RETAILERS, SEGMENTS = 400, 10, 3


@pytest.fixture(scope="module")
def nothing():
    """Ladders of retailers without structure."""
    return [judged(Retailer.made(CUSTOMERS, seed, segments=SEGMENTS)) for seed in range(RETAILERS)]


@pytest.fixture(scope="module")
def whole():
    """A retailer with a planted effect, all its facts, intervals and shuffles."""
    retailer = Retailer.made(CUSTOMERS, 3, 1.0, SEGMENTS)
    return retailer, ladder.rows(retailer.past, retailer.values, BRIEF)


@pytest.mark.slow
def test_without_structure_held_out_and_later_facts_reject_as_often_as_they_say(nothing):
    ps = [row["p"] for found in nothing for row in leading(found)]
    low, high = band(len(ps))
    assert len(ps) == RETAILERS * len(TESTED)
    assert low <= sum(p < LEVEL for p in ps) <= high


def test_an_analysis_of_variance_on_what_was_clustered_on_always_rejects():
    """Why there is no p by construction."""
    assert all(naive(Retailer.made(CUSTOMERS, seed)) < 1e-6 for seed in range(3))


def test_lines_by_lot_that_cost_less_reject_by_construction_and_get_no_p():
    """The reason why what makes a price is not held out where spend is in the space."""
    retailer = Retailer.made(20_000, 3, segments=SEGMENTS)
    assert max(of_lines(retailer, name) for name in OF_LINES) < LEVEL / 10
    rows = {row["fact"]: row for row in construction.rows(retailer.past, retailer.values, FEW)}
    assert all(rows[name].get("p") is None for name in OF_LINES)


@pytest.mark.slow
def test_by_construction_there_is_no_p(nothing):
    rows = [row for found in nothing for row in found if row["tier"] == CONSTRUCTION]
    assert rows
    assert all(row.get("p") is None and row.get("p_adjusted") is None for row in rows)
    assert all(row.get("statistic") is None for row in rows)


@pytest.mark.slow
def test_slices_of_a_cloud_differ_as_much_as_slices_of_its_copula(nothing):
    """Large effects, and not one above what the same algorithm makes of customers without groups."""
    axes = {"recency_days", "purchase_days", "spend"}
    rows = [r for found in nothing for r in found if r["tier"] == CONSTRUCTION and r["fact"] in axes]
    assert min(row["effect"] for row in rows) > EXPLAINED[-1]
    assert abs(np.mean([row["effect"] - row["null_effect"] for row in rows])) < 0.05


def test_groups_are_far_above_what_slices_of_a_cloud_would_give():
    """Customers who are none of a sort in between: slices of their copula explain less."""
    past = fitted(load_of(groups(100, spread=0.1)), None, MONTH, *champion(), EFFORTS["quick"])
    few = Effort(resamples=20, null_runs=0, null_customers=0, null_fits=3, null_fit_customers=400)
    rows = {row["fact"]: row for row in construction.rows(past, {}, few, [])}
    assert all(row["low"] > row["null_effect"] + 0.05 for row in rows.values())
    assert all("that is more than the" in row["verdict"] for row in rows.values())


@pytest.mark.slow
def test_a_planted_effect_is_seen_in_the_later_tier():
    later = [
        row["p"]
        for seed in range(4)
        for row in leading(judged(Retailer.made(1_000, seed, 0.8, SEGMENTS)))
        if row["tier"] == LATER
    ]
    assert np.mean(np.array(later) < LEVEL) > 0.9


def test_the_table_takes_the_rows_and_its_key_is_unique(whole):
    retailer, rows = whole
    keys = [tuple(row[name] for name in VALIDITY.key) for row in rows]
    assert len(set(keys)) == len(keys)
    month = retailer.past.people.as_of.replace(day=1)
    stored = VALIDITY.in_memory([{**row, "month": month} for row in rows]).to_pyarrow()
    assert len(stored) == len(rows)
    for column in VALIDITY.columns:
        if not column.nullable:
            assert stored[column.name].null_count == 0
        if column.type == "float64":
            assert np.isfinite(stored[column.name].drop_null().to_numpy()).all()


def test_the_same_seed_gives_the_same_ladder(whole):
    retailer, rows = whole
    assert ladder.rows(retailer.past, retailer.values, BRIEF) == rows


def test_leading_tests_are_adjusted_together_and_never_downwards(whole):
    _, rows = whole
    leading_rows = [row for row in ladder.omnibus(rows) if row["tier"] != CONSTRUCTION]
    assert {row["test"] for row in leading_rows} >= {"welch_anova", "chi_square"}
    assert all(row["p_adjusted"] >= row["p"] for row in leading_rows)
    assert all(row["null_runs"] == BRIEF.null_runs for row in leading_rows)
    assert sum(row["p_adjusted"] > row["p"] for row in leading_rows) >= len(leading_rows) - 1


def test_the_rungs_hold_the_facts_that_belong_there(whole):
    _, rows = whole
    tiers = {row["fact"]: row["tier"] for row in rows}
    assert set(tiers) == set(BY_NAME)
    assert {row["test"] for row in rows if row["tier"] == CONSTRUCTION} == {construction.TEST}
    assert {row["tier"] for row in rows if row["test"] == "lift"} == {LATER}


def test_what_is_shown_leads_with_sizes_and_says_what_was_found(whole):
    _, rows = whole
    table = shown.table(rows)
    assert "none: by construction" in table
    assert "## " not in table
    assert len(table.splitlines()) == 2 + len(BY_NAME)
    title = ladder.headline(rows)
    assert "the next 90 days" in title
    assert shown.picture(rows).startswith(f"![{title}](data:image/png;base64,")
    assert ladder.headline([]) == "What happened later could not be compared"


def test_one_segment_is_a_table_of_gaps_and_no_error(whole, recwarn):
    retailer, _ = whole
    alone = replace(retailer.past, groups=np.zeros(CUSTOMERS, dtype=np.int64), ids=(1,))
    rows = ladder.rows(alone, retailer.values, BRIEF)
    assert all(row["verdict"].startswith("not ") for row in ladder.omnibus(rows))
    assert {row["fact"] for row in rows} == set(BY_NAME)
    assert shown.picture(rows).startswith("![What happened later could not be compared]")
    assert not recwarn.list


def test_a_lift_belongs_to_each_segment(whole):
    retailer, rows = whole
    lifted = [row for row in rows if row["test"] == "lift"]
    assert [row["segment_id"] for row in lifted] == list(retailer.past.ids)
    assert sum(row["n"] for row in lifted) == CUSTOMERS

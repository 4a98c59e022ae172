"""The test bench of the imputation."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from hm_assets.customers import imputation_bench
from hm_assets.customers.imputation_bench import Bench, kolmogorov_smirnov, scores
from hm_assets_tests.customers.examples import customers

SMALL = Bench(most_rows=3_000, folds=2, repeats=1, masks=1, draws=10, iterations=3)


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str], dict]:
    return {(row["mechanism"], row["method"]): row for row in scores(customers(3_000), SMALL, seed=1)}


def test_every_method_is_tried_both_ways(found):
    methods = set(imputation_bench.fillers(SMALL))
    assert set(found) == {(mechanism, method) for mechanism in ("MCAR", "MAR") for method in methods}
    known = 3_000 - customers(3_000)["age"].null_count
    for (mechanism, _), row in found.items():
        assert row["masked"] == pytest.approx(known / 5 * (2 if mechanism == "MCAR" else 1), abs=2)


def test_mean_matching_keeps_the_two_humps_and_a_mean_type_fill_does_not(found):
    for mechanism in ("MCAR", "MAR"):
        ours = found[mechanism, "MICE with mean matching"]
        deck = found[mechanism, "hot deck"]
        assert ours["ks_distance"] <= deck["ks_distance"] + 0.02
        assert found[mechanism, "IterativeImputer"]["ks_distance"] > 0.3
        assert abs(ours["trough_share"] - ours["true_trough_share"]) < 0.03
        assert ours["impossible_share"] == 0
        assert 0.88 <= ours["interval_cover"] <= 0.94


def test_a_fill_without_draws_has_no_interval(found):
    for method in ("median", "IterativeImputer", "gradient boosting"):
        assert found["MCAR", method]["interval_cover"] is None
        assert found["MCAR", method]["draws"] == 1


def test_hiding_depends_on_attributes_where_it_says_so():
    # Older customers are hidden more often under MAR, so a hot deck of the rest is too young there only.
    bench = replace(SMALL, most_rows=6_000, draws=2)
    deck = {"hot deck": imputation_bench.fillers(bench)["hot deck"]}
    rows = {row["mechanism"]: row for row in scores(customers(6_000), bench, seed=3, methods=deck)}
    assert abs(rows["MCAR"]["mean_error"]) < 0.8
    assert rows["MAR"]["mean_error"] < -1


def test_the_same_seed_gives_the_same_scores():
    tiny = replace(SMALL, folds=1, draws=3)

    drawn = {name: imputation_bench.fillers(tiny)[name] for name in ("hot deck", "MICE with mean matching")}

    def without_seconds(seed: int) -> list[dict]:
        found = scores(customers(400), tiny, seed, methods=drawn)
        return [{name: value for name, value in row.items() if name != "seconds"} for row in found]

    assert without_seconds(5) == without_seconds(5)
    assert without_seconds(5) != without_seconds(6)


def test_too_few_known_ages_give_no_score():
    assert scores(customers(40), SMALL, seed=1) == []
    assert scores(customers(400, unknown=0.6), SMALL, seed=1) == []


def test_hidden_ages_do_not_count_against_the_limit_of_unknown_ones():
    # 30 % are unknown and a fifth of the rest is hidden: 44 % are empty, and still filled.
    for row in scores(customers(800, unknown=0.3), replace(SMALL, folds=1), seed=1):
        assert row["impossible_share"] < 0.2
        assert np.isfinite(row["mean_absolute_error"])


def test_where_all_customers_are_alike_nothing_can_be_hidden_by_attributes():
    base = customers(400)
    alike = base.set_column(1, "fn", pa.array([0] * 400, pa.int8()))
    alike = alike.set_column(3, "club_member_status", pa.array(["ACTIVE"] * 400))
    assert {row["mechanism"] for row in scores(alike, replace(SMALL, folds=1), seed=1)} == {"MCAR"}


def test_the_interval_of_the_error_is_that_of_its_mean(found):
    for row in found.values():
        low, high = row["mean_absolute_error_low"], row["mean_absolute_error_high"]
        assert low < row["mean_absolute_error"] < high
        assert 0.3 < high - low < 2  # 1.96 * 2 * sd (about 8) / sqrt(1,090), or sqrt(545)


def test_a_hot_deck_in_cells_stays_in_its_cell():
    base = customers(2_000, unknown=0.0)
    old = np.array(base["club_member_status"].to_pylist()) == "PRE-CREATE"
    filler = imputation_bench.fillers(SMALL)["hot deck in cells"]
    filled = filler(base, np.flatnonzero(old), 5, 1)
    ages = base["age"].to_numpy()
    assert filled.mean() == pytest.approx(ages[old].mean(), abs=1.5)
    assert abs(ages[old].mean() - ages.mean()) > 5


def test_the_distance_of_distributions_is_that_of_scipy_with_ties_too():
    rng = np.random.default_rng(1)
    for sizes in ((50, 400), (1, 3), (200, 200)):
        one, two = (rng.integers(16, 40, size).astype(float) for size in sizes)
        assert kolmogorov_smirnov(one, two) == pytest.approx(stats.ks_2samp(one, two).statistic)


@pytest.mark.slow
def test_five_thousand_hidden_ages_of_a_generated_base(tmp_path):
    import duckdb

    from hm_assets.sources.synthetic.generate import generate

    generate(tmp_path, preset="demo", scale=3.4, seed=5)
    base = duckdb.sql(
        f"""SELECT (coalesce(FN, '') <> '')::TINYINT AS fn, (coalesce(Active, '') <> '')::TINYINT AS active,
        club_member_status, upper(fashion_news_frequency) AS fashion_news_frequency, age::DOUBLE::SMALLINT AS age
        FROM read_csv('{tmp_path}/customers.csv', all_varchar = true) ORDER BY customer_id"""
    ).to_arrow_table()
    bench = Bench(most_rows=20_000, folds=2, repeats=1, masks=1, draws=5, iterations=3)
    ours = [row for row in scores(base, bench, seed=1) if row["method"] == "MICE with mean matching"]
    assert [row["mechanism"] for row in ours] == ["MCAR", "MAR"]
    assert ours[0]["masked"] >= 5_000
    for row in ours:
        assert row["ks_distance"] <= 0.05
        assert 0.88 <= row["interval_cover"] <= 0.94

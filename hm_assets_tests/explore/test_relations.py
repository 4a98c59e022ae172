"""Correlations, groups, the score grid and concentration, held against loops and scipy."""

import ibis
import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from hm_assets.explore.relations import (
    PAIRED,
    average_rank,
    concentration,
    correlations,
    fisher_interval,
    groups,
    rfm_grid,
)
from hm_assets_tests.explore import shops


@pytest.fixture(scope="module")
def people():
    return shops.usual()[0]


def test_ranks_share_the_mean_of_their_places():
    values = [3.0, 1.0, 3.0, 2.0, 3.0]
    table = ibis.memtable(pa.table({"x": values}))
    found = table.select("x", r=average_rank(table.x)).to_pyarrow().to_pylist()
    assert sorted((row["x"], row["r"]) for row in found) == sorted(
        zip(values, stats.rankdata(values), strict=True)
    )


def test_correlations_are_those_of_scipy(people):
    rows = [
        row
        for row in people.to_pyarrow().to_pylist()
        if row["orders_365d"] > 0 and all(row[name] is not None for name in PAIRED)
    ]
    found = {(line["measure_a"], line["measure_b"]): line for line in correlations(people, 0.004, {"spend"})}
    assert len(found) == len(PAIRED) * (len(PAIRED) - 1) // 2
    for (a, b), line in found.items():
        x, y = ([float(row[name]) for row in rows] for name in (a, b))
        assert line["customers"] == len(rows)
        assert line["spearman"] == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-5)
        x, y = (np.log1p(np.array(v) / 0.004) if n == "spend" else np.array(v) for n, v in ((a, x), (b, y)))
        assert line["pearson"] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-5)
        assert line["low"] <= line["spearman"] <= line["high"]


def test_a_bent_relation_is_told_from_a_straight_one():
    x = np.linspace(0, 8, 200)
    rows = {name: np.random.default_rng(1).normal(size=200) for name in PAIRED}
    rows |= {"recency_days": x, "tenure_days": np.exp(x), "age": -2 * x, "orders_365d": np.ones(200)}
    found = correlations(ibis.memtable(pa.table(rows)), 1.0, set())
    forms = {(line["measure_a"], line["measure_b"]): line["form"] for line in found}
    assert forms["recency_days", "tenure_days"] == "monotone, not linear"
    assert forms["recency_days", "age"] == "linear"


def test_no_interval_where_there_is_nothing_to_say():
    assert fisher_interval(0.5, 5) == (None, None)
    assert fisher_interval(1.0, 500) == (None, None)


def test_groups_split_all_customers_and_have_their_means(people):
    rows = people.to_pyarrow().to_pylist()
    found = groups(people)
    for grouping in {line["grouping"] for line in found}:
        assert sum(line["customers"] for line in found if line["grouping"] == grouping) == len(rows)
    news = [row["orders_365d"] for row in rows if row["fn"] == 1]
    (line,) = (line for line in found if (line["grouping"], line["group"]) == ("fashion_news", "yes"))
    assert line["orders_365d"] == pytest.approx(np.mean(news))
    half = 1.959964 * np.std(news, ddof=1) / len(news) ** 0.5
    assert line["orders_high"] == pytest.approx(np.mean(news) + half, rel=1e-4)


def test_the_grid_counts_every_customer_once(people):
    assert sum(cell["customers"] for cell in rfm_grid(people)) == people.count().to_pyarrow().as_py()


def test_concentration_rises_to_all_of_the_spend(people):
    spends = sorted(
        (row["spend_365d"] for row in people.to_pyarrow().to_pylist() if row["spend_365d"] > 0), reverse=True
    )
    found = concentration(people)
    shares = [line["share_of_spend"] for line in found]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    for line in found:
        assert line["share_of_spend"] == pytest.approx(sum(spends[: line["customers"]]) / sum(spends))

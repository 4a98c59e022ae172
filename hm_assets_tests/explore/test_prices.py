"""Units and prices: a planted slope is found within articles, whatever differs between them."""

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.explore.prices import curves, price_curves
from hm_assets.features.article_days import reference_prices
from hm_assets_tests.explore import shops
from hm_assets_tests.features.histories import article_days_of, days


def observations(slope: float, seed: int = 1, clusters: int = 200) -> ibis.Table:
    """Popular articles are dear ones: without looking within articles the slope would turn its sign."""
    random = np.random.default_rng(seed)
    rows = []
    for cluster in range(clusters):
        level = random.normal()
        for _ in range(30):
            price = float(np.clip(np.exp(0.1 * level + random.normal(0, 0.12)), 0.31, 1.29))
            units = max(1, round(float(np.exp(4 + level) * price**slope * random.lognormal(0, 0.1))))
            rows.append({"value": "A", "units": units, "cluster": cluster, "price": price})
    return ibis.memtable(pa.Table.from_pylist(rows))


@pytest.mark.parametrize("slope", [-2.0, 0.0])
def test_a_planted_slope_is_within_the_interval(slope):
    line = curves(observations(slope), "category")[0]
    assert line["slope_low"] <= slope <= line["slope_high"]
    assert line["slope_high"] - line["slope_low"] < 0.4


def test_the_interval_is_that_of_clustered_standard_errors():
    import pandas as pd
    import statsmodels.formula.api as smf

    table = observations(-1.0, seed=2, clusters=40)
    frame = pd.DataFrame(table.to_pyarrow().to_pylist())
    frame["x"], frame["y"] = np.log(frame.price), np.log(frame.units)
    frame[["x", "y"]] -= frame.groupby("cluster")[["x", "y"]].transform("mean")
    fitted = smf.ols("y ~ x - 1", frame).fit(
        cov_type="cluster", cov_kwds={"groups": frame.cluster, "use_correction": False}
    )
    line = curves(table, "category")[0]
    assert line["slope"] == pytest.approx(fitted.params.iloc[0], abs=1e-5)
    half = 1.959964 * fitted.bse.iloc[0] * (40 / 39) ** 0.5
    assert line["slope_high"] - line["slope"] == pytest.approx(half, rel=1e-3)


def test_bins_count_every_observation_and_the_usual_price_is_100():
    table = observations(-1.0)
    found = curves(table, "category")
    inside = [row for row in table.to_pyarrow().to_pylist() if 0.3 <= row["price"] <= 1.3]
    assert sum(line["observations"] for line in found) == len(inside)
    assert sum(line["units"] for line in found) == sum(row["units"] for row in inside)
    (usual,) = (line for line in found if line["relative_price"] == 1.0)
    assert usual["index_to_usual"] == 100
    assert usual["observations"] == sum(0.95 <= row["price"] < 1.05 for row in inside)


def test_few_observations_have_no_index():
    found = curves(observations(-1.0, clusters=1).limit(12), "category")
    assert {line["index_to_usual"] for line in found} == {None}
    assert {line["slope"] for line in found} == {None}


def test_both_kinds_come_from_lines():
    lines = shops.lines(customers=80, days=300, each=20)
    people, as_of = shops.people(lines)
    sold = article_days_of(lines)
    references = ibis.memtable(reference_prices(sold).to_pyarrow())
    found = price_curves(sold, references, shops.catalogue(), days(lines), people, as_of)
    assert {line["kind"] for line in found} == {"category", "value_tier"}
    assert {line["value"] for line in found if line["kind"] == "value_tier"} <= {
        "low",
        "medium",
        "high",
        "premium",
    }

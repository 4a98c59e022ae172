"""Which columns a model may take, and why."""

import numpy as np
import pytest

from hm_assets.features import feature_sets


def values(customers: int = 500, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(customers, len(feature_sets.eligible())))


def rows(given: np.ndarray) -> dict[str, dict]:
    return {row["feature"]: row for row in feature_sets.fit(given)}


def column(name: str) -> int:
    return list(feature_sets.eligible()).index(name)


def test_sets_grow_and_the_best_known_come_first():
    sets = feature_sets.eligible()
    assert list(sets)[:3] == ["recency_days", "purchase_days", "spend"]
    order = ("basic", "behavioural", "comprehensive")
    assert [order.index(s) for s in sets.values()] == sorted(order.index(s) for s in sets.values())
    assert "value_tier" not in sets
    assert "cohort_month" not in sets


def test_of_two_columns_that_say_the_same_the_better_known_stays():
    given = values()
    given[:, column("orders_7d")] = 3 * given[:, column("spend")] + 1
    found = rows(given)
    assert found["spend"]["kept"]
    dropped = found["orders_7d"]
    assert not dropped["kept"]
    assert dropped["most_like"] == "spend"
    assert dropped["correlation"] == pytest.approx(1)
    assert dropped["reason"] == "dropped: says nearly the same as spend (r = 1.00), which is better known"


def test_a_column_that_hardly_varies_is_dropped():
    given = values()
    given[:, column("sunday_share_365d")] = 0.0
    given[:3, column("sunday_share_365d")] = 1.0
    found = rows(given)["sunday_share_365d"]
    assert not found["kept"]
    assert found["reason"].startswith("dropped: hardly varies")


def test_independent_columns_are_kept_and_every_column_has_a_reason():
    found = rows(values())
    assert all(row["kept"] for row in found.values())
    assert set(found) == set(feature_sets.eligible())
    assert all(row["reason"] for row in found.values())


def test_empty_values_are_counted_and_filled_with_the_median():
    given = values()
    given[:, column("basket_7d")] = np.where(np.arange(500) % 4 == 0, np.nan, 2.0)
    given[:5, column("basket_7d")] = [1, 1, 3, 3, 2]
    row = rows(given)["basket_7d"]
    assert row["median"] == 2
    assert row["share_empty"] == pytest.approx(0.248, abs=0.003)
    assert (row["minimum"], row["maximum"]) == (1, 3)


def test_components_hold_nine_tenths_of_the_variance():
    rng = np.random.default_rng(2)
    factors = rng.normal(size=(2_000, 3))
    given = factors @ rng.normal(size=(3, 12)) + 0.01 * rng.normal(size=(2_000, 12))
    standard = (given - given.mean(axis=0)) / given.std(axis=0)
    loadings, shares = feature_sets.components(standard)
    assert len(loadings) <= 3
    assert shares[: len(loadings)].sum() >= 0.9
    assert loadings @ loadings.T == pytest.approx(np.eye(len(loadings)), abs=1e-9)
    heaviest = loadings[np.arange(len(loadings)), np.abs(loadings).argmax(axis=1)]
    assert (heaviest > 0).all()


def test_only_kept_columns_have_loadings_and_all_the_same_number():
    given = values()
    given[:, column("orders")] = given[:, column("purchase_days")]
    found = rows(given)
    lengths = {len(row["loadings"]) for row in found.values() if row["kept"]}
    assert len(lengths) == 1
    assert found["orders"]["loadings"] == []


def test_the_order_of_customers_hardly_matters():
    given = values()
    shuffled = given[np.random.default_rng(3).permutation(len(given))]
    one, two = rows(given), rows(shuffled)
    assert [r["kept"] for r in one.values()] == [r["kept"] for r in two.values()]
    assert [r["mean"] for r in one.values()] == pytest.approx([r["mean"] for r in two.values()])


def test_nobody_is_named():
    with pytest.raises(ValueError, match="no customer with a purchase"):
        feature_sets.fit(np.empty((0, len(feature_sets.eligible()))))

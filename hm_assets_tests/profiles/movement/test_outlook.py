"""Who drops by waiting and when, and whom an order lifts, against the champion asked day by day."""

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.profiles.movement.outlook import HORIZON_DAYS, Order, held, outlook
from hm_assets.segments.models import Tree, nearest
from hm_assets.segments.space import Space
from hm_assets_tests.profiles.movement.histories import CENTRES, model
from hm_assets_tests.segments.customers import PLAIN, champion

PLACES = {0: 0, 1: 3, 2: 2, 3: 1}
ORDERS = {1: Order(3, 1.5), 2: Order(2, 1.0), 3: Order(1, 0.5)}


def people(recency, purchase_days, spend) -> pa.Table:
    recency, days = np.asarray(recency), np.asarray(purchase_days)
    return pa.table(
        {
            "customer_key": np.arange(len(recency)),
            "recency_days": recency,
            "tenure_days": recency + 30 * (days - 1),
            "purchase_days": days,
            "orders": days,
            "items": days * 2,
            "spend": np.asarray(spend, dtype=float),
        }
    )


def some(n: int = 300, seed: int = 2) -> pa.Table:
    rng = np.random.default_rng(seed)
    return people(rng.integers(0, 300, n), rng.integers(1, 12, n), rng.uniform(0.1, 6, n))


def placed(champ, rows: pa.Table) -> np.ndarray:
    return np.array(champ.ids)[nearest(champ.model, champ.space.transform(rows))]


def later(rows: pa.Table, days: int) -> pa.Table:
    for name in ("recency_days", "tenure_days"):
        rows = rows.set_column(rows.column_names.index(name), name, pa.array(rows[name].to_numpy() + days))
    return rows


def test_the_day_of_a_drop_is_the_first_on_which_the_champion_says_so():
    champ, rows = model(), some()
    today = np.array([PLACES[i] for i in placed(champ, rows)])
    expected = np.full(len(rows), None)
    for day in range(HORIZON_DAYS, 0, -1):
        lower = np.array([PLACES[i] for i in placed(champ, later(rows, day))]) < today
        expected[lower] = day
    found = outlook(champ, rows, PLACES, ORDERS)["drops_without_order_in_days"].to_pylist()
    assert found == expected.tolist()
    assert 20 < sum(day is not None for day in found) < 280


def test_a_tree_drops_on_the_day_after_its_cut():
    tree = Tree(
        np.array([0, -1, -1]),
        np.array([np.log1p(60.0), 0, 0]),
        np.array([1, -1, -1]),
        np.array([2, -1, -1]),
        np.array([[0.5, 0.5], [0.99, 0.01], [0.01, 0.99]]),
    )
    champ = model()
    champ = type(champ)("ward", PLAIN, tree, (1, 2), 2, champ.trained_as_of, 42)
    found = outlook(champ, people([0, 29, 30, 59, 60, 61], [1] * 6, [1] * 6), {1: 2, 2: 1}, ORDERS)
    assert found["drops_without_order_in_days"].to_pylist() == [61, 32, 31, 2, 1, None]


def test_an_order_lifts_whom_the_champion_places_higher_after_it():
    champ = model()
    rows = people([120, 120, 15], [3, 3, 6], [1.0, 3.0, 3.0])
    after = people([0, 0, 0], [4, 4, 7], [1.5, 3.5, 4.5])
    assert placed(champ, rows).tolist() == [3, 3, 1]
    expected = [PLACES[i] > 1 for i in placed(champ, after)[:2]] + [False]
    assert (
        outlook(champ, rows, PLACES, ORDERS)["rises_with_one_order"].to_pylist()
        == expected
        == [True, True, False]
    )


def test_a_second_order_on_the_same_day_is_no_other_day():
    """Purchase days alone decide: an order today adds one to who bought before, and none to who bought today."""
    by_days = Space("days", PLAIN.coordinates[1:2])
    champ = champion([[np.log1p(5)], [np.log1p(4)]], (1, 2), by_days)
    found = outlook(champ, people([0, 1], [4, 4], [1.0, 1.0]), {1: 2, 2: 1}, ORDERS)
    assert found["rises_with_one_order"].to_pylist() == [False, True]


@pytest.mark.filterwarnings("error")
def test_nobody_and_a_space_without_a_clock():
    empty = outlook(model(), people([], [], []), PLACES, ORDERS)
    assert len(empty) == 0
    assert empty.schema.field("drops_without_order_in_days").type == pa.int16()
    no_clock = Space("spend", PLAIN.coordinates[2:])
    champ = champion([[c[2]] for c in CENTRES], (1, 2, 3), no_clock)
    assert outlook(champ, some(), PLACES, ORDERS)["drops_without_order_in_days"].null_count == 300


def test_what_is_held_is_said():
    taste = Space("taste", tuple(type(PLAIN.coordinates[0])(name) for name in ("recency_days", "colour_1")))
    assert held(taste) == ["colour_1"]

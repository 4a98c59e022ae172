"""The table of customers' movement as a whole: who is in it, and what the first month can say."""

import pytest

from hm_assets.profiles.movement import past
from hm_assets.profiles.movement.customer_movement import customer_movement, typical_orders, unchained
from hm_assets.profiles.movement.outlook import Order
from hm_assets.profiles.movement.tables import CUSTOMER_MOVEMENT
from hm_assets_tests.profiles.movement.histories import BEFORE, BUYS, MONTH, NEVER, NEW, REGULAR, WAITS, World


def made(world: World, month, chained) -> dict[int, dict]:
    changes = past.last_changes(world.assignments, month, BEFORE)
    found = customer_movement(
        chained, changes, world.assignments, world.features, world.tastes, world.champion, month
    ).to_pyarrow()
    # In the types of the registry, with its promise of no nulls.
    table = CUSTOMER_MOVEMENT.arrow_schema()
    assert found.column_names == table.names
    rows = found.cast(table).to_pylist()
    assert len({row["customer_key"] for row in rows}) == len(rows)
    return {row["customer_key"]: row for row in rows}


@pytest.fixture(scope="module")
def rows(world) -> dict[int, dict]:
    return made(world, MONTH, world.chained())


def test_everybody_on_file_is_there_with_cause_direction_and_last_change(rows):
    told = ("segment_id", "previous_segment_id", "changed_on", "months_in_segment", "cause", "direction")
    assert {key: tuple(rows[key][name] for name in told) for key in (REGULAR, WAITS, BUYS, NEVER)} == {
        REGULAR: (1, None, None, 2, "none", "level"),
        # Up is where the year's spend is higher, and here those who stay away spent more than those who just came.
        WAITS: (3, 2, MONTH, 1, "time", "up"),
        BUYS: (2, 3, MONTH, 1, "behaviour", "down"),
        NEVER: (0, None, None, 2, "none", "level"),
    }
    assert rows[NEW]["cause"] == "behaviour" and rows[NEW]["direction"] == "up"
    assert set(rows) == set(range(1, 7))


def test_who_has_not_bought_has_no_outlook(rows):
    assert rows[NEVER]["rises_with_one_order"] is rows[NEVER]["drops_without_order_in_days"] is None
    assert all(row["rises_with_one_order"] is not None for key, row in rows.items() if key != NEVER)
    assert rows[REGULAR]["drops_without_order_in_days"] > 0


def test_the_first_month_has_a_segment_and_an_outlook_and_no_chain(world):
    first = World(
        **{**vars(world), "assignments": world.assignments.filter(world.assignments.month == BEFORE)}
    )
    rows = made(first, BEFORE, unchained(first.assignments, first.features, BEFORE))
    chained = ("segment_before", "segment_after_time", "spend_before", "previous_segment_id", "changed_on")
    assert all(row[name] is None for row in rows.values() for name in chained)
    assert {(row["cause"], row["direction"], row["months_in_segment"]) for row in rows.values()} == {
        ("none", "level", 1)
    }
    assert rows[REGULAR]["spend_365d"] > 0 == rows[NEVER]["spend_365d"]


def test_a_typical_order_is_the_mean_over_all_orders_of_the_members(world):
    orders = typical_orders(world.assignments, world.features, MONTH)
    assert 0 not in orders
    # Twelve orders of one unit at 0.5.
    assert orders[1] == Order(1.0, 0.5)

"""One cause at a time: who only waits, who buys, what prices do, and that the parts add up."""

import datetime as dt
import itertools
import random
from decimal import Decimal

import numpy as np
import pytest

from hm_assets.features.tables import SCORES
from hm_assets.profiles.movement.chain import order_of_value, refuse_another_model
from hm_assets.profiles.movement.customer_movement import CHAIN, SPENDS
from hm_assets.segments.inputs import SPACES
from hm_assets.segments.space import Coordinate, Space
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets_tests.profiles.movement.histories import (
    BUYS,
    CENTRES,
    LEAVES_THE_YEAR,
    MONTH,
    NEVER,
    NEW,
    REGULAR,
    WAITS,
    World,
    lines,
    model,
)
from hm_assets_tests.segments.customers import champion


@pytest.fixture(scope="module")
def rows(world) -> dict[int, dict]:
    return world.rows()


def path(row: dict) -> list[int]:
    return [row[name] for name in CHAIN]


def test_who_only_waits_moves_by_time(rows):
    before, after_model, *later = path(rows[WAITS])
    assert (before, after_model) == (2, 2)
    assert set(later) == {3}


def test_who_buys_moves_by_behaviour(rows):
    assert path(rows[BUYS]) == [3, 3, 3, 2, 2]
    assert rows[BUYS]["spend_after_behaviour"] > rows[BUYS]["spend_after_time"]


def test_a_first_purchase_comes_from_no_segment_and_is_behaviour(rows):
    assert path(rows[NEW])[:3] == [0, 0, 0]
    assert path(rows[NEW])[3] == path(rows[NEW])[4] != 0
    assert set(path(rows[NEVER])) == {0}


def test_spend_that_leaves_the_year_is_the_part_of_time(rows):
    row = rows[LEAVES_THE_YEAR]
    assert (row["spend_before"], row["spend_after_time"]) == (4.0, 2.0)
    assert row["spend_after_behaviour"] == row["spend_365d"] == 2.0


@pytest.fixture(scope="module")
def inflated() -> World:
    return World.of(lines(1.1), range(1, 7))


def test_ten_percent_on_all_prices_of_the_month_is_no_behaviour(rows, world, inflated):
    assert inflated.index.value == pytest.approx(1.1 * world.index.value, rel=1e-9)
    now = inflated.rows()
    for key, row in rows.items():
        assert path(now[key])[:4] == path(row)[:4]
        assert now[key]["spend_after_behaviour"] == pytest.approx(row["spend_after_behaviour"], abs=1e-8)
    # What was paid on top is the prices' part.
    paid = now[BUYS]["spend_365d"] - now[BUYS]["spend_after_behaviour"]
    assert paid > rows[BUYS]["spend_365d"] - rows[BUYS]["spend_after_behaviour"]


def test_an_inflated_month_upgrades_only_through_prices(inflated):
    """Spend alone decides, and the cut lies between what she spent and what it would have cost before."""
    row = inflated.rows()[REGULAR]
    paid = row["spend_365d"]
    cut = np.log1p(paid - (paid - row["spend_after_behaviour"]) / 2)
    idle = [Coordinate(name, unit=1.0, scale=1e9) for name in ("recency_days", "purchase_days")]
    by_spend = Space("rfm", (*idle, Coordinate("spend", unit=1.0)))
    found = inflated.placed_by(champion([(0, 0, cut + 1), (0, 0, cut - 1)], (1, 2), by_spend)).rows()
    assert path(found[REGULAR]) == [2, 2, 2, 2, 1]


def test_a_frozen_model_moves_nobody(rows):
    assert all(row["segment_before"] == row["segment_after_model"] for row in rows.values())


def test_another_model_moves_by_the_model_and_everything_else_stays(world, rows):
    turned = champion(np.array(CENTRES)[[1, 0, 2]].tolist(), (1, 2, 3))
    other = world.placed_by(model(), before=turned).rows()
    assert [path(row)[1:] for row in other.values()] == [path(rows[key])[1:] for key in other]
    assert any(row["segment_before"] != row["segment_after_model"] for row in other.values())


@pytest.mark.slow
def test_parts_add_up_in_random_histories_and_ids_change_nothing():
    rng = random.Random(0)
    keys = list(range(1, 41))
    bought = []
    for _ in range(250):
        day = dt.date(2019, 4, 1) + dt.timedelta(days=rng.randrange(456))
        article = rng.randint(1, 9)
        bought.append((rng.choice(keys), day, article, article / 8, rng.choice((1, 2))))
    bought += [(keys[0], dt.date(2020, 5, 31), 1, 1 / 8, 1), (keys[0], dt.date(2020, 6, 30), 1, 1 / 8, 1)]
    world = World.of(bought, keys)
    assert world.index.value == 1.0
    found = world.rows()
    assert set(found) == set(keys)
    for row in found.values():
        spent = [Decimal(str(round(row[name], 9))) for name in SPENDS]
        assert sum((b - a for a, b in itertools.pairwise(spent)), Decimal(0)) == spent[-1] - spent[0]
        assert spent[1] <= spent[0], "time brings no spend"
        assert spent[2] >= spent[1], "buying takes none away"
        assert row["segment_before"] == row["segment_after_model"]
        # Prices as before: the same features in the same digits, so that rounding is no move.
        assert row["segment_after_behaviour"] == row["segment_id"]
    assert len({tuple(path(row)) for row in found.values()}) > 4, "histories that show something"
    new = dict(zip(keys, rng.sample(range(1000, 9999), len(keys)), strict=True))
    renamed = World.of([(new[c], *rest) for c, *rest in bought], sorted(new.values())).rows()
    assert {new[key]: path(row) for key, row in found.items()} == {
        key: path(row) for key, row in renamed.items()
    }


def test_segments_are_ordered_by_the_year_s_spend(world, rows):
    places = order_of_value(world.assignments, world.features, MONTH)
    assert places[0] == 0
    means = {}
    for segment in places:
        spent = [row["spend_365d"] for row in rows.values() if row["segment_id"] == segment]
        means[segment] = sum(spent) / len(spent)
    assert sorted(places, key=places.get) == sorted(means, key=lambda i: (i != 0, means[i], -i))


def test_every_space_is_made_of_columns_that_can_be_made_for_a_month_that_never_was():
    """Scores hang on the month's cut-points and would mix their change into time: no space may use one."""
    unmade = {column.name for column in SCORES} | {"left_truncated"}
    assert not unmade & {name for space in SPACES.values() for name in space}


@pytest.mark.parametrize(
    "columns", [("index_group_1", "index_group_2"), ("month_0_root_share", "month_1_root_share")]
)
def test_what_is_bought_in_the_month_is_no_part_of_waiting_in_any_space(world, columns):
    """Tastes and months of the last step, too, are not known while the clock runs."""
    space = Space("of tastes", tuple(Coordinate(name) for name in columns))
    crown = champion([(0, 0), (0, 1), (1, 0), (3, 0), (0, 3)], (1, 2, 3, 4, 5), space)
    idle = World.of([line for line in lines() if line[1] < MONTH], range(1, 7))
    one, other = (each.placed_by(crown).rows() for each in (world, idle))
    assert {key: path(row)[:3] for key, row in one.items()} == {
        key: path(row)[:3] for key, row in other.items()
    }
    assert any(path(row)[2] != path(row)[3] for row in one.values()), "purchases that show something"


def test_assignments_of_another_champion_are_refused_with_the_next_step(world):
    refuse_another_model(world.assignments, world.champion, MONTH)
    other = champion(np.array(CENTRES)[[1, 0, 2]].tolist(), (1, 2, 3))
    with pytest.raises(HmAssetsError, match=r"2020-06 was made by model .*`hm run --select key:seg"):
        refuse_another_model(world.assignments, other, MONTH)

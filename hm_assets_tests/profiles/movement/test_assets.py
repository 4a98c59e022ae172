"""What only the assets see to: each month has its own prices, and nothing later reaches a refit."""

import dagster as dg
import pytest

from hm_assets.profiles.movement import assets
from hm_assets.segments.people import People
from hm_assets_tests.profiles.movement.histories import BEFORE, BUYS, MONTH, World, lines

KEYS = range(1, 7)


def test_the_chain_of_the_asset_is_at_the_prices_before(monkeypatch):
    world = World.of(lines(1.1), KEYS)
    monkeypatch.setattr(assets, "months_of", lambda _: [MONTH])
    (made,) = assets.movement_of_customers(
        dg.build_asset_context(),
        assignments=world.assignments,
        customer_features=world.features,
        customer_tastes=world.tastes,
        customer_days=world.days,
        article_days=world.article_days,
        champion=world.champion.as_json(),
    ).value
    spent = {row["customer_key"]: row["spend_after_behaviour"] for row in made.to_pyarrow().to_pylist()}
    assert spent == {
        key: pytest.approx(row["spend_after_behaviour"], abs=1e-9) for key, row in world.rows().items()
    }
    assert spent[BUYS] < world.rows()[BUYS]["spend_365d"]


class Known:
    """A warehouse of this depth."""

    depth = "quick"


def test_a_refit_learns_from_nothing_after_the_month(monkeypatch):
    """Who bought in June is unknown to a refit that is made in May."""
    world, told = World.of(lines(), KEYS), []

    def refits(champion, load, spent, *_):
        told.append(spent(People.of(load, BEFORE, "rfm", None)))
        return []

    monkeypatch.setattr(assets.refits, "refits", refits)
    for month in (BEFORE, MONTH):
        monkeypatch.setattr(assets, "months_of", lambda _, month=month: [month])
        assets.stability_of_segments(
            dg.build_asset_context(resources={"warehouse": Known()}),
            assignments=world.assignments,
            customer_features=world.features,
            customer_tastes=world.tastes,
            customer_days=world.days,
            champion=world.champion.as_json(),
        )
    then, now = told
    assert not then.any()
    assert now.any()

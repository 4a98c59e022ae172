import pyarrow as pa
import pytest

from hm_assets.profiles.validity.facts import (
    BY_NAME,
    COLUMN_SOURCES,
    CONSTRUCTION,
    FACTS,
    GROUP_SHARES,
    HELD_OUT,
    LATER,
    named,
    tier_of,
)
from hm_assets.segments.inputs import SPACES
from hm_assets.segments.space import Space
from hm_assets_tests.segments.customers import cloud, rows


def space(name: str) -> Space:
    """The space, learned from a few customers."""
    table: pa.Table = rows(cloud(40))
    return Space.fit(name, SPACES[name], table, 1.0)


def test_every_column_that_customers_may_be_clustered_on_says_what_it_is_made_of():
    assert {column for kinds in SPACES.values() for column in kinds} <= set(COLUMN_SOURCES)
    assert all(COLUMN_SOURCES.values())


@pytest.mark.parametrize("name", SPACES)
def test_a_column_of_the_space_is_never_held_out(name):
    fitted = space(name)
    assert all(
        tier_of(BY_NAME[column], fitted) == CONSTRUCTION for column in fitted.columns if column in BY_NAME
    )
    for fact in ("age", "club_member_status", "fashion_news"):
        assert tier_of(BY_NAME[fact], fitted) == HELD_OUT
    assert [fact.name for fact in FACTS if tier_of(fact, fitted) == LATER] == [
        *("later_bought", "later_spend", "later_orders", "later_units")
    ]


def test_what_follows_from_spend_is_by_construction_where_spend_is_in_the_space():
    """Spend is a sum over visits of units times prices."""
    by_rfm = {fact.name for fact in FACTS if tier_of(fact, space("rfm")) == CONSTRUCTION}
    assert {"spend_365d", "orders_365d", "tenure_days", "price_per_item", "items_per_order"} <= by_rfm
    assert "online_share_365d" not in by_rfm


@pytest.mark.parametrize("name", [name for name, kinds in SPACES.items() if "spend" in kinds])
def test_what_makes_a_price_is_by_construction_where_prices_are_in_the_space(name):
    """Reduced items and those of a cheap group are paid less, so that spend knows of both, even by lot."""
    made = {"below_reference_share_365d", *GROUP_SHARES}
    assert all(tier_of(BY_NAME[fact], space(name)) == CONSTRUCTION for fact in made)
    assert tier_of(BY_NAME["below_reference_share_365d"], space("taste")) == HELD_OUT
    assert tier_of(BY_NAME["price_per_item"], space("taste")) == CONSTRUCTION
    assert tier_of(BY_NAME["price_per_item"], space("monthly_shape")) == HELD_OUT


def test_tastes_and_channels_are_held_out_only_where_they_were_not_clustered_on():
    assert tier_of(BY_NAME["online_share_365d"], space("rfm_mixed")) == CONSTRUCTION
    assert tier_of(BY_NAME["index_group_2_share"], space("taste")) == CONSTRUCTION
    assert tier_of(BY_NAME["online_share_365d"], space("taste")) == HELD_OUT


def test_index_groups_are_called_by_their_names_and_those_without_one_left_out():
    found = {fact.name: fact.words for fact in named({1: "Ladieswear", 2: "Menswear"})}
    assert found["index_group_2_share"] == "share of Menswear"
    assert "index_group_3_share" not in found
    assert set(BY_NAME) - set(found) == {f"index_group_{i}_share" for i in (3, 4, 5, 6)}

"""Features of raw purchases against those that the stages make, for the columns of every space."""

import datetime as dt

import ibis
import pyarrow as pa
import pytest

from hm_assets.segments.inputs import SPACES, customers_as_of
from hm_assets.serving.preprocess import CATALOGUE, PURCHASES, Preprocessor, needs_catalogue, query, written
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets_tests.serving import shop

LINES = shop.lines()
TOPICS, VALUES, LIKED = shop.tastes(LINES)
KNOWN = shop.known()[0]
CATALOGUED = {"articles": shop.articles(), "topics": TOPICS, "attribute_values": VALUES}


WITHOUT = ("rfm", "rfm_rhythm", "spend_frequency_price")


def test_who_needs_the_catalogue() -> None:
    assert [space for space in SPACES if not needs_catalogue(tuple(SPACES[space]))] == list(WITHOUT)


@pytest.mark.parametrize("spaces", [WITHOUT, tuple(SPACES)], ids=["without the catalogue", "with it"])
def test_online_features_are_those_of_the_tables(spaces: tuple[str, ...]) -> None:
    # The columns of several spaces at once: each query takes Ibis seconds to write.
    columns = tuple(dict.fromkeys(name for space in spaces for name in SPACES[space]))
    offline = customers_as_of(ibis.memtable(KNOWN), ibis.memtable(LIKED), shop.MONTH, columns)
    expected = offline.select("customer_key", *columns).order_by("customer_key").to_pyarrow()
    catalogue = CATALOGUED if needs_catalogue(columns) else {}
    found = Preprocessor(columns, catalogue).features(LINES.select(PURCHASES.names), shop.AS_OF)
    assert len(found) == len(shop.IDS) - 1
    assert found.to_pylist() == expected.to_pylist()


def test_one_customer_alone_has_the_features_that_they_have_among_all() -> None:
    columns = tuple(SPACES["rfm_rhythm"])
    made = Preprocessor(columns, {})
    everybody = made.features(LINES.select(PURCHASES.names), shop.AS_OF).to_pylist()
    key = everybody[7]["customer_key"]
    mine = pa.Table.from_pylist(
        [row for row in LINES.to_pylist() if row["customer_key"] == key], LINES.schema
    )
    assert made.features(mine.select(PURCHASES.names), shop.AS_OF).to_pylist() == [everybody[7]]


def test_later_purchases_change_nothing() -> None:
    columns, day = tuple(SPACES["rfm"]), shop.AS_OF - dt.timedelta(days=60)
    made = Preprocessor(columns, {})
    before = [row for row in LINES.to_pylist() if row["t_dat"] <= day]
    known = pa.Table.from_pylist(before, LINES.schema).select(PURCHASES.names)
    assert made.features(LINES.select(PURCHASES.names), day).equals(made.features(known, day))


def test_a_model_of_tastes_asks_for_the_catalogue() -> None:
    with pytest.raises(HmAssetsError, match="articles/topics"):
        Preprocessor(tuple(SPACES["taste"]), {})
    assert set(CATALOGUE) == set(CATALOGUED)


@pytest.mark.parametrize("space", ["rfm_rhythm", "monthly_shape"])
def test_the_query_is_written_once_and_is_that_of_any_day(space: str) -> None:
    columns, day = tuple(SPACES[space]), dt.date(2020, 2, 29)
    assert query(columns, day) == written(columns, day, dt.date(2020, 2, 1))
    before = written.cache_info().misses
    for days in range(400):
        query(columns, day + dt.timedelta(days=days))
    assert written.cache_info().misses == before


def test_nothing_that_is_not_read_is_in_the_query() -> None:
    # A tenth of what Ibis writes.
    assert len(query(tuple(SPACES["rfm"]), shop.AS_OF)) < 8_000

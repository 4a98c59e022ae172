"""Reads what the files of a month are made of."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from hm_assets.playbooks.files import dictionary, shelf
from hm_assets.playbooks.files.contents import Contents, lines_of
from hm_assets.playbooks.metrics.reading import read_store
from hm_assets.playbooks.stored import rows_of
from hm_assets.playbooks.strategy.tables import CALENDAR, STRATEGY
from hm_assets.profiles.page import cards
from hm_assets.profiles.tables import SEGMENT_WORDS
from hm_assets.warehouse import artifacts, identity
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.schema import Table

CHAMPION = ("segments", "champion")


def read_contents(
    warehouse: Path, month: dt.date, tables: Iterable[Table], *, version: str = "unknown", banner: str = ""
) -> Contents | None:
    """The contents of a month's files; None where its figures were not gathered.

    Raises
    ------
    WarehouseError
        The warehouse was never set up, or there is no champion.
    """
    store = read_store(warehouse, month)
    if store is None:
        return None
    known = identity.read(warehouse)
    if known is None:
        raise WarehouseError(f"{warehouse} is not set up yet; run `hm run` once")
    champion = artifacts.read_json(artifacts.path_of(warehouse, CHAMPION))
    strategy = rows_of(warehouse, STRATEGY, month)
    return Contents(
        store,
        lines_of(strategy, rows_of(warehouse, SEGMENT_WORDS, month), store),
        known.source,
        champion["decision"]["headline"],
        cards.made_of(cards.columns_of(champion)),
        banner,
        sorted(tables, key=lambda table: table.path),
        version,
        bool(strategy),
        max((row["week"] for row in rows_of(warehouse, CALENDAR, month)), default=0),
    )


def names_of(c: Contents, name: str) -> list[str]:
    """What in a document of a month is no figure, by its file name: for the number checker."""
    return [*c.texts(), *(dictionary.texts(c) if name in shelf.WITH_DICTIONARY else ())]

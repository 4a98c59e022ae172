"""The rules as of a day: of articles from the last ninety days, of product types from the last year.

An article is sold for weeks, and what went with it a year ago is out of the shops; what goes with trousers stays.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.recommendations.complements import baskets as windows
from hm_assets.recommendations.complements.lists import Catalogue
from hm_assets.recommendations.complements.pairs import pairs
from hm_assets.recommendations.complements.rules import FEWEST_BASKETS, Rules, rules

ARTICLE, PRODUCT_TYPE = "article", "product_type"
WINDOW_DAYS: Mapping[str, int] = {ARTICLE: 90, PRODUCT_TYPE: 365}


@dataclass(frozen=True)
class Made:
    """Rules with what they rest on: baskets in the window, those left out as too large, pairs of items tested."""

    rules: Rules
    baskets: int
    left_out: int

    @property
    def words(self) -> str:
        """In a sentence."""
        return (
            f"{len(self.rules.antecedent) // 2:,} pairs of {self.rules.tested:,} tested, from {self.baskets:,} "
            f"baskets; {self.left_out:,} with more than {windows.MOST_ITEMS} items left out"
        )


def article_rules(lines: ibis.Table, as_of: dt.date) -> Made:
    """Of articles (keys)."""
    return _made(lines, as_of, WINDOW_DAYS[ARTICLE], None)


def type_rules(lines: ibis.Table, as_of: dt.date, known: Catalogue) -> Made:
    """Of product types (positions in `Catalogue.types`); an article of unknown type is in no basket."""
    return _made(lines, as_of, WINDOW_DAYS[PRODUCT_TYPE], types_of(known))


def types_of(known: Catalogue) -> ibis.Table:
    """`article_key` and `item`, the number of its product type, where that is known."""
    there = known.product_type >= 0
    columns = {"article_key": known.articles[there], "item": known.product_type[there]}
    return ibis.memtable(
        pa.table({name: np.asarray(column, dtype=np.int64) for name, column in columns.items()})
    )


def _made(lines: ibis.Table, as_of: dt.date, days: int, item_of: ibis.Table | None) -> Made:
    window = windows.read(lines, as_of, days, item_of)
    found = rules(window, pairs(window, FEWEST_BASKETS, lines))
    return Made(found, window.count, window.left_out)

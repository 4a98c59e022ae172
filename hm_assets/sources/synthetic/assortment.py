"""What is on the shelf in each week: who can be drawn, how likely, at which price.

The table is a list of entries (an article on sale for a whole week) ordered by week and shelf, with running
weights, so that drawing an article is one binary search.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from hm_assets.sources.synthetic import taxonomy as tx
from hm_assets.sources.synthetic.arrays import Array, starts
from hm_assets.sources.synthetic.articles import MARKDOWNS, Catalogue, price_table
from hm_assets.sources.synthetic.presets import DAYS, WEEKS
from hm_assets.sources.synthetic.seasons import kind_by_week, on_sale

SHELVES: Final = len(tx.GROUPS) * len(tx.CATEGORIES)


@dataclass(frozen=True)
class Assortment:
    """Entries (E,) and, for each week and shelf, the range of running weight that holds its entries."""

    article: Array
    cents: Array
    markdown: Array  # index into MARKDOWNS
    running: Array  # (E,) running sum of weights
    low: Array  # (weeks * shelves,) running weight before the shelf's first entry
    width: Array  # (weeks * shelves,) total weight on the shelf
    cell: Array  # (E,) week * SHELVES + shelf
    by_article: Array  # (E,) entry numbers ordered by article
    first: Array  # (A,) where each article's entries begin in by_article
    entries: Array  # (A,) how many entries each article has

    def draw(self, week: Array, shelf: Array, uniform: Array) -> Array:
        """Return one entry number for each (week, shelf, uniform draw)."""
        cell = week.astype(np.int64) * SHELVES + shelf
        point = self.low[cell] + uniform * self.width[cell]
        entry = np.searchsorted(self.running, point, side="right")
        return np.asarray(np.minimum(entry, len(self.running) - 1))


def _weeks_on_sale(catalogue: Catalogue) -> tuple[Array, Array]:
    """Return the first and the last whole week of each article's life, inside the data."""
    first = np.maximum(-(-catalogue.launch // 7), 0)
    last = np.where(catalogue.end >= DAYS - 1, WEEKS - 1, (catalogue.end + 1) // 7 - 1)
    return first, np.minimum(last, WEEKS - 1)


def build(catalogue: Catalogue) -> Assortment:
    """Lay out the shelves week by week. An empty shelf borrows from its category, then from everything."""
    first, last = _weeks_on_sale(catalogue)
    weeks = np.where(catalogue.sellable, np.maximum(last - first + 1, 0), 0)
    article = np.repeat(np.arange(len(weeks)), weeks)
    week = np.arange(len(article)) - np.repeat(np.cumsum(weeks) - weeks - first, weeks)
    shelf = (catalogue.group * len(tx.CATEGORIES) + catalogue.category)[article]

    age = week - first[article]
    left = last[article] - week
    weight = catalogue.popularity[article] * (0.35 + 0.65 * np.exp(-age / 14.0)) * (0.4 + 0.6 * (left > 1))
    weight *= kind_by_week()[week, catalogue.season_kind[article]]
    markdown = _markdown(week, left, catalogue.end[article] < DAYS, article)
    weight *= 1 + 1.2 * np.array(MARKDOWNS)[markdown]

    cell = week * SHELVES + shelf
    order = np.argsort(cell * len(weeks) + article, kind="stable")
    article, cell, weight, markdown = article[order], cell[order], weight[order], markdown[order]
    article, cell, weight, markdown = _fill(article, cell, weight, markdown)
    running = np.cumsum(weight)
    edges = np.searchsorted(cell, np.arange(WEEKS * SHELVES + 1))
    before = np.concatenate(([0.0], running))
    entries = np.bincount(article, minlength=len(weeks))
    point = catalogue.products.point[catalogue.product[article]]
    return Assortment(
        article=article.astype(np.int32),
        cents=price_table()[point, markdown],
        markdown=markdown.astype(np.int8),
        running=running,
        low=before[edges[:-1]],
        width=before[edges[1:]] - before[edges[:-1]],
        cell=cell,
        by_article=np.argsort(article, kind="stable"),
        first=starts(entries),
        entries=entries,
    )


def _markdown(week: Array, left: Array, leaves: Array, article: Array) -> Array:
    """Return how far each entry is marked down: in sale weeks and in the last weeks of an article's life."""
    depth = on_sale()[np.minimum(week * 7 + 3, DAYS - 1)]
    turn = (article * 7919) % 10  # some articles are never in the sale
    in_sale = (depth > 0) & (turn < 3 + 3 * depth)
    level = np.where(in_sale, 2 + (turn % 2) + (depth >= 1) * (turn == 0), 0)
    ending = leaves & (left <= 2) & (turn < 7)
    return np.where(ending, np.maximum(level, np.where(left == 0, 4, 3)), level).astype(np.int64)


def _fill(article: Array, cell: Array, weight: Array, markdown: Array) -> tuple[Array, Array, Array, Array]:
    """Give each empty shelf the entries of its category in that week, else all of that week."""
    empty = np.setdiff1d(np.arange(WEEKS * SHELVES), cell)
    if not len(empty):
        return article, cell, weight, markdown
    categories = len(tx.CATEGORIES)
    picked, target = [], []
    for gap in empty.tolist():
        week, shelf = divmod(gap, SHELVES)
        low, high = np.searchsorted(cell, [week * SHELVES, (week + 1) * SHELVES])
        rows = np.arange(low, high)
        same = rows[cell[low:high] % SHELVES % categories == shelf % categories]
        rows = same if len(same) else rows
        picked.append(rows)
        target.append(np.full(len(rows), gap))
    rows = np.concatenate([np.arange(len(cell)), *picked])
    cell = np.concatenate([cell, *target])
    order = np.argsort(cell, kind="stable")
    rows = rows[order]
    return article[rows], cell[order], weight[rows], markdown[rows]

"""What is bought together with an article: lists of articles that do go together, and two plain ones to compare with.

Another colour of the same product is no complement: people who cannot decide buy both and send one back. No list holds
one, whatever its rank.
"""

from dataclasses import dataclass

import ibis
import numpy as np

from hm_assets.recommendations.complements.baskets import Baskets
from hm_assets.recommendations.complements.rules import Rules
from hm_assets.recommendations.lists import NONE
from hm_assets.segments.space import Bools, Floats, Ints

LENGTH = 12


@dataclass(frozen=True)
class Catalogue:
    """Articles (keys, ascending), each with the number of its product and of its product type (-1: unknown)."""

    articles: Ints
    product: Ints
    product_type: Ints
    types: tuple[str, ...]
    ids: tuple[str, ...]

    def at(self, keys: Ints) -> Ints:
        """Positions of articles; each is in the catalogue, or raw/transactions had refused its lines."""
        return np.searchsorted(self.articles, keys)

    def same_product(self, keys: Ints, others: Ints) -> Bools:
        """Whether two articles are the same product, in colours."""
        return np.asarray(self.product[self.at(keys)] == self.product[self.at(others)])


def catalogue(articles: ibis.Table) -> Catalogue:
    """Read `articles/articles`."""
    rows = (
        articles.select("article_key", "article_id", "product_code", "product_type_name")
        .order_by("article_key")
        .to_pyarrow()
    )
    names = rows["product_type_name"].to_pylist()
    types = sorted({name for name in names if name is not None})
    number = {name: i for i, name in enumerate(types)}
    product = np.unique(rows["product_code"].to_numpy(zero_copy_only=False), return_inverse=True)[1]
    return Catalogue(
        rows["article_key"].to_numpy().astype(np.int64),
        product.astype(np.int64),
        np.array([-1 if name is None else number[name] for name in names], dtype=np.int64),
        tuple(types),
        tuple(rows["article_id"].to_pylist()),
    )


@dataclass(frozen=True)
class Listed:
    """Lists of n articles (keys, ascending): the keys of others, best first (n x places; -1: none)."""

    articles: Ints
    others: Ints

    def of(self, keys: Ints) -> Ints:
        """The lists of these articles (m x places); an empty one where there is none."""
        if not len(self.articles):
            return np.full((len(keys), self.others.shape[1]), NONE)
        at = np.minimum(np.searchsorted(self.articles, keys), len(self.articles) - 1)
        return np.where((self.articles[at] == keys)[:, None], self.others[at], NONE)


def complements(rules: Rules, known: Catalogue) -> tuple[Rules, Ints]:
    """Rules of the lists and their rank from 1: by confidence, then key; at most twelve per article."""
    kept = rules.of(~known.same_product(rules.antecedent, rules.consequent))
    rank = _places(kept.antecedent) + 1
    short = rank <= LENGTH
    return kept.of(short), rank[short]


def listed(rules: Rules, rank: Ints) -> Listed:
    """The same as lists."""
    articles, row = np.unique(rules.antecedent, return_inverse=True)
    others = np.full((len(articles), LENGTH), NONE)
    others[row, rank - 1] = rules.consequent
    return Listed(articles, others)


def bestsellers(articles: Ints, sold: Floats, keys: Ints, known: Catalogue, same_type: bool) -> Listed:
    """For each article what sold most, of its product type or of all.

    Parameters
    ----------
    articles
        Whose lists (keys, ascending).
    sold, keys
        Units of what was sold, and its articles.
    same_type
        Of the same product type only; an article of unknown type has no list then.
    """
    order = np.lexsort((keys, -sold))
    best = keys[order]
    types = known.product_type[known.at(best)]
    others = np.full((len(articles), LENGTH), NONE)
    of_all = best[: 20 * LENGTH]
    for kind in np.unique(known.product_type[known.at(articles)]):
        mine = np.flatnonzero(known.product_type[known.at(articles)] == kind)
        if same_type and kind < 0:
            continue
        candidates = best[types == kind][: 20 * LENGTH] if same_type else of_all
        for row in mine:
            fit = ~known.same_product(np.full(len(candidates), articles[row]), candidates)
            chosen = candidates[fit][:LENGTH]
            others[row, : len(chosen)] = chosen
    return Listed(articles, others)


def units(baskets: Baskets) -> tuple[Ints, Floats]:
    """Articles of baskets (keys) and in how many baskets each lies."""
    return baskets.items, baskets.with_item.astype(np.float64)


def _places(groups: Ints) -> Ints:
    """Place of each row within its group, from 0; the groups lie together."""
    starts = np.flatnonzero(np.append(True, groups[1:] != groups[:-1])[: len(groups)])
    return np.arange(len(groups)) - np.repeat(starts, np.diff(np.append(starts, len(groups))))

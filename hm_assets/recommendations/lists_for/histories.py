"""What some customers bought, to be asked by customer and article, by product in all colours, or by type of product."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Bools, Ints

NOWHERE = -1


@dataclass(frozen=True)
class Latest:
    """Purchases by customer and group: how many, and the latest of them. m pairs of both, in order.

    Attributes
    ----------
    width
        Groups that there are.
    codes
        customer x width + group, ascending (m).
    times
        Purchases: an article on a day (m).
    ago, article
        Of the latest one, of equal ones the lowest article: days before, and which article (m).
    """

    width: int
    codes: Ints
    times: Ints
    ago: Ints
    article: Ints

    @classmethod
    def of(cls, rows: Ints, groups: Ints, width: int, ago: Ints, article: Ints) -> "Latest":
        """Of purchases by customer (a number from 0) and group (-1: in none)."""
        known = groups != NOWHERE
        codes, ago, article = (rows * width + groups)[known], ago[known], article[known]
        order = np.lexsort((article, ago, codes))
        found, first, times = np.unique(codes[order], return_index=True, return_counts=True)
        return cls(width, found, times, ago[order][first], article[order][first])

    def find(self, rows: Ints, groups: Ints) -> Ints:
        """Where each pair of a customer and a group stands; -1 where the customer bought nothing of it."""
        if not len(self.codes):
            return np.full(len(rows), NOWHERE)
        codes = rows * self.width + groups
        place = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        return np.where((self.codes[place] == codes) & (groups != NOWHERE), place, NOWHERE)


@dataclass(frozen=True)
class Range:
    """What the articles of `Purchases.articles` are (n): numbers of product and type, -1 where unknown, and names."""

    product: Ints
    type: Ints
    type_names: pa.Array
    names: pa.Array

    @classmethod
    def of(cls, articles: Ints, catalogue: pa.Table) -> "Range":
        """Of these keys from `articles/articles`; an article without a name is called by its id."""
        if not catalogue.num_rows:
            unknown = np.full(len(articles), NOWHERE)
            return cls(unknown, unknown, pa.array([], pa.string()), ids(articles))
        place = pc.index_in(pa.array(articles), value_set=catalogue["article_key"].combine_chunks())
        rows = catalogue.select(["product_code", "product_type_name", "prod_name"]).take(place)
        product, type_ = (rows[name].combine_chunks().dictionary_encode() for name in rows.column_names[:2])
        return cls(
            _numbers(product),
            _numbers(type_),
            type_.dictionary,
            pc.coalesce(rows["prod_name"].combine_chunks(), ids(articles)),
        )


def ids(articles: Ints) -> pa.Array:
    """Article ids of keys: ten digits."""
    return pc.utf8_lpad(pc.cast(pa.array(articles, pa.int64()), pa.string()), 10, "0")


def ranges(starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """All numbers from each start to before its end, one range after the other, and which range each is of."""
    lengths = ends - starts
    of = np.repeat(np.arange(len(starts)), lengths)
    before = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) - before[of] + starts[of], of


def purchases_of(purchases: Purchases, positions: Ints) -> tuple[Ints, Ints]:
    """Rows of these customers (positions, -1: unknown), and whose they are (a number from 0)."""
    known: Bools = positions >= 0
    starts = np.searchsorted(purchases.customer, np.where(known, positions, 0), side="left")
    ends = np.searchsorted(purchases.customer, np.where(known, positions, 0), side="right")
    return ranges(starts, np.where(known, ends, starts))


def _numbers(encoded: pa.DictionaryArray) -> Ints:
    return np.asarray(encoded.indices.fill_null(NOWHERE).to_numpy(zero_copy_only=False), dtype=np.int64)

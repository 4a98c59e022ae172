"""How often two items lie in one basket, and how often chance alone would put them there.

Textbook lift compares with baskets in which each item lies independently of the basket's size. But who buys ten things
buys any two of them: nearly all pairs have a lift above 1 then. Here the baskets of a stratum (a class of size, thirty
days, a channel) are draws of as many different items, each with its own chance to be drawn: the pair's chance is that
of rejective sampling, pi_a pi_b (1 - (1 - pi_a)(1 - pi_b) / d) with d the sum of pi (1 - pi) (Hajek 1964), and expected
baskets are summed over strata. What came into the shops in the same weeks, or is sold in one channel only, is no rule
by that.
"""

from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.recommendations.complements.baskets import Baskets
from hm_assets.segments.space import Floats, Ints


@dataclass(frozen=True)
class Pairs:
    """m pairs of items that lie in one basket often enough, in the order of both positions (first < second).

    Attributes
    ----------
    first, second
        Positions in `Baskets.items` (m).
    both
        Baskets with both (m).
    customers
        Different customers of these (m).
    squares
        The sum over customers of the square of their baskets with both (m).
    expected
        Baskets that chance would put both into (m).
    tested
        Pairs of items that each lie in baskets enough, in one basket or not: all that could have been found.
    """

    first: Ints
    second: Ints
    both: Ints
    customers: Ints
    squares: Ints
    expected: Floats
    tested: int


def pairs(baskets: Baskets, fewest: int, engine: ibis.Table | None = None) -> Pairs:
    """Count them.

    Parameters
    ----------
    baskets
        The baskets.
    fewest
        Baskets that an item must lie in, and a pair together.
    engine
        A table of the engine that shall count; any if None.
    """
    often = baskets.with_item >= fewest
    rows = often[baskets.item]
    basket, item = baskets.basket[rows], baskets.item[rows]
    bought = ibis.memtable(
        pa.table({"basket": basket, "item": item, "customer": baskets.customer[basket]}),
    )
    one = bought.select("basket", "customer", first=bought["item"])
    other = bought.select("basket", second=bought["item"])
    together = one.join(other, "basket").filter(lambda t: t.first < t.second)
    by_customer = together.group_by("first", "second", "customer").agg(baskets=ibis._.count())
    counted = by_customer.group_by("first", "second").agg(
        both=by_customer.baskets.sum().cast("int64"),
        customers=by_customer.count(),
        squares=(by_customer.baskets * by_customer.baskets).sum().cast("int64"),
    )
    found = counted.filter(counted.both >= fewest).order_by("first", "second")
    counts = ibis.get_backend(engine).to_pyarrow(found)
    columns = {name: counts[name].to_numpy() for name in found.columns}
    first, second = columns["first"].astype(np.int64), columns["second"].astype(np.int64)
    many = int(often.sum())
    return Pairs(
        first,
        second,
        columns["both"],
        columns["customers"],
        columns["squares"],
        expected(baskets, first, second),
        many * (many - 1) // 2,
    )


def expected(baskets: Baskets, first: Ints, second: Ints) -> Floats:
    """Baskets that chance would put both items of each pair into (m); see the module."""
    strata = int(baskets.stratum.max(initial=-1)) + 1
    sizes = np.bincount(baskets.stratum[baskets.stratum >= 0], minlength=strata)
    stratum = baskets.stratum[baskets.basket]
    inside = stratum >= 0
    held = np.zeros((strata, len(baskets.items)))
    np.add.at(held, (stratum[inside], baskets.item[inside]), 1)
    total = np.zeros(len(first))
    for baskets_in, counts in zip(sizes, held, strict=True):
        chance = counts / baskets_in
        spread = float((chance * (1 - chance)).sum())
        a, b = chance[first], chance[second]
        # Where every basket holds the same there is no draw: both are in it always.
        room = (1 - a) * (1 - b) / spread if spread > 0 else np.zeros(len(a))
        total += baskets_in * a * b * np.clip(1 - room, 0, 1)
    return total

"""The list of every customer, batch by batch: a hundred thousand places at a time are in memory, never all of them."""

import datetime as dt
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from hm_assets.recommendations.ladder.catalogue import BESTSELLERS
from hm_assets.recommendations.ladder.rung import Known, Recommender, Rung
from hm_assets.recommendations.lists import NONE, owned, top
from hm_assets.recommendations.lists_for.histories import ids
from hm_assets.recommendations.lists_for.reasons import KINDS, Reasoner
from hm_assets.recommendations.lists_for.tables import CUSTOMERS
from hm_assets.recommendations.lists_for.words import words
from hm_assets.recommendations.stock import Stock, in_stock
from hm_assets.segments.space import Ints

BATCH = 20_000


@dataclass(frozen=True)
class ListMaker:
    """What makes lists of any customers, as of a day; `version` is that of the recommender."""

    known: Known
    rung: Rung
    model: Recommender
    stock: Stock
    reasoner: Reasoner
    version: str
    exclude_owned: bool = False

    @classmethod
    def of(cls, known: Known, rung: Rung, version: str, exclude_owned: bool = False) -> "ListMaker":
        """Fit the recommender on what is known.

        Parameters
        ----------
        known
            What is known on the day.
        rung
            The recommender.
        version
            Of it.
        exclude_owned
            Whether a list leaves out what its customer bought before.
        """
        stock = in_stock(known.purchases)
        return cls(known, rung, rung.fit(known), stock, Reasoner.of(known, stock), version, exclude_owned)

    def everybody(self, month: dt.date, threads: int = 1, batch: int = BATCH) -> Iterator[pa.Table]:
        """Rows of `recommendations/customers` of all customers, by key: so many customers at a time in each thread."""
        keys = np.sort(self.known.people["customer_key"].to_numpy())
        batches = [keys[start : start + batch] for start in range(0, len(keys), batch)]
        # The first one makes what all others look up.
        yield from (self.rows(each, month) for each in batches[:1])
        begun: deque[Future[pa.Table]] = deque()
        with ThreadPoolExecutor(threads) as pool:
            for each in batches[1:]:
                begun.append(pool.submit(self.rows, each, month))
                if len(begun) > threads:
                    yield begun.popleft().result()
            yield from (each.result() for each in begun)

    def rows(self, customers: Ints, month: dt.date) -> pa.Table:
        """Rows of `recommendations/customers` of these (keys), in the order of customer and rank."""
        purchases = self.known.purchases
        positions = purchases.positions(customers)
        without = owned(purchases, positions) if self.exclude_owned else None
        chosen = top(self.model.scores(customers), allowed=self.stock.allowed, without=without)
        # Whatever the recommender does in a back-test, nobody's list has free places.
        lists = chosen.filled(self.stock.bestsellers, without)
        row, place = np.nonzero(lists.articles != NONE)
        article, free = lists.articles[row, place], chosen.articles[row, place] == NONE
        found = self.reasoner.of_pairs(customers, positions, row, article)
        n, day = len(row), purchases.as_of
        kind = pa.array(KINDS, pa.string()).take(pa.array(found.kind))
        told = np.where(found.ago >= 0, found.ago, 0)
        on = pa.array((np.datetime64(day) - told).astype("datetime64[D]"), mask=found.ago < 0)
        days = pa.repeat(pa.scalar(self.stock.days, pa.int16()), n)
        count = pa.array(found.count, pa.int32())
        who = pa.array([self.rung.name, BESTSELLERS], pa.string()).take(pa.array(free.astype(np.int8)))
        columns = {
            "customer_key": customers[row],
            "as_of": pa.repeat(pa.scalar(day, pa.date32()), n),
            "rank": (place + 1).astype(np.int8),
            "article_id": ids(purchases.articles[article]),
            "article_key": purchases.articles[article],
            "score": pa.array(lists.scores[row, place], mask=free),
            "recommender": who,
            "model_version": pa.repeat(self.version, n),
            "stock_days": days,
            "reason_kind": kind,
            "reason_count": count,
            "reason_day": on,
            "reason_article_key": pa.array(
                purchases.articles[np.maximum(found.other, 0)], mask=found.other < 0
            ),
            "reason_of": found.of,
            "reason": words(kind, count, on, found.of, days),
            "month": pa.repeat(pa.scalar(month, pa.date32()), n),
        }
        schema = CUSTOMERS.arrow_schema()
        return pa.table([columns[field.name] for field in schema], names=schema.names).cast(schema)

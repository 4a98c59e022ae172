"""Small purchase histories, a champion, and the tables that movement reads, as the assets make them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.features.snapshot import snapshot
from hm_assets.features.tables import CUSTOMER_FEATURES
from hm_assets.profiles.movement.chain import chain
from hm_assets.profiles.movement.prices import PriceIndex, price_index
from hm_assets.segments.champion.champion import Champion, with_the_rest
from hm_assets.segments.inputs import customers_as_of
from hm_assets.segments.space import Space
from hm_assets.warehouse.calendar import add_months, as_of_dates, months_between
from hm_assets_tests.features.histories import Line, article_days_of, days, tastes
from hm_assets_tests.segments.customers import PLAIN, champion

MONTH = dt.date(2020, 6, 1)
BEFORE = add_months(MONTH, -1)
# In log(1 + recency, purchase days, spend): segment 1 comes often and spends, 2 came lately, 3 stays away.
CENTRES = (
    (np.log(15), np.log(6), np.log(4)),
    (np.log(15), np.log(2), np.log(1.5)),
    (np.log(120), np.log(3), np.log(2)),
)


def model(space: Space = PLAIN) -> Champion:
    """Three segments on recency, purchase days and spend, in plain logarithms."""
    return champion(CENTRES, (1, 2, 3), space)


@dataclass(frozen=True)
class World:
    """The tables of the months from the first line to `MONTH`; every key of `keys` is on file."""

    assignments: ibis.Table
    features: ibis.Table
    tastes: ibis.Table
    days: ibis.Table
    article_days: ibis.Table
    dates: dict[dt.date, dt.date]
    champion: Champion

    @classmethod
    def of(cls, lines: Iterable[Line], keys: Sequence[int]) -> "World":
        """From lines of customers, with `model` as the champion."""
        lines = list(lines)
        bought, liked = days(lines), tastes(lines)
        dates = as_of_dates(bought, [BEFORE, MONTH])
        features = []
        for month, day in dates.items():
            upto = liked.filter(liked.month <= ibis.literal(month, "date"))
            seen = snapshot(bought, upto, [], month, day, day).to_pyarrow()
            types = CUSTOMER_FEATURES.arrow_schema()
            features.append(
                seen.cast(pa.schema([(name, types.field(name).type) for name in seen.column_names]))
            )
        customers = ibis.memtable(pa.table({"customer_key": pa.array(keys, pa.int64())}))
        known = ibis.memtable(pa.concat_tables(features))
        bare = cls(customers, known, liked, bought, article_days_of(lines), dates, model())
        return bare.placed_by(model())

    def placed_by(self, champion: Champion, before: Champion | None = None) -> "World":
        """The same customers under another champion; `before` placed the month before."""
        customers = self.assignments.select("customer_key").distinct()
        assigned = []
        for month, day in self.dates.items():
            placing = before if before and month == BEFORE else champion
            people = customers_as_of(self.features, self.tastes, month, set(placing.space.columns))
            assigned.append(
                with_the_rest(placing.assign(people), customers, day, month, placing).to_pyarrow()
            )
        return replace(self, assignments=ibis.memtable(pa.concat_tables(assigned)), champion=champion)

    @property
    def index(self) -> PriceIndex:
        return price_index(self.article_days, self.dates[BEFORE], self.dates[MONTH])

    def chained(self) -> ibis.Table:
        """The chain of `MONTH`."""
        made = chain(
            self.assignments,
            self.features,
            self.tastes,
            self.days,
            self.champion,
            self.dates,
            MONTH,
            self.index,
        )
        return ibis.memtable(made.to_pyarrow())

    def rows(self) -> dict[int, dict]:
        """The chain by customer."""
        return {row["customer_key"]: row for row in self.chained().to_pyarrow().to_pylist()}


EVERY_TWO_WEEKS = [dt.date(2020, 1, 5) + dt.timedelta(days=14 * i) for i in range(11)]
REGULAR, WAITS, BUYS, NEW, NEVER, LEAVES_THE_YEAR = range(1, 7)


def lines(factor: float = 1.0) -> list[Line]:
    """Six customers, one of whom never buys; prices of June are `factor` times what they were."""
    found = [(REGULAR, day, 1, 0.5, 1) for day in EVERY_TWO_WEEKS]
    found += [(WAITS, dt.date(2020, 5, 1), 2, 0.5, 1), (WAITS, dt.date(2020, 5, 5), 3, 0.5, 1)]
    found += [(BUYS, dt.date(2020, 1, 2), 2, 0.5, 1), (BUYS, dt.date(2020, 6, 20), 3, 0.75, 2)]
    found += [(NEW, dt.date(2020, 6, 15), 2, 0.5, 1)]
    found += [
        (LEAVES_THE_YEAR, dt.date(2019, 6, 10), 4, 2.0, 1),
        (LEAVES_THE_YEAR, dt.date(2020, 3, 1), 4, 2.0, 1),
    ]
    found += [(REGULAR, dt.date(2020, 5, 31), 1, 0.5, 1), (REGULAR, dt.date(2020, 6, 30), 1, 0.5, 1)]
    return [(c, d, a, p * factor if d >= MONTH else p, ch) for c, d, a, p, ch in found]


def placements(*months: dict[int, int], last: dt.date = MONTH) -> ibis.Table:
    """`segments/assignments` of consecutive months up to `last`, from customer -> segment."""
    first = add_months(last, 1 - len(months))
    rows = [
        {"customer_key": key, "segment_id": segment, "month": month, "as_of": month}
        for month, placed in zip(months_between(first, last), months, strict=True)
        for key, segment in placed.items()
    ]
    types = pa.schema(
        [
            ("customer_key", pa.int64()),
            ("segment_id", pa.int32()),
            ("month", pa.date32()),
            ("as_of", pa.date32()),
        ]
    )
    return ibis.memtable(pa.Table.from_pylist(rows, schema=types))

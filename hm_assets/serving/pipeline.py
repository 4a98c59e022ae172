"""The Python way in: load the published model, make features of purchases, place customers, and say what to show them.

    >>> pipeline = CustomerSegmentationPipeline.load_model(Path("data/warehouse"))  # doctest: +SKIP
    >>> features = pipeline.preprocess(purchases)  # doctest: +SKIP
    >>> placed = pipeline.predict_segment(features)  # doctest: +SKIP
    >>> pipeline.get_recommendations(placed["segment_id"][0].as_py())  # doctest: +SKIP

The API, `hm score` and the customer's page call nothing else, so that online equals offline.
"""

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.features.tables import CUSTOMER_FEATURES
from hm_assets.segments import models
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.space import Floats, Ints
from hm_assets.serving.preprocess import PURCHASES
from hm_assets.serving.published import Published, read_published
from hm_assets.sources.contract import ONLINE, STORE
from hm_assets.warehouse.errors import ContractError

PLACED: Final = pa.schema(
    [
        ("customer_key", pa.int64()),
        ("segment_id", pa.int32()),
        ("confidence", pa.float64()),
        ("runner_up", pa.int32()),
        ("sub_segment", pa.int32()),
    ]
)
"""Of a scored customer: the columns of `segments/assignments`, in its meaning."""
EMPTY_IS_KNOWN: Final = {column.name for column in CUSTOMER_FEATURES.columns if column.nullable}
"""Features whose emptiness says something, e.g. no gap between orders of who came once; the model knows it."""
MOST: Final = 1e15


@dataclass(frozen=True)
class CustomerSegmentationPipeline:
    """The model of the newest finished month with what belongs to it."""

    published: Published

    @classmethod
    def load_model(cls, warehouse: Path) -> "CustomerSegmentationPipeline":
        """Read the published model of a warehouse (JSON and Parquet, nothing is unpickled).

        Raises
        ------
        WarehouseError
            Nothing is published yet.
        """
        return cls(read_published(warehouse))

    def preprocess(
        self, purchases: pa.Table | Sequence[Mapping[str, Any]], as_of: dt.date | None = None
    ) -> pa.Table:
        """Features of raw purchases.

        Parameters
        ----------
        purchases
            Lines with the columns of `PURCHASES`: the whole history of each customer.
        as_of
            The day on which the features are true; without one, that of the published month.

        Returns
        -------
        pa.Table
            `customer_key` and what the model reads, one row per customer, by key.

        Raises
        ------
        ContractError
            A column is missing or of another type, a value is empty or impossible, or a line is later than `as_of`.
        """
        day = as_of or self.published.as_of
        return self.published.preprocessor.features(_lines(purchases, day), day)

    def predict_segment(self, features: pa.Table | Sequence[Mapping[str, Any]]) -> pa.Table:
        """Place customers.

        Parameters
        ----------
        features
            What `preprocess` gives, or rows that bring every feature of the model; `customer_key` is optional.

        Returns
        -------
        pa.Table
            Of schema `PLACED`, in the order of the rows.

        Raises
        ------
        ContractError
            A feature is missing, unknown, or no value that can occur. None is ever filled in: a constant in the place
            of a feature changes segments without anybody noticing.
        """
        columns = self.published.champion.space.columns
        if not isinstance(features, pa.Table):
            features = as_table(self.published.champion, features)
        missing = [name for name in columns if name not in features.column_names]
        if missing:
            raise ContractError(f"{_refusal(missing[0], 'is missing')}")
        return place(self.published.champion, features)

    def get_recommendations(self, segment: int | str) -> tuple[dict[str, Any], ...]:
        """What to show a segment (id or name): its rows of `recommendations/segments`, best first.

        Raises
        ------
        ContractError
            There is no such segment.
        """
        found = self.published.named(str(segment))
        if found is None:
            names = ", ".join(f"{each.id} ({each.name})" for each in self.published.segments.values())
            raise ContractError(f"no segment is called {str(segment)[:80]!r}; there are {names}")
        return found.products

    def score_customer_database(self, batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Place any number of customers, a batch of features at a time; see `predict_segment`."""
        for batch in batches:
            yield self.predict_segment(batch)


def place(champion: Champion, features: pa.Table) -> pa.Table:
    """Customers with the columns of the champion's space (and `customer_key`, if any) as rows of `PLACED`.

    The same as `Champion.assign` in numpy: of equal costs the first wins, of the others the first is the runner-up.
    """
    points = champion.space.transform(features)
    costs = champion.model.costs(points)
    rows, ids = np.arange(len(costs)), np.array(champion.ids, dtype=np.int32)
    own = costs.argmin(axis=1)
    others = costs.copy()
    others[rows, own] = np.inf
    named = "customer_key" in features.column_names
    alone = champion.model.k == 1
    # Each in its type already: casting a table takes longer than placing one customer.
    columns = [
        features["customer_key"].cast(pa.int64()) if named else pa.array(rows),
        pa.array(ids[own]),
        pa.array(models.confidence(champion.model, costs)),
        pa.nulls(len(rows), pa.int32()) if alone else pa.array(ids[others.argmin(axis=1)]),
        _parts(champion, points, ids[own]),
    ]
    return pa.table(columns, schema=PLACED)


def as_table(champion: Champion, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows that came from outside as a table, every value looked at.

    Raises
    ------
    ContractError
        See `CustomerSegmentationPipeline.predict_segment`.
    """
    columns = champion.space.columns
    levels = {axis.column for axis in champion.space.coordinates if axis.level is not None}
    counted = {axis.column for axis in champion.space.coordinates if axis.unit is not None}
    for row in rows:
        unknown = sorted(set(row) - {*columns, "customer_key"})
        if unknown:
            raise ContractError(
                f"there is no feature {unknown[0][:80]!r}; the model reads {', '.join(columns)}"
            )
        for name in columns:
            if name not in row:
                raise ContractError(_refusal(name, "is missing"))
            _look(name, row[name], name in levels, name in counted)
    types = {name: pa.string() if name in levels else pa.float64() for name in columns}
    return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in types.items()})


def look_at(champion: Champion, features: pa.Table, where: str = "", first: int = 1) -> None:
    """Look at every value of the model's features at once.

    Parameters
    ----------
    champion
        The model.
    features
        With its columns: texts for categories, floats for all else.
    where
        What a fault's message begins with; `{}` stands for the number of the row.
    first
        The number of the first row.

    Raises
    ------
    ContractError
        A value is empty where that says nothing, not finite or beyond 1e15, or a count or an amount below 0.
    """
    counted = {axis.column for axis in champion.space.coordinates if axis.unit is not None}
    levels = {axis.column for axis in champion.space.coordinates if axis.level is not None}
    for name in champion.space.columns:
        column = features[name]
        empty = pc.is_null(column)
        wrong = pc.and_(empty, name not in EMPTY_IS_KNOWN)
        if name not in levels:
            impossible = pc.invert(pc.is_finite(column))
            if name in counted:
                impossible = pc.or_(impossible, pc.less(column, 0))
            impossible = pc.or_(impossible, pc.greater(pc.abs(column), MOST))
            wrong = pc.or_kleene(wrong, impossible)
        found = pc.index(pc.fill_null(wrong, False), True).as_py()
        if found >= 0:
            value = column[found].as_py()
            what = "is empty" if value is None else f"is {value}, which cannot be"
            raise ContractError(where.format(first + found) + _refusal(name, what))


def _look(name: str, value: Any, is_level: bool, is_counted: bool) -> None:
    if value is None and name in EMPTY_IS_KNOWN:
        return
    if is_level:
        if not isinstance(value, str) or not value:
            raise ContractError(_refusal(name, "is not a text"))
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ContractError(_refusal(name, "is empty" if value is None else "is no number"))
    # An integer of a thousand digits is no float.
    if abs(value) > MOST or not math.isfinite(value):
        raise ContractError(_refusal(name, "is not a finite number below 1e15"))
    if is_counted and value < 0:
        raise ContractError(_refusal(name, f"is {value:g}, below 0"))


def _refusal(name: str, what: str) -> str:
    meaning = next((c.description for c in CUSTOMER_FEATURES.columns if c.name == name), "")
    return (
        f"the feature `{name}` {what}{f' ({meaning})' if meaning else ''}. It is not filled in: send it, or send the "
        "raw purchases instead"
    )


def _lines(purchases: pa.Table | Sequence[Mapping[str, Any]], as_of: dt.date) -> pa.Table:
    if isinstance(purchases, pa.Table):
        table = purchases
    else:
        table = pa.Table.from_pylist([dict(row) for row in purchases], schema=PURCHASES)
    missing = [name for name in PURCHASES.names if name not in table.column_names]
    if missing:
        raise ContractError(
            f"the purchases lack the column {missing[0]}; they need {', '.join(PURCHASES.names)}"
        )
    try:
        lines = table.select(PURCHASES.names).cast(PURCHASES)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ContractError(f"the purchases are not of the types {PURCHASES}: {error}") from error
    empty = [name for name in PURCHASES.names if lines[name].null_count]
    if empty:
        raise ContractError(f"the purchases have an empty {empty[0]}")
    if not len(lines):
        raise ContractError("there is no purchase: who has not bought is in no segment")
    latest: dt.date = pc.max(lines["t_dat"]).as_py()
    if latest > as_of:
        raise ContractError(
            f"a purchase of {latest} is later than the day that counts, {as_of}; give `as_of` the day of today"
        )
    prices = lines["price"].to_numpy()
    if not (np.isfinite(prices).all() and (prices >= 0).all() and (prices < 1e9).all()):
        raise ContractError("a price is negative, a billion or more, or not finite")
    if not np.isin(lines["sales_channel_id"].to_numpy(), (STORE, ONLINE)).all():
        raise ContractError(f"a sales_channel_id is neither {STORE} (store) nor {ONLINE} (online)")
    return lines


def _parts(champion: Champion, points: Floats, segments: Ints) -> pa.Array:
    found = np.zeros(len(points), dtype=np.int32)
    for number, parts in champion.parts.items():
        mine = segments == number
        if mine.any():
            found[mine] = parts.place(points[mine])
    return pa.array(found, mask=found == 0)

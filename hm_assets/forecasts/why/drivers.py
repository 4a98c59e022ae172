"""The three themes that move a customer's P(order within 90 days) most, in words.

Inputs that tell the same share what they say: a weight may then be the wrong way round, beside a larger one elsewhere,
and "last order 200 days ago: raises" would be true of the model and false of customers. So a theme is told only with
words that hold alone as well: customers with such a value are likelier to order than all, or less likely, as the theme
says. What is not told is in `others`, so the sum stays exact.
"""

import datetime as dt
from collections.abc import Sequence

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.forecasts.inputs import described
from hm_assets.forecasts.order_model import OrderModel
from hm_assets.forecasts.why.shapley import STEP, Explained, UnexplainedError, explain
from hm_assets.forecasts.why.tables import DRIVERS, MOST
from hm_assets.forecasts.why.themes import NO_REASON, by_theme, median_price, worded
from hm_assets.segments.space import Bools, Floats, Ints, numbers
from hm_assets.warehouse.calendar import of_month

# Less than a tenth of a percentage point is no reason.
SMALLEST = 0.001
# Groups of like values, as large as each other.
ALIKE = 10


def drivers(model: OrderModel, features: ibis.Table, month: dt.date) -> tuple[pa.Table, str]:
    """The rows of `forecasts/drivers` of a month from its `features/customer_features`, and what to say of them."""
    rows = people(model, features, month)
    plain = {name: rows[name] for name in ("customer_key", "as_of", "month")}
    plain["model_version"] = pa.array([model.version] * len(rows), pa.string())
    try:
        found = explain(model.model, rows, month)
    except UnexplainedError as reason:
        return _typed(plain, len(rows)), f"no drivers: {reason}"
    plain |= _largest(found)
    plain["reference"] = pa.array(np.full(len(rows), found.reference))
    return _typed(plain, len(rows)), f"beside the average customer's P(order) of {found.reference:.1%}"


def people(model: OrderModel, features: ibis.Table, month: dt.date) -> pa.Table:
    """The customers of a month as the model sees them."""
    return described(of_month(features, month), model.first_day).to_pyarrow()


def _typed(found: dict[str, pa.Array], n: int) -> pa.Table:
    schema = DRIVERS.arrow_schema()
    return pa.table(
        [found.get(field.name, pa.nulls(n, field.type)) for field in schema], names=schema.names
    ).cast(schema)


def _largest(found: Explained) -> dict[str, pa.Array]:
    """The columns of the three largest themes; what is left of the sum is `others`."""
    groups = {theme: at for theme, at in by_theme(found.columns).items() if theme != NO_REASON}
    sums = np.stack([found.points[places].sum(axis=0) for places in groups.values()])
    alone = np.stack([effect_alone(numbers(found.rows, column), found.p) for column in found.columns])
    leads = [
        _lead(found.points, alone, places, total) for places, total in zip(groups.values(), sums, strict=True)
    ]
    lead, holds = np.stack([place for place, _ in leads]), np.stack([true for _, true in leads])
    # Of equal ones the first in the order of the themes.
    order = np.argsort(-np.abs(np.where(holds, sums, 0.0)), axis=0, kind="stable")[:MOST]
    others = found.points.sum(axis=0)
    made: dict[str, pa.Array] = {}
    price = median_price(found.model.space)
    for rank, theme in enumerate(order, start=1):
        points = np.take_along_axis(sums, theme[None, :], axis=0)[0]
        told = (np.abs(points) >= SMALLEST) & np.take_along_axis(holds, theme[None, :], axis=0)[0]
        others = others - np.where(told, points, 0.0)
        inputs = np.take_along_axis(lead, theme[None, :], axis=0)[0]
        words = _words(np.where(told, inputs, -1), found.columns, found.rows, price)
        verb = pc.if_else(pa.array(points > 0), ": raises", ": lowers")
        made |= {
            f"driver_{rank}": pc.binary_join_element_wise(words, verb, ""),
            f"theme_{rank}": _named(list(groups), theme, told),
            f"input_{rank}": _named(found.columns, inputs, told),
            f"points_{rank}": pa.array(points, mask=~told),
        }
    return made | {"others": pa.array(others)}


def _named(names: Sequence[str], which: Ints, told: Bools) -> pa.Array:
    """The names at these positions; none where nothing is told."""
    return pa.DictionaryArray.from_arrays(pa.array(which, mask=~told), pa.array(names)).cast(pa.string())


def effect_alone(values: Floats, p: Floats) -> Ints:
    """Whether customers with a like value are likelier to order than all of them (1), less likely (-1), or as likely.

    Alike are those of the same tenth of the values, and those whose value is unknown.

    Parameters
    ----------
    values
        Of an input (n), NaN where unknown.
    p
        P(order) of each (n).
    """
    known = ~np.isnan(values)
    ends = np.arange(1, ALIKE) / ALIKE
    cuts = np.unique(np.quantile(values[known], ends, method="lower")) if known.any() else np.zeros(0)
    group = np.where(known, 1 + np.searchsorted(cuts, values), 0)
    # Whole numbers of steps: the same sums in any order of the customers.
    steps = np.rint(p / STEP)
    total, counted = np.bincount(group, steps), np.bincount(group)
    return np.asarray(np.sign(total / np.maximum(counted, 1) - steps.sum() / len(p)).astype(np.int64)[group])


def _lead(points: Floats, alone: Ints, places: list[int], total: Floats) -> tuple[Ints, Bools]:
    """The input of a theme that did most of it, of those that say the same alone, and whether there is one."""
    sign = np.where(total < 0, -1, 1)
    signed = np.where(alone[places] == sign, points[places] * sign, -np.inf)
    best = signed.argmax(axis=0)
    return np.array(places)[best], np.asarray(signed.max(axis=0) > 0)


def _words(inputs: Ints, columns: tuple[str, ...], rows: pa.Table, price: float) -> pa.Array:
    """Of each customer the words for her input; none for -1."""
    order = np.argsort(inputs, kind="stable")
    parts = [pa.nulls(int((inputs < 0).sum()), pa.string())]
    for i, column in enumerate(columns):
        mine = rows.select([column]).take(pa.array(np.flatnonzero(inputs == i)))
        parts.append(worded(column, mine, price))
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    flat = [c for part in parts for c in (part.chunks if isinstance(part, pa.ChunkedArray) else [part])]
    return pa.chunked_array(flat, pa.string()).combine_chunks().take(pa.array(back))

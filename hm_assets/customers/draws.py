"""Making and reading the draws: the base with its gaps filled, and what all draws say together.

A later stage never fills a gap itself. It makes its figure once per draw on `completed` customers and pools them with
`pooling.pool`; the spread between draws is what not knowing costs.
"""

import functools
from collections.abc import Sequence

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.customers.encoding import IMPUTABLE
from hm_assets.customers.imputation import Imputer
from hm_assets.customers.pooling import Pooled, pool
from hm_assets.customers.tables import IMPUTATIONS

FEWEST_CUSTOMERS = 2  # for a variance


def drawn(model: Imputer, unknown: pa.Table, seed: int) -> pa.Table:
    """The rows of `customers/imputations` for these customers (`customer_key` and attributes, in a fixed order).

    Customers of whom nothing could be filled have none.
    """
    parts = []
    for draw in range(1, len(model.equations) + 1):
        filled = model.complete(unknown, draw, seed)
        columns = {name: filled[name] for name in ("customer_key", *IMPUTABLE)}
        columns |= {
            f"{name}_imputed": pc.and_(unknown[name].is_null(), filled[name].is_valid()).cast(pa.int8())
            for name in IMPUTABLE
        }
        parts.append(pa.table({**columns, "draw": pa.repeat(pa.scalar(draw, pa.int16()), filled.num_rows)}))
    schema = IMPUTATIONS.arrow_schema()
    rows = pa.concat_tables(parts).select(schema.names).cast(schema)
    return rows.filter(any_of([pc.equal(rows[f"{name}_imputed"], 1) for name in IMPUTABLE]))


def any_of(masks: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    """True where at least one of the masks is."""
    return functools.reduce(pc.or_, masks)


def completed(customers: ibis.Table, imputations: ibis.Table, draw: int) -> ibis.Table:
    """`customers/customers` with its unknown values as this draw has them; what is known stays as it is."""
    filled = imputations.filter(imputations.draw == draw).select(
        "customer_key", **{f"drawn_{name}": imputations[name] for name in IMPUTABLE}
    )
    joined = customers.left_join(filled, "customer_key")
    return joined.select(
        *(
            ibis.coalesce(joined[name], joined[f"drawn_{name}"]).name(name) if name in IMPUTABLE else name
            for name in customers.columns
        )
    )


def pooled_mean_age(customers: ibis.Table, imputations: ibis.Table) -> Pooled | None:
    """The mean age of all customers, known or not, with its 95 % interval; None where no age was drawn.

    Pooled over the draws by Rubin's rules.
    """
    draws = imputations.filter(imputations.age_imputed == 1).draw.max().to_pyarrow().as_py()
    if draws is None or int(customers.count().execute()) < FEWEST_CUSTOMERS:
        return None
    rows = []
    for draw in range(1, draws + 1):
        whole = completed(customers, imputations, draw)
        moments = whole.agg(mean=whole.age.mean(), variance=whole.age.var(), number=whole.age.count())
        rows += moments.to_pyarrow().to_pylist()
    number = rows[0]["number"]
    means = [row["mean"] for row in rows]
    errors = [row["variance"] / number for row in rows]
    return pool(means, errors, complete_degrees_of_freedom=number - 1)

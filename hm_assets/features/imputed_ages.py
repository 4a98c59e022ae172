"""A month's filled ages, as its tables hold them: who is filled with their purchases and who without."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hm_assets.customers.encoding import AGE, Integers
from hm_assets.features import ages
from hm_assets.features.tables import AGE_ESTIMATES, IMPUTED_AGES
from hm_assets.warehouse.schema import Table

# With fewer customers of known age who bought, there is nothing to learn from.
FEWEST_KNOWN = 50


def imputed(people: pa.Table, imputations: pa.Table, month: dt.date, as_of: dt.date, seed: int) -> pa.Table:
    """A month's `features/imputed_ages`.

    Parameters
    ----------
    people
        Of `ages.people`: customers to learn from, and all of unknown age who have bought.
    imputations
        `customers/imputations`. Customers whose ages it does not fill have no row here either; those who have not
        bought, or everybody while too few have, keep its ages.
    month, as_of
        What the rows belong to.
    seed
        Of bootstraps and draws.
    """
    filled = imputations.filter(pc.equal(imputations["age_imputed"], 1)).sort_by("customer_key")
    known, buyers = _to_learn_from_and_to_fill(people, filled)
    keys_of_buyers = people["customer_key"].to_numpy()[buyers]
    parts = []
    for draw, whole in ages.completions(people, imputations):
        rows = filled.filter(pc.equal(filled["draw"], draw))
        keys, age = rows["customer_key"].to_numpy(), rows[AGE].to_numpy().copy()
        bought = np.isin(keys, keys_of_buyers)
        if len(keys_of_buyers):
            stream = (seed, draw, month.toordinal())
            age[bought] = ages.drawn(whole.filter(known), whole.filter(buyers), stream)
        parts.append({"customer_key": keys, "draw": np.full(len(keys), draw), "age": age, "bought": bought})
    return _rows(IMPUTED_AGES, parts, month, as_of)


def estimates(
    people: pa.Table, imputations: pa.Table, median: float, month: dt.date, as_of: dt.date, seed: int
) -> pa.Table:
    """A month's `features/age_estimates`, for the customers of `imputed`; `median` for those who have not bought."""
    filled = imputations.filter(pc.equal(imputations["age_imputed"], 1))
    known, buyers = _to_learn_from_and_to_fill(people, filled)
    keys = np.unique(filled["customer_key"].to_numpy())
    age, bought = np.full(len(keys), median), np.isin(keys, people["customer_key"].to_numpy()[buyers])
    if bought.any():
        age[bought] = ages.estimated(people.filter(known), people.filter(buyers), seed)
    return _rows(AGE_ESTIMATES, [{"customer_key": keys, "age": age, "bought": bought}], month, as_of)


def _to_learn_from_and_to_fill(
    people: pa.Table, filled: pa.Table
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    known = people[AGE].is_valid().to_numpy()
    if known.sum() < FEWEST_KNOWN:
        return known, np.zeros_like(known)
    return known, ~known & np.isin(people["customer_key"].to_numpy(), filled["customer_key"].to_numpy())


def _rows(
    table: Table, parts: Sequence[Mapping[str, Integers | Any]], month: dt.date, as_of: dt.date
) -> pa.Table:
    """The parts one after the other, in the columns of the registry."""
    schema = table.arrow_schema()
    columns: dict[str, Any] = {
        name: np.concatenate([part[name] for part in parts]) if parts else []
        for name in schema.names
        if name not in ("month", "as_of")
    }
    rows = len(columns["customer_key"])
    columns |= {"month": [month] * rows, "as_of": [as_of] * rows}
    return pa.table({name: pa.array(columns[name], schema.field(name).type) for name in schema.names})

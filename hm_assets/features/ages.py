"""Unknown ages, filled with what a customer bought as of a month end.

What customers state about themselves hardly tells their age, what they buy does a little: the lines and products they
choose, what they pay, how much they buy. Two fills for two uses, never to be mixed:

- `drawn`: the draws of `customers/imputations` made anew by predictive mean matching on attributes and purchases. Each
  draw puts people where people are, so distributions, shares and tests are made from these, once per draw, and pooled.
- `estimated`: one number per customer, the conditional median by gradient boosting. Closest to the truth for one
  person; for many it puts people between the humps of the ages, where hardly anybody is.

Nothing later than the month end enters: purchases are those up to it, and ages and attributes carry no date.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hm_assets.customers.encoding import AGE, ATTRIBUTES, CATEGORIES, UNKNOWN, Encoding, Floats, Integers
from hm_assets.customers.imputation import NEAREST_DONORS
from hm_assets.customers.matching import MeanMatching
from hm_assets.features.attributes import parts
from hm_assets.warehouse.threads import one_thread

# What is bought, not in which colours: colours told nothing on the H&M sample.
TASTES = ("index_group", "product_group", "section")
PURCHASES = ("items", "spend", *(column for attribute in TASTES for column in parts(attribute)))
MOST_KNOWN = 20_000
# Small steps of small trees: a few hundred known ages are enough, and 20,000 take a second.
BOOSTING = {"max_iter": 200, "learning_rate": 0.03, "max_leaf_nodes": 8, "max_features": 0.3}
LOWEST_PRICE = 1e-6
# What a stream of random numbers is for; seed, draw and month follow.
DRAWS = 20_001


def people(
    customers: ibis.Table,
    features: ibis.Table,
    tastes: ibis.Table,
    month: dt.date,
    most_known: int,
    seed: int,
) -> pa.Table:
    """Customers who have bought by the end of the month, by key: attributes and `PURCHASES` so far.

    They are all of unknown age, and at most `most_known` of known age.

    Parameters
    ----------
    customers
        `customers/customers`.
    features
        `features/customer_features`.
    tastes
        `features/customer_tastes` of the month and all earlier ones: an age outlives a year.
    month
        Later rows of either are left out.
    most_known
        Who is taken depends on keys and seed only, so that another month takes the same people where it can.
    seed
        Of the choice.
    """
    today = ibis.literal(month, "date")
    seen = features.filter(features.month == today).select("customer_key", "items", "spend")
    bought = customers.select("customer_key", *ATTRIBUTES).inner_join(seen, "customer_key")
    chosen = ibis.memtable(pa.table({"customer_key": _chosen(bought, most_known, seed)}))
    liked = tastes.filter(tastes.month <= today).semi_join(chosen, "customer_key")
    columns = [name for name in PURCHASES if name in tastes.columns]
    sums = liked.group_by("customer_key").agg(**{name: liked[name].sum().cast("int64") for name in columns})
    found = bought.semi_join(chosen, "customer_key").left_join(sums, "customer_key")
    rows = found.select("customer_key", *ATTRIBUTES, *PURCHASES).order_by("customer_key")
    return rows.to_pyarrow().combine_chunks()


def _chosen(bought: ibis.Table, most_known: int, seed: int) -> Integers:
    found = bought.select("customer_key", known=bought.age.notnull()).to_pyarrow()
    keys, known = found["customer_key"].to_numpy(), found["known"].to_numpy()
    order = np.argsort(_scattered(keys[known], seed))  # No two keys scatter to the same number.
    return np.sort(np.concatenate([keys[known][order[:most_known]], keys[~known]]))


def _scattered(keys: Integers, seed: int) -> NDArray[np.uint64]:
    """A pseudo-random number per key (the finaliser of SplitMix64)."""
    with np.errstate(over="ignore"):
        z = keys.astype(np.uint64) + np.uint64(seed + 1) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def purchases(table: pa.Table) -> Floats:
    """Predictors from `PURCHASES`: log units, log mean price, and shares by position, the rest as the base level."""
    items = table["items"].to_numpy().astype(np.float64)
    price = table["spend"].to_numpy().astype(np.float64) / items
    columns = [np.log(items), np.log(np.maximum(price, LOWEST_PRICE))]
    for attribute in TASTES:
        columns += [table[name].fill_null(0).to_numpy() / items for name in parts(attribute)[:-1]]
    return np.column_stack(columns)


@dataclass(frozen=True)
class Completed:
    """Attributes as numbers, with the gaps of the categories filled as one draw has them.

    A category that the imputation leaves unfilled tells nothing: it is left out.
    """

    encoding: Encoding
    without: tuple[str, ...]

    @classmethod
    def learn(cls, table: pa.Table) -> "Completed":
        """From the customers of a draw, their gaps filled where they are filled at all."""
        return cls(Encoding.learn(table), tuple(name for name in CATEGORIES if table[name].null_count))

    def predictors(self, table: pa.Table) -> Floats:
        """Attributes and purchases: rows of the table, the intercept first."""
        attributes = self.encoding.predictors(self.encoding.codes(table), AGE, self.without)
        return np.column_stack([attributes, purchases(table)])


def completions(table: pa.Table, imputations: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """For each draw of `customers/imputations`: the table with the categories that the draw fills."""
    for draw in sorted(imputations["draw"].unique().to_pylist()):
        filled = imputations.filter(pc.equal(imputations["draw"], draw))
        rows = pc.index_in(table["customer_key"], filled["customer_key"].combine_chunks())
        whole = table
        for name in CATEGORIES:
            values = pc.coalesce(table[name], pc.take(filled[name], rows))
            whole = whole.set_column(whole.column_names.index(name), name, values)
        yield draw, whole


def drawn(known: pa.Table, unknown: pa.Table, seed: Sequence[int]) -> Integers:
    """One age per row of `unknown`: that of a customer of `known` with a similar predicted mean."""

    learned = Completed.learn(pa.concat_tables([known, unknown]))
    rng = np.random.default_rng([DRAWS, *seed])
    # Sums over several threads differ in their last digits.
    with one_thread():
        ages = known[AGE].to_numpy().astype(np.int64)
        model = MeanMatching.fit(learned.predictors(known), ages, NEAREST_DONORS, rng)
        return model.draw(learned.predictors(unknown), rng)


def estimated(known: pa.Table, unknown: pa.Table, seed: int) -> Floats:
    """One age per row of `unknown`: the conditional median by gradient boosting.

    A category that is unknown is a level of its own.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor

    learned = Completed(Encoding.learn(pa.concat_tables([known, unknown])), ())
    model = HistGradientBoostingRegressor(loss="absolute_error", random_state=seed, **BOOSTING)
    with one_thread():
        model.fit(_with_gaps(learned, known), known[AGE].to_numpy().astype(np.float64))
        return np.asarray(model.predict(_with_gaps(learned, unknown)), dtype=np.float64)


def _with_gaps(learned: Completed, table: pa.Table) -> Floats:
    codes = learned.encoding.codes(table)
    return np.column_stack([learned.predictors(table), *(codes[name] == UNKNOWN for name in CATEGORIES)])

"""For those of whom little is known: what their segment and their age band buy these weeks.

The share of an article in a group's units is drawn towards everybody's, the more the smaller the group, as if so many
more units had been sold as everybody buys (a Dirichlet prior; Gelman et al., "Bayesian Data Analysis", ch. 5). A
customer's score is the mean of the two groups' shares; a group that is not known is everybody.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from hm_assets.explore.relations import AGE_BANDS
from hm_assets.recommendations.ladder.rung import DEPTH, Known
from hm_assets.recommendations.lists import strongest
from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Floats, Ints
from hm_assets.segments.tables import NO_PURCHASE

EVERYBODY = -1


@dataclass(frozen=True)
class ColdStart:
    """Settings; called with what is known, they fit. They are usual values, not tuned.

    Attributes
    ----------
    days
        Of sales that count.
    prior
        Units of everybody that each group's sales are mixed with.
    """

    days: int = 14
    prior: float = 200.0

    def __call__(self, known: Known) -> "Fitted":
        """See `Rung`."""
        people = known.people.sort_by("customer_key")
        keys = people["customer_key"].to_numpy().astype(np.int64)
        groups = [_segments(people), _bands(people)]
        recent = known.purchases.of_last(self.days)
        shares, cells = [], np.zeros((1 + len(keys), 2), dtype=np.int64)
        for place, group in enumerate(groups):
            values = np.unique(np.append(group, EVERYBODY))
            cells[:, place] = np.searchsorted(values, np.append(group, EVERYBODY))
            shares.append(self._shares(recent, keys, group, values))
        kinds, cell = np.unique(cells, axis=0, return_inverse=True)
        found = (shares[0][kinds[:, 0]] + shares[1][kinds[:, 1]]) / 2
        return Fitted(keys, cell.ravel(), _best(found, recent, known.purchases))

    def _shares(self, recent: Purchases, keys: Ints, group: Ints, values: Ints) -> Floats:
        """Shares of articles in the units of each group (groups x articles of these weeks)."""
        width = len(recent.articles)
        everybody = np.bincount(recent.article, recent.units, minlength=width)
        everybody = everybody / max(everybody.sum(), 1)
        # Who bought but is not among the people belongs to no group.
        of_buyer = _looked_up(keys, np.append(np.searchsorted(values, group), 0), recent.customers)
        rows = of_buyer[recent.customer]
        units = np.bincount(rows * width + recent.article, recent.units, minlength=len(values) * width)
        units = units.reshape(len(values), width).astype(np.float64)
        units[values == EVERYBODY] = 0.0
        total = units.sum(axis=1, keepdims=True)
        return np.asarray((units + self.prior * everybody) / (total + self.prior))


@dataclass(frozen=True)
class Fitted:
    """The people (keys, ascending), the cell of each and last that of strangers, and each cell's scores (sparse)."""

    keys: Ints
    cell: Ints
    by_cell: Any

    def scores(self, keys: Ints) -> Any:
        """See `Recommender`."""
        return self.by_cell[_looked_up(self.keys, self.cell, keys)]


def _best(shares: Floats, recent: Purchases, bought: Purchases) -> Any:
    """The best of each cell, as positions among all articles (sparse, cells x articles)."""
    from scipy import sparse

    best = strongest(sparse.csr_array(shares), DEPTH)
    columns = np.searchsorted(bought.articles, recent.articles)
    shape = (len(shares), len(bought.articles))
    return sparse.csr_array((best.data, columns[best.indices], best.indptr), shape=shape)


def _looked_up(known: Ints, values: Ints, keys: Ints) -> Ints:
    """The value of each key, the last one where it is not known."""
    if not len(known):
        return np.full(len(keys), values[-1])
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.asarray(np.where(known[place] == keys, values[place], values[-1]))


def _segments(people: pa.Table) -> Ints:
    if "segment_id" not in people.column_names:
        return np.full(people.num_rows, EVERYBODY)
    found = people["segment_id"].cast("int64").fill_null(EVERYBODY).to_numpy()
    return np.asarray(np.where(found == NO_PURCHASE, EVERYBODY, found))


def _bands(people: pa.Table) -> Ints:
    ages = people["age"].cast("float64").fill_null(-1.0).to_numpy()
    band = np.full(len(ages), EVERYBODY)
    for place, (low, high) in enumerate(AGE_BANDS):
        band[(ages >= low) & (ages < high + 1)] = place
    return band

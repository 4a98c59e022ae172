"""SVD++ on log1p amounts: factors of customers and articles with what was bought at all beside; a row for comparison.

Y. Koren, "Factorization meets the neighborhood", KDD 2008: amount = mean + bias of customer + bias of article +
q_article (p_customer + sum of y over what the customer bought / sqrt(their number)). It is fitted to amounts of what
was bought, by gradient steps (Adam, Kingma and Ba 2015) on all customers of a block at a time, and so learns how much
is spent where something is bought, not whether it is. A customer that it was not fitted on has no p and no bias of
their own.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hm_assets.recommendations.ladder.candidates import in_batches, inner, latest, most_bought, of_some
from hm_assets.recommendations.ladder.factors import amounts
from hm_assets.recommendations.ladder.rung import DEPTH, Known
from hm_assets.recommendations.lists import rows_of
from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Floats, Ints

BLOCK = 500
_MEAN_DECAY, _SQUARE_DECAY = 0.9, 0.999


@dataclass(frozen=True)
class SvdPlusPlus:
    """Settings; called with what is known, they fit. They are usual values, not tuned.

    Attributes
    ----------
    factors, passes, step, penalty
        Of the model and its descent; `penalty` is on the squares of what is learned.
    customers, articles
        It is fitted on at most so many: the customers who bought last, the articles that most bought.
    owned
        Whether what a customer bought before is a candidate.
    """

    factors: int = 16
    passes: int = 10
    step: float = 0.01
    penalty: float = 0.02
    customers: int = 3_000
    articles: int = 5_000
    owned: bool = True

    def __call__(self, known: Known) -> "Fitted":
        """See `Rung`."""
        bought = known.purchases
        columns = most_bought(bought, self.articles)
        spent = amounts(bought)[:, columns].tocsr()
        rows = latest(bought, self.customers)
        learned = spent[rows].tocsr()
        mean = float(learned.data.mean()) if len(learned.data) else 0.0
        of_customers = np.full(spent.shape[0], -1)
        of_customers[rows] = np.arange(len(rows))
        parts = _learned(learned, mean, self, np.random.default_rng(known.seed))
        return Fitted(self, bought, columns, spent, of_customers, mean, parts)


@dataclass(frozen=True)
class Fitted:
    """Amounts, the row of each customer in the factors (-1: not fitted on them), and the factors."""

    settings: SvdPlusPlus
    purchases: Purchases
    columns: Ints
    spent: Any
    row_of: Ints
    mean: float
    parts: dict[str, Floats]

    def scores(self, keys: Ints) -> Any:
        """See `Recommender`."""
        return in_batches(self.purchases, keys, self._scored)

    def _scored(self, rows: Ints) -> Any:
        mine, parts = rows_of(self.spent, rows), self.parts
        place = self.row_of[np.maximum(rows, 0)] if len(self.row_of) else rows
        place = np.where(rows >= 0, place, -1)
        fitted = (place >= 0)[:, None]
        customers = _implied(mine) @ parts["y"]
        if len(parts["p"]):
            customers = customers + np.where(fitted, parts["p"][np.maximum(place, 0)], 0.0)
        # A customer's bias and the mean are the same for all their articles, but keep the scores above 0.
        found = inner(customers, parts["q"]) + parts["article"] + self.mean
        found[np.diff(mine.indptr) == 0] = 0.0
        return of_some(found, self.columns, len(self.purchases.articles), mine, self.settings.owned, DEPTH)


@dataclass
class _Adam:
    """Steps of one matrix, with the running means of its gradient and its square."""

    step: float
    mean: Any = 0.0
    square: Any = 0.0
    taken: int = field(default=0)

    def towards(self, value: Floats, gradient: Floats) -> None:
        """Change `value` in place."""
        self.taken += 1
        self.mean = _MEAN_DECAY * self.mean + (1 - _MEAN_DECAY) * gradient
        self.square = _SQUARE_DECAY * self.square + (1 - _SQUARE_DECAY) * gradient**2
        mean = self.mean / (1 - _MEAN_DECAY**self.taken)
        square = self.square / (1 - _SQUARE_DECAY**self.taken)
        value -= self.step * mean / (np.sqrt(square) + 1e-8)


def _learned(spent: Any, mean: float, settings: SvdPlusPlus, rng: np.random.Generator) -> dict[str, Floats]:
    """Biases (`customer`, `article`) and factors (`p`, `q`, `y`) from amounts (customers x articles, sparse)."""
    customers, articles = spent.shape
    size = settings.factors
    parts = {
        "customer": np.zeros(customers),
        "article": np.zeros(articles),
        **{
            name: rng.normal(0, 0.1, (rows, size))
            for name, rows in (("p", customers), ("q", articles), ("y", articles))
        },
    }
    shared = {name: _Adam(settings.step) for name in ("article", "q", "y")}
    for _ in range(settings.passes):
        for start in range(0, customers, BLOCK):
            _descend(spent[start : start + BLOCK], start, mean, parts, shared, settings)
    return parts


def _descend(
    spent: Any,
    start: int,
    mean: float,
    parts: dict[str, Floats],
    shared: dict[str, _Adam],
    settings: SvdPlusPlus,
) -> None:
    """One step on a block of customers; their own factors move by the mean gradient, the shared ones by Adam."""
    from scipy import sparse

    if not spent.nnz:
        return
    who = slice(start, start + spent.shape[0])
    row, column = np.repeat(np.arange(spent.shape[0]), np.diff(spent.indptr)), spent.indices
    implied = _implied(spent)
    q = parts["q"]
    customers = parts["p"][who] + implied @ parts["y"]
    said = mean + parts["customer"][who][row] + parts["article"][column]
    said += np.einsum("ij,ij->i", customers[row], q[column])
    wrong = sparse.csr_array((said - spent.data, (row, column)), shape=spent.shape)
    count = np.maximum(np.diff(spent.indptr), 1)
    of_customers = wrong @ q
    parts["customer"][who] -= 0.5 * np.asarray(wrong.sum(axis=1)).ravel() / count
    gradients = {
        "article": np.asarray(wrong.sum(axis=0)).ravel() + settings.penalty * parts["article"],
        "q": wrong.T.tocsr() @ customers + settings.penalty * q,
        "y": implied.T.tocsr() @ of_customers + settings.penalty * parts["y"],
    }
    parts["p"][who] -= 0.5 * (of_customers / count[:, None] + settings.penalty * parts["p"][who])
    for name, gradient in gradients.items():
        shared[name].towards(parts[name], gradient)


def _implied(spent: Any) -> Any:
    """What was bought at all, divided by the root of how much that is (customers x articles, sparse)."""
    from scipy import sparse

    per_row = np.sqrt(np.maximum(np.diff(spent.indptr), 1))
    found = spent.copy()
    found.data = np.ones_like(found.data)
    return (sparse.diags_array(1 / per_row) @ found).tocsr()

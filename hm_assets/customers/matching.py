"""The two models of a chained equation: predictive mean matching for ages, multinomial logit for categories.

Both are fitted on a bootstrap of the known rows, which carries the uncertainty of the fit into the draws (the
approximate Bayesian bootstrap of Rubin, 1987, as Hmisc's aregImpute has it), and both can be kept as plain values.

Predictors here are few and discrete, so hundreds of donors share one predicted mean. Two things follow:
donors and recipients are matched on the same coefficients (van Buuren's type 2; with coefficients of their own,
recipients of a large cell land beside a tiny one and share its handful of ages), and of donors that are equally far the
random choice is made anew for each recipient, never once for the cell.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.customers.encoding import Floats, Integers

RIDGE = 1e-5
# Predictions that differ by less are equal: floating point gives equal rows slightly different sums.
SAME = 1e-7


@dataclass(frozen=True)
class MeanMatching:
    """Predictive mean matching (Little, 1988).

    `means` are the distinct predicted means of the donors, ascending; the donors of `means[i]` have the values
    `values[starts[i]:starts[i + 1]]`.
    """

    coefficients: Floats
    means: Floats
    starts: Integers
    values: Integers
    nearest: int

    @classmethod
    def fit(
        cls, predictors: Floats, values: Integers, nearest: int, rng: np.random.Generator
    ) -> "MeanMatching":
        """Fit on a bootstrap of the rows, which are then the donors."""
        rows = rng.integers(len(values), size=len(values))
        x, y = predictors[rows], values[rows]
        square = x.T @ x
        square[np.diag_indices_from(square)] *= 1 + RIDGE
        coefficients = np.asarray(np.linalg.lstsq(square, x.T @ y, rcond=None)[0], dtype=np.float64)
        rounded = np.round(x @ coefficients / SAME).astype(np.int64)
        order = np.lexsort((y, rounded))
        means, starts = np.unique(rounded[order], return_index=True)
        edges = np.append(starts, len(y)).astype(np.int64)
        return cls(coefficients, means.astype(np.float64) * SAME, edges, y[order], min(nearest, len(y)))

    def draw(self, predictors: Floats, rng: np.random.Generator) -> Integers:
        """One value per row: that of a random one of the `nearest` donors, equally far donors in random order."""
        wanted = predictors @ self.coefficients
        sizes = np.diff(self.starts)
        # The nearest donors lie among the nearest groups of equal donors, at most `nearest` to either side.
        position = np.searchsorted(self.means, wanted)
        groups = position[:, None] + np.arange(-self.nearest, self.nearest + 1)
        there = (groups >= 0) & (groups < len(self.means))
        groups = np.clip(groups, 0, len(self.means) - 1)
        distance = np.where(there, np.abs(self.means[groups] - wanted[:, None]), np.inf)
        # Of two groups that are equally far the one that chance puts first.
        order = np.lexsort((rng.random(distance.shape), distance), axis=1)
        groups = np.take_along_axis(groups, order, axis=1)
        reach = np.cumsum(np.where(np.take_along_axis(there, order, axis=1), sizes[groups], 0), axis=1)
        rank = rng.integers(self.nearest, size=len(wanted))
        group = groups[np.arange(len(wanted)), (reach <= rank[:, None]).sum(axis=1)]
        donor: Integers = self.starts[group] + (rng.random(len(wanted)) * sizes[group]).astype(np.int64)
        return np.asarray(self.values[donor])

    def as_json(self) -> dict[str, Any]:
        """As plain values: coefficients and, per predicted mean, how many donors have which value."""
        donors = []
        for i, mean in enumerate(self.means):
            value, count = np.unique(self.values[self.starts[i] : self.starts[i + 1]], return_counts=True)
            donors.append([float(mean), value.tolist(), count.tolist()])
        return {"coefficients": self.coefficients.tolist(), "donors": donors, "nearest": self.nearest}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "MeanMatching":
        """The inverse of `as_json`."""
        values = [np.repeat(v, c).astype(np.int64) for _, v, c in value["donors"]]
        starts = np.cumsum([0, *(len(v) for v in values)]).astype(np.int64)
        means = np.array([mean for mean, _, _ in value["donors"]], dtype=np.float64)
        return cls(np.array(value["coefficients"]), means, starts, np.concatenate(values), value["nearest"])


@dataclass(frozen=True)
class MultinomialLogit:
    """Multinomial logistic regression; `coefficients` is (levels, columns), the intercept being a column."""

    coefficients: Floats
    levels: Integers

    @classmethod
    def fit(
        cls, predictors: Floats, codes: Integers, cells: Integers, rng: np.random.Generator
    ) -> "MultinomialLogit":
        """Fit on a bootstrap of the rows, with scikit-learn's default ridge against perfect prediction.

        Rows with the same `cells` are equal; they enter once, with a weight.
        """
        from sklearn.linear_model import LogisticRegression

        _, first, cell = np.unique(cells, return_index=True, return_inverse=True)
        drawn = np.bincount(cell[rng.integers(len(codes), size=len(codes))], minlength=len(first))
        x, y, weights = predictors[first][drawn > 0], codes[first][drawn > 0], drawn[drawn > 0]
        levels = np.unique(y)
        if len(levels) == 1:
            return cls(np.zeros((1, x.shape[1])), levels)
        model = LogisticRegression(max_iter=300).fit(x[:, 1:], y, sample_weight=weights)
        coefficients = np.column_stack([model.intercept_, model.coef_])
        if len(levels) == 2:
            coefficients = np.vstack([np.zeros_like(coefficients), coefficients])
        return cls(coefficients, levels)

    def draw(self, predictors: Floats, rng: np.random.Generator) -> Integers:
        """One level per row, drawn with its predicted probability."""
        score = predictors @ self.coefficients.T
        # The largest score plus Gumbel noise is a draw from the softmax of the scores.
        return np.asarray(self.levels[np.argmax(score + rng.gumbel(size=score.shape), axis=1)])

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"coefficients": self.coefficients.tolist(), "levels": self.levels.tolist()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "MultinomialLogit":
        """The inverse of `as_json`."""
        return cls(np.array(value["coefficients"]), np.array(value["levels"], dtype=np.int64))

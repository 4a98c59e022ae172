"""MBG/NBD: active customers buy at random, each at her own rate, and after each purchase may leave for good.

Rates of buying are Gamma(r, alpha) over customers, alpha in days; the chance of leaving after a purchase, the first
one included, is Beta(a, b). Batislam, Denizel and Filiztekin (2007), "Empirical validation and comparison of models
for customer base analysis"; Hoppe and Wagner (2007), "The case for a central variant of the betageometric/NBD model".
Because the first purchase may be the last, who bought once may have left, which BG/NBD rules out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hm_assets.forecasts.buyers.fitting import most_likely
from hm_assets.forecasts.buyers.histories import Histories
from hm_assets.forecasts.buyers.maximum_likelihood import Fit, Objective
from hm_assets.segments.space import Floats

SAMPLE = 20_000
NODES, ROWS = 64, 4096
# r, a and b at the start; alpha follows from the mean rate.
STARTS = ((0.5, 0.5, 1.0), (1.0, 1.0, 3.0), (2.0, 0.3, 0.3), (0.3, 2.0, 20.0))


@dataclass(frozen=True)
class MBGNBD:
    """The model with its four parameters."""

    r: float
    alpha: float
    a: float
    b: float

    def log_likelihood(self, histories: Histories) -> Floats:
        """Of each customer's history (n values)."""
        from scipy.special import betaln, gammaln

        x, since = histories.x, histories.T
        bought = gammaln(self.r + x) - gammaln(self.r) - x * np.log(self.alpha + since)
        bought -= self.r * np.log1p(since / self.alpha)
        stayed = betaln(self.a, self.b + x + 1) - betaln(self.a, self.b)
        return np.asarray(bought + stayed + np.logaddexp(0.0, _log_odds(self, histories)))

    def p_alive(self, histories: Histories) -> Floats:
        """P(still active at T) of each customer (n values): below 1 for everybody, and it falls with T."""
        from scipy.special import expit

        return np.asarray(expit(-_log_odds(self, histories)))

    def expected_orders(self, histories: Histories, days: float) -> Floats:
        """Expected days with a purchase in (T, T + days] (n values).

        Of who is active, buys at rate l and leaves with chance p: (1 - e^(-l p days)) / p. The mean over l is closed;
        that over p, which is Beta(a, b + x + 1), is taken on Gauss-Jacobi nodes, which depend on x alone. The closed
        form with a hypergeometric function divides by a - 1 and overflows for many purchases.
        """
        found = np.empty(len(histories))
        ahead = days / (self.alpha + histories.T)
        order = np.argsort(histories.x, kind="stable")
        values, firsts = np.unique(histories.x[order], return_index=True)
        for x, first, end in zip(values, firsts, np.append(firsts, len(order))[1:], strict=True):
            p, weights = _beta_nodes(self.a, self.b + x + 1)
            for start in range(first, end, ROWS):
                some = order[start : min(start + ROWS, end)]
                quiet = (self.r + x) * np.log1p(p * ahead[some, None])
                found[some] = (-np.expm1(-quiet) * (weights / p)).sum(axis=1)
        return np.asarray(self.p_alive(histories) * found)

    def order_probabilities(self, histories: Histories, horizons: Sequence[float]) -> Floats:
        """P(at least one purchase in (T, T + h]), n x horizons, never falling from one horizon to a longer one."""
        ahead = np.log1p(np.array(horizons) / (self.alpha + histories.T)[:, None])
        found = -np.expm1(-(self.r + histories.x)[:, None] * ahead)
        return np.asarray(self.p_alive(histories)[:, None] * found)


def fit_mbg_nbd(histories: Histories) -> tuple[MBGNBD, Fit]:
    """The model that makes these histories most likely.

    Raises
    ------
    TooFewBuyersError
        Nobody came back.
    """

    def starts(rate: float) -> list[tuple[float, ...]]:
        return [(r, r / rate, a, b) for r, a, b in STARTS]

    fit = most_likely(histories, ("r", "alpha", "a", "b"), ("alpha",), starts, _objective, SAMPLE)
    return MBGNBD(*fit.values), fit


def _objective(histories: Histories, counts: Floats) -> Objective:
    from scipy.special import digamma

    x, t_x, since = histories.x, histories.t_x, histories.T
    shares = counts / counts.sum()

    def objective(theta: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = np.exp(theta)
        model = MBGNBD(float(r), float(alpha), float(a), float(b))
        gone = 1 - model.p_alive(histories)
        since_last = np.log((alpha + since) / (alpha + t_x))
        whole = digamma(a + b) - digamma(a + b + x + 1)
        slopes = (
            r * (digamma(r + x) - digamma(r) - np.log1p(since / alpha) + gone * since_last),
            r - alpha * (r + x) * ((1 - gone) / (alpha + since) + gone / (alpha + t_x)),
            a * whole + gone,
            b * (whole + digamma(b + x + 1) - digamma(b) - gone / (b + x)),
        )
        height = model.log_likelihood(histories)
        return float((shares * height).sum()), np.array([(shares * slope).sum() for slope in slopes])

    return objective


def _log_odds(model: MBGNBD, histories: Histories) -> Floats:
    """log(P(gone) / P(active))."""
    quiet = np.log1p((histories.T - histories.t_x) / (model.alpha + histories.t_x))
    return np.asarray(np.log(model.a / (model.b + histories.x)) + (model.r + histories.x) * quiet)


def _beta_nodes(a: float, b: float) -> tuple[Floats, Floats]:
    """Points p and weights that give means over Beta(a, b): exact for polynomials up to degree 2 NODES - 1.

    Golub and Welsch (1969): eigenvalues of the tridiagonal matrix of the Jacobi polynomials' recurrence, and squares of
    the eigenvectors' first parts. These sum to 1 as they are; scipy's `roots_jacobi` scales by 2^(a + b), which
    overflows from 1,000 purchases on.
    """
    from scipy.linalg import eigh_tridiagonal

    left, right = b - 1, a - 1
    k = np.arange(1, NODES)
    both = 2 * k + left + right
    diagonal = np.append((right - left) / (left + right + 2), (right**2 - left**2) / (both * (both + 2)))
    squares = 4 * k * (k + left) * (k + right) / both**2
    # For k = 1 a factor of numerator and denominator is the same, and 0 where a + b = 1.
    squares[0] /= both[0] + 1
    squares[1:] *= (k + left + right)[1:] / ((both + 1) * (both - 1))[1:]
    nodes, vectors = eigh_tridiagonal(diagonal, np.sqrt(squares))
    return np.maximum((1 + nodes) / 2, 1e-12), vectors[0] ** 2

"""Pareto/NBD: active customers buy at random, each at her own rate, and leave at random, each at her own.

Rates of buying are Gamma(r, alpha) over customers, rates of leaving Gamma(s, beta), independent of each other; alpha
and beta are in days. Schmittlein, Morrison and Colombo (1987), "Counting your customers"; likelihood and expectations
as in Fader and Hardie (2005), "A note on deriving the Pareto/NBD model and related expressions". Who is still active
has rates Gamma(r + x, alpha + T) and Gamma(s, beta + T), again independent, so what she does next follows from the
same integral as what she did (Fader, Hardie and Lee 2014, "Deriving the conditional PMF of the Pareto/NBD model").
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hm_assets.forecasts.buyers import decay
from hm_assets.forecasts.buyers.fitting import most_likely
from hm_assets.forecasts.buyers.histories import Histories
from hm_assets.forecasts.buyers.maximum_likelihood import Fit, Objective
from hm_assets.segments.space import Floats

SAMPLE = 10_000
# r and s at the start; alpha and beta follow from the mean rate and age.
STARTS = ((0.5, 0.5), (1.0, 0.1), (2.0, 2.0), (0.3, 10.0))


@dataclass(frozen=True)
class ParetoNBD:
    """The model with its four parameters."""

    r: float
    alpha: float
    s: float
    beta: float

    def log_likelihood(self, histories: Histories) -> Floats:
        """Of each customer's history (n values)."""
        return _log_likelihood(self, histories, self._log_odds_of_gone(histories))

    def p_alive(self, histories: Histories) -> Floats:
        """P(still active at T) of each customer (n values): below 1 after the last purchase, and falling."""
        from scipy.special import expit

        return np.asarray(expit(-self._log_odds_of_gone(histories)))

    def expected_orders(self, histories: Histories, days: float) -> Floats:
        """Expected days with a purchase in (T, T + days] (n values)."""
        rate = (self.r + histories.x) / (self.alpha + histories.T)
        log_grown, power = np.log1p(days / (self.beta + histories.T)), self.s - 1
        # The expected time that she stays active within these days; (1 - e^-cL) / c is L where c = 0.
        shrunk = log_grown if power == 0 else -np.expm1(-power * log_grown) / power
        return np.asarray(self.p_alive(histories) * rate * (self.beta + histories.T) * shrunk)

    def order_probabilities(self, histories: Histories, horizons: Sequence[float]) -> Floats:
        """P(at least one purchase in (T, T + h]), n x horizons, never falling from one horizon to a longer one.

        The density of the next purchase is summed between horizons, so a longer one only adds.
        """
        alive, power = self.p_alive(histories), self.r + histories.x
        found, before, total = np.zeros((len(histories), len(horizons))), 0.0, np.zeros(len(histories))
        for place in np.argsort(horizons, kind="stable"):
            lo, hi = histories.T + before, histories.T + horizons[place]
            waited = (power + 1) * np.log1p(before / (self.alpha + histories.T))
            waited += self.s * np.log1p(before / (self.beta + histories.T))
            inside = decay.integral(self.alpha, power + 1, self.beta, self.s, lo, hi)
            total = total + power / (self.alpha + histories.T) * np.exp(-waited) * inside
            found[:, place], before = alive * np.minimum(total, 1.0), horizons[place]
        return found

    def _log_odds_of_gone(self, histories: Histories) -> Floats:
        power = self.r + histories.x
        inside = decay.integral(self.alpha, power, self.beta, self.s + 1, histories.t_x, histories.T)
        return _log_odds(self, histories, inside)


def fit_pareto_nbd(histories: Histories) -> tuple[ParetoNBD, Fit]:
    """The model that makes these histories most likely.

    Raises
    ------
    TooFewBuyersError
        Nobody came back.
    """

    def starts(rate: float) -> list[tuple[float, ...]]:
        return [(r, r / rate, s, 2 * s) for r, s in STARTS]

    fit = most_likely(histories, ("r", "alpha", "s", "beta"), ("alpha", "beta"), starts, _objective, SAMPLE)
    return ParetoNBD(*fit.values), fit


def _objective(histories: Histories, counts: Floats) -> Objective:
    from scipy.special import digamma

    x, t_x, since = histories.x, histories.t_x, histories.T
    shares = counts / counts.sum()

    def objective(theta: Floats) -> tuple[float, Floats]:
        r, alpha, s, beta = np.exp(theta)
        model = ParetoNBD(float(r), float(alpha), float(s), float(beta))
        found = decay.with_means(alpha, r + x, beta, s + 1, t_x, since)
        odds = _log_odds(model, histories, found.integral)
        gone = np.exp(-np.logaddexp(0.0, -odds))
        log_alpha, log_beta = np.log1p(since / alpha), np.log1p(since / beta)
        since_last = np.log((alpha + since) / (alpha + t_x)), np.log((beta + since) / (beta + t_x))
        slopes = (
            r * (digamma(r + x) - digamma(r) - log_alpha + gone * (since_last[0] - found.log_alpha)),
            r - alpha * (r + x) * ((1 - gone) / (alpha + since) + gone * found.per_alpha),
            s * (gone * (1 / s + since_last[1] - found.log_beta) - log_beta),
            s - beta * (s * (1 - gone) / (beta + since) + gone * (s + 1) * found.per_beta),
        )
        height = _log_likelihood(model, histories, odds)
        return float((shares * height).sum()), np.array([(shares * slope).sum() for slope in slopes])

    return objective


def _log_likelihood(model: ParetoNBD, histories: Histories, log_odds: Floats) -> Floats:
    from scipy.special import gammaln

    x, since = histories.x, histories.T
    bought = gammaln(model.r + x) - gammaln(model.r) - x * np.log(model.alpha + since)
    bought -= model.r * np.log1p(since / model.alpha)
    stayed = -model.s * np.log1p(since / model.beta)
    return np.asarray(bought + stayed + np.logaddexp(0.0, log_odds))


def _log_odds(model: ParetoNBD, histories: Histories, inside: Floats) -> Floats:
    """log(P(gone) / P(active)), given the integral from the last purchase to T."""
    last, since = histories.t_x, histories.T
    quiet = (model.r + histories.x) * np.log1p((since - last) / (model.alpha + last))
    stayed = model.s * np.log1p((since - last) / (model.beta + last))
    with np.errstate(divide="ignore"):
        # Who bought on the last day has had no time to leave: odds of 0.
        return np.asarray(np.log(model.s / (model.beta + last)) + np.log(inside) + quiet + stayed)

"""Gamma-Gamma: what a customer spends on a day with a purchase, given what she spent on the few that were seen.

A day's spend is Gamma(p, n) with a mean of her own, n being Gamma(q, v) over customers, whatever her rate of buying.
Fader and Hardie (2013), "The Gamma-Gamma model of monetary value". Means are of the days after the first one.
"""

from dataclasses import dataclass

import numpy as np

from hm_assets.forecasts.buyers.histories import TooFewBuyersError
from hm_assets.forecasts.buyers.maximum_likelihood import Fit, Objective, Scale, maximise
from hm_assets.segments.space import Bools, Floats
from hm_assets.warehouse.errors import ContractError

# Above it the model's assumption, that spend and rate have nothing to do with each other, is doubtful.
CORRELATED = 0.3
FEWEST = 10
SAMPLE = 20_000
SHAPES, SURPLUS, MONEY = (1e-3, 1e4), (1e-3, 1e4), (1e-4, 1e5)
STARTS = ((1.0, 1.0), (5.0, 3.0), (0.5, 10.0), (20.0, 0.5))


@dataclass(frozen=True)
class GammaGamma:
    """The model with its three parameters; v is in units of money, and q > 1, else the mean would be infinite."""

    p: float
    q: float
    v: float

    @property
    def population_mean(self) -> float:
        """Mean spend of a day with a purchase over customers of whom nothing is known."""
        return self.p * self.v / (self.q - 1)

    def log_likelihood(self, x: Floats, mean: Floats) -> Floats:
        """Of each customer's mean spend over x > 0 days (n values), each above 0."""
        from scipy.special import gammaln

        shape = self.p * x
        bent = gammaln(shape + self.q) - gammaln(shape) - gammaln(self.q)
        spent = np.log(x * mean / self.v)
        return np.asarray(bent + shape * spent - np.log(mean) - (shape + self.q) * np.logaddexp(0.0, spent))

    def expected_spend(self, x: Floats, mean: Floats) -> Floats:
        """Expected mean spend of the customer's days to come (n values): between her own mean and everybody's.

        Parameters
        ----------
        x
            Days with a purchase after the first one.
        mean
            Mean spend on them; ignored (it may be null, that is NaN) where x = 0.
        """
        own = np.where(x > 0, mean, 0.0)
        return np.asarray(self.p * (self.v + x * own) / (self.p * x + self.q - 1))


@dataclass(frozen=True)
class SpendFit:
    """A fit with what speaks against it.

    Attributes
    ----------
    fit
        The parameters with their errors; `customers` counts those that were learned from.
    correlation
        Pearson's, between x and mean spend of these customers.
    without_spend
        Customers who came back and paid nothing: the model has no place for them.
    """

    fit: Fit
    correlation: float
    without_spend: int

    @property
    def warning(self) -> str | None:
        """A sentence where the model's assumption does not hold."""
        if abs(self.correlation) <= CORRELATED:
            return None
        return (
            f"Mean spend and the number of days with a purchase correlate with {self.correlation:.2f}; the Gamma-Gamma "
            f"model takes them as independent (up to {CORRELATED}), so values of customers who come often may be off."
        )


def fit_gamma_gamma(x: Floats, mean: Floats) -> tuple[GammaGamma, SpendFit]:
    """The model that makes these mean spends most likely.

    Parameters
    ----------
    x
        Days with a purchase after the first one (n values); customers with 0 are left out.
    mean
        Mean spend on these days, in any unit: it is counted in units of its own mean inside.

    Raises
    ------
    ContractError
        A mean spend of somebody who came back is negative or missing.
    TooFewBuyersError
        Under ten customers came back and paid something.
    """
    back = x > 0
    wrong: Bools = back & ~(np.isfinite(mean) & (mean >= 0))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise ContractError(
            f"Customer {at} came back on {x[at]:g} days and has a mean spend of {mean[at]:g}: it must be 0 or more."
        )
    paid = back & (mean > 0)
    if paid.sum() < FEWEST:
        raise TooFewBuyersError(
            f"{paid.sum()} customers came back and paid something; what customers spend can be learned from "
            f"{FEWEST} on: add months of transactions."
        )
    order = np.lexsort((mean[paid], x[paid]))
    x, mean = x[paid][order], mean[paid][order]
    unit = float(mean.mean())
    bounds = tuple((float(np.log(low)), float(np.log(high))) for low, high in (SHAPES, SURPLUS, MONEY))
    scale = Scale(("p", "q", "v"), (1.0, 1.0, unit), (0.0, 1.0, 0.0), bounds)
    every = max(1, -(-len(x) // SAMPLE))
    starts = [(p, surplus, surplus / p) for p, surplus in STARTS]
    few = _objective(x[::every], mean[::every] / unit)
    fit = maximise(few, _objective(x, mean / unit), starts, scale, len(x))
    fit = fit.in_other_units(-len(x) * np.log(unit))
    return GammaGamma(*fit.values), SpendFit(fit, _correlation(x, mean), int(back.sum() - paid.sum()))


def _objective(x: Floats, mean: Floats) -> Objective:
    from scipy.special import digamma

    def objective(theta: Floats) -> tuple[float, Floats]:
        p, surplus, v = np.exp(theta)
        q = 1 + surplus
        spent = np.log(x * mean / v)
        whole, grown = digamma(p * x + q), np.logaddexp(0.0, spent)
        own = np.exp(spent - grown)
        slopes = (
            p * x * (whole - digamma(p * x) + spent - grown),
            surplus * (whole - digamma(q) - grown),
            (p * x + q) * own - p * x,
        )
        height = GammaGamma(float(p), float(q), float(v)).log_likelihood(x, mean)
        return float(height.mean()), np.array([slope.mean() for slope in slopes])

    return objective


def _correlation(x: Floats, mean: Floats) -> float:
    """0 where all came back equally often or spent the same."""
    if np.ptp(x) == 0 or np.ptp(mean) == 0:
        return 0.0
    return float(np.corrcoef(x, mean)[0, 1])

"""Parameters that make the data most likely, and how well the data know them.

Each parameter is floor + unit x exp(theta); theta is what is searched, within bounds, so a parameter never becomes
negative, zero or infinite. The search starts from several points on a thinned sample and ends on all customers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from hm_assets.segments.space import Bools, Floats
from hm_assets.warehouse.threads import one_thread

Objective = Callable[[Floats], tuple[float, Floats]]
"""theta -> mean log-likelihood per customer, and its derivatives by theta."""
# Of theta: a step for second derivatives, how near a bound is on it, and how flat is flat.
STEP, ON_BOUND, FLAT = 1e-4, 1e-3, 1e-4
MOST_STEPS = 500


@dataclass(frozen=True)
class Fit:
    """What was learned from `customers` customers.

    Attributes
    ----------
    names, values
        The parameters.
    log_likelihood
        Of all customers, in the units of the data.
    errors
        Standard errors of log(value - floor), from the observed information; infinite where the data do not tell.
    at_bounds
        Parameters that ended on a bound: the data want a simpler model than this one.
    converged
        Whether the likelihood is flat there, bounds aside.
    """

    names: tuple[str, ...]
    values: tuple[float, ...]
    floors: tuple[float, ...]
    errors: tuple[float, ...]
    log_likelihood: float
    customers: int
    at_bounds: tuple[str, ...]
    converged: bool

    def interval(self, name: str, level: float = 0.95) -> tuple[float, float]:
        """Wald's interval on the scale of the logarithm: (floor, infinity) where the data do not tell."""
        place = self.names.index(name)
        floor, error = self.floors[place], self.errors[place]
        if not np.isfinite(error):
            return floor, float("inf")
        # A fit that the data barely hold may have errors past what a float can hold.
        factor = float(np.exp(min(NormalDist().inv_cdf((1 + level) / 2) * error, 700.0)))
        return floor + (self.values[place] - floor) / factor, floor + (self.values[place] - floor) * factor

    def in_other_units(self, added: float) -> "Fit":
        """The same where counting the data in other units adds so much to the log-likelihood."""
        return replace(self, log_likelihood=float(self.log_likelihood + added))


@dataclass(frozen=True)
class Scale:
    """How theta becomes parameters, and how far it may go."""

    names: tuple[str, ...]
    units: tuple[float, ...]
    floors: tuple[float, ...]
    bounds: tuple[tuple[float, float], ...]

    def values(self, theta: Floats) -> tuple[float, ...]:
        """The parameters."""
        found = np.array(self.floors) + np.array(self.units) * np.exp(theta)
        return tuple(float(value) for value in found)


def maximise(
    few: Objective, all_of_them: Objective, starts: Sequence[Sequence[float]], scale: Scale, customers: int
) -> Fit:
    """The fit; `log_likelihood` is in the units that the objective counts in.

    Parameters
    ----------
    few, all_of_them
        The same function on a sample, from each of `starts`, and on all, from the best of these.
    starts
        Values of exp(theta).
    scale
        The parameters.
    customers
        How many there are in all.
    """
    # The steps are of a handful of parameters: several threads wait for each other at every one.
    with one_thread():
        tried = [_climb(few, np.log(start), scale) for start in starts]
        theta, height = _climb(all_of_them, max(tried, key=lambda found: found[1])[0], scale)
    low, high = np.array(scale.bounds).T
    bound = (theta < low + ON_BOUND) | (theta > high - ON_BOUND)
    slope = all_of_them(theta)[1]
    return Fit(
        names=scale.names,
        values=scale.values(theta),
        floors=scale.floors,
        errors=tuple(float(error) for error in _errors(all_of_them, theta, ~bound, customers)),
        log_likelihood=float(height * customers),
        customers=customers,
        at_bounds=tuple(name for name, on in zip(scale.names, bound, strict=True) if on),
        converged=bool((np.abs(slope[~bound]) < FLAT).all()),
    )


def _climb(objective: Objective, start: Floats, scale: Scale) -> tuple[Floats, float]:
    from scipy.optimize import minimize

    def downhill(theta: Floats) -> tuple[float, Floats]:
        height, slope = objective(theta)
        return -height, -slope

    low, high = np.array(scale.bounds).T
    found = minimize(
        downhill,
        np.clip(start, low, high),
        jac=True,
        method="L-BFGS-B",
        bounds=scale.bounds,
        options={"ftol": 1e-14, "gtol": 1e-8, "maxiter": MOST_STEPS},
    )
    return np.asarray(found.x, dtype=np.float64), -float(found.fun)


def _errors(objective: Objective, theta: Floats, free: Bools, customers: int) -> Floats:
    """Standard errors of the free thetas: the root of the inverse of the observed information's diagonal."""
    errors = np.full(len(theta), np.inf)
    steps = STEP * np.eye(len(theta))[free]
    if not len(steps):
        return errors
    slopes = [(objective(theta + step)[1] - objective(theta - step)[1])[free] for step in steps]
    bend = np.array(slopes) / (2 * STEP)
    information = -customers * (bend + bend.T) / 2
    curvatures, axes = np.linalg.eigh(information)
    if curvatures.min() > 1e-9 * curvatures.max():
        errors[free] = np.sqrt((axes**2 / curvatures).sum(axis=1))
    return errors

"""Customers who buy as the models say, with what they do later: the truth that a fit should find."""

from dataclasses import dataclass

import numpy as np

from hm_assets.forecasts.buyers.gamma_gamma import GammaGamma
from hm_assets.forecasts.buyers.histories import Histories
from hm_assets.forecasts.buyers.mbg_nbd import MBGNBD
from hm_assets.forecasts.buyers.pareto_nbd import ParetoNBD
from hm_assets.segments.space import Bools, Floats


@dataclass(frozen=True)
class Simulated:
    histories: Histories
    alive: Bools
    later: Floats
    """Days with a purchase in the `ahead` days after T."""
    first_later: Floats
    """Days from T to the next purchase; infinite where there is none."""


def pareto_nbd(model: ParetoNBD, since: Floats, ahead: float, rng: np.random.Generator) -> Simulated:
    """Customers who first bought `since` days ago."""
    size = len(since)
    rate = rng.gamma(model.r, 1 / model.alpha, size)
    stays = rng.exponential(1 / np.maximum(rng.gamma(model.s, 1 / model.beta, size), 1e-300))
    active = np.minimum(stays, since)
    x = rng.poisson(rate * active)
    # The latest of x moments spread evenly.
    t_x = np.where(x > 0, active * rng.random(size) ** (1 / np.maximum(x, 1)), 0.0)
    alive = stays > since
    left = np.clip(stays - since, 0, ahead)
    later = rng.poisson(rate * left)
    # The earliest of them.
    first = left * (1 - rng.random(size) ** (1 / np.maximum(later, 1)))
    first = np.where(later > 0, first, np.inf)
    return Simulated(Histories(x, t_x, since), alive, later.astype(np.float64), first)


def mbg_nbd(model: MBGNBD, since: Floats, ahead: float, rng: np.random.Generator) -> Simulated:
    """Customers who first bought `since` days ago."""
    size = len(since)
    rate = rng.gamma(model.r, 1 / model.alpha, size)
    # Whoever has a chance below 1e-9 of leaving never leaves here.
    last = rng.geometric(np.clip(rng.beta(model.a, model.b, size), 1e-9, 1.0)) - 1
    wished = rng.poisson(rate * since)
    x = np.minimum(wished, last)
    # The x-th of all that she wished to make.
    t_x = np.where(x > 0, since * rng.beta(np.maximum(x, 1), wished - x + 1), 0.0)
    alive = wished < last
    later_wished = np.where(alive, rng.poisson(rate * ahead), 0)
    later = np.minimum(later_wished, last - x)
    first = ahead * rng.beta(1, np.maximum(later_wished, 1))
    first = np.where(later > 0, first, np.inf)
    return Simulated(Histories(x, t_x, since), alive, later.astype(np.float64), first)


def mean_spend(model: GammaGamma, x: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Per customer the mean over x days (NaN where x = 0), and the true mean of a day."""
    own = rng.gamma(model.q, 1 / model.v, len(x))
    drawn = rng.gamma(model.p * np.maximum(x, 1)) / (own * np.maximum(x, 1))
    return np.where(x > 0, drawn, np.nan), model.p / own


def files_that_begin_in_the_middle(
    model: ParetoNBD, size: int, before: float, window: float, rng: np.random.Generator
) -> tuple[Histories, Floats]:
    """Customers who first bought evenly from `before` days before the files to their end, as the files show them.

    Of who came before, the first purchase inside the files looks like the first ever. Returns the histories of those
    with a purchase in the files, and the day in the files that they were first seen on.
    """
    born = rng.uniform(-before, window, size)
    rate = rng.gamma(model.r, 1 / model.alpha, size)
    stays = rng.exponential(1 / np.maximum(rng.gamma(model.s, 1 / model.beta, size), 1e-300))
    opened, closed = np.maximum(born, 0), np.clip(born + stays, 0, window)
    new, active = born >= 0, np.maximum(closed - opened, 0)
    bought = rng.poisson(rate * active)
    seen = new | (bought > 0)
    early = active * (1 - rng.random(size) ** (1 / np.maximum(bought, 1)))
    first = np.where(new, opened, opened + early)
    x = np.where(new, bought, np.maximum(bought - 1, 0))
    t_x = np.where(x > 0, (closed - first) * rng.random(size) ** (1 / np.maximum(x, 1)), 0.0)
    return Histories(x, t_x, window - first).where(seen), first[seen]

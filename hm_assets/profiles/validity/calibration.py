"""Does a test hold its 5 % where there is nothing: the same test on shuffled labels of segments, many times."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.space import Ints, sample

LEVEL = 0.05
BAND = 0.99


@dataclass(frozen=True)
class Calibrated:
    """Of `runs` shuffles, how many the test rejected at 5 %, and the mean effect that it saw."""

    rejected: int
    runs: int
    effect: float | None

    @property
    def holds(self) -> bool:
        """Whether the rejections lie in the binomial 99 % band around 5 %."""
        low, high = band(self.runs)
        return low <= self.rejected <= high


def band(runs: int) -> tuple[int, int]:
    """How often a test at 5 % may reject in that many runs, in 99 of 100 cases."""
    from scipy.stats import binom

    low, high = binom.interval(BAND, runs, LEVEL)
    return int(low), int(high)


def shuffled(
    groups: Ints, test: Callable[[Ints, Ints], tuple[float, float]], runs: int, most: int, seed: int
) -> Calibrated:
    """Run a test on shuffled labels.

    Parameters
    ----------
    groups
        Segment of each customer (n).
    test
        (positions of some customers, their shuffled segments) -> p-value and effect; `CannotFit` skips a run.
    runs, most
        How often, and on how many customers at most, each time others.
    seed
        Of samples and shuffles.
    """
    rng = np.random.default_rng(seed)
    rejected, effects = 0, []
    for _ in range(runs):
        rows = sample(len(groups), most, rng)
        try:
            p, effect = test(rows, rng.permutation(groups[rows]))
        except CannotFit:
            continue
        rejected += p < LEVEL
        effects.append(effect)
    return Calibrated(rejected, len(effects), float(np.mean(effects)) if effects else None)

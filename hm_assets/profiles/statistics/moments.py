"""Count, mean and variance of each group: all that tests of means need, so that an engine may aggregate first."""

from dataclasses import dataclass

import numpy as np

from hm_assets.profiles.statistics.intervals import Floats
from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.space import Ints

FEWEST = 2


@dataclass(frozen=True)
class Test:
    """A statistic, its degrees of freedom (`df_within` where there are two kinds) and the p-value."""

    statistic: float
    df: float
    p: float
    df_within: float | None = None


@dataclass(frozen=True)
class Moments:
    """Of k groups: how many, their means, and their variances with n - 1 below (0 for a single value)."""

    counts: Floats
    means: Floats
    variances: Floats

    @classmethod
    def of(cls, groups: Ints, values: Floats, k: int) -> "Moments":
        """Of `values` (n, finite) in `groups` (n, from 0 to k - 1), in one pass and a half.

        Raises
        ------
        CannotFit
            A value that is not finite.
        """
        if not np.isfinite(values).all():
            raise CannotFit("a value is not finite; leave out what is unknown")
        counts = np.bincount(groups, minlength=k).astype(np.float64)
        below = np.maximum(counts, 1.0)
        means = np.bincount(groups, values, minlength=k) / below
        squares = np.bincount(groups, (values - means[groups]) ** 2, minlength=k)
        return cls(counts, means, squares / np.maximum(counts - 1, 1.0))

    @property
    def k(self) -> int:
        """Number of groups."""
        return len(self.counts)

    @property
    def n(self) -> float:
        """All values together."""
        return float(self.counts.sum())

    @property
    def mean(self) -> float:
        """Of all values."""
        return float(self.counts @ self.means / max(self.n, 1.0))

    @property
    def between(self) -> float:
        """Sum of squares between the groups."""
        return float(self.counts @ (self.means - self.mean) ** 2)

    @property
    def within(self) -> float:
        """Sum of squares within the groups."""
        return float((self.counts - 1).clip(min=0) @ self.variances)

    def comparable(self) -> None:
        """Whether there is anything to compare.

        Raises
        ------
        CannotFit
            No value, fewer than two groups, a group with fewer than two values, or the same value everywhere.
        """
        if not self.n:
            raise CannotFit("nobody's value is known")
        if self.k < FEWEST:
            raise CannotFit("there is one group, so nobody to be compared with")
        if self.counts.min() < FEWEST:
            raise CannotFit(f"a group has {self.counts.min():.0f} known values; a variance needs two")
        # Squares of rounding errors are no variance.
        scale = float(np.abs(self.means).max()) ** 2 * self.n
        if self.within <= 1e-20 * scale and self.between <= 1e-20 * scale:
            raise CannotFit("everybody has the same value")

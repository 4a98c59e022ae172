"""How large segments will be in the next three months, by three methods that earlier months have put to the test.

- `as_today`: nothing changes.
- `as_last_year`: the same change in customers as a year before over the same months.
- `markov`: each customer goes on as customers of the same segment did in past months. A draw takes a run of
  consecutive past months (moving blocks, Kuensch 1989, Annals of Statistics 17, so that what follows one another in a
  season stays together), its transition matrices and its newcomers, and lets every customer choose; the forecast is the
  mean of the draws, the interval their quantiles. Newcomers are an inflow: who will sign up is not on file yet.

All three are tried from every earlier month with what was known then. How far a method was off at the same distance
from earlier origins (a quantile of the absolute errors over the members of all segments: split conformal prediction,
Vovk 2005) is the interval of the plain ones, and widens that of the Markov chain, which forgets the recency clock and
so knows less than its draws suggest.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hm_assets.segments.space import Floats, Ints

HORIZON = 3
YEAR = 12
# Half a year of matrices: a year of them was further off from earlier months, on the demo, at H&M's scale and on the
# real sample, since older ones say more of how the file filled up. Fewer than three, and there is no run to draw.
MOST_MATRICES, FEWEST_MATRICES = 6, 3
DRAWS = 400
# Origins whose errors an interval needs, and the latest that it takes, each with an error per segment.
FEWEST_ORIGINS, LATEST_ORIGINS = 4, 6
LEVELS = (0.80, 0.95)
METHODS = ("as_today", "as_last_year", "markov")


@dataclass(frozen=True)
class Forecast:
    """Expected sizes of the segments (k) at one distance, with lower and upper ends (levels x k; NaN where unknown)."""

    expected: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Known:
    """What is known of the past at some origin.

    Attributes
    ----------
    sizes
        Members by month and segment with purchases, months x k; the last is the origin.
    pairs
        Customers from segment to segment between them, (months - 1) x (k + 1) x (k + 1), the first row and column of
        those who have not bought.
    """

    sizes: Ints
    pairs: Ints

    @classmethod
    def of(cls, pairs: Ints, first_sizes: Ints) -> "Known":
        """From `past.crossings` and the sizes of the first month, without those of segment 0."""
        return cls(np.vstack([first_sizes[None], pairs.sum(axis=1)[:, 1:]]), pairs)

    @property
    def months(self) -> int:
        """How many months are known."""
        return len(self.sizes)

    def upto(self, origin: int) -> "Known":
        """The same at the end of the month with this position."""
        return Known(self.sizes[: origin + 1], self.pairs[:origin])


def markov(known: Known, seed: int) -> list[Forecast] | None:
    """Forecasts 1 to `HORIZON` months ahead; None where fewer than `FEWEST_MATRICES` months changed into another."""
    pairs = known.pairs[-MOST_MATRICES:]
    if len(pairs) < FEWEST_MATRICES:
        return None
    rng = np.random.default_rng(seed)
    segments = pairs.shape[1]
    leaving = pairs[:, 1:, :].astype(np.float64)
    members = leaving.sum(axis=2, keepdims=True)
    # Nobody was in this segment in that month: its members would have stayed.
    stay = np.eye(segments)[None, 1:, :]
    shares = np.where(members > 0, leaving / np.maximum(members, 1), stay)
    arrivals = pairs[:, 0, 1:]
    starts = rng.integers(len(pairs) - HORIZON + 1, size=DRAWS)
    sizes = np.repeat(known.sizes[-1][None], DRAWS, axis=0)
    found = []
    for step in range(HORIZON):
        drawn = starts + step
        moved = rng.multinomial(sizes, shares[drawn]).sum(axis=1)[:, 1:]
        sizes = moved + rng.poisson(arrivals[drawn])
        ends = [np.quantile(sizes, [(1 - level) / 2, (1 + level) / 2], axis=0) for level in LEVELS]
        found.append(
            Forecast(sizes.mean(axis=0), np.array([e[0] for e in ends]), np.array([e[1] for e in ends]))
        )
    return found


def plain(known: Known, method: str, ahead: int) -> Forecast | None:
    """Sizes by one of the methods that need no model, with unknown ends; None where a year before is not known."""
    expected: Floats = known.sizes[-1].astype(np.float64)
    if method == "as_last_year":
        then = known.months - 1 - YEAR
        if then < 0:
            return None
        expected = np.maximum(expected + known.sizes[then + ahead] - known.sizes[then], 0.0)
    unknown = np.full((len(LEVELS), len(expected)), np.nan)
    return Forecast(expected, unknown, unknown)


@dataclass(frozen=True)
class Tried:
    """A forecast from an earlier origin, and what came."""

    forecast: Forecast
    truth: Floats


def widened(base: Forecast, past: Sequence[Tried]) -> Forecast:
    """The forecast with its ends at least as far apart as its errors so far suggest; as it is with too few of them."""
    if len(past) < FEWEST_ORIGINS:
        return base
    # Over the members of all segments: relative to a segment's own size, one that was just born would widen all.
    off = [np.abs(t.truth - t.forecast.expected) / max(t.forecast.expected.sum(), 1.0) for t in past]
    errors = np.sort(np.concatenate(off))
    # One more than there are: the next error is as likely to fall between any two of the past ones.
    ranks = [min(math.ceil((len(errors) + 1) * level), len(errors)) - 1 for level in LEVELS]
    half = errors[ranks][:, None] * max(base.expected.sum(), 1.0)
    low, high = np.maximum(base.expected - half, 0.0), base.expected + half
    return Forecast(base.expected, np.fmin(base.low, low), np.fmax(base.high, high))

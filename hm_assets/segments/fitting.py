"""The one interface of all algorithms of the lab: fit points with a seed, get a model that places anybody."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from hm_assets.segments.models import Model
from hm_assets.segments.space import Floats, Ints

NOISE = -1
# No crumbs and no catch-all: what a segment may hold of the customers with purchases.
SMALLEST_SHARE, LARGEST_SHARE = 0.05, 0.60


@dataclass(frozen=True)
class Data:
    """What an algorithm learns from: n points x axes and, for supervised ones, what the points did later (n)."""

    points: Floats
    later: Floats | None = None

    def __len__(self) -> int:
        return len(self.points)

    def take(self, rows: Ints) -> "Data":
        """Some of the rows; a row may come twice."""
        return Data(self.points[rows], None if self.later is None else self.later[rows])


@dataclass(frozen=True)
class Fitted:
    """What a fit leaves.

    Attributes
    ----------
    model
        Places anybody. Where the algorithm cannot (a dendrogram, densities), a tree that repeats its labels.
    own
        The labels that the algorithm itself gave to its rows, -1 for noise; None where the model says the same.
    facts
        What only the algorithm knows: inertia, bic, aic, eps, min_samples, gamma, agreement (share of held-out rows on
        which the model repeats the algorithm), ...
    names
        What the algorithm calls its segments, where it does.
    """

    model: Model
    own: Ints | None = None
    facts: Mapping[str, float] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    @property
    def noise_share(self) -> float:
        """Share of the rows that the algorithm itself left out."""
        return 0.0 if self.own is None else float(np.mean(self.own == NOISE))


class CannotFit(ValueError):
    """The data do not allow this number of segments; the message says why, for the table's verdict."""


Fit = Callable[[Data, int, int], Fitted]
"""(data, k, seed) -> Fitted; algorithms that find k themselves are given 0. Raises CannotFit."""

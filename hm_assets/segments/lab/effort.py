"""How much effort goes into the lab at each depth: rows, numbers of segments, resamples."""

from collections.abc import Mapping
from dataclasses import dataclass

from hm_assets.segments.algorithms.catalogue import Algorithm
from hm_assets.segments.measures import quality, stability

# At depth quick the slow ones, and those that only repeat k-means, try these.
FEW_KS = (4, 5, 6)
# What gap and the verdict on structure rest on: it is tried with every k, and most often.
MAIN = ("kmeans", "rfm")


@dataclass(frozen=True)
class Effort:
    """How many rows each part looks at, and how often it is repeated.

    Attributes
    ----------
    depth
        Its name.
    most_customers, most_tastes
        Customers that are read at all (None: all of them), and in the space with a column per taste.
    most_fitted
        The most that any algorithm but the linear ones is fitted on; None: what the catalogue says.
    silhouette_rows, stability_rows, rule_rows
        Rows that silhouettes, resamples and rules look at.
    silhouette_repeats
        Samples of so many rows that a silhouette is the mean of.
    resamples, few_resamples
        Of stability and its null: of k-means, which the gap statistic and the verdict rest on too, and of all others.
    gap_references
        Reference data sets of the gap statistic.
    watched
        Whether the memory of each fit is told. Watching it takes as long as all the fits of a few customers.
    later_months, later_customers
        Past months that later value is measured on, and customers of each.
    """

    depth: str
    most_customers: int | None
    most_tastes: int
    most_fitted: int | None
    silhouette_rows: int
    silhouette_repeats: int
    stability_rows: int
    rule_rows: int
    resamples: stability.Effort
    few_resamples: stability.Effort
    gap_references: int
    watched: bool
    later_months: int
    later_customers: int

    def most_in(self, space: str) -> int | None:
        """The most customers that are read in a space."""
        if space != "taste":
            return self.most_customers
        return min(self.most_tastes, self.most_customers or self.most_tastes)

    def rows_of(self, algorithm: Algorithm) -> int | None:
        """The most rows that an algorithm is fitted on."""
        if algorithm.most_rows is None or self.most_fitted is None:
            return algorithm.most_rows
        return min(algorithm.most_rows, self.most_fitted)

    def resamples_of(self, algorithm: Algorithm) -> stability.Effort:
        """How often an algorithm is fitted anew."""
        return self.resamples if (algorithm.name, algorithm.space) == MAIN else self.few_resamples

    def ks_of(self, algorithm: Algorithm) -> tuple[int, ...]:
        """The numbers of segments that are tried."""
        if self.depth == "full" or (algorithm.name, algorithm.space) == MAIN or len(algorithm.ks) == 1:
            return algorithm.ks
        return tuple(k for k in algorithm.ks if k in FEW_KS)


EFFORTS: Mapping[str, Effort] = {
    "quick": Effort(
        depth="quick",
        most_customers=20_000,
        most_tastes=5_000,
        most_fitted=1_500,
        silhouette_rows=1_000,
        silhouette_repeats=2,
        stability_rows=500,
        rule_rows=2_000,
        resamples=stability.Effort(resamples=8, nulls=19, blobs=1, null_resamples=1),
        few_resamples=stability.Effort(resamples=4, nulls=2, blobs=1, null_resamples=1),
        gap_references=20,
        watched=False,
        later_months=1,
        later_customers=2_000,
    ),
    "full": Effort(
        depth="full",
        most_customers=None,
        most_tastes=100_000,
        most_fitted=None,
        silhouette_rows=2_000,
        silhouette_repeats=quality.REPEATS,
        stability_rows=1_500,
        rule_rows=20_000,
        resamples=stability.FULL,
        few_resamples=stability.Effort(resamples=10, nulls=4, blobs=1, null_resamples=1),
        gap_references=20,
        watched=True,
        later_months=3,
        later_customers=10_000,
    ),
}

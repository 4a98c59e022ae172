"""What the lab tries: every algorithm, in which space, for which numbers of segments and on how many rows."""

from collections.abc import Callable
from dataclasses import dataclass

from hm_assets.segments.algorithms.centres import bisecting_kmeans, kmeans, minibatch_kmeans
from hm_assets.segments.algorithms.consensus import consensus
from hm_assets.segments.algorithms.density import dbscan, hdbscan
from hm_assets.segments.algorithms.distributed import (
    spark_bisecting_kmeans,
    spark_gaussian_mixture,
    spark_kmeans,
    spark_power_iteration,
)
from hm_assets.segments.algorithms.grid import rfm_grid
from hm_assets.segments.algorithms.hierarchical import ward
from hm_assets.segments.algorithms.merging import merged_rfm_grid
from hm_assets.segments.algorithms.mixed import category_axes, k_prototypes
from hm_assets.segments.algorithms.mixture import gaussian_mixture
from hm_assets.segments.algorithms.supervised import supervised_tree
from hm_assets.segments.algorithms.taste import taste_topics
from hm_assets.segments.fitting import Fit
from hm_assets.segments.space import Space

TWO_TO_TEN = tuple(range(2, 11))
THREE_TO_SIX = tuple(range(3, 7))
FINDS_K_ITSELF = (0,)


@dataclass(frozen=True)
class Algorithm:
    """One entry of the lab.

    Attributes
    ----------
    name
        What tables and pages call it.
    fit
        The fit for a space that was learned: most do not care which, k-prototypes needs to know its categories.
    space
        A key of `inputs.SPACES`.
    ks
        The numbers of segments to try; 0 for an algorithm that finds it itself.
    most_rows
        On how many rows it is fitted at depth full; None means all.
    words
        What it is, in a sentence.
    needs_later
        Whether it learns from what customers did later.
    """

    name: str
    fit: Callable[[Space], Fit]
    space: str
    ks: tuple[int, ...]
    most_rows: int | None
    words: str
    needs_later: bool = False


def _any_space(fit: Fit) -> Callable[[Space], Fit]:
    return lambda _: fit


CATALOGUE = (
    Algorithm(
        "kmeans",
        _any_space(kmeans),
        "rfm",
        TWO_TO_TEN,
        None,
        "Groups around typical customers: everybody belongs to the nearest of k averages.",
    ),
    Algorithm(
        "kmeans",
        _any_space(kmeans),
        "rfm_rhythm",
        tuple(range(3, 9)),
        None,
        "k-means that also knows for how long, how much at a time and at what price: do more columns say more?",
    ),
    Algorithm(
        "kmeans",
        _any_space(kmeans),
        "spend_frequency_price",
        (4,),
        None,
        "A reference that others published: total spend, purchase days and spend per item in four groups.",
    ),
    Algorithm(
        "minibatch_kmeans",
        _any_space(minibatch_kmeans),
        "rfm",
        TWO_TO_TEN,
        None,
        "k-means that looks at a few thousand customers at a time: quicker, a little less exact.",
    ),
    Algorithm(
        "bisecting_kmeans",
        _any_space(bisecting_kmeans),
        "rfm",
        TWO_TO_TEN,
        None,
        "k-means that cuts the widest group in two, again and again: its groups nest.",
    ),
    Algorithm(
        "gaussian_mixture",
        _any_space(gaussian_mixture),
        "rfm",
        TWO_TO_TEN,
        200_000,
        "Overlapping clouds of their own size and direction: it says how likely each segment is for each customer.",
    ),
    Algorithm(
        "ward",
        _any_space(ward),
        "rfm",
        TWO_TO_TEN,
        4_000,
        "The two most similar groups merge, step by step: a family tree of customers, cut into k branches.",
    ),
    Algorithm(
        "dbscan",
        _any_space(dbscan),
        "rfm",
        FINDS_K_ITSELF,
        4_000,
        "Crowds of customers with few in between: who is in no crowd is an outlier.",
    ),
    Algorithm(
        "hdbscan",
        _any_space(hdbscan),
        "rfm",
        FINDS_K_ITSELF,
        10_000,
        "Crowds that stand out at whatever density, each at least one customer in twenty.",
    ),
    Algorithm(
        "k_prototypes",
        lambda space: k_prototypes(category_axes(space)),
        "rfm_mixed",
        THREE_TO_SIX,
        10_000,
        "k-means for numbers and categories together: also by channel and favourite department.",
    ),
    Algorithm(
        "temporal",
        _any_space(kmeans),
        "monthly_shape",
        THREE_TO_SIX,
        None,
        "Groups by when in the last twelve months they bought, however much.",
    ),
    Algorithm(
        "taste",
        _any_space(taste_topics),
        "taste",
        (5,),
        5_000,
        "Groups by what they choose: kinds of garments, colours, departments; how much and when say nothing.",
    ),
    Algorithm(
        "rfm_grid",
        _any_space(rfm_grid),
        "rfm",
        FINDS_K_ITSELF,
        None,
        "The classic: fifths of recency, frequency and money, and eleven names for their combinations.",
    ),
    Algorithm(
        "merged_rfm_grid",
        _any_space(merged_rfm_grid),
        "rfm",
        FINDS_K_ITSELF,
        None,
        "The grid with neighbouring names merged until each holds 5-60 %: what stands in where there is no structure.",
    ),
    Algorithm(
        "supervised_tree",
        _any_space(supervised_tree),
        "rfm_rhythm",
        (5, 8),
        None,
        "A few questions, asked because their answers told best what customers of an earlier month did next.",
        needs_later=True,
    ),
    Algorithm(
        "consensus",
        _any_space(consensus),
        "rfm",
        THREE_TO_SIX,
        1_500,
        "What k-means, a mixture, Ward and HDBSCAN agree on, the clearer ones with more weight.",
    ),
)
# Tried where the engine is Spark.
ON_SPARK = (
    Algorithm(
        "spark_kmeans",
        _any_space(spark_kmeans),
        "rfm",
        TWO_TO_TEN,
        None,
        "k-means by Spark ML, fitted on many machines at once.",
    ),
    Algorithm(
        "spark_bisecting_kmeans",
        _any_space(spark_bisecting_kmeans),
        "rfm",
        TWO_TO_TEN,
        None,
        "Bisecting k-means by Spark ML, fitted on many machines at once.",
    ),
    Algorithm(
        "spark_gaussian_mixture",
        _any_space(spark_gaussian_mixture),
        "rfm",
        TWO_TO_TEN,
        None,
        "Overlapping clouds by Spark ML, fitted on many machines at once.",
    ),
    Algorithm(
        "spark_power_iteration",
        _any_space(spark_power_iteration),
        "rfm",
        THREE_TO_SIX,
        4_000,
        "Power iteration clustering by Spark ML: a graph of neighbours is cut where few of them lie.",
    ),
)


# All that a champion may have come from.
EVERY = CATALOGUE + ON_SPARK


def tried_on(engine: str) -> tuple[Algorithm, ...]:
    """What is tried on an engine (`duckdb` or `spark`)."""
    return EVERY if engine == "spark" else CATALOGUE

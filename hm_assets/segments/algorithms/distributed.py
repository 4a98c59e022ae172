"""The same kinds of models as others of the lab, fitted by Spark ML: for more rows than one process wants to fit.

They are tried on the Spark engine only. k-means starts with k-means|| (Bahmani et al. 2012); bisecting k-means is
Steinbach, Karypis and Kumar's (2000), a mixture of Gaussians by expectation maximisation; power iteration clustering
(Lin and Cohen 2010) cuts a graph of neighbours. Spark's own judgement, the silhouette with squared distances of its
ClusteringEvaluator, stands among the facts of each as `evaluator_silhouette`: the lab's measures decide.

Sums over partitions depend on how rows lie in them, so another number of executors may give other last digits.
"""

import contextlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from hm_assets.segments.algorithms.guard import guarded
from hm_assets.segments.algorithms.mixture import LEAST_VARIANCE
from hm_assets.segments.algorithms.propagation import tree_of
from hm_assets.segments.fitting import CannotFit, Data, Fitted
from hm_assets.segments.models import Centres, Gaussians
from hm_assets.segments.space import Floats, Ints

ITERATIONS = 100
# Each iteration of it makes Spark's plan longer, and a hundred overflow the stack of its JVM: Spark's own default.
POWER_ITERATIONS = 20
NEIGHBOURS = 10
POINT, LABEL = "point", "label"


@guarded
def spark_kmeans(data: Data, k: int, seed: int) -> Fitted:
    """Spark's k-means. Facts: `inertia`, `iterations`, `evaluator_silhouette`."""
    with _frame(data.points) as rows:
        from pyspark.ml.clustering import KMeans

        found = KMeans(k=k, seed=seed, maxIter=ITERATIONS, featuresCol=POINT, predictionCol=LABEL).fit(rows)
        facts = {
            "inertia": float(found.summary.trainingCost),
            "iterations": float(found.summary.numIter),
            "evaluator_silhouette": _silhouette(found.transform(rows)),
        }
    return Fitted(_around(found, k), facts=facts)


@guarded
def spark_bisecting_kmeans(data: Data, k: int, seed: int) -> Fitted:
    """Spark's bisecting k-means; everybody goes to the nearest of the centres that the cuts leave.

    Facts: `inertia`, `evaluator_silhouette`.
    """
    with _frame(data.points) as rows:
        from pyspark.ml.clustering import BisectingKMeans

        settings: dict[str, Any] = {"maxIter": ITERATIONS, "featuresCol": POINT, "predictionCol": LABEL}
        found = BisectingKMeans(k=k, seed=seed, **settings).fit(rows)
        facts = {
            "inertia": float(found.summary.trainingCost),
            "evaluator_silhouette": _silhouette(found.transform(rows)),
        }
    return Fitted(_around(found, k), facts=facts)


@guarded
def spark_gaussian_mixture(data: Data, k: int, seed: int) -> Fitted:
    """Spark's mixture of k Gaussians with full covariances, no variance below the least there may be.

    Facts: `log_likelihood`, `iterations`, `evaluator_silhouette`.
    """
    with _frame(data.points) as rows:
        from pyspark.ml.clustering import GaussianMixture

        settings: dict[str, Any] = {"maxIter": ITERATIONS, "featuresCol": POINT, "predictionCol": LABEL}
        found = GaussianMixture(k=k, seed=seed, **settings).fit(_that_ends(rows))
        parts = found.gaussiansDF.collect()
        facts = {
            "log_likelihood": float(found.summary.logLikelihood),
            "iterations": float(found.summary.numIter),
            "evaluator_silhouette": _silhouette(found.transform(rows)),
        }
    means = np.array([part["mean"].toArray() for part in parts])
    precisions = [_precision_factor(part["cov"].toArray()) for part in parts]
    weights = np.maximum(np.array(found.weights), np.finfo(float).tiny)
    return Fitted(Gaussians(weights, means, np.array(precisions)), facts=facts)


@guarded
def spark_power_iteration(data: Data, k: int, seed: int) -> Fitted:
    """Spark's power iteration clustering of the graph of ten nearest neighbours; a tree places the rest.

    Facts: `agreement`, `evaluator_silhouette`.
    """
    session = _session()
    from pyspark.ml.clustering import PowerIterationClustering

    algorithm = PowerIterationClustering(k=k, maxIter=POWER_ITERATIONS, initMode="degree", weightCol="weight")
    found = algorithm.assignClusters(session.createDataFrame(_neighbours(data.points))).toArrow()
    own = np.full(len(data), -1, dtype=np.int64)
    own[found["id"].to_numpy()] = found["cluster"].to_numpy()
    _, own = np.unique(own, return_inverse=True)
    if own.max() + 1 != k:
        raise CannotFit(f"power iteration finds {own.max() + 1} groups, and not {k}")
    model, agreement = tree_of(data.points, own, seed)
    with _frame(data.points, own) as rows:
        silhouette = _silhouette(rows)
    return Fitted(model, own, {"agreement": agreement, "evaluator_silhouette": silhouette})


def _that_ends(rows: Any) -> Any:
    """The rows for a mixture, in a single task where several at once might never end.

    A JVM without a native LAPACK has one translated from Fortran (F2J), which works out its constants at the first
    decomposition, without a lock: of two tasks of one JVM that begin together one may see zeros, and never ends. On
    `local[...]` a small mixture in a single task comes first, in the one JVM that there is; executors of several
    cores cannot be reached one by one.
    """
    session = _session()
    if session.conf.get("spark.master", "").startswith("local"):
        _with_its_constants(session)
        return rows
    return rows if session.conf.get("spark.executor.cores", "") == "1" else rows.coalesce(1)


@cache
def _with_its_constants(session: Any) -> None:
    from pyspark.ml.clustering import GaussianMixture

    with _frame(np.random.default_rng(0).normal(size=(20, 2))) as rows:
        GaussianMixture(k=2, seed=0, maxIter=1, featuresCol=POINT).fit(rows.coalesce(1))


def _session() -> Any:
    """The session of this run.

    Raises
    ------
    CannotFit
        The run is on another engine: a model that was chosen on Spark may be asked for there.
    """
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError:
        found = None
    else:
        found = SparkSession.getActiveSession()
    if found is None:
        raise CannotFit("it is fitted by Spark, and this run is not on it (HM_ENGINE=spark)")
    return found


@contextlib.contextmanager
def _frame(points: Floats, labels: Ints | None = None) -> Iterator[Any]:
    """Points (n x axes) as vectors of Spark, and with labels (n) where they are given; held in memory meanwhile."""
    session = _session()
    from pyspark.ml.functions import array_to_vector
    from pyspark.sql import functions as f

    flat = pa.array(np.ascontiguousarray(points, dtype=np.float64).ravel())
    columns: dict[str, pa.Array] = {
        POINT: pa.FixedSizeListArray.from_arrays(flat, points.shape[1]).cast(pa.list_(pa.float64()))
    }
    if labels is not None:
        columns[LABEL] = pa.array(labels)
    rows = session.createDataFrame(pa.table(columns))
    others = [LABEL] if labels is not None else []
    held = rows.select(array_to_vector(f.col(POINT)).alias(POINT), *others).persist()
    try:
        yield held
    finally:
        held.unpersist()


def _around(found: Any, k: int) -> Centres:
    centres = np.array(found.clusterCenters(), dtype=np.float64)
    if len(np.unique(centres, axis=0)) < k:
        raise CannotFit(f"Spark finds {len(np.unique(centres, axis=0))} different centres, and not {k}")
    return Centres(centres)


def _precision_factor(covariance: Floats) -> Floats:
    """The upper Cholesky factor of the inverse, as `models.Gaussians` wants it."""
    from scipy.linalg import LinAlgError, cholesky, solve_triangular

    axes = len(covariance)
    try:
        lower = cholesky(covariance + LEAST_VARIANCE * np.eye(axes), lower=True)
    except (LinAlgError, ValueError) as error:
        raise CannotFit(f"a group of Spark's mixture has no covariance ({error})") from error
    return np.asarray(solve_triangular(lower, np.eye(axes), lower=True).T)


def _neighbours(points: Floats) -> pa.Table:
    """The edges of the graph: each row with its nearest ones, by how near (at their median distance 1 / e)."""
    from sklearn.neighbors import kneighbors_graph

    graph = kneighbors_graph(points, min(NEIGHBOURS, len(points) - 1), mode="distance")
    # A distance of 0 would be no edge.
    graph.data = np.maximum(graph.data, np.finfo(float).tiny)
    both = graph.maximum(graph.T).tocoo()
    once = both.row < both.col
    distance = both.data[once]
    usual = float(np.median(distance)) or 1.0
    return pa.table(
        {
            "src": both.row[once].astype(np.int64),
            "dst": both.col[once].astype(np.int64),
            "weight": np.exp(-((distance / usual) ** 2)),
        }
    )


def _silhouette(labelled: Any) -> float:
    """Spark's silhouette, which knows none where all rows are in one group."""
    from pyspark.ml.evaluation import ClusteringEvaluator

    if labelled.select(LABEL).distinct().count() < 2:
        raise CannotFit("all customers fall into one group")
    return float(ClusteringEvaluator(featuresCol=POINT, predictionCol=LABEL).evaluate(labelled))

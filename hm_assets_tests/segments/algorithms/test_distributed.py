"""Spark ML's algorithms find planted groups as the others do, and are in the lab of the Spark engine only."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from hm_assets.segments.algorithms import distributed
from hm_assets.segments.algorithms.catalogue import ON_SPARK, tried_on
from hm_assets.segments.fitting import CannotFit, Data
from hm_assets.segments.models import from_json, nearest
from hm_assets.settings import Settings
from hm_assets.warehouse.session import session_of
from hm_assets_tests import spark

FITS = {
    "spark_kmeans": distributed.spark_kmeans,
    "spark_bisecting_kmeans": distributed.spark_bisecting_kmeans,
    "spark_gaussian_mixture": distributed.spark_gaussian_mixture,
    "spark_power_iteration": distributed.spark_power_iteration,
}


@pytest.fixture(scope="module")
def session():
    spark.needed()
    return session_of(Settings(**spark.LEAN))


@pytest.fixture(scope="module")
def planted():
    rng = np.random.default_rng(3)
    centres = np.array([[0.0, 0.0, 0.0], [6.0, 0.0, 1.0], [0.0, 6.0, -1.0]])
    truth = np.repeat([0, 1, 2], [50, 60, 70])
    return Data(centres[truth] + rng.normal(0, 0.5, (180, 3))), truth


@pytest.mark.slow
@pytest.mark.parametrize("name", FITS)
def test_planted_groups_are_found_and_kept_as_json(session, planted, name):
    data, truth = planted
    fitted = FITS[name](data, 3, 42)
    labels = nearest(from_json(fitted.model.as_json()), data.points)
    assert adjusted_rand_score(truth, labels) > 0.97
    assert fitted.facts["evaluator_silhouette"] > 0.9
    assert FITS[name](data, 3, 42).model.as_json() == fitted.model.as_json()
    # The graph that power iteration holds is Spark's own, which lets go of it when its JVM collects garbage.
    assert session._jsparkSession.sharedState().cacheManager().isEmpty(), "what was held in memory is let go"


@pytest.mark.slow
@pytest.mark.parametrize("name", FITS)
def test_what_cannot_be_fitted_says_why(session, name):
    with pytest.raises(CannotFit, match="all customers are alike"):
        FITS[name](Data(np.ones((20, 3))), 3, 42)


def test_they_are_tried_on_spark_only():
    assert {a.name for a in ON_SPARK} == set(FITS)
    assert not {a.name for a in tried_on("duckdb")} & set(FITS)
    assert set(tried_on("spark")) == {*tried_on("duckdb"), *ON_SPARK}


@pytest.mark.slow
def test_customers_who_are_equal_are_neighbours(session):
    points = np.repeat(np.array([[0.0, 0.0], [5.0, 5.0]]), 30, axis=0)
    points[::10] += 0.01
    edges = distributed._neighbours(points)
    assert set(edges["src"].to_pylist()) | set(edges["dst"].to_pylist()) == set(range(60))


@pytest.mark.parametrize("name", FITS)
def test_without_a_session_they_are_refused_and_start_none(name, monkeypatch):
    pytest.importorskip("pyspark")
    monkeypatch.setattr("pyspark.sql.SparkSession.getActiveSession", lambda: None)
    with pytest.raises(CannotFit, match="HM_ENGINE=spark"):
        FITS[name](Data(np.arange(60.0).reshape(20, 3)), 3, 42)


@pytest.mark.parametrize(
    ("master", "cores", "tasks"),
    [("local[2]", "4", 2), ("spark://host:7077", "1", 2), ("spark://host:7077", "4", 1), ("", "", 1)],
)
def test_a_mixture_is_fitted_by_several_tasks_only_where_it_ends(session, monkeypatch, master, cores, tasks):
    asked = {"spark.master": master, "spark.executor.cores": cores}
    elsewhere = SimpleNamespace(conf=SimpleNamespace(get=lambda name, _: asked[name]))
    monkeypatch.setattr(distributed, "_session", lambda: elsewhere)
    monkeypatch.setattr(distributed, "_with_its_constants", lambda _: None)
    assert distributed._that_ends(session.range(10).repartition(2)).rdd.getNumPartitions() == tasks

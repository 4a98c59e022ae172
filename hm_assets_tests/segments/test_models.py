"""A model says the same in numpy, on the engine and after JSON."""

import json

import ibis
import numpy as np
import pytest

from hm_assets.segments.models import Centres, Counts, Gaussians, Tree, confidence, from_json, nearest

POINTS = np.random.default_rng(0).normal(size=(200, 3))
UNITS = np.random.default_rng(0).poisson(2.0, (200, 3)).astype(float)
MODELS = {
    "centres": Centres(np.array([[0.0, 0, 0], [1, -1, 0.5], [-2, 0, 1]])),
    "weighted centres": Centres(np.array([[0.0, 0, 0], [1, -1, 0.5]]), np.array([1.0, 0.0, 0.3])),
    "gaussians": Gaussians(
        np.array([0.7, 0.3]),
        np.array([[0.0, 0, 0], [1, 1, 1]]),
        np.array([np.eye(3), [[2.0, 0.5, 0], [0, 1, -0.3], [0, 0, 0.5]]]),
    ),
    "tree": Tree(
        np.array([0, 2, -1, -1, -1]),
        np.array([0.3, -0.2, 0.0, 0.0, 0.0]),
        np.array([1, 2, -1, -1, -1]),
        np.array([4, 3, -1, -1, -1]),
        np.array([[0.4, 0.6], [0.5, 0.5], [0.9, 0.1], [0.2, 0.8], [0.05, 0.95]]),
    ),
    "counts": Counts(np.array([0.6, 0.4]), np.array([[0.8, 0.1, 0.1], [0.2, 0.2, 0.6]])),
}
each_model = pytest.mark.parametrize("name", MODELS)


def points_for(name: str) -> np.ndarray:
    return UNITS if name == "counts" else POINTS


@each_model
def test_the_engine_computes_the_costs_that_numpy_does(name):
    model, points = MODELS[name], points_for(name)
    table = ibis.memtable({"row": np.arange(len(points)), **dict(zip("xyz", points.T, strict=True))})
    costs = model.expressions([table.x, table.y, table.z])
    assert len(costs) == model.k
    named = {f"cost_{segment}": cost for segment, cost in enumerate(costs)}
    got = table.select("row", **named).order_by("row").to_pyarrow()
    on_engine = np.column_stack([got[column].to_numpy() for column in named])
    assert np.allclose(on_engine, model.costs(points), rtol=1e-12, atol=1e-12)


@each_model
def test_json_keeps_every_digit(name):
    model, points = MODELS[name], points_for(name)
    again = from_json(json.loads(json.dumps(model.as_json())))
    assert type(again) is type(model)
    assert (again.costs(points) == model.costs(points)).all()


@each_model
def test_another_order_of_segments_is_the_same_model(name):
    model, points = MODELS[name], points_for(name)
    order = list(reversed(range(model.k)))
    assert (model.reordered(order).costs(points) == model.costs(points)[:, order]).all()


@each_model
def test_confidence_lies_between_an_even_guess_and_certainty(name):
    model, points = MODELS[name], points_for(name)
    sure = confidence(model, model.costs(points))
    assert (sure >= (1 / model.k if model.probabilities else 0.5) - 1e-12).all()
    assert (sure <= 1).all()


def test_of_equal_costs_the_first_segment_wins():
    assert nearest(Centres(np.array([[1.0], [-1.0]])), np.zeros((1, 1))).tolist() == [0]


def test_a_leafs_memberships_are_the_confidence():
    model = MODELS["tree"]
    at = np.array([[0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
    assert confidence(model, model.costs(at)) == pytest.approx([0.9, 0.95])

"""What holds for every algorithm: planted segments are found, order and seed are all that a result depends on."""

import json

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from hm_assets.segments import inputs
from hm_assets.segments.algorithms.catalogue import CATALOGUE, Algorithm
from hm_assets.segments.fitting import NOISE, CannotFit, Data, Fitted
from hm_assets.segments.models import from_json, nearest
from hm_assets.segments.space import Coordinate, Space
from hm_assets_tests.segments.algorithms import planted

NUMBERS = Space("rfm", tuple(Coordinate(name) for name in inputs.RFM))
MIXED = Space("mixed", (Coordinate("spend"), *(Coordinate("channel", level=level) for level in "abc")))
BY_NAME = {algorithm.name: algorithm for algorithm in CATALOGUE}
each_algorithm = pytest.mark.parametrize("name", BY_NAME)


def case(name: str) -> tuple[Data, np.ndarray]:
    points, truth = {"taste": planted.baskets, "k_prototypes": planted.mixed}.get(name, planted.blobs)()
    if name == "supervised_tree":
        what_happened = planted.later(points)
        return Data(points, what_happened), (what_happened / 10).round().astype(int)
    return Data(points), truth


def fitted(name: str, data: Data, k: int | None = None, seed: int = 42) -> Fitted:
    algorithm = BY_NAME[name]
    fit = algorithm.fit(MIXED if name == "k_prototypes" else NUMBERS)
    wanted = {"supervised_tree": 3}.get(name, 4) if k is None else k
    return fit(data, 0 if algorithm.ks == (0,) else wanted, seed)


def bytes_of(found: Fitted) -> str:
    own = None if found.own is None else found.own.tolist()
    return json.dumps([found.model.as_json(), own, dict(found.facts)])


def test_every_entry_names_a_space_and_only_the_supervised_one_asks_for_the_future():
    assert len({(a.name, a.space) for a in CATALOGUE}) == len(CATALOGUE)
    assert len(BY_NAME) == 14
    assert {algorithm.space for algorithm in CATALOGUE} == set(inputs.SPACES)
    assert [algorithm.name for algorithm in CATALOGUE if algorithm.needs_later] == ["supervised_tree"]


@each_algorithm
def test_planted_segments_are_found(name):
    data, truth = case(name)
    found = fitted(name, data)
    labels = planted.labels_of(found, data)
    if name in ("rfm_grid", "merged_rfm_grid"):  # their cells know nothing of the blobs
        assert adjusted_rand_score(truth, labels) > 0.2
        return
    inside = labels != NOISE
    assert inside.mean() > 0.9
    assert adjusted_rand_score(truth[inside], labels[inside]) > 0.95
    # Whoever was left out is placed too, and those who were not as the algorithm has it.
    assert adjusted_rand_score(truth, nearest(found.model, data.points)) > 0.9


@each_algorithm
def test_the_same_rows_and_seed_give_the_same_bytes_in_whatever_order_the_rows_come(name):
    data, _ = case(name)
    order = np.random.default_rng(1).permutation(len(data))
    one, other = fitted(name, data), fitted(name, data.take(order))
    if one.own is not None:
        assert (one.own[order] == other.own).all()
        one = Fitted(one.model, one.own[order], one.facts)
    assert bytes_of(one) == bytes_of(other)


@each_algorithm
def test_json_keeps_the_model(name):
    data, _ = case(name)
    model = fitted(name, data).model
    again = from_json(json.loads(json.dumps(model.as_json())))
    assert again.as_json() == model.as_json()
    assert (again.costs(data.points) == model.costs(data.points)).all()


@each_algorithm
@pytest.mark.parametrize(
    ("degenerate", "words"),
    [
        (lambda points: points[:0], "no customer"),
        (lambda points: points[:1], "not enough for"),
        (lambda points: np.repeat(points[:1], 50, axis=0), "all customers are alike"),
        (lambda points: np.where(np.arange(len(points))[:, None] == 7, np.nan, points), "must be finite"),
    ],
)
def test_degenerate_rows_are_refused_in_words(name, degenerate, words):
    data, _ = case(name)
    points = degenerate(data.points)
    if name == "merged_rfm_grid" and len(points) in (1, 50):
        found = fitted(name, Data(points))  # it stands in for all others, so it always fits
        assert (found.model.k, found.names) == (1, ("Everybody",))
        return
    with pytest.raises(CannotFit, match=words):
        fitted(name, Data(points, np.zeros(len(points))))


@each_algorithm
def test_few_different_rows_are_refused_or_fitted_and_never_a_stack_trace(name):
    data, _ = case(name)
    for different in (2, 3, 5):
        points = np.repeat(data.points[:different], 20, axis=0)
        try:
            found = fitted(name, Data(points, points[:, 0]))
        except CannotFit as refusal:
            assert len(str(refusal)) > 20
        else:
            assert found.model.k >= (1 if name == "merged_rfm_grid" else 2)
            assert np.isfinite(found.model.costs(points)).all()


@each_algorithm
def test_a_constant_column_changes_nothing(name):
    """Taste has no constant count; k-prototypes and the grid take it as one more number that is the same."""
    data, _ = case(name)
    wide = Data(np.column_stack([data.points, np.zeros(len(data))]), data.later)
    one, other = planted.labels_of(fitted(name, data), data), planted.labels_of(fitted(name, wide), wide)
    assert adjusted_rand_score(one, other) > 0.95


def test_an_algorithm_is_a_plain_value():
    assert isinstance(BY_NAME["kmeans"], Algorithm)
    assert BY_NAME["temporal"].fit(NUMBERS) is BY_NAME["kmeans"].fit(MIXED)

"""The verdict on all candidates at once."""

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.structure import repeat_buyers
from hm_assets.segments.fitting import CannotFit, Data
from hm_assets.segments.inputs import RFM
from hm_assets.segments.measures.structure import family_wise, find_structure, separation, valley
from hm_assets.segments.space import Space
from hm_assets_tests.segments.blobs import blobs, kmeans

CANDIDATES = {f"kmeans {k}": (kmeans, k) for k in (2, 3, 5)}
CROSS = [[0, 0], [7, 0], [-7, 0], [0, 7], [0, -7]]


@pytest.mark.parametrize("centres", [CROSS, [[0, 0], [6, 0], [0, 6]], [[0, 0], [6, 6]]])
def test_groups_are_structure(centres):
    """Also where a copula makes them again, because each column shows them by itself: of groups at corners."""
    found = find_structure(Data(blobs(30, centres)), CANDIDATES, seed=1)
    assert found.found
    assert found.blob.separation > 0.9 > found.blob.null_separation
    assert found.blob.p == 1 / 40
    assert found.words().startswith(f"structure: with {found.blob.candidate} it is ")
    assert found.words("spend").startswith("structure in spend: with ")


def bent(rng, n):
    x = rng.standard_normal((n, 1))
    return np.concatenate([x, x**2 / 2 + 0.5 * rng.standard_normal((n, 1)), np.exp(0.5 * x)], axis=1)


def mostly_two_days(rng, n):
    """Four in five repeat buyers bought on exactly two days; spend follows the days, recency is another thing."""
    days = 1.0 + rng.geometric(0.8, n)
    recency = rng.exponential(120, n).round()
    return dithered(recency, days, 15 * days * np.exp(0.6 * rng.standard_normal(n)), rng)


def capped(rng, n):
    """Nobody can have bought longer ago than the file reaches."""
    days = 2.0 + rng.poisson(3 * np.exp(0.8 * rng.standard_normal(n)))
    recency = np.minimum(rng.exponential(400, n).round(), 700)
    return dithered(recency, days, 15 * days * np.exp(0.5 * rng.standard_normal(n)), rng)


def dithered(recency, days, spend, rng):
    rows = pa.table({"recency_days": recency, "purchase_days": days, "spend": spend})
    return Space.fit("rfm", RFM, rows, 5.0).transform(rows, dither=rng)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "shape",
    [
        bent,
        mostly_two_days,
        capped,
        lambda rng, n: rng.random((n, 3)),
        lambda rng, n: rng.standard_t(3, (n, 3)),
    ],
    ids=["bent", "mostly two days", "capped recency", "uniform", "heavy tails"],
)
def test_a_continuum_is_not_structure_whatever_its_shape(shape, seed):
    data = Data(shape(np.random.default_rng(seed), 400))
    found = find_structure(data, CANDIDATES, seed=seed)
    assert not found.found
    assert found.words().startswith("no structure found")


def test_the_same_seed_gives_the_same_and_names_decide_nothing():
    data = Data(blobs(30, [[0, 0], [2, 0]]))
    first = find_structure(data, CANDIDATES, seed=3)
    again = find_structure(data, {name.upper(): item for name, item in CANDIDATES.items()}, seed=3)
    assert again.words() == first.words().replace("kmeans", "KMEANS")
    assert (again.copula.p, again.blob.p) == (first.copula.p, first.blob.p)


def test_many_candidates_do_not_make_luck_a_finding():
    """Excesses of many independent candidates without any effect: 5 % of the data sets are called structure."""
    rng = np.random.default_rng(0)
    ps = [family_wise(rng.standard_normal((20, 50))) for _ in range(400)]
    assert np.mean(np.array(ps) <= 0.05) == pytest.approx(0.05, abs=0.025)
    shifted = rng.standard_normal((20, 50))
    shifted[0, 7] += 12
    assert family_wise(shifted) == 0.05


def test_a_valley_by_hand():
    """Two groups far apart have nobody in between; two halves of one are densest where they meet."""
    rng = np.random.default_rng(0)
    one = rng.standard_normal((200, 2))
    assert valley(one, one + np.array([9, 0])) > 0.99
    assert valley(one[one[:, 0] < 0], one[one[:, 0] >= 0]) < 0.1
    assert valley(one, one[:4] + 9) == 0  # too few to be a group
    assert valley(one, one) == 0
    assert valley(np.zeros((9, 2)), np.ones((9, 2))) > 0.99


def test_separation_takes_the_shallowest_valley_of_each_segment():
    points = blobs(100, [[0, 0], [9, 0], [9.5, 0]])
    labels = np.repeat([0, 1, 2], 100)
    assert separation(points, labels, 3) == pytest.approx(1 / 3, abs=0.05)
    assert separation(points, np.zeros(300, dtype=int), 1) == 0


def test_what_cannot_be_fitted_is_left_out_and_told():
    def never(data, k, seed):
        raise CannotFit("never")

    data = Data(blobs(40, [[0, 0], [6, 0]]))
    found = find_structure(data, {"never": (never, 2), "kmeans 2": (kmeans, 2)}, seed=0)
    assert (found.left_out, found.blob.candidate) == (("never",), "kmeans 2")
    with pytest.raises(CannotFit, match="no candidate"):
        find_structure(data, {"never": (never, 2)}, seed=0)


def test_equal_customers_are_told():
    with pytest.raises(CannotFit, match="no candidate"):
        find_structure(Data(np.zeros((30, 3))), CANDIDATES, seed=0)


def test_too_few_null_data_sets_are_refused():
    with pytest.raises(ValueError, match="take 39"):
        find_structure(Data(blobs(9, [[0, 0]])), CANDIDATES, seed=0, nulls=19)


@pytest.mark.slow
def test_a_continuum_of_customers_is_called_one_in_19_of_20_seeds():
    """`python -m benchmarks.structure` does so with more spaces, difficulties and candidates."""
    found = [
        find_structure(repeat_buyers("noise", 0.25, seed, "rfm"), CANDIDATES, seed=seed).found
        for seed in range(20)
    ]
    assert sum(found) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("space", ["rfm", "rfm_rhythm"])
def test_the_planted_customers_are_structure(space):
    assert find_structure(repeat_buyers("easy", 0.25, 0, space), CANDIDATES, seed=0).found

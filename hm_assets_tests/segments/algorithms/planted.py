"""Points with a planted truth."""

import numpy as np

from hm_assets.segments.fitting import NOISE, Data, Fitted
from hm_assets.segments.models import nearest
from hm_assets.segments.space import Floats, Ints

CORNERS = np.array([[4.0, 0, 0], [0, 4.0, 0], [0, 0, 4.0], [-3.0, -3.0, -3.0]])


def blobs(each: int = 60, spread: float = 0.5, seed: int = 0, axes: int = 3) -> tuple[Floats, Ints]:
    """Points (4 * each x axes) around four corners, mixed, and whose each is."""
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.repeat(np.arange(len(CORNERS)), each))
    return CORNERS[truth, :axes] + rng.normal(0, spread, (len(truth), axes)), truth


def one_cloud(rows: int = 300, seed: int = 0) -> Floats:
    """Nobody is a segment here."""
    return np.random.default_rng(seed).normal(size=(rows, 3))


def baskets(each: int = 40, seed: int = 0) -> tuple[Floats, Ints]:
    """Units of twelve kinds, bought by customers of four tastes, and whose taste each is."""
    rng = np.random.default_rng(seed)
    shares = np.full((4, 12), 0.01)
    for taste in range(4):
        shares[taste, taste * 3 : taste * 3 + 3] = 0.3
    truth = rng.permutation(np.repeat(np.arange(4), each))
    units = [rng.multinomial(rng.integers(5, 40), shares[taste] / shares[taste].sum()) for taste in truth]
    return np.array(units, dtype=np.float64), truth


def mixed(each: int = 60, seed: int = 0) -> tuple[Floats, Ints]:
    """One number and a category of three levels (axes 1 to 3): two groups by the number, each split by the level."""
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.repeat(np.arange(4), each))
    number = np.where(truth < 2, -1.0, 1.0) + rng.normal(0, 0.05, len(truth))
    level = np.eye(3)[truth % 2 * 2] / np.sqrt(2)
    return np.column_stack([number, level]), truth


def later(points: Floats, seed: int = 0) -> Floats:
    """What happens later depends on the first axis, in three steps."""
    rng = np.random.default_rng(seed)
    return np.digitize(points[:, 0], [-1.0, 2.0]) * 10.0 + rng.normal(0, 0.5, len(points))


def labels_of(found: Fitted, data: Data) -> Ints:
    """The algorithm's own labels, or the model's."""
    return nearest(found.model, data.points) if found.own is None else found.own


def placed(found: Fitted, points: Floats) -> Ints:
    """Where the model puts each point."""
    labels = nearest(found.model, points)
    assert (labels != NOISE).all()
    return labels


def customers(rows: int = 2_000, once: float = 0.0, seed: int = 0) -> Floats:
    """Recency, frequency and money with a rank correlation, skewed; at least this share has bought once."""
    rng = np.random.default_rng(seed)
    loyal = rng.normal(size=rows)
    bought = 1 + rng.poisson(np.exp(0.8 * loyal + 0.5))
    bought[rng.random(rows) < once] = 1
    spent = bought * np.exp(rng.normal(3, 0.6, rows))
    days = np.floor(np.exp(4.5 - 0.7 * loyal + rng.normal(0, 0.7, rows)))
    return np.log1p(np.column_stack([days, bought, spent]))

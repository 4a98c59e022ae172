"""The customers that the lab's pictures show: a few thousand, chosen by their keys, and where models place them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from hm_assets.segments import models
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.inputs import SPACES
from hm_assets.segments.lab.scorecard import RULE_COLUMNS
from hm_assets.segments.page.called import Row
from hm_assets.segments.people import Load, price_per_item
from hm_assets.segments.space import Floats, Ints, Space, stratified

MOST = 2_000
FEW = 1_000


@dataclass(frozen=True)
class Pictured:
    """Customers of the month that the champion was trained on.

    Attributes
    ----------
    champion
        Whose segments are shown.
    rows
        At most `MOST` customers in the order of their behaviour, with every column that a candidate's space reads.
    sizes
        Segment id -> customers, of all customers.
    seed
        Of samples within these.
    """

    champion: Champion
    rows: pa.Table
    sizes: Mapping[int, int]
    seed: int

    @classmethod
    def of(
        cls, load: Load, champion: Champion, candidates: Sequence[Row], sizes: Mapping[int, int], seed: int
    ) -> "Pictured":
        """Read the customers with all columns that the champion, the candidates and the pictures need."""
        spaces = [champion.space, *(stored(row)[0] for row in candidates if row.get("model") is not None)]
        columns = {name for space in spaces for name in space.columns}
        wanted = sorted(columns | {*SPACES["rfm"], *RULE_COLUMNS})
        return cls(champion, load(champion.trained_as_of.replace(day=1), wanted, MOST), dict(sizes), seed)

    @cached_property
    def points(self) -> Floats:
        """In the champion's space (n x axes)."""
        return self.champion.space.transform(self.rows)

    @cached_property
    def segments(self) -> Ints:
        """The id of each one's segment (n)."""
        return np.array(self.champion.ids)[models.nearest(self.champion.model, self.points)]

    @cached_property
    def rfm(self) -> Floats:
        """In the space rfm, learned from these customers (n x 3)."""
        return Space.fit("rfm", SPACES["rfm"], self.rows, price_per_item(self.rows)).transform(self.rows)

    @cached_property
    def few(self) -> Floats:
        """At most `FEW` of them in the space rfm, spread evenly over it: for what grows with the pairs."""
        return self.rfm[stratified(self.rfm, FEW, self.seed)]

    def placed(self, row: Row) -> tuple[Floats, Ints]:
        """Points and labels (0 to k - 1) by a candidate's stored model."""
        space, model = stored(row)
        points = space.transform(self.rows)
        return points, models.nearest(model, points)


def stored(row: Row) -> tuple[Space, models.Model]:
    """Space and model of a candidate that was fitted."""
    value = json.loads(row["model"])
    return Space.from_json(value["space"]), models.from_json(value["model"])


def principal(points: Floats, most: int) -> tuple[Floats, Floats, Floats]:
    """Principal components: coordinates (n x d), shares of the variance (d), loadings (d x axes).

    d is at most `most`, the axes and what has any variance. Signs are such that the largest loading is positive.
    """
    centred = points - points.mean(axis=0)
    _, lengths, directions = np.linalg.svd(centred, full_matrices=False)
    kept = int((lengths[:most] > 1e-9 * max(1.0, float(np.abs(points).max(initial=0.0)))).sum())
    directions = directions[:kept]
    largest = np.abs(directions).argmax(axis=1)
    directions = directions * np.sign(directions[np.arange(kept), largest])[:, None]
    total = float((lengths**2).sum())
    return centred @ directions.T, lengths[:kept] ** 2 / (total or 1.0), directions


def rounded(values: Floats) -> list[float]:
    """As plain numbers with three places, which is more than a screen shows."""
    return [float(v) for v in np.round(values, 3)]

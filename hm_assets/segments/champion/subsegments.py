"""One level down: a large segment is split where its parts are stable and none of them is a splinter.

Inside a segment other differences matter than between segments, so every axis is standardised anew on its members
before k-means (Lloyd 1982, k-means++) looks for two to four parts. It learns from members who bought on at least two
days: "bought once" is a plane of its own in every segment, and a split along it tells nothing new (`structure`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np

from hm_assets.explore.words import percent
from hm_assets.segments.algorithms.centres import kmeans
from hm_assets.segments.fitting import Data
from hm_assets.segments.models import Centres, nearest
from hm_assets.segments.space import Bools, Floats, Ints, sample

LARGE_SHARE = 0.25
ENOUGH_ROWS = 200
SMALLEST_PART = 0.15
STABLE = 0.75
PARTS = (2, 3, 4)
MOST_LEARNED = 20_000

Proof = Callable[[Floats, Sequence[int], int], tuple[Mapping[int, float], bool]]
"""(points, ks, segments) -> the Jaccard of the least stable part by k-means with each k, and whether parts stand apart.

A copula of two humps is cut in two as reliably as two groups are, so stability alone proves nothing (`structure`).
There is one verdict over all k; `segments` is how many of them ask for one, so that many tries make no luck a finding.
"""


@dataclass(frozen=True)
class Parts:
    """The parts of one segment, from the highest mean spend down.

    Attributes
    ----------
    spreads
        Standard deviation of the segment's members along each axis of the champion's space; 1 where it is 0.
    model
        Centres in coordinates divided by `spreads`: an offset is the same for all centres and needs no place.
    """

    spreads: Floats
    model: Centres

    @property
    def centres(self) -> Floats:
        """Parts x axes, in the champion's space."""
        return np.asarray(self.model.centres * self.spreads)

    def place(self, points: Floats) -> Ints:
        """The part (1 to n) of members of the segment, points in the champion's space."""
        return 1 + nearest(self.model, points / self.spreads)

    def expressions(self, point: Sequence[ibis.Value]) -> list[ibis.Value]:
        """The cost of each part for the engine, from the champion's axes: the first of the smallest wins."""
        return self.model.expressions([x / s for x, s in zip(point, self.spreads.tolist(), strict=True)])

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"spreads": self.spreads.tolist(), "centres": self.model.centres.tolist()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Parts":
        """The inverse of `as_json`."""
        return cls(np.array(value["spreads"]), Centres(np.array(value["centres"])))


@dataclass(frozen=True)
class Split:
    """Whether a segment has parts, and why."""

    parts: Parts | None
    reason: str


def subsegments(
    points: Floats,
    dithered: Floats,
    labels: Ints,
    spend: Floats,
    bought_again: Bools,
    proof: Proof,
    seed: int,
) -> dict[int, Split]:
    """Each segment's parts, or why it has none.

    A split into k parts is kept where the smallest holds at least 15 % of the segment, the stability is above 0.75 and
    parts stand apart in this segment; of several the most stable, of equals the fewest parts.

    Parameters
    ----------
    points
        n customers x axes, in the champion's space, sorted by key.
    dithered
        The same to learn from, whole numbers spread over their steps (`Space.transform`).
    labels
        Segment of each; below 0 is none.
    spend
        Of each, in any unit, to number the parts.
    bought_again
        Of each, whether to learn from them.
    proof
        See `Proof`; it gets standardised members who bought again.
    seed
        Of k-means and of the sample of 20,000 that it learns from in larger segments.
    """
    segments, counts = np.unique(labels[labels >= 0], return_counts=True)
    large = int((counts / len(labels) > LARGE_SHARE).sum())
    found = {}
    for segment, count in zip(segments.tolist(), counts.tolist(), strict=True):
        members = labels == segment
        share, again = count / len(labels), members & bought_again
        if share <= LARGE_SHARE:
            only = f"only over {percent(LARGE_SHARE)} is large"
            reason = f"not split: it holds {percent(share)} of the customers, and {only}"
            found[segment] = Split(None, reason)
        elif count < ENOUGH_ROWS:
            reason = f"not split: {count} customers are too few, {ENOUGH_ROWS} are needed"
            found[segment] = Split(None, reason)
        elif again.sum() < ENOUGH_ROWS:
            reason = (
                f"not split: {again.sum()} customers who bought again are too few, {ENOUGH_ROWS} are needed"
            )
            found[segment] = Split(None, reason)
        else:
            found[segment] = _split(points[members], dithered[again], spend[members], large, proof, seed)
    return found


def _split(members: Floats, learned: Floats, spend: Floats, segments: int, proof: Proof, seed: int) -> Split:
    deviations = learned.std(axis=0)
    spreads = np.where(deviations > 1e-12, deviations, 1.0)
    learned = (learned / spreads)[sample(len(learned), MOST_LEARNED, np.random.default_rng(seed))]
    different = len(np.unique(learned, axis=0))
    tried: dict[int, Parts] = {}
    against = []
    for k in PARTS:
        if different < k:
            against.append(f"{k} parts: only {different} different customers")
            continue
        parts = _ordered(Parts(spreads, _centres(learned, k, seed)), members, spend)
        smallest = np.bincount(parts.place(members), minlength=k + 1)[1:].min() / len(members)
        if smallest < SMALLEST_PART:
            against.append(f"{k} parts: the smallest holds {percent(smallest)}")
            continue
        tried[k] = parts
    stability, apart = proof(learned, list(tried), segments) if tried else ({}, False)
    kept = [k for k in tried if apart and stability[k] > STABLE]
    if kept:
        k = min(kept, key=lambda k: (-round(stability[k], 2), k))
        return Split(
            tried[k], f"split in {k} parts: stability {stability[k]:.2f}, and there are gaps between parts"
        )
    for k in tried:
        why = ", but no gap between them" if stability[k] > STABLE else ""
        against.append(f"{k} parts: stability {stability[k]:.2f}{why}")
    return Split(None, "not split: " + "; ".join(against))


def _centres(points: Floats, k: int, seed: int) -> Centres:
    model = kmeans(Data(points), k, seed).model
    assert isinstance(model, Centres)
    return model


def _ordered(parts: Parts, members: Floats, spend: Floats) -> Parts:
    k = parts.model.k
    placed = parts.place(members) - 1
    counts = np.bincount(placed, minlength=k)
    mean = np.bincount(placed, spend, minlength=k) / np.maximum(counts, 1)
    # Parts with the same mean spend go by their centres, whatever k-means called them.
    by_centre = tuple(parts.model.centres.T[::-1])
    return Parts(parts.spreads, parts.model.reordered(np.lexsort((*by_centre, -mean)).tolist()))

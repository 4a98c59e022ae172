"""What can be said of one garment on a day: its size, what it resembles, whom it is for."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.recommendations.launch.by_segment import NOT_PLACED, by_segment
from hm_assets.recommendations.launch.garments import Garments, catalogue
from hm_assets.recommendations.launch.matcher import Matcher
from hm_assets.recommendations.launch.past import launches
from hm_assets.recommendations.launch.shoppers import KNOWN_DAYS, Shoppers, shoppers
from hm_assets.recommendations.launch.size import Resembled, Similar, Size, resembled
from hm_assets.recommendations.purchases import purchases, sampled
from hm_assets.segments.space import Floats, Ints

USUAL = 20
"""Launches that a garment's segments are compared with."""
SAMPLED = 20_000
"""Customers that are enough for the shares of segments."""


@dataclass(frozen=True)
class Told:
    """Of one garment: what it may sell, what it resembles, its segments (`by_segment`), the customers' scores (n)."""

    size: Size | None
    similar: Similar
    segments: list[dict[str, Any]]
    scores: Floats


@dataclass(frozen=True)
class Ground:
    """What is known on a day.

    Attributes
    ----------
    known
        The customers that can be ranked.
    past
        The launches of the last 18 months whose first month is over.
    segments
        Of each ranked customer, `NOT_PLACED` for none (n).
    members
        Customers with a purchase of each segment.
    """

    as_of: dt.date
    range: Garments
    known: Shoppers
    past: Resembled
    segments: Ints
    members: Mapping[int, int]

    def usual_shares(self, matcher: Matcher) -> dict[int, float]:
        """Mean share of the expected buyers of the latest launches, by segment; empty without any.

        A sample of customers is enough for it.
        """
        latest = np.lexsort((self.past.launches.article, -self.past.launches.first_day.astype(np.int64)))[
            :USUAL
        ]
        step = max(1, len(self.known.keys) // SAMPLED)
        known, segments = self.known.every(step), self.segments[::step]
        shares: dict[int, float] = dict.fromkeys(self.members, 0.0) if len(latest) else {}
        for row in latest:
            scores = matcher.scores(known, self.past.garments.vectors[row], self.past.garments.codes[row])
            for segment in shares:
                shares[segment] += float(scores[segments == segment].sum() / scores.sum()) / len(latest)
        return shares

    def tell(
        self,
        matcher: Matcher,
        vector: Floats,
        codes: Ints,
        usual: Mapping[int, float],
        price: float | None = None,
    ) -> Told:
        """Of a garment with this text and these attributes (see `Garments`), at a price in the price index.

        `usual` are the `usual_shares` of the same model.
        """
        similar = self.past.similar(vector, codes)
        scores = matcher.scores(self.known, vector, codes, price)
        found = by_segment(
            scores,
            self.segments,
            usual,
            self.members,
            self.past.launches.buyers[similar.rows],
            similar.weights,
            matcher.known_share,
        )
        return Told(self.past.size(similar), similar, found, scores)


def ground(
    lines: ibis.Table,
    articles: pa.Table,
    embeddings: pa.Table,
    placed: pa.Table | None,
    as_of: dt.date,
    most: int | None = None,
) -> Ground:
    """Read it.

    Parameters
    ----------
    lines
        `raw/transactions` of the months up to that of `as_of`, the first one among them.
    articles, embeddings
        `articles/articles` and `articles/embeddings`.
    placed
        `customer_key` and `segment_id` of the month; None where there are no segments.
    as_of
        Nothing later is read.
    most
        Rank so many customers at most; all if None.
    """
    range_ = catalogue(articles, embeddings)
    bought = purchases(lines if most is None else sampled(lines, as_of, most), as_of, KNOWN_DAYS)
    known = shoppers(bought, range_)
    segments, members = np.full(len(known.keys), NOT_PLACED), {}
    if placed is not None and placed.num_rows:
        placed = placed.sort_by("customer_key")
        keys, ids = placed["customer_key"].to_numpy(), placed["segment_id"].to_numpy().astype(np.int64)
        found = np.minimum(np.searchsorted(keys, known.keys), len(keys) - 1)
        segments = np.where(keys[found] == known.keys, ids[found], NOT_PLACED)
        different, counts = np.unique(ids, return_counts=True)
        members = dict(zip(different.tolist(), counts.tolist(), strict=True))
    return Ground(as_of, range_, known, resembled(launches(lines, as_of), range_, as_of), segments, members)

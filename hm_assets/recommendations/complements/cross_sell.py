"""What a segment buys less of than other customers who have as much: product types to offer it.

For a rule "trousers, so tops", of the segment's customers with trousers how many have tops, and how many have of all
others with trousers and with as many product types in all. Without the last condition a segment of new customers lacks
everything; with it, customers who take their types by chance have no gap, however eager each is. The gap is Mantel and
Haenszel's common difference of two shares over strata of breadth (Greenland and Robins 1985), its variance that of
equal shares; false discoveries are held over all segments and rules together. A gap says where there is room, and not
that an offer fills it: that is for an experiment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.profiles.fairness.privacy import K
from hm_assets.recommendations.complements.rules import FALSE_DISCOVERIES, Rules, Z, benjamini_hochberg
from hm_assets.segments.space import Ints

BREADTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 30)
"""The first number of each class of product types that a customer has, of all types."""
LISTED = 12


@dataclass(frozen=True)
class Holdings:
    """What n customers have: the customers of each product type (positions, ascending), and how many types each has."""

    customers: tuple[Ints, ...]
    breadth: Ints
    segment: Ints

    @property
    def sizes(self) -> dict[int, int]:
        """Customers of each segment."""
        segments, counts = np.unique(self.segment, return_counts=True)
        return dict(zip(segments.tolist(), counts.tolist(), strict=True))


def holdings(customer: Ints, product_type: Ints, types: int, segment: Ints) -> Holdings:
    """Of pairs of a customer (position) and a product type, each once; `segment` of every customer (n)."""
    order = np.lexsort((customer, product_type))
    ends = np.cumsum(np.bincount(product_type, minlength=types))
    return Holdings(
        tuple(np.split(customer[order], ends[:-1])),
        np.bincount(customer, minlength=len(segment)).astype(np.int64),
        segment,
    )


def gaps(rules: Rules, have: Holdings, withheld: Iterable[int]) -> tuple[list[dict[str, Any]], int]:
    """What each segment lacks most, and how many gaps were tested.

    Parameters
    ----------
    rules
        Of product types (positions).
    have
        What customers with a segment have.
    withheld
        Segments of few customers: nothing is said of them, and they count among the others.

    Returns
    -------
    list of dict, int
        At most twelve a segment, those that most customers miss first, each product type once: `segment_id`, `rank`,
        `have`, `lack`, `customers` (of the segment, with `have`), `share`, `share_of_others`, `gap`, `low`, `high`,
        `p_adjusted`, `missing` (customers). Product types are positions.
    """
    segments, number = np.unique(have.segment, return_inverse=True)
    hidden = set(withheld)
    found: list[dict[str, Any]] = [
        {"segment_id": int(segments[i]), "have": int(a), "lack": int(b), **gap}
        for a, b in zip(rules.antecedent, rules.consequent, strict=True)
        for i, gap in _of_rule(have, number, len(segments), int(a), int(b))
        if int(segments[i]) not in hidden
    ]
    adjusted = benjamini_hochberg(np.array([row.pop("p") for row in found]), len(found))
    for row, p in zip(found, adjusted, strict=True):
        row["p_adjusted"] = float(p)
    return _listed(found), len(found)


def _of_rule(
    have: Holdings, number: Ints, segments: int, a: int, b: int
) -> Iterable[tuple[int, Mapping[str, float]]]:
    """The gap of each segment with customers enough, by its number."""
    who = have.customers[a]
    also = np.zeros(len(number), dtype=bool)
    also[have.customers[b]] = True
    stratum = np.searchsorted(BREADTHS, have.breadth[who], side="right") - 1
    cell = number[who] * len(BREADTHS) + stratum
    shape = (segments, len(BREADTHS))
    n = np.bincount(cell, minlength=segments * len(BREADTHS)).reshape(shape).astype(np.float64)
    x = np.bincount(cell, also[who], minlength=segments * len(BREADTHS)).reshape(shape)
    for i in range(segments):
        others, theirs = n.sum(axis=0) - n[i], x.sum(axis=0) - x[i]
        both = (n[i] > 0) & (others > 0)
        # Who has nobody to be compared with is not told of, so does not count here either.
        if n[i][both].sum() < K or others[both].sum() < K:
            continue
        yield i, _gap(n[i][both], x[i][both], others[both], theirs[both])


def _gap(n: Any, x: Any, others: Any, theirs: Any) -> dict[str, float]:
    """Of strata with customers on both sides: shares at the segment's strata weights, their difference, and its p."""
    from scipy.special import ndtr

    weight = n * others / (n + others)
    weight = weight / weight.sum()
    gap = float((weight * (x / n - theirs / others)).sum())
    pooled = (x + theirs) / (n + others)
    error = float(np.sqrt((weight**2 * pooled * (1 - pooled) * (1 / n + 1 / others)).sum()))
    share = float((weight * x / n).sum())
    return {
        "customers": int(n.sum()),
        "share": share,
        "share_of_others": share - gap,
        "gap": gap,
        "low": gap - Z * error,
        "high": gap + Z * error,
        "missing": -gap * float(n.sum()),
        "p": float(2 * ndtr(-abs(gap) / error)) if error > 0 else 1.0,
    }


def _listed(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    clear = [row for row in found if row["p_adjusted"] <= FALSE_DISCOVERIES and row["gap"] < 0]
    clear.sort(key=lambda row: (row["segment_id"], -row["missing"], row["have"], row["lack"]))
    listed: dict[int, dict[int, dict[str, Any]]] = {}
    for row in clear:
        mine = listed.setdefault(row["segment_id"], {})
        if row["lack"] not in mine and len(mine) < LISTED:
            mine[row["lack"]] = row | {"rank": len(mine) + 1}
    return [row for mine in listed.values() for row in mine.values()]

"""Why a customer stands on a garment's list, in words that are counted in their own purchases of the last year."""

from collections.abc import Mapping, Sequence

import numpy as np

from hm_assets.recommendations.launch.garments import ATTRIBUTES, UNKNOWN
from hm_assets.recommendations.launch.shoppers import KNOWN_DAYS, Shoppers
from hm_assets.recommendations.purchases import Positions
from hm_assets.segments.space import Bools, Floats, Ints

SIMILAR = 0.5
"""Cosine of two texts from which they are called similar."""
BY = ("product_type_name", "department_name", "section_name", "product_group_name", "index_name")
"""The first of these that was bought is named, the narrowest first."""


def reasons(
    known: Shoppers, rows: Ints, vector: Floats, codes: Ints, names: Mapping[int, str | None]
) -> list[str]:
    """A sentence for each of these customers (positions).

    Parameters
    ----------
    vector, codes
        Of the garment.
    names
        Name of an article by key.
    """
    bought, matches = known.purchases, known.garments.matches(codes)
    text = known.garments.in_text(vector)
    starts = np.searchsorted(bought.customer, rows)
    ends = np.searchsorted(bought.customer, rows, side="right")
    said = []
    for row, start, end in zip(rows, starts, ends, strict=True):
        mine = np.arange(start, end)
        articles, units, spend = bought.article[mine], bought.units[mine], bought.spend[mine]
        parts = _counted(known, codes, matches[articles], units, spend)
        nearest = int(articles[np.lexsort((articles, -text[articles]))[0]])
        name = names.get(int(bought.articles[nearest]))
        if name is not None and text[nearest] >= SIMILAR:
            parts.append(f"bought {name}, whose text is similar ({text[nearest]:.2f})")
        ago = int(known.recency[row])
        when = "on" if ago == 0 else f"{ago} day{'s' * (ago != 1)} before"
        parts.append(f"last bought anything {when} {bought.as_of}")
        said.append("; ".join(parts))
    return said


def _counted(known: Shoppers, codes: Ints, shared: Bools, units: Positions, spend: Floats) -> list[str]:
    """The narrowest category of the garment that the customer bought from: units, and price paid on average."""
    columns: Sequence[str] = list(ATTRIBUTES)
    for name in BY:
        place = columns.index(name)
        of_it = shared[:, place]
        if codes[place] == UNKNOWN or not of_it.any():
            continue
        count, paid = int(units[of_it].sum()), float(spend[of_it].sum())
        called = f"{ATTRIBUTES[name]} {known.garments.levels.names[name][codes[place]]}"
        return [
            f"bought {count} of {called} in {KNOWN_DAYS} days, at {paid / count:.4f} on average (price index)"
        ]
    return []

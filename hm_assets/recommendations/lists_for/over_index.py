"""What a segment buys more of than everybody does: shrunken lifts with intervals, and which are no chance finding.

A buyer counts once per article, so a lift is about customers and not about one who bought ten. Of the N buyers of an
article x are in a segment that makes up a share s of all purchases: N s are expected. The lifts of all articles and
segments are taken as gamma distributed around 1, with a spread that is fitted to them; given x, an article's own is
again gamma distributed (the gamma-Poisson model: DuMouchel 1999, The American Statistician 53, with one gamma and not
two). An article with few buyers is drawn to 1, at most as strongly as ten expected buyers who bought as expected would.
"""

from dataclasses import dataclass

import numpy as np

from hm_assets.segments.space import Bools, Floats, Ints

FALSE_DISCOVERIES = 0.05
LEVEL = 0.95
FEWEST_BUYERS = 5
"""Buyers in a segment for an article to stand on its list: no list tells of one customer."""
STRONGEST, WEAKEST = 10.0, 0.05
"""Expected buyers that the prior counts for. Where nearly all articles are bought alike, the likeliest prior counts for
thousands, and would draw the few that do stand out to 1 as well."""


@dataclass(frozen=True)
class Lifts:
    """Lifts (segments x articles): mean of the gamma, ends of its 95 % interval, adjusted p, whether it is listed."""

    lift: Floats
    low: Floats
    high: Floats
    p_adjusted: Floats
    listed: Bools


def lifts(bought: Ints, wanted: Bools) -> Lifts:
    """Compare segments with everybody.

    Parameters
    ----------
    bought
        Buyers by segment and article (segments x articles).
    wanted
        Articles that may be listed (articles); only these are tested, and all count as purchases.

    Returns
    -------
    Lifts
        Of the wanted articles, in their order (segments x wanted). None is listed where there is one segment only.
    """
    from scipy import stats

    counts = bought[:, wanted].astype(np.float64)
    of_article = counts.sum(axis=0)
    share = (bought.sum(axis=1) / max(bought.sum(), 1))[:, None]
    expected = share * of_article
    shape = _shape(counts[expected > 0], expected[expected > 0])
    after, rate = shape + counts, shape + expected
    tail = (1 - LEVEL) / 2
    # Given who bought it in all, the buyers in a segment are drawn by its share of purchases.
    p = stats.binom.sf(counts - 1, of_article, share)
    adjusted = stats.false_discovery_control(p, axis=None).reshape(p.shape) if p.size else p
    low = stats.gamma.ppf(tail, after, scale=1 / rate)
    listed = (low > 1) & (adjusted <= FALSE_DISCOVERIES) & (counts >= FEWEST_BUYERS) & (share < 1)
    return Lifts(after / rate, low, stats.gamma.ppf(1 - tail, after, scale=1 / rate), adjusted, listed)


def ranked(found: Lifts, segment: int, most: int) -> Ints:
    """Listed articles of a segment by the lower end of their interval, highest first; equal ones in their order."""
    places = np.flatnonzero(found.listed[segment])
    return places[np.lexsort((places, -found.low[segment, places]))][:most]


def jaccard(lists: list[set[int]]) -> float | None:
    """Mean over pairs of lists of what both hold over what either holds; None where there is no pair."""
    pairs = [(one, other) for i, one in enumerate(lists) for other in lists[i + 1 :] if one or other]
    return float(np.mean([len(one & other) / len(one | other) for one, other in pairs])) if pairs else None


def _shape(counts: Floats, expected: Floats) -> float:
    """Shape and rate of the gamma of lifts around 1 under which these counts are likeliest (negative binomial)."""
    from scipy import optimize, stats

    if not len(counts):
        return STRONGEST

    def cost(log_shape: float) -> float:
        shape = np.exp(log_shape)
        return -float(stats.nbinom.logpmf(counts, shape, shape / (shape + expected)).sum())

    bounds = (np.log(WEAKEST), np.log(STRONGEST))
    return float(np.exp(optimize.minimize_scalar(cost, bounds=bounds, method="bounded").x))

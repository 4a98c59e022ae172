"""The distribution of the studentised range, for many values at once.

scipy integrates adaptively: 10 ms a probability and 150 ms a quantile, and a ladder asks for thousands. The integrands
are smooth, so that fixed Gauss-Legendre nodes give the same to 1e-10. Below five degrees of freedom, where a few
nodes do not follow the chi distribution's long shoulder, it is scipy that answers.
"""

from functools import cache

import numpy as np

from hm_assets.profiles.statistics.intervals import Floats

FEWEST_DF = 5.0
# From here on the chi distribution is a point, to the digits that matter.
MOST_DF = 1e5
NORMAL_NODES, CHI_NODES = 96, 48
FAR = 8.0
TAIL = 1e-15


def sf(q: Floats, k: int, df: Floats) -> Floats:
    """The chance that the range of k normal values, over an independent s with `df` (m), is above `q` (m)."""
    from scipy.stats import studentized_range

    few = df < FEWEST_DF
    found = np.empty(len(q))
    for df_of_several in np.unique(df[~few]):
        places = df == df_of_several
        found[places] = _sf(q[places], k, float(df_of_several))
    if few.any():
        found[few] = studentized_range.sf(q[few], k, df[few])
    return np.clip(found, 0.0, 1.0)


def quantile(level: float, k: int, df: Floats) -> Floats:
    """The value that the studentised range stays below with chance `level`, for each of `df` (m)."""
    from scipy.optimize import root_scalar
    from scipy.stats import studentized_range

    found = {}
    for each in np.unique(df).tolist():
        if each < FEWEST_DF:
            found[each] = float(studentized_range.ppf(level, k, each))
            continue

        def missed(q: float, each: float = each) -> float:
            return float(_sf(np.array([q]), k, each)[0]) - (1 - level)

        found[each] = float(root_scalar(missed, bracket=(0.0, 60.0), xtol=1e-9).root)
    return np.array([found[each] for each in df.tolist()])


def _sf(q: Floats, k: int, df: float) -> Floats:
    from scipy.special import gammaincinv, gammaln

    if df > MOST_DF:
        return 1 - _of_known_spread(q, k)
    nodes, weights = _nodes(CHI_NODES)
    low, high = np.sqrt(2 * gammaincinv(df / 2, np.array([TAIL, 1 - TAIL])) / df)
    spreads = (nodes + 1) / 2 * (high - low) + low
    # The density of the root of a chi-square over its degrees of freedom.
    logs = (
        np.log(2)
        + df / 2 * np.log(df / 2)
        - gammaln(df / 2)
        + (df - 1) * np.log(spreads)
        - df * spreads**2 / 2
    )
    inner = _of_known_spread(np.multiply.outer(q, spreads).ravel(), k).reshape(len(q), len(spreads))
    return np.asarray(1 - (inner * (np.exp(logs) * weights * (high - low) / 2)).sum(axis=1))


def _of_known_spread(x: Floats, k: int) -> Floats:
    """The chance that k standard normal values lie within `x` (m) of each other."""
    from scipy.special import ndtr

    nodes, weights = _nodes(NORMAL_NODES)
    z = FAR * nodes
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * weights * FAR
    others = ndtr(z)[None, :] - ndtr(z[None, :] - x[:, None])
    return np.asarray(k * (others ** (k - 1) * density).sum(axis=1))


@cache
def _nodes(number: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on (-1, 1): finding them takes longer than using them."""
    nodes, weights = np.polynomial.legendre.leggauss(number)
    return nodes, weights

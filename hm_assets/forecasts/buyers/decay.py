"""The one integral that the Pareto/NBD model is made of.

J = integral over u from lo to hi of ((alpha + lo) / (alpha + u))^a ((beta + lo) / (beta + u))^b

It is what the literature writes as a difference of two Gaussian hypergeometric functions (Fader and Hardie 2005, "A
note on deriving the Pareto/NBD model", equations 19 and 20). That difference overflows for customers with many
purchases, and of two nearly equal terms it keeps few digits. Here a smooth positive function is summed on nodes of
Gauss and Legendre instead: nothing can overflow or cancel, whatever the parameters. It is taken over w = log(m + u),
m being the smaller of alpha and beta, where it is analytic within pi of the real line, and no farther than it
matters. It is right to 1e-9 of itself.
"""

import math
from typing import NamedTuple

import numpy as np

from hm_assets.segments.space import Floats

NODES = 24
ROWS = 4096
# What lies beyond is less than e^-37 of the integral: less than the last bit of a float.
NATS = 37.0
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(NODES)
POINTS, WEIGHTS = (_POINTS + 1) / 2, _WEIGHTS / 2


class Decay(NamedTuple):
    """J, and means over u with the integrand as weights (0 where lo = hi): n values each.

    `log_alpha` is the mean of log((alpha + u) / (alpha + lo)), `per_alpha` that of 1 / (alpha + u); likewise for beta.
    """

    integral: Floats
    log_alpha: Floats
    per_alpha: Floats
    log_beta: Floats
    per_beta: Floats


def integral(alpha: float, a: Floats, beta: float, b: float, lo: Floats, hi: Floats) -> Floats:
    """J for each of n customers, in the unit of time; for a > 0, b > 0 and 0 <= lo <= hi (n values each)."""
    found = np.empty(len(lo))
    for start in range(0, len(lo), ROWS):
        rows = slice(start, start + ROWS)
        found[rows] = _on_nodes(alpha, a[rows], beta, b, lo[rows], hi[rows])[0].sum(axis=1)
    return found


def with_means(alpha: float, a: Floats, beta: float, b: float, lo: Floats, hi: Floats) -> Decay:
    """The same with what its derivatives need."""
    found = np.zeros((5, len(lo)))
    for start in range(0, len(lo), ROWS):
        rows = slice(start, start + ROWS)
        parts, log_alpha, log_beta, passed = _on_nodes(alpha, a[rows], beta, b, lo[rows], hi[rows])
        whole = parts.sum(axis=1)
        shares = parts / np.where(whole > 0, whole, 1.0)[:, None]
        u = lo[rows, None] + passed
        found[0, rows] = whole
        found[1, rows] = (shares * log_alpha).sum(axis=1)
        found[2, rows] = (shares / (alpha + u)).sum(axis=1)
        found[3, rows] = (shares * log_beta).sum(axis=1)
        found[4, rows] = (shares / (beta + u)).sum(axis=1)
    return Decay(*found)


def _on_nodes(
    alpha: float, a: Floats, beta: float, b: float, lo: Floats, hi: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Per node (n x NODES): its part of J, the two logarithms, and u - lo."""
    reach = np.minimum(hi - lo, (alpha + lo) * _far_enough(a))
    reach = np.minimum(reach, (beta + lo) * _far_enough(np.array(b)))
    near = min(alpha, beta) + lo
    width = np.log1p(reach / near)
    w = width[:, None] * POINTS
    passed = near[:, None] * (np.exp(w) - 1)
    far = np.log(1 + passed / (max(alpha, beta) + lo)[:, None])
    log_alpha, log_beta = (w, far) if alpha <= beta else (far, w)
    # du = (m + u) dw, and m + u = near e^w.
    parts = np.exp(w - a[:, None] * log_alpha - b * log_beta) * WEIGHTS * (near * width)[:, None]
    return parts, log_alpha, log_beta, passed


def _far_enough(power: Floats) -> Floats:
    """How far u must go, in units of where it starts, until (1 + u)^-power has spent its integral."""
    most = math.log(1e250)
    return np.expm1(NATS / np.maximum(power - 1, NATS / most))

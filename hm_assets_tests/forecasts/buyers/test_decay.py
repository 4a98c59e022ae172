"""The integral of the Pareto/NBD model."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from hm_assets.forecasts.buyers import decay

decades = st.floats(-2, 5).map(lambda power: 10.0**power)
shapes = st.floats(-3, 3).map(lambda power: 10.0**power)


@settings(max_examples=60, deadline=None)
@given(decades, decades, shapes, shapes, st.sampled_from([0, 1, 3, 30, 1000]), decades, st.floats(0, 3000))
def test_it_is_what_adaptive_quadrature_finds(alpha, beta, r, s, x, length, lo):
    a, b, start = r + x, s + 1, lo if x else 0.0
    hi = start + min(length, 4000.0)
    found = decay.integral(alpha, np.array([a]), beta, b, np.array([start]), np.array([hi]))[0]

    def part(log_passed: float) -> float:
        passed = np.exp(log_passed)
        powers = a * np.log1p(passed / (alpha + start)) + b * np.log1p(passed / (beta + start))
        return float(np.exp(log_passed - powers))

    # Over the logarithm of u - lo, in pieces, so that a peak is not missed.
    edges = np.linspace(np.log(hi - start) - 40, np.log(hi - start), 41)
    expected = sum(quad(part, *piece, epsabs=0, epsrel=1e-10)[0] for piece in pairwise(edges))
    assert found == pytest.approx(expected, rel=1e-8)


def test_nothing_lies_between_a_day_and_itself():
    found = decay.with_means(10.0, np.array([2.0]), 20.0, 1.5, np.array([5.0]), np.array([5.0]))
    assert [value[0] for value in found] == [0.0] * 5


def test_its_means_are_its_derivatives():
    a, lo, hi = np.array([3.5]), np.array([12.0]), np.array([300.0])
    found = decay.with_means(40.0, a, 90.0, 1.7, lo, hi)

    def log_integral(alpha: float, power: float, beta: float, b: float) -> float:
        at_start = -power * np.log(alpha + lo) - b * np.log(beta + lo)
        return float((np.log(decay.integral(alpha, np.array([power]), beta, b, lo, hi)) + at_start)[0])

    step, at = 1e-5, (40.0, 3.5, 90.0, 1.7)
    slopes = []
    for place in range(4):
        up, down = ([v + sign * step * (i == place) for i, v in enumerate(at)] for sign in (1, -1))
        slopes.append((log_integral(*up) - log_integral(*down)) / (2 * step))
    expected = [
        -3.5 * found.per_alpha[0],
        -(found.log_alpha[0] + np.log(52.0)),
        -1.7 * found.per_beta[0],
        -(found.log_beta[0] + np.log(102.0)),
    ]
    assert slopes == pytest.approx(expected, rel=1e-7)

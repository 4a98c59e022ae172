import numpy as np
import pytest

from hm_assets.forecasts.timing.curve import Curve


def test_the_curve_is_kaplan_and_meier_s():
    """Their product-limit estimate, as statsmodels has it, with ties of closed and open gaps."""
    from statsmodels.duration.survfunc import SurvfuncRight

    rng = np.random.default_rng(0)
    waited, until = rng.integers(1, 60, 400), rng.integers(1, 90, 400)
    length, closed = np.minimum(waited, until), waited <= until
    at = np.unique(length)
    counts = [np.array([(length[which] == day).sum() for day in at]) for which in (closed, ~closed)]
    curve = Curve.of(at.astype(float), *counts)
    peer = SurvfuncRight(length, closed.astype(int))
    assert np.array_equal(curve.at, peer.surv_times)
    assert np.allclose(curve.back, 1 - peer.surv_prob, atol=1e-12)


def test_open_gaps_make_a_gap_longer_than_the_closed_ones_alone():
    length = np.array([10.0, 20.0, 30.0])
    closed = np.array([5, 3, 2])
    alone = Curve.of(length, closed, np.zeros(3, int))
    told = Curve.of(length, closed, np.array([10, 0, 0]))
    assert alone.quantile(0.5) == 10 and alone.ever_back == pytest.approx(1)
    assert told.quantile(0.5) == 20 and told.quantile(0.26) == 20, "5 of 20 within 10 days"


@pytest.mark.parametrize("still_open", [0, 7])
def test_a_share_that_the_files_do_not_reach_has_no_length(still_open):
    curve = Curve.of(np.array([5.0, 9.0]), np.array([2, 0]), np.array([0, 8]))
    assert curve.ever_back == pytest.approx(0.2) and curve.quantile(0.8) is None
    nobody = Curve.of(np.array([3.0]), np.array([0]), np.array([still_open]))
    assert nobody.ever_back == 0 and nobody.quantile(0.1) is None

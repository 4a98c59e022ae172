import numpy as np
import pytest
from scipy import stats

from hm_assets.profiles.statistics.studentised_range import MOST_DF, quantile, sf


@pytest.mark.parametrize("k", [2, 3, 6, 10])
@pytest.mark.parametrize("df", [2.0, 5.0, 17.3, 200.0, 2e5])
def test_chances_are_those_of_scipy(k, df):
    q = np.array([0.0, 0.3, 2.0, 4.0, 9.0])
    beside = stats.studentized_range.sf(q, k, np.inf if df > MOST_DF else df)
    assert sf(q, k, np.full(5, df)) == pytest.approx(beside, abs=1e-9)


@pytest.mark.parametrize(
    "k, df, published", [(3, 10, 3.877), (5, 20, 4.232), (10, 60, 4.646), (4, 120, 3.685), (3, np.inf, 3.314)]
)
def test_quantiles_are_those_of_the_tables(k, df, published):
    """Upper 5 % points as printed in textbooks (Pearson and Hartley, Biometrika Tables, table 29)."""
    assert quantile(0.95, k, np.array([df])) == pytest.approx([published], abs=1e-3)


def test_several_degrees_of_freedom_at_once_keep_their_places():
    df = np.array([30.0, 7.0, 30.0, 1e6])
    q = quantile(0.95, 4, df)
    assert q[0] == q[2]
    assert q[1] > q[0] > q[3]
    assert sf(q, 4, df) == pytest.approx(np.full(4, 0.05), abs=1e-8)

import numpy as np
import pytest

from hm_assets.profiles.statistics.contingency import adjusted_residuals, chi_square, cramers_v, v_interval
from hm_assets.segments.fitting import CannotFit

# Party by gender, Agresti (2007) p. 39, as in the example of R's `chisq.test`.
PARTY = np.array([[762.0, 327, 468], [484, 239, 477]])


def test_chi_square_and_residuals_are_those_of_agresti():
    """`chisq.test(M)`: X-squared = 30.07, df = 2, p = 2.954e-07; `$stdres`: 4.502, 0.699, -5.316."""
    found = chi_square(PARTY)
    assert (found.statistic, found.df) == (pytest.approx(30.07, abs=5e-3), 2)
    assert found.p == pytest.approx(2.954e-07, rel=1e-3)
    residuals = adjusted_residuals(PARTY)
    assert residuals[0] == pytest.approx([4.5020535, 0.6994517, -5.3159455], abs=1e-6)
    assert residuals[1] == pytest.approx(-residuals[0])


def test_the_bias_corrected_v_is_that_of_clickhouse():
    """The example of `cramersVBiasCorrected` in ClickHouse's manual: number % 10 by number % 4 of 0 to 149."""
    table = np.zeros((10, 4))
    for number in range(150):
        table[number % 10, number % 4] += 1
    assert cramers_v(table) == pytest.approx(0.5305112825189074, rel=1e-12)


def test_v_of_independent_columns_is_near_zero_and_of_equal_ones_near_one():
    rng = np.random.default_rng(0)
    found = [
        cramers_v(rng.multinomial(400, np.full(20, 1 / 20)).reshape(5, 4).astype(float)) for _ in range(50)
    ]
    assert np.median(found) < 0.05
    assert cramers_v(np.diag([50.0, 30, 20])) == pytest.approx(1.0)


def test_the_interval_of_v_covers_the_truth():
    """Counts drawn from the shares of a table whose V is known."""
    truth, rng, hits = cramers_v(PARTY * 1e6), np.random.default_rng(6), 0
    for seed in range(150):
        drawn = rng.multinomial(2_000, (PARTY / PARTY.sum()).ravel()).reshape(2, 3).astype(float)
        low, high = v_interval(drawn, seed, 200)
        hits += low <= truth <= high
    assert hits / 150 >= 0.9


def test_empty_rows_and_columns_change_nothing():
    wider = np.zeros((3, 4))
    wider[:2, :3] = PARTY
    assert chi_square(wider) == chi_square(PARTY)
    assert cramers_v(wider) == cramers_v(PARTY)
    assert np.isnan(adjusted_residuals(wider)[2]).all()


@pytest.mark.parametrize("table", [[[5.0, 6.0]], [[5.0], [6.0]], [[5.0, 0.0], [6.0, 0.0]]])
def test_one_row_or_column_is_a_sentence(table):
    with pytest.raises(CannotFit, match="two rows and two columns"):
        chi_square(np.array(table))

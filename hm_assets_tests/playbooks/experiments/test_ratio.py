"""The alarm: quiet where rows are lost alike, on where 2 % of the held out are lost."""

import numpy as np
import pytest

from hm_assets.playbooks.experiments.ratio import LIMIT, over_strata, ratio


@pytest.mark.parametrize(("treated", "holdout"), [(1000, 1000), (4500, 500), (45_000, 5_000), (900, 250)])
def test_two_per_cent_of_the_holdout_lost_raises_the_alarm(treated, holdout):
    assert ratio(treated, treated, holdout, round(0.98 * holdout)).alarm


def test_nothing_lost_and_nobody_there_is_no_alarm():
    for counts in ((100, 100, 50, 50), (0, 0, 0, 0), (100, 90, 0, 0), (100, 0, 100, 0)):
        assert ratio(*counts).p == 1.0


def test_an_arm_that_is_missing_altogether_raises_it():
    assert ratio(100, 100, 50, 0).alarm


def test_chi_square_is_pearsons_and_few_are_counted_exactly():
    from scipy.stats import chi2, fisher_exact

    # 40 of 1000 against 60 of 1000 lost: (40 - 50)^2 / 50 x 2 + (10)^2 / 950 x 2.
    statistic = 100 / 50 * 2 + 100 / 950 * 2
    assert ratio(1000, 960, 1000, 940).p == pytest.approx(chi2.sf(statistic, 1))
    assert ratio(30, 30, 30, 27).p == pytest.approx(fisher_exact([[30, 0], [27, 3]]).pvalue)


def test_false_alarms_are_as_rare_as_said():
    generator = np.random.default_rng(7)
    told = generator.binomial([[9000], [1000]], 0.95, size=(2, 3000))
    alarms = sum(ratio(9000, int(a), 1000, int(b)).alarm for a, b in told.T)
    # 3,000 x 0.001 = 3; ten or more have a chance of one in a thousand.
    assert LIMIT == 0.001
    assert alarms < 10


def test_segments_that_lose_and_hold_out_other_shares_are_no_alarm_together():
    # A tenth held out and a fifth lost of both arms; half held out and nothing lost.
    parts = [ratio(9000, 7200, 1000, 800), ratio(5000, 5000, 5000, 5000)]
    assert over_strata(parts).p == pytest.approx(1)
    assert ratio(14_000, 12_200, 6000, 5800).alarm, "which is what the sums say"
    assert over_strata([parts[0], ratio(5000, 5000, 5000, 4900)]).alarm


def test_segments_together_are_tested_as_mantel_and_haenszel_do():
    from statsmodels.stats.contingency_tables import StratifiedTable

    parts = [ratio(900, 860, 300, 270), ratio(400, 390, 400, 378)]
    tables = [np.array([[told, of - told] for of, told in ((a, b), (c, d))]) for a, b, c, d, _ in parts]
    wanted = StratifiedTable(tables).test_null_odds(correction=False)
    assert over_strata(parts).p == pytest.approx(wanted.pvalue)
    assert over_strata(parts[:1]) == parts[0]
    few = [ratio(30, 30, 30, 29), ratio(40, 40, 40, 39)]
    assert over_strata(few) == ratio(70, 70, 70, 68)

"""Do means differ: the analysis of variance, Welch's form of it for unequal variances, and how much they explain."""

import math

import numpy as np

from hm_assets.profiles.statistics.moments import Moments, Test
from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.measures.later import omega_squared_of


def one_way_anova(moments: Moments) -> Test:
    """Fisher's analysis of variance: it takes the variances for equal, which segments' seldom are.

    Raises
    ------
    CannotFit
        See `Moments.comparable`; or nobody differs within a group.
    """
    from scipy.stats import f

    moments.comparable()
    between, within = moments.k - 1, moments.n - moments.k
    if moments.within <= 0:
        raise CannotFit("nobody differs within a group, so there is no variance to compare with")
    statistic = (moments.between / between) / (moments.within / within)
    return Test(statistic, between, float(f.sf(statistic, between, within)), within)


def welch_anova(moments: Moments) -> Test:
    """Welch's analysis of variance (1951), for groups of unequal variances and sizes.

    Raises
    ------
    CannotFit
        See `Moments.comparable`; or a group in which nobody differs, which would weigh infinitely.
    """
    from statsmodels.stats.oneway import anova_generic

    moments.comparable()
    if moments.variances.min() <= 0:
        raise CannotFit("in one group all values are the same, so its mean would weigh infinitely")
    found = anova_generic(moments.means, moments.variances, moments.counts, use_var="unequal")
    return Test(float(found.statistic), float(found.df_num), float(found.pvalue), float(found.df_denom))


def brown_forsythe(moments: Moments) -> Test:
    """Brown and Forsythe's F* (1974): unequal variances too, and groups in which nobody differs.

    The degrees of freedom between the groups are Mehrotra's (1997), fewer than k - 1.

    Raises
    ------
    CannotFit
        See `Moments.comparable`; or nobody differs within any group.
    """
    from statsmodels.stats.oneway import anova_generic

    moments.comparable()
    if moments.variances.max() <= 0:
        raise CannotFit("nobody differs within a group, so there is no variance to compare with")
    found = anova_generic(moments.means, moments.variances, moments.counts, use_var="bf")
    return Test(float(found.statistic), float(found.df_num), float(found.pvalue), float(found.df_denom))


def omega_squared(moments: Moments) -> float:
    """Share of the variance that lies between the groups, without eta squared's optimism (Hays 1963).

    About 0, and as often below as above, where the groups were drawn by lot.

    Raises
    ------
    CannotFit
        See `Moments.comparable`.
    """
    moments.comparable()
    return omega_squared_of(moments.between, moments.within, moments.n, moments.k)


def ratio_to_all(moments: Moments, group: int) -> tuple[float, float | None, float | None]:
    """The mean of a group over the mean of everybody, it included, with a 95 % interval ("lift").

    The interval is that of the logarithm by linearisation (Cochran 1977, 6.4), with what the two means share;
    empty where the group's mean is 0 or one side has fewer than two members.

    Raises
    ------
    CannotFit
        Everybody's mean is 0, or the group is empty.
    """
    from hm_assets.profiles.statistics.intervals import Z

    everybody, n = moments.mean, moments.n
    own = float(moments.counts[group])
    if everybody <= 0 or own <= 0:
        raise CannotFit("a ratio needs members, and a mean above 0 below the line")
    mean, rest = float(moments.means[group]), n - own
    if mean <= 0 or own < 2 or 0 < rest < 2:
        return mean / everybody, None, None
    if rest <= 0:
        return 1.0, 1.0, 1.0
    others = np.arange(moments.k) != group
    rest_mean = float(moments.counts[others] @ moments.means[others]) / rest
    squares = float((moments.counts[others] - 1).clip(min=0) @ moments.variances[others])
    squares += float(moments.counts[others] @ (moments.means[others] - rest_mean) ** 2)
    share = own / n
    by_own = float(moments.variances[group]) / own * (1 / mean - share / everybody) ** 2
    by_rest = squares / (rest - 1) / rest * ((1 - share) / everybody) ** 2
    half, ratio = Z * math.sqrt(by_own + by_rest), mean / everybody
    return ratio, ratio * math.exp(-half), ratio * math.exp(half)

"""The rows of one fact that the segments did not see: whether they differ in it, which of them, and by how much."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hm_assets.profiles.statistics import contingency, intervals, means, multiple, pairs, ranks
from hm_assets.profiles.statistics.explained import bootstrapped
from hm_assets.profiles.statistics.intervals import Floats
from hm_assets.profiles.statistics.moments import Moments, Test
from hm_assets.profiles.validity import words
from hm_assets.profiles.validity.calibration import Calibrated, shuffled
from hm_assets.profiles.validity.effort import Effort
from hm_assets.profiles.validity.facts import Fact
from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.space import Ints

Row = dict[str, Any]
ALL = "all segments"
WELCH, BROWN_FORSYTHE, CHI_SQUARE = "welch_anova", "brown_forsythe", "chi_square"
LEADING = (WELCH, BROWN_FORSYTHE, CHI_SQUARE)
LIFT = "lift"


def numeric(
    fact: Fact, groups: Ints, values: Floats, ids: Sequence[int], effort: Effort, seed: int
) -> list[Row]:
    """Welch's analysis of variance first, the classic one and ranks beside it, then all pairs.

    Where nobody differs within some segment (who are gone spend nothing) Brown and Forsythe's takes Welch's place.

    Parameters
    ----------
    fact
        A number or a share.
    groups, values
        Segment (0 to k - 1) and value of each customer (n), NaN where it is unknown.
    ids
        Of the segments (k).
    effort, seed
        Resamples and shuffles.

    Returns
    -------
    list of dict
        Rows of `profiles/validity` without `as_of`, `tier` and what is adjusted across facts; where nothing can be
        compared, one row that says why.
    """
    known = np.isfinite(values)
    kept, mine, ids = _told(groups[known], ids)
    values = values[known][kept]
    try:
        moments = Moments.of(mine, values, len(ids))
        moments.comparable()
        name, omnibus = WELCH, means.welch_anova
        if moments.variances.min() <= 0:
            name, omnibus = BROWN_FORSYTHE, means.brown_forsythe
        test, classic = omnibus(moments), means.one_way_anova(moments)
    except CannotFit as error:
        return [_gap(fact, WELCH, len(values), error)]

    def again(rows: Ints, labels: Ints) -> tuple[float, float]:
        drawn = Moments.of(labels, values[rows], len(ids))
        return omnibus(drawn).p, means.omega_squared(drawn)

    null = shuffled(mine, again, effort.null_runs, effort.null_customers, seed)
    effect, low, high = bootstrapped(mine, values, seed, effort.resamples)
    sized = {"effect_name": "omega_squared", "effect": effect, "low": low, "high": high, "n": len(values)}
    said = words.explained(fact, effect, low, high)
    rows = [
        {**_head(fact, name), **_tested(test), **sized, **_calibrated(null), "verdict": said},
        {**_head(fact, "anova"), **_tested(classic), **sized, "verdict": said},
    ]
    rows += [
        _pair_of_means(fact, "games_howell", ids, moments, pair)
        for pair in _or_none(pairs.games_howell, moments)
    ]
    rows += [
        _pair_of_means(fact, "tukey_hsd", ids, moments, pair) for pair in _or_none(pairs.tukey_hsd, moments)
    ]
    if fact.kind == "number":
        rows += _ranked(fact, mine, values, ids, effort, seed)
    return rows


def categorical(
    fact: Fact, groups: Ints, values: npt.NDArray[Any], ids: Sequence[int], effort: Effort, seed: int
) -> list[Row]:
    """Chi-square with Cramer's V, then the share of each level in each segment with its residual.

    The parameters are those of `numeric`; values are texts, None where unknown.
    """
    known = np.array([value is not None for value in values], dtype=bool)
    kept, mine, ids = _told(groups[known], ids)
    levels, places = np.unique(values[known][kept].astype(str), return_inverse=True)
    width, n = len(levels), len(mine)

    def table(rows: Ints, labels: Ints) -> Floats:
        cells = np.bincount(labels * width + places[rows], minlength=len(ids) * width)
        return cells.reshape(len(ids), width).astype(np.float64)

    try:
        counts = table(np.arange(n), mine)
        test, effect = contingency.chi_square(counts), contingency.cramers_v(counts)
    except (CannotFit, ValueError) as error:
        return [_gap(fact, CHI_SQUARE, n, error)]

    def again(rows: Ints, labels: Ints) -> tuple[float, float]:
        drawn = table(rows, labels)
        return contingency.chi_square(drawn).p, contingency.cramers_v(drawn)

    null = shuffled(mine, again, effort.null_runs, effort.null_customers, seed)
    low, high = contingency.v_interval(counts, seed, effort.resamples)
    said = words.associated(fact, effect, low, high, words.v_thresholds(*counts.shape))
    sized = {"effect_name": "cramers_v", "effect": effect, "low": low, "high": high, "n": n}
    rows = [{**_head(fact, CHI_SQUARE), **_tested(test), **sized, **_calibrated(null), "verdict": said}]
    return rows + _cells(fact, counts, levels.tolist(), ids)


def lifts(fact: Fact, groups: Ints, values: Floats, ids: Sequence[int]) -> list[Row]:
    """Each segment's mean over everybody's, for a later number that everybody has."""
    moments = Moments.of(groups, values, len(ids))
    rows = []
    for place, segment in enumerate(ids):
        head = {
            **_head(fact, LIFT, f"segment {segment}"),
            "segment_id": segment,
            "n": int(moments.counts[place]),
        }
        try:
            ratio, low, high = means.ratio_to_all(moments, place)
        except CannotFit as error:
            rows.append({**head, "verdict": f"not measured: {error}"})
            continue
        found = {"effect_name": "ratio_to_everybody", "effect": ratio, "low": low, "high": high}
        rows.append({**head, **found, "verdict": words.lift(segment, ratio, low, high)})
    return rows


def _told(groups: Ints, ids: Sequence[int]) -> tuple[Ints, Ints, list[int]]:
    """Positions of those in segments with two known values, their segments renumbered, and these segments' ids."""
    counts = np.bincount(groups, minlength=len(ids))
    enough = np.flatnonzero(counts >= 2)
    kept = np.flatnonzero(np.isin(groups, enough))
    return kept, np.searchsorted(enough, groups[kept]), [ids[i] for i in enough.tolist()]


def _ranked(
    fact: Fact, groups: Ints, values: Floats, ids: Sequence[int], effort: Effort, seed: int
) -> list[Row]:
    table = ranks.Ordinal.of(groups, values, len(ids))
    test, effect, deltas = (
        ranks.kruskal_wallis(table),
        ranks.epsilon_squared(table),
        ranks.cliffs_delta(table),
    )
    (low, high), lows, highs = ranks.bootstrapped(table, seed, effort.resamples)
    sized = {"effect_name": "epsilon_squared", "effect": effect, "low": float(low), "high": float(high)}
    head = {**_head(fact, "kruskal_wallis"), **_tested(test), **sized, "n": len(values)}
    rows: list[Row] = [
        {
            **head,
            "verdict": words.explained(fact, effect, float(low), float(high)).replace(
                "variance", "ranks' variance"
            ),
        }
    ]
    found = []
    for i in range(len(ids)):
        for j in range(i + 1, len(ids)):
            delta, ends = float(deltas[i, j]), (float(lows[i, j]), float(highs[i, j]))
            found.append(
                {
                    **_head(fact, "brunner_munzel", _between(ids[i], ids[j])),
                    **_tested(ranks.brunner_munzel(table, i, j)),
                    **{"segment_id": ids[i], "other_segment_id": ids[j], "effect_name": "cliffs_delta"},
                    **{"effect": delta, "low": ends[0], "high": ends[1], "n": int(table.sizes[[i, j]].sum())},
                    "verdict": words.likelier(ids[i], ids[j], delta, *ends),
                }
            )
    adjusted = multiple.holm([row["p"] for row in found])
    return rows + [{**row, "p_adjusted": p} for row, p in zip(found, adjusted, strict=True)]


def _pair_of_means(fact: Fact, test: str, ids: Sequence[int], moments: Moments, pair: pairs.Pair) -> Row:
    first, second = ids[pair.first], ids[pair.second]
    return {
        **_head(fact, test, _between(first, second)),
        **{
            "segment_id": first,
            "other_segment_id": second,
            "n": int(moments.counts[[pair.first, pair.second]].sum()),
        },
        **{
            "statistic": pair.statistic,
            "df": float(moments.k),
            "df_within": pair.df,
            "p": pair.p,
            "p_adjusted": pair.p,
        },
        **{
            "effect_name": "difference_of_means",
            "effect": pair.difference,
            "low": pair.low,
            "high": pair.high,
        },
        "verdict": words.apart(first, second, pair.difference, pair.low, pair.high),
    }


def _cells(fact: Fact, counts: Floats, levels: Sequence[str], ids: Sequence[int]) -> list[Row]:
    from scipy.stats import norm

    residuals = contingency.adjusted_residuals(counts)
    totals = counts.sum(axis=1)
    base = counts.sum(axis=0) / counts.sum()
    rows = []
    for i, segment in enumerate(ids):
        for j, level in enumerate(levels):
            share, low, high = intervals.share(int(counts[i, j]), int(totals[i]))
            told = not np.isnan(residuals[i, j])
            beside = "more than" if share > base[j] else "no more than"
            rows.append(
                {
                    **_head(fact, "adjusted_residual", f"segment {segment}: {level}"),
                    **{"segment_id": segment, "level": level, "n": int(totals[i])},
                    "statistic": float(residuals[i, j]) if told else None,
                    "p": float(2 * norm.sf(abs(residuals[i, j]))) if told else None,
                    **{"effect_name": "share", "effect": share, "low": low, "high": high},
                    "verdict": f"{words.percent(share)} of segment {segment}, {beside} {words.percent(base[j])} of all",
                }
            )
    adjusted = multiple.holm([row["p"] for row in rows])
    return [{**row, "p_adjusted": p} for row, p in zip(rows, adjusted, strict=True)]


def _or_none(test: Callable[[Moments], list[pairs.Pair]], moments: Moments) -> list[pairs.Pair]:
    try:
        return test(moments)
    except CannotFit:
        return []


def _between(first: int, second: int) -> str:
    return f"segments {first} and {second}"


def _head(fact: Fact, test: str, subject: str = ALL) -> Row:
    return {"fact": fact.name, "test": test, "subject": subject}


def _tested(test: Test) -> Row:
    finite = np.isfinite(test.statistic)
    return {
        "statistic": test.statistic if finite else None,
        "df": test.df,
        "df_within": test.df_within,
        "p": test.p,
    }


def _calibrated(null: Calibrated) -> Row:
    return {"null_effect": null.effect, "null_rejected": null.rejected, "null_runs": null.runs}


def _gap(fact: Fact, test: str, n: int, error: Exception) -> Row:
    return {**_head(fact, test), "n": n, "verdict": f"not tested: {error}"}

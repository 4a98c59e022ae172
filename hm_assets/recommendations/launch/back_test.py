"""What would have been said of past launches before they were sold, beside who bought them and how many were.

A judged day T knows nothing later: the model, the customers and the launches that a size is taken from are those of T.
Judged are articles first sold in the 30 days after it, by who bought them within 30 days of their first sale; these
days must be over. Lift is the share of the buyers who are among the tenth of customers that a method puts first, over
that tenth: 1 is what a draw reaches. All buyers count alike, so a launch that many bought weighs more; intervals are
bootstraps over launches, which have less in common than two buyers of one launch.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.recommendations.launch import size
from hm_assets.recommendations.launch.effort import Effort
from hm_assets.recommendations.launch.garments import Garments
from hm_assets.recommendations.launch.matcher import (
    BUYING_DAYS,
    PERIOD_DAYS,
    Drawn,
    Matcher,
    draw,
    learn,
    past_days,
    period,
)
from hm_assets.recommendations.launch.past import Launches
from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Floats, Ints

TOP = 0.1
MODEL, POPULAR, ACTIVE, RANDOM = "launch_model", "popular_in_type", "most_active", "random"
SIMILAR, OF_TYPE = "similar_launches", "median_of_type"
LIFT, LEAD, ERROR, ERROR_LEAD, COVERAGE = (
    "lift_at_10",
    "lead_over_type",
    "median_log_error",
    "error_below_type",
    "coverage_80",
)
BETTER, WORSE, SAME = "better", "worse", "no difference"
NEEDED = 3 / 4
"""Of the past days, for the words to say that the model beats the baseline."""


@dataclass(frozen=True)
class Judged:
    """A past day.

    Attributes
    ----------
    customers
        Who were ranked, and `top` of them the tenth.
    buyers
        Of them who bought each launch (n).
    reached
        By method: how many of these were in its tenth (n).
    units
        Of the first 28 days (n).
    sizes
        By method: middle and limits of what was expected (n x 3); empty where nothing was known.
    """

    as_of: dt.date
    customers: int
    top: int
    buyers: Ints
    reached: Mapping[str, Ints]
    units: Ints
    sizes: Mapping[str, Floats]


def cut_offs(last_day: dt.date, first_day: dt.date, count: int) -> list[dt.date]:
    """The latest past days whose launches can be judged, at most `count`, each with a period to learn from."""
    latest = last_day - dt.timedelta(days=PERIOD_DAYS + BUYING_DAYS)
    days = (latest - dt.timedelta(days=PERIOD_DAYS * i) for i in range(count))
    return [day for day in days if past_days(day, first_day, 1)]


def judge(
    everything: Purchases,
    catalogue: Garments,
    launched: Launches,
    days: Sequence[dt.date],
    first_day: dt.date,
    effort: Effort,
    seed: int,
) -> Iterator[Judged]:
    """Past days; one is left out where nothing was launched after it, or nothing could be learned before it.

    Parameters
    ----------
    everything
        Purchases up to at least 60 days after each day.
    catalogue
        The range.
    launched
        Every launch that is known.
    first_day
        Of the lines.
    """
    drawn: dict[dt.date, Drawn] = {}
    for day in days:
        past = past_days(day, first_day, effort.periods)
        # The days lie 30 days apart, so most periods were drawn for another one.
        drawn |= {
            each: draw(everything, catalogue, launched, each, effort, seed)
            for each in past
            if each not in drawn
        }
        found = _judged(
            everything,
            catalogue,
            launched,
            learn([drawn[each] for each in past], day, seed),
            effort.launches,
            seed,
        )
        if found is not None:
            yield found


def _judged(
    everything: Purchases, catalogue: Garments, launched: Launches, matcher: Matcher, most: int, seed: int
) -> Judged | None:
    day = matcher.trained_as_of
    taken = period(everything, catalogue, launched, day, most, seed)
    if matcher.without_price is None or not len(taken.launches) or not len(taken.known.keys):
        return None
    known, places = taken.known, catalogue.positions(taken.launches.article)
    top = max(1, round(TOP * len(known.keys)))
    reached: dict[str, list[int]] = {MODEL: [], POPULAR: [], ACTIVE: []}
    sizes: dict[str, list[tuple[float, float, float]]] = {SIMILAR: [], OF_TYPE: []}
    past = size.resembled(launched, catalogue, day)
    for place, mine in zip(places, taken.bought, strict=True):
        vector, codes = catalogue.vectors[place], catalogue.codes[place]
        # No price: the one that it was sold at is known only from its sales.
        said = {
            MODEL: (matcher.scores(known, vector, codes),),
            POPULAR: (known.in_type(codes), known.weight),
            ACTIVE: (known.days[1], known.weight),
        }
        for name, keys in said.items():
            reached[name].append(int(np.isin(first(top, *keys), mine).sum()))
        found, usual = past.size(past.similar(vector, codes)), past.of_type(int(codes[0]))
        if found is not None and usual is not None:
            sizes[SIMILAR].append(found.units)
            sizes[OF_TYPE].append(usual)
    return Judged(
        day,
        len(known.keys),
        top,
        np.array([len(mine) for mine in taken.bought]),
        {name: np.array(counts) for name, counts in reached.items()},
        taken.launches.units,
        {name: np.array(rows).reshape(-1, 3) for name, rows in sizes.items()},
    )


def first(count: int, *keys: Floats) -> Ints:
    """Positions of the highest by the first key, of equal ones by the next, then by position."""
    return np.asarray(np.lexsort((np.arange(len(keys[0])), *(-key for key in reversed(keys))))[:count])


def scores(judged: Judged, resamples: int, seed: int) -> list[dict[str, Any]]:
    """Rows of `recommendations/launch_scores` of one past day, without its month."""
    rng = np.random.default_rng([seed, judged.as_of.toordinal()])
    draws = rng.integers(0, len(judged.units), (resamples, len(judged.units)))
    share = judged.top / judged.customers

    def lift(name: str) -> Callable[[Ints], float]:
        def of(rows: Ints) -> float:
            bought = judged.buyers[rows].sum()
            return float(judged.reached[name][rows].sum() / bought / share) if bought else float("nan")

        return of

    def log_error(name: str) -> Callable[[Ints], float]:
        return lambda rows: float(np.median(np.abs(np.log(judged.units[rows] / judged.sizes[name][rows, 0]))))

    def covered(name: str) -> Callable[[Ints], float]:
        low, high = judged.sizes[name][:, 1], judged.sizes[name][:, 2]
        return lambda rows: float(((judged.units >= low) & (judged.units <= high))[rows].mean())

    measures: list[tuple[str, str, Callable[[Ints], float]]] = [
        (name, LIFT, lift(name)) for name in (MODEL, POPULAR, ACTIVE)
    ]
    measures.append((MODEL, LEAD, lambda rows: lift(MODEL)(rows) - lift(POPULAR)(rows)))
    if len(judged.sizes[SIMILAR]):
        measures += [(name, ERROR, log_error(name)) for name in (SIMILAR, OF_TYPE)]
        measures += [(name, COVERAGE, covered(name)) for name in (SIMILAR, OF_TYPE)]
        measures.append(
            (SIMILAR, ERROR_LEAD, lambda rows: log_error(OF_TYPE)(rows) - log_error(SIMILAR)(rows))
        )
    rows = [_row(judged, *each, draws) for each in measures]
    bought = int(judged.buyers.sum())
    chance = 1.0 if bought else None
    return [*rows, {**rows[0], "method": RANDOM, "value": chance, "low": chance, "high": chance}]


def _row(
    judged: Judged, method: str, metric: str, measure: Callable[[Ints], float], draws: Ints
) -> dict[str, Any]:
    drawn = np.array([measure(rows) for rows in draws])
    drawn = drawn[~np.isnan(drawn)]
    value = measure(np.arange(len(judged.units)))
    known = not np.isnan(value) and len(drawn) > 0
    low, high = np.quantile(drawn, [0.025, 0.975]) if known else (0.0, 0.0)
    verdict = None
    if metric in (LEAD, ERROR_LEAD) and known:
        verdict = BETTER if low > 0 else WORSE if high < 0 else SAME
    return {
        "as_of": judged.as_of,
        "method": method,
        "metric": metric,
        "value": value if known else None,
        "low": float(low) if known else None,
        "high": float(high) if known else None,
        "launches": len(judged.units),
        "buyers": int(judged.buyers.sum()),
        "customers": judged.customers,
        "verdict": verdict,
    }


def finding(rows: Sequence[Mapping[str, Any]]) -> str:
    """What the past days say of the model, in a sentence: whether it beats the customers who buy most of the type."""
    leads = [row for row in rows if row["metric"] == LEAD and row["value"] is not None]
    if not leads:
        return "No past day has launches that can be judged: that takes 180 days of lines and articles new in them."
    ahead = sum(row["value"] > 0 for row in leads)
    beyond = sum(row["verdict"] == BETTER for row in leads)
    told = (
        f"On {ahead} of {len(leads)} past days more of the buyers were in its first tenth than among those who buy "
        f"most of the product type, on {beyond} of them by more than chance explains"
    )
    if beyond >= NEEDED * len(leads):
        return f"{told}: it beats them."
    if ahead >= NEEDED * len(leads):
        return f"{told}: no difference that one could rely on."
    return f"{told}: it does not beat them."

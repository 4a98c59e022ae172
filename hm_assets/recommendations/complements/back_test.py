"""Whether lists of complements hold what is bought together later, beside what sells anyhow.

As of a past day the rules are made from the ninety days before. In the seven days after, each article of a basket asks
for its list: a hit is one of the first five in the same basket. Baskets with one article can hold none, and count. All
lists are asked for the same articles, those with a rule, which are a part of what is sold.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np

from hm_assets.recommendations.complements import baskets as windows
from hm_assets.recommendations.complements import lists
from hm_assets.recommendations.complements.baskets import Baskets
from hm_assets.recommendations.complements.lists import Catalogue, Listed
from hm_assets.recommendations.complements.made import article_rules
from hm_assets.recommendations.lists import NONE
from hm_assets.recommendations.weeks import DAYS, cut_offs
from hm_assets.segments.space import Bools, Floats, Ints

PLACES = 5
TOGETHER, SAME_TYPE, BESTSELLERS = "bought_together", "popular_in_product_type", "bestsellers"
ALL_WEEKS = "all"
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Week:
    """A past day: articles in the baskets of the week after, of how many a list was known, and the hits by list."""

    as_of: dt.date
    bought: int
    asked: int
    customer: Ints
    hits: dict[str, Bools]


def weeks(lines: ibis.Table, known: Catalogue, as_of: dt.date, first_day: dt.date, count: int) -> list[Week]:
    """The last so many weeks that are over on a day, the latest first.

    Parameters
    ----------
    lines
        `raw/transactions`.
    known
        The catalogue.
    as_of, first_day
        The last day that is known here, and that of the first line.
    """
    days = cut_offs(first_day, as_of, count)
    return [week(lines, known, day) for day in days]


def week(lines: ibis.Table, known: Catalogue, day: dt.date) -> Week:
    """One past day."""
    made = article_rules(lines, day)
    mine = lists.listed(*lists.complements(made.rules, known))
    sold, count = lists.units(windows.read(lines, day, DAYS))
    asked = {
        TOGETHER: mine,
        SAME_TYPE: lists.bestsellers(mine.articles, count, sold, known, same_type=True),
        BESTSELLERS: lists.bestsellers(mine.articles, count, sold, known, same_type=False),
    }
    later = windows.read(lines, day + dt.timedelta(days=DAYS), DAYS)
    rows = np.isin(later.items, mine.articles)[later.item]
    return Week(
        day,
        len(later.item),
        int(rows.sum()),
        later.customer[later.basket[rows]].astype(np.int64),
        {name: hit(found, later)[rows] for name, found in asked.items()},
    )


def hit(listed: Listed, baskets: Baskets) -> Bools:
    """Whether one of the first five of each row's list lies in its basket (n)."""
    width = len(baskets.items)
    there = baskets.basket.astype(np.int64) * width + baskets.item
    found = np.zeros(len(there), dtype=bool)
    for others in listed.of(baskets.items)[:, :PLACES].T:
        at = np.minimum(np.searchsorted(baskets.items, others), max(width - 1, 0))
        sold = (others != NONE) & (baskets.items[at] == others) if width else np.zeros(0, dtype=bool)
        asked = sold[baskets.item]
        found[asked] |= np.isin(
            baskets.basket[asked].astype(np.int64) * width + at[baskets.item[asked]], there
        )
    return found


def scores(judged: Sequence[Week]) -> list[dict[str, Any]]:
    """Rows of `recommendations/complement_scores` without the month.

    In a week the interval is the linearised one of a ratio over customers; of all weeks the weeks are the units (t).
    """
    rows: list[dict[str, Any]] = []
    told = [week for week in judged if week.asked]
    for week in told:
        for name, hits in week.hits.items():
            value, half = _share(hits.astype(np.float64), week.customer)
            base, _ = _share(week.hits[SAME_TYPE].astype(np.float64), week.customer)
            gain, gain_half = _share(hits.astype(np.float64) - week.hits[SAME_TYPE], week.customer)
            rows.append(
                {
                    "week": week.as_of.isoformat(),
                    "list": name,
                    "articles": week.asked,
                    "with_list": week.asked / week.bought,
                    "share": value,
                    "low": max(value - half, 0.0),
                    "high": min(value + half, 1.0),
                    "over_baseline": value - base,
                    "over_baseline_low": gain - gain_half,
                    "over_baseline_high": gain + gain_half,
                }
            )
    return rows + [_all_weeks(rows, name) for name in (told[0].hits if len(told) > 1 else ())]


def _all_weeks(rows: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    mine = [row for row in rows if row["list"] == name]
    found: dict[str, Any] = {
        "week": ALL_WEEKS,
        "list": name,
        "articles": sum(row["articles"] for row in mine),
        "with_list": float(np.mean([row["with_list"] for row in mine])),
    }
    share, low, high = over_weeks(np.array([row["share"] for row in mine]))
    over, over_low, over_high = over_weeks(np.array([row["over_baseline"] for row in mine]))
    return found | {
        "share": share,
        "low": max(low, 0.0),
        "high": min(high, 1.0),
        "over_baseline": over,
        "over_baseline_low": over_low,
        "over_baseline_high": over_high,
    }


def over_weeks(values: Floats) -> tuple[float, float, float]:
    """Mean of two weeks or more and the ends of its interval, with the weeks as units (t)."""
    from scipy.stats import t

    mean, error = float(values.mean()), float(values.std(ddof=1)) / len(values) ** 0.5
    half = float(t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * error
    return mean, mean - half, mean + half


def _share(values: Floats, customer: Ints) -> tuple[float, float]:
    """Mean over rows, and half its interval when customers are drawn (Cochran 1977, 2.11)."""
    _, who = np.unique(customer, return_inverse=True)
    sums, counts = np.bincount(who, values), np.bincount(who)
    mean, n = float(values.mean()), len(counts)
    if n < 2:
        return mean, 1.0
    error = float(np.sqrt(((sums - mean * counts) ** 2).sum() * n / (n - 1))) / len(values)
    return mean, 1.959963984540054 * error

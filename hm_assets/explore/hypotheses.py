"""What a retailer believes about its customers, tested: each belief in words, its effect with an interval, then p.

Sums are made on the engine over all customers; the tests take counts, means and variances. With a million customers any
difference is "significant", so an effect is held against the smallest one that would matter, named with the belief.
The p-values are adjusted by Holm (1979) for the number of beliefs tested at once.
"""

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis

from hm_assets.explore.measures import exact_mean, last_days, row, rows, steady
from hm_assets.explore.relations import average_rank, fisher_interval
from hm_assets.explore.seasonality import Row, daily
from hm_assets.sources.contract import ONLINE, STORE

YEAR, QUARTER, WARM_UP_DAYS = 365, 90, 90
FEWEST = 30
Z = 1.959963984540054


@dataclass(frozen=True)
class Data:
    """What the tests read: customer-days up to as_of, the snapshot of that month, and both dates that bound them."""

    days: ibis.Table
    people: ibis.Table
    as_of: dt.date

    @property
    def by_day(self) -> list[Row]:
        """Sales of each day."""
        return daily(self.days, self.as_of)


@dataclass(frozen=True)
class Belief:
    """A belief, what its effect is, and the effect that says nothing and the smallest that would matter."""

    name: str
    claim: str
    groups: str
    test: str
    effect_is: str
    nil: float
    matters: float
    examine: Callable[[Data], Mapping[str, Any] | None]


def _online_basket(data: Data) -> Mapping[str, Any] | None:
    year = last_days(data.days, data.as_of, YEAR).filter(ibis._.spend > 0)
    logs = year.spend.ln()
    of_each = year.group_by("customer_key").agg(
        online=logs.mean(where=year.sales_channel_id == ONLINE),
        store=logs.mean(where=year.sales_channel_id == STORE),
    )
    gap = of_each.online - of_each.store
    return _paired(row(of_each.agg(n=gap.count(), mean=gap.mean(), sd=gap.std())))


def _paired(found: Row) -> Mapping[str, Any] | None:
    """A paired t test of logs; the effect is the ratio of geometric means."""
    from scipy import stats

    if found["n"] < 2 or not found["sd"]:
        return None
    error = found["sd"] / math.sqrt(found["n"])
    reach = float(stats.t.ppf(0.975, found["n"] - 1)) * error
    t = found["mean"] / error
    return {
        "customers": found["n"],
        "statistic": t,
        "effect": math.exp(found["mean"]),
        "low": math.exp(found["mean"] - reach),
        "high": math.exp(found["mean"] + reach),
        "p_value": float(2 * stats.t.sf(abs(t), found["n"] - 1)),
        "standardised": found["mean"] / found["sd"],
    }


def _age_and_spend(data: Data) -> Mapping[str, Any] | None:
    from scipy import stats

    known = data.people.filter(data.people.age.notnull(), data.people.orders_365d > 0)
    ranked = known.select(age=average_rank(known.age), spend=average_rank(known.spend_365d))
    found = row(ranked.agg(n=ranked.count(), rho=ranked.age.corr(ranked.spend, how="pop")))
    rho, count = found["rho"], found["n"]
    if count < FEWEST or rho is None or not math.isfinite(rho):
        return None
    low, high = fisher_interval(rho, count)
    t = rho * math.sqrt((count - 2) / max(1e-12, 1 - rho * rho))
    p = float(2 * stats.t.sf(abs(t), count - 2))
    return {"customers": count, "statistic": t, "effect": rho, "low": low, "high": high, "p_value": p} | {
        "standardised": rho
    }


def _news_and_orders(data: Data) -> Mapping[str, Any] | None:
    return _welch(data.people, data.people.fn == 1, data.people.orders_365d)


def _online_and_sale(data: Data) -> Mapping[str, Any] | None:
    known = data.people.filter(data.people.below_reference_share_365d.notnull())
    return _welch(known, known.online_share_365d >= 0.5, known.below_reference_share_365d)


def _welch(people: ibis.Table, group: ibis.Value, values: ibis.Value) -> Mapping[str, Any] | None:
    """Welch's t test of two groups of customers; the effect is the difference of means."""
    from scipy import stats

    known = people.select(group=group, value=values.cast("float64")).filter(ibis._.group.notnull())
    summed = rows(
        known.group_by("group").agg(n=ibis._.count(), mean=exact_mean(ibis._.value), sd=ibis._.value.std())
    )
    by_group = {line["group"]: line for line in summed}
    one, other = by_group.get(True), by_group.get(False)
    if not one or not other or min(one["n"], other["n"]) < FEWEST:
        return None
    variances = [line["sd"] ** 2 / line["n"] for line in (one, other)]
    error = math.sqrt(sum(variances))
    if not error:
        return None
    freedom = sum(variances) ** 2 / sum(
        v**2 / (line["n"] - 1) for v, line in zip(variances, (one, other), strict=True)
    )
    gap, reach = one["mean"] - other["mean"], float(stats.t.ppf(0.975, freedom)) * error
    pooled = math.sqrt((one["sd"] ** 2 + other["sd"] ** 2) / 2)
    return {
        "customers": one["n"] + other["n"],
        "statistic": gap / error,
        "effect": gap,
        "low": gap - reach,
        "high": gap + reach,
        "p_value": float(2 * stats.t.sf(abs(gap / error), freedom)),
        "standardised": gap / pooled,
    }


def _first_channel_and_return(data: Data) -> Mapping[str, Any] | None:
    days = data.days
    start = days.t_dat.min().over()
    ranked = days.select(
        "customer_key",
        "t_dat",
        "sales_channel_id",
        start=start,
        first=days.t_dat.min().over(group_by="customer_key"),
    )
    last = ibis.literal(data.as_of - dt.timedelta(days=QUARTER), "date")
    new = ranked.filter(ranked["first"] <= last)
    new = new.mutate(since=new.t_dat.delta(new["first"], unit="day"))
    warm = new["first"].delta(new.start, unit="day") >= WARM_UP_DAYS
    new = new.filter(warm)
    of_each = new.group_by("customer_key").agg(
        channels=new.sales_channel_id.nunique(where=new.since == 0),
        channel=new.sales_channel_id.min(where=new.since == 0),
        back=new.since.between(1, QUARTER).any(),
    )
    # Who came by both channels on the first day belongs to neither.
    one = of_each.filter(of_each.channels == 1)
    counted = rows(one.group_by("channel").agg(n=ibis._.count(), back=ibis._.back.sum()))
    return _two_shares({line["channel"]: (line["back"], line["n"]) for line in counted})


def _tier_and_channel(data: Data) -> Mapping[str, Any] | None:
    known = data.people.filter(data.people.online_share_365d.notnull())
    valuable = known.value_tier.isin(["high", "premium"])
    counted = rows(
        known.group_by(tier=ibis.ifelse(valuable, ONLINE, STORE)).agg(
            n=ibis._.count(), back=(ibis._.online_share_365d >= 0.5).sum()
        )
    )
    return _two_shares({line["tier"]: (line["back"], line["n"]) for line in counted})


def _two_shares(counts: Mapping[int, tuple[int, int]]) -> Mapping[str, Any] | None:
    """Difference of two shares with Newcombe's interval (1998, method 10) and the chi-squared test of a 2 x 2 table."""
    from scipy import stats

    if {ONLINE, STORE} - set(counts) or min(n for _, n in counts.values()) < FEWEST:
        return None
    (a, n), (b, m) = counts[ONLINE], counts[STORE]
    if a + b in (0, n + m):
        return None
    tested = stats.chi2_contingency([[a, n - a], [b, m - b]], correction=False)
    (p1, l1, u1), (p2, l2, u2) = _wilson(a, n), _wilson(b, m)
    gap = p1 - p2
    return {
        "customers": n + m,
        "statistic": float(tested.statistic),
        "effect": gap,
        "low": gap - math.hypot(p1 - l1, u2 - p2),
        "high": gap + math.hypot(u1 - p1, p2 - l2),
        "p_value": float(tested.pvalue),
        "standardised": math.copysign(math.sqrt(float(tested.statistic) / (n + m)), gap),
    }


def _wilson(count: int, total: int) -> tuple[float, float, float]:
    rate = count / total
    centre = (rate + Z**2 / (2 * total)) / (1 + Z**2 / total)
    half = Z / (1 + Z**2 / total) * math.sqrt(rate * (1 - rate) / total + Z**2 / (4 * total**2))
    return rate, centre - half, centre + half


def _weekend(data: Data) -> Mapping[str, Any] | None:
    """Log of mean units of Saturday and Sunday over those of Monday to Friday, for each of the last 52 weeks."""
    by_day = {line["t_dat"]: line["items"] for line in data.by_day}
    if not by_day:
        return None
    weeks = min(52, ((data.as_of - min(by_day)).days + 1) // 7)
    logs = []
    for week in range(weeks):
        days = [data.as_of - dt.timedelta(days=7 * week + back) for back in range(7)]
        ends = sum(by_day.get(day, 0) for day in days if day.weekday() >= 5)
        others = sum(by_day.get(day, 0) for day in days if day.weekday() < 5)
        if ends and others:
            logs.append(math.log(ends / 2 / (others / 5)))
    return _of_logs(logs, 20)


def _year_on_year(data: Data) -> Mapping[str, Any] | None:
    """Log of the units of each of the last 13 weeks over those of the week 52 weeks earlier."""
    weeks: dict[int, int] = {}
    for line in data.by_day:
        week = (data.as_of - line["t_dat"]).days // 7
        weeks[week] = weeks.get(week, 0) + line["items"]
    logs = [math.log(weeks[w] / weeks[w + 52]) for w in range(13) if w in weeks and w + 53 in weeks]
    return _of_logs(logs, 13)


def _of_logs(logs: list[float], fewest: int) -> Mapping[str, Any] | None:
    if len(logs) < fewest:
        return None
    mean = sum(logs) / len(logs)
    spread = math.sqrt(sum((value - mean) ** 2 for value in logs) / (len(logs) - 1))
    return _paired({"n": len(logs), "mean": mean, "sd": spread})


BELIEFS = (
    Belief(
        "online_basket",
        "Orders online are larger than orders in the store",
        "customers who used both channels in the last 365 days, each against themselves",
        "paired t test of log spend per order",
        "typical order online ÷ in the store",
        1.0,
        0.05,
        _online_basket,
    ),
    Belief(
        "age_and_spend",
        "Older customers spend more",
        "customers with an order in the last 365 days and a known age",
        "Spearman's rank correlation",
        "rank correlation of age and the year’s spend",
        0.0,
        0.1,
        _age_and_spend,
    ),
    Belief(
        "news_and_orders",
        "Customers who get the fashion news order more often",
        "all customers with a purchase, news against no news",
        "Welch's t test",
        "orders a year more with news",
        0.0,
        0.25,
        _news_and_orders,
    ),
    Belief(
        "first_channel_and_return",
        "Customers won online come back sooner than those won in the store",
        "customers whose first order lies 90 days or more before as_of, and not in the first 90 days of the data",
        "chi-squared test of two shares",
        "share back within 90 days, online minus store",
        0.0,
        0.03,
        _first_channel_and_return,
    ),
    Belief(
        "tier_and_channel",
        "The customers who spend most buy mostly online",
        "customers with an order in the last 365 days, tiers high and premium against the others",
        "chi-squared test of two shares",
        "share buying mostly online, high and premium minus others",
        0.0,
        0.05,
        _tier_and_channel,
    ),
    Belief(
        "online_and_sale",
        "Online buyers buy more on sale",
        "customers with an order in the last 365 days, mostly online against mostly store",
        "Welch's t test",
        "share of units bought below the usual price, online minus store",
        0.0,
        0.03,
        _online_and_sale,
    ),
    Belief(
        "weekend",
        "Weekends sell more than weekdays",
        "the last 52 weeks, weekend days against weekdays of the same week",
        "paired t test of log units a day, by week",
        "units on a weekend day ÷ on a weekday",
        1.0,
        0.05,
        _weekend,
    ),
    Belief(
        "year_on_year",
        "More is sold than a year ago",
        "the last 13 weeks, each against the week 52 weeks before",
        "paired t test of log units, by week",
        "units now ÷ a year ago",
        1.0,
        0.03,
        _year_on_year,
    ),
)


def hypotheses(data: Data) -> list[Row]:
    """The rows of `explore/hypotheses`, in a fixed order; a belief that the data are too few for says so."""
    found = [(belief, belief.examine(data)) for belief in BELIEFS]
    adjusted = holm([tested["p_value"] for _, tested in found if tested])
    lines = []
    for position, (belief, tested) in enumerate(found, start=1):
        line = dict.fromkeys(
            ("customers", "statistic", "effect", "low", "high", "p_value", "standardised", "p_adjusted")
        )
        if tested:
            line |= {name: steady(value) for name, value in tested.items()}
            line["p_adjusted"] = steady(adjusted.pop(0))
        lines.append(
            {
                "position": position,
                "hypothesis": belief.name,
                "claim": belief.claim,
                "groups": belief.groups,
                "test": belief.test,
                "effect_is": belief.effect_is,
                "no_effect": belief.nil,
                "smallest_that_matters": belief.matters,
                **line,
                "verdict": verdict(belief, line),
            }
        )
    return lines


def holm(p_values: list[float]) -> list[float]:
    """p-values adjusted by Holm's step-down, in the given order."""
    order = sorted(range(len(p_values)), key=lambda i: (p_values[i], i))
    found, so_far = [0.0] * len(p_values), 0.0
    for place, i in enumerate(order):
        so_far = max(so_far, min(1.0, (len(p_values) - place) * p_values[i]))
        found[i] = so_far
    return found


def verdict(belief: Belief, line: Mapping[str, Any]) -> str:
    """What the interval says of the belief: holds, the opposite holds, too small to matter, not shown."""
    low, high, p = line["low"], line["high"], line["p_adjusted"]
    if line["effect"] is None or low is None or high is None or p is None:
        return "not enough data"
    if max(abs(low - belief.nil), abs(high - belief.nil)) < belief.matters:
        return "too small to matter"
    if p >= 0.05 or low <= belief.nil <= high:
        return "not shown"
    return "holds" if line["effect"] > belief.nil else "the opposite holds"

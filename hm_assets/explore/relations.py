"""How two measures go together, and how groups of customers differ: correlations, grouped means, the R x F grid."""

import itertools
import math
from collections.abc import Collection
from typing import Any

import ibis

from hm_assets.explore.measures import BY_NAME, exact_mean, logged, row, rows, steady

Row = dict[str, Any]
Z = 1.959963984540054
PAIRED = (
    "recency_days",
    "tenure_days",
    "purchase_days",
    "items_365d",
    "spend",
    "spend_365d",
    "basket_365d",
    "discount_365d",
    "online_share_365d",
    "section_entropy",
    "age",
)
WEAK, BENT = 0.1, 0.1
AGE_BANDS = ((16, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 99))
UNKNOWN = "unknown"


def correlations(people: ibis.Table, price: float, in_logs: Collection[str]) -> list[Row]:
    """The rows of `explore/correlations`: customers with an order in the last 365 days of whom all measures are known.

    Pearson's r of the measures (logged where they are in `in_logs`) and Spearman's rho with the interval of Fisher's z
    (standard error of Fieller, Hartley and Pearson, 1957).
    """
    known = people.filter(people.orders_365d > 0, *(people[name].notnull() for name in PAIRED))
    values = known.select(**{name: known[name].cast("float64") for name in PAIRED})
    scaled = values.select(
        **{
            name: logged(values[name], BY_NAME[name], price) if name in in_logs else values[name]
            for name in PAIRED
        },
        **{f"rank_{name}": average_rank(values[name]) for name in PAIRED},
    )
    pairs = list(itertools.combinations(PAIRED, 2))
    asked = {f"{a}|{b}": scaled[a].corr(scaled[b], how="pop") for a, b in pairs}
    asked |= {f"rank {a}|{b}": scaled[f"rank_{a}"].corr(scaled[f"rank_{b}"], how="pop") for a, b in pairs}
    answer = row(scaled.agg(customers=scaled.count(), **asked))
    return [_pair(a, b, answer, in_logs) for a, b in pairs if answer["customers"] > 3]


def average_rank(values: ibis.Value) -> ibis.Value:
    """The rank from 1, equals sharing the mean of their ranks."""
    ties = ibis.window(group_by=values)
    return ibis.rank().over(order_by=values) + 1 + (values.count().over(ties) - 1) / 2


def _pair(a: str, b: str, answer: Row, in_logs: Collection[str]) -> Row:
    pearson, spearman = (_finite(answer[f"{kind}{a}|{b}"]) for kind in ("", "rank "))
    low, high = fisher_interval(spearman, answer["customers"])
    return {
        "measure_a": a,
        "measure_b": b,
        "customers": answer["customers"],
        "a_logged": a in in_logs,
        "b_logged": b in in_logs,
        "pearson": pearson,
        "spearman": spearman,
        "low": low,
        "high": high,
        "form": _form(pearson, spearman),
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else steady(value, 6)


def fisher_interval(rho: float | None, count: int) -> tuple[float | None, float | None]:
    """95 % interval of a rank correlation."""
    if rho is None or count < 10 or abs(rho) >= 1:
        return None, None
    half = Z * 1.03 / math.sqrt(count - 3)
    return steady(math.tanh(math.atanh(rho) - half), 6), steady(math.tanh(math.atanh(rho) + half), 6)


def _form(pearson: float | None, spearman: float | None) -> str:
    if pearson is None or spearman is None:
        return "constant"
    if max(abs(pearson), abs(spearman)) < WEAK:
        return "none"
    return "linear" if abs(pearson - spearman) < BENT else "monotone, not linear"


def groups(people: ibis.Table) -> list[Row]:
    """The rows of `explore/groups`: means over all customers of a group with their normal intervals."""
    bands = ibis.cases(
        *((people.age.between(low, high), f"{low}–{high}") for low, high in AGE_BANDS), else_=UNKNOWN
    )
    online = people.online_share_365d
    channel = ibis.cases(
        (online.isnull(), "no order in the last 365 days"),
        (online >= 0.8, "online"),
        (online <= 0.2, "store"),
        else_="both",
    )
    keys = {
        "age_band": ibis.coalesce(bands, UNKNOWN),
        "lifecycle_stage": people.lifecycle_stage,
        "value_tier": people.value_tier,
        "channel": channel,
        "club_member_status": people.club_member_status.fill_null(UNKNOWN),
        "fashion_news": ibis.cases((people.fn == 1, "yes"), (people.fn == 0, "no"), else_=UNKNOWN),
    }
    found = []
    for grouping, key in keys.items():
        summed = people.group_by(group=key).agg(
            customers=ibis._.count(),
            spend_mean=exact_mean(ibis._.spend_365d),
            spend_sd=ibis._.spend_365d.std(),
            orders_mean=ibis._.orders_365d.mean(),
            orders_sd=ibis._.orders_365d.std(),
            recency_median=ibis._.recency_days.median().cast("float64"),
        )
        found += [_group(grouping, line) for line in sorted(rows(summed), key=lambda line: line["group"])]
    return found


def _group(grouping: str, line: Row) -> Row:
    root = math.sqrt(line["customers"])
    halves = {name: Z * (line[f"{name}_sd"] or math.nan) / root for name in ("spend", "orders")}
    return {
        "grouping": grouping,
        "group": line["group"],
        "customers": line["customers"],
        "spend_365d": line["spend_mean"],
        "orders_365d": line["orders_mean"],
        "recency_days": line["recency_median"],
        **{f"{name}_low": _finite(line[f"{name}_mean"] - half) for name, half in halves.items()},
        **{f"{name}_high": _finite(line[f"{name}_mean"] + half) for name, half in halves.items()},
    }


def rfm_grid(people: ibis.Table) -> list[Row]:
    """The rows of `explore/rfm_grid`: customers by recency score and frequency score, and what they spend."""
    summed = people.group_by("recency_score", "frequency_score").agg(
        customers=ibis._.count(), spend=exact_mean(ibis._.spend), monetary_score=ibis._.monetary_score.mean()
    )
    return sorted(rows(summed), key=lambda line: (line["recency_score"], line["frequency_score"]))


def concentration(people: ibis.Table) -> list[Row]:
    """The rows of `explore/concentration`: the share of the year's spend that the top 1, 2, ... 100 % bring."""
    buyers = people.filter(people.spend_365d > 0).select("spend_365d")
    placed = buyers.mutate(
        place=ibis.row_number().over(order_by=buyers.spend_365d.desc()) + 1, all=buyers.count().over()
    )
    percent = (placed.place * 100 / placed["all"]).ceil().cast("int16")
    summed = placed.group_by(top_percent=percent).agg(
        customers=ibis._.count(), spend=ibis._.spend_365d.sum(), least=ibis._.spend_365d.min()
    )
    found = sorted(rows(summed), key=lambda line: line["top_percent"])
    total = sum(line["spend"] for line in found)
    people_so_far, spend_so_far, result = 0, 0.0, []
    for line in found:
        people_so_far += line["customers"]
        spend_so_far += line["spend"]
        result.append(
            {
                "top_percent": line["top_percent"],
                "customers": people_so_far,
                "share_of_spend": steady(min(1.0, spend_so_far / total)),
                "least_spend": line["least"],
            }
        )
    return result

"""Whether lookalikes do later what the seed did, beside customers picked in plainer ways.

On a past day the seed are those who bought a product type in the thirty days before. Of everybody else a tenth is
picked: lift is how much more of them bought that type in the thirty days after than of all who could be picked. Random
picking has a lift of 1. The plain rivals are the most active customers, and the same method on recency, frequency and
spend alone.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.recommendations.lookalikes import people
from hm_assets.recommendations.lookalikes.nearness import FEWEST, RFM, nearness, points, ranked
from hm_assets.segments.space import Bools, Floats, numbers
from hm_assets.warehouse.calendar import as_of_dates, of_month

DAYS = 30
SHARE = 0.1
LOOKALIKES, ACTIVE, ONLY_RFM, RANDOM = "lookalikes", "most_active", "rfm_similarity", "random"
ALL = "all"


@dataclass(frozen=True)
class Effort:
    """Past days judged, product types of each (those with the largest seeds), customers at most, resamples."""

    days: int
    types: int
    customers: int
    resamples: int


EFFORTS: Mapping[str, Effort] = {
    "quick": Effort(2, 5, 5_000, 200),
    "full": Effort(4, 10, 20_000, 1_000),
}


@dataclass(frozen=True)
class Judged:
    """A past day and product type: members of the seed, lifts by way of picking, and their customers' bootstrap."""

    as_of: dt.date
    product_type: str
    seed: int
    pool: int
    buyers: int
    lift: Mapping[str, float]
    drawn: Mapping[str, Floats]


def days_before(
    lines: ibis.Table, months: Sequence[dt.date], until: dt.date, count: int
) -> dict[dt.date, dt.date]:
    """The latest months with thirty days after their last line known on a day, and that line's day; latest first."""
    found = as_of_dates(lines, months)
    over = [m for m in sorted(months, reverse=True) if found[m] + dt.timedelta(days=DAYS) <= until]
    return {month: found[month] for month in over[:count]}


def judge(
    features: ibis.Table,
    lines: ibis.Table,
    articles: ibis.Table,
    days: Mapping[dt.date, dt.date],
    effort: Effort,
    seed: int,
) -> list[Judged]:
    """Every day and product type with a seed and buyers enough.

    Parameters
    ----------
    features, lines, articles
        `features/customer_features` and `raw/transactions` of these months, `articles/articles`.
    days
        Month -> as-of date.
    seed
        Of the bootstrap.
    """
    return [
        found
        for month, as_of in days.items()
        for found in of_day(
            people.read(of_month(features, month), effort.customers), lines, articles, as_of, effort, seed
        )
    ]


def of_day(
    rows: pa.Table, lines: ibis.Table, articles: ibis.Table, as_of: dt.date, effort: Effort, seed: int
) -> Iterator[Judged]:
    """One past day; `rows` are those of `features/customer_features` by key."""
    if not len(rows):
        return
    keys = rows["customer_key"].to_numpy()
    before, after = (bought(lines, articles, as_of + dt.timedelta(days=shift)) for shift in (0, DAYS))
    everywhere, only_rfm = points(rows), points(rows, RFM)
    active = numbers(rows, "orders_90d") - numbers(rows, "recency_days") / 1e6
    seeds = {name: np.isin(keys, of_type) for name, of_type in before.items()}
    largest = sorted(seeds, key=lambda name: (-int(seeds[name].sum()), name))[: effort.types]
    for name in largest:
        members = seeds[name]
        later = np.isin(keys, after.get(name, np.empty(0, dtype=np.int64)))
        pool = np.flatnonzero(~members)
        if members.sum() < FEWEST or later[pool].sum() < FEWEST:
            continue
        scored = {
            LOOKALIKES: nearness(everywhere, members),
            ACTIVE: active,
            ONLY_RFM: nearness(only_rfm, members),
        }
        picked = {}
        for way, scores in scored.items():
            taken = np.zeros(len(keys), dtype=bool)
            taken[ranked(scores, pool)[: max(1, round(SHARE * len(pool)))]] = True
            picked[way] = taken[pool]
        lift, drawn = lifts(picked, later[pool], effort.resamples, seed)
        yield Judged(as_of, name, int(members.sum()), len(pool), int(later[pool].sum()), lift, drawn)


def bought(lines: ibis.Table, articles: ibis.Table, until: dt.date) -> dict[str, Any]:
    """Who bought each known product type in the thirty days up to a day (keys)."""
    first = ibis.literal(until - dt.timedelta(days=DAYS), "date")
    known = lines.filter(
        (lines.t_dat > first) & (lines.t_dat <= ibis.literal(until, "date")) & (lines.price > 0)
    )
    named = articles.filter(articles.product_type_name.notnull())
    joined = known.join(named.select("article_key", name=named.product_type_name), "article_key")
    rows = joined.select("name", "customer_key").distinct().order_by("name", "customer_key").to_pyarrow()
    if not len(rows):
        return {}
    coded = rows["name"].combine_chunks().dictionary_encode()
    codes, keys = coded.indices.to_numpy(), rows["customer_key"].to_numpy()
    return {name: keys[codes == i] for i, name in enumerate(coded.dictionary.to_pylist())}


def lifts(
    picked: Mapping[str, Bools], later: Bools, resamples: int, seed: int
) -> tuple[dict[str, float], dict[str, Floats]]:
    """Lift of each way of picking, and with customers drawn anew (the same draws for all ways).

    A customer is one of four kinds for a way of picking: the kinds are drawn, not customers one by one.
    """
    ways = list(picked)
    code = later.astype(np.int64)
    for i, way in enumerate(ways):
        code = code + (picked[way].astype(np.int64) << (i + 1))
    counts = np.bincount(code, minlength=2 ** (len(ways) + 1))
    drawn = np.random.default_rng(seed).multinomial(counts.sum(), counts / counts.sum(), size=resamples)
    kinds = np.arange(len(counts))

    def lift(of: Any, i: int) -> Any:
        mine, buys = (kinds >> (i + 1)) % 2 == 1, kinds % 2 == 1
        inside, all_ = of[..., mine].sum(axis=-1), of.sum(axis=-1)
        hits, total = of[..., mine & buys].sum(axis=-1), of[..., buys].sum(axis=-1)
        return (hits / np.maximum(inside, 1)) / np.maximum(total / np.maximum(all_, 1), 1e-12)

    return (
        {way: float(lift(counts, i)) for i, way in enumerate(ways)},
        {way: np.asarray(lift(drawn, i)) for i, way in enumerate(ways)},
    )


def scores(judged: Sequence[Judged], resamples: int, seed: int) -> list[dict[str, Any]]:
    """Rows of `recommendations/lookalike_scores` without the month."""
    rows = [_row(one, way) for one in judged for way in (LOOKALIKES, ACTIVE, ONLY_RFM, RANDOM)]
    if len(judged) > 1:
        rows += _of_all(judged, resamples, seed)
    return rows


def _row(one: Judged, way: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "as_of": one.as_of.isoformat(),
        "product_type": one.product_type,
        "picked": way,
        "seed": one.seed,
        "pool": one.pool,
        "buyers": one.buyers,
        "lift": one.lift.get(way, 1.0),
        "verdict": "",
    }
    if way != RANDOM:
        low, high = np.quantile(one.drawn[way], [0.025, 0.975])
        row |= {"low": float(low), "high": float(high)}
    if way in (ACTIVE, ONLY_RFM):
        low, high = np.quantile(one.drawn[LOOKALIKES] - one.drawn[way], [0.025, 0.975])
        row["verdict"] = verdict(float(low), float(high))
    return row


def _of_all(judged: Sequence[Judged], resamples: int, seed: int) -> Iterator[dict[str, Any]]:
    """The mean over days and types; days, and within them types, are drawn with replacement."""
    days = sorted({one.as_of for one in judged})
    rng = np.random.default_rng(seed)
    by_day = [[i for i, one in enumerate(judged) if one.as_of == day] for day in days]
    draws = []
    for _ in range(resamples):
        chosen = [by_day[d] for d in rng.integers(0, len(days), len(days))]
        draws.append(np.concatenate([rng.choice(types, len(types)) for types in chosen]))

    def ends(values: Floats) -> tuple[float, float]:
        low, high = np.quantile([values[draw].mean() for draw in draws], [0.025, 0.975])
        return float(low), float(high)

    lift = {
        way: np.array([one.lift.get(way, 1.0) for one in judged])
        for way in (LOOKALIKES, ACTIVE, ONLY_RFM, RANDOM)
    }
    for way, values in lift.items():
        low, high = ends(values)
        row: dict[str, Any] = {
            "as_of": ALL,
            "product_type": ALL,
            "picked": way,
            "seed": sum(one.seed for one in judged),
            "pool": sum(one.pool for one in judged),
            "buyers": sum(one.buyers for one in judged),
            "lift": float(values.mean()),
            "verdict": verdict(*ends(lift[LOOKALIKES] - values)) if way != LOOKALIKES else "",
        }
        yield row | ({"low": low, "high": high} if way != RANDOM else {})


def verdict(low: float, high: float) -> str:
    """What the interval of the difference of lifts, lookalikes minus this, says."""
    if low > 0:
        return "lookalikes are better"
    return "better than lookalikes" if high < 0 else "no difference"

"""False alarms in simulated stable years, and how soon a planted shift of 0.2 sd is found.

`python -m benchmarks.drift` prints a table. Simulated are purchases: customers come and go at a steady rate (700 days
on average), buy at rates of their own with a season of 30 %, and the files begin in the middle of it. So who lapsed
piles up, and what is counted from the first day grows, as in the files of a retailer who changes nothing. From the
lines on it is the platform's own code: k-means as champion, placing, counting and `drift`. The shift is planted in
the orders of everybody, in the last two months.
"""

import argparse
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.monitoring.counting import BEHAVIOUR, Counts, Watched
from hm_assets.monitoring.drift import LAST_YEAR, drift
from hm_assets.segments.algorithms.centres import kmeans
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.fitting import Data
from hm_assets.segments.inputs import SPACES
from hm_assets.segments.people import price_per_item
from hm_assets.segments.space import Bools, Floats, Ints, Kind, Space
from hm_assets.warehouse.calendar import add_months

FIRST = dt.date(2018, 1, 1)
# Two whole years lie before the year that is watched; customers came since long before the first day.
TRAINED, WATCHED_FROM, DAYS, BEFORE = 23, 24, 1_130, 3_000
SEGMENTS = 5
SHIFTED = "orders_365d"
GROUPS = 5
# Two spaces of the lab, which hold what grows with the files, and one that holds nothing of the kind.
CHAMPIONS: Mapping[str, Mapping[str, Kind]] = {
    "rfm": SPACES["rfm"],
    "rfm_rhythm": SPACES["rfm_rhythm"],
    "last year": {"recency_days": "count", "orders_365d": "count", "spend_365d": "money"},
}


@dataclass(frozen=True)
class Lines:
    """A customer's day per entry."""

    customer: Ints
    day: Ints
    items: Ints
    spend: Floats
    online: Bools
    group: Ints


def business(customers: int, seed: int) -> Lines:
    """The purchases of a retailer where nothing changes; a third of `customers` or fewer buys in a year."""
    rng = np.random.default_rng(seed)
    came, stays = rng.uniform(-BEFORE, DAYS, customers), rng.exponential(700, customers)
    rate, price = np.exp(rng.normal(np.log(1 / 45), 1.0, customers)), np.exp(rng.normal(-3.5, 0.4, customers))
    online, favourite = rng.beta(0.7, 0.7, customers), rng.integers(0, GROUPS, customers)
    first = np.maximum(came, 0)
    known = np.maximum(np.minimum(came + stays, DAYS) - first, 0)
    who = np.repeat(np.arange(customers), rng.poisson(rate * known * 1.3))
    day = np.floor(first[who] + rng.uniform(size=len(who)) * known[who])
    bought = rng.uniform(size=len(who)) * 1.3 < 1 + 0.3 * np.sin(2 * np.pi * day / 365.25)
    who, day = np.unique(np.stack([who, day.astype(np.int64)])[:, bought], axis=1)
    items = 1 + rng.poisson(1.2, len(who))
    group = np.where(rng.uniform(size=len(who)) < 0.6, favourite[who], rng.integers(0, GROUPS, len(who)))
    spend = items * price[who] * np.exp(rng.normal(0, 0.2, len(who)))
    return Lines(who, day, items, spend, rng.uniform(size=len(who)) < online[who], group)


def people(lines: Lines, month: dt.date) -> pa.Table:
    """Whoever bought so far, as `inputs.customers_as_of` gives them."""
    as_of = add_months(month, 1) - dt.timedelta(days=1)
    age = (as_of - FIRST).days - lines.day
    so_far, year = age >= 0, (age >= 0) & (age < 365)
    n = int(lines.customer.max()) + 1
    key = np.unique(lines.customer[so_far])

    def total(values: Floats | Ints | Bools, rows: Bools) -> Floats:
        return np.asarray(np.bincount(lines.customer[rows], values[rows], n)[key])

    one = np.ones(len(age))
    last, first = np.full(n, 10**6), np.full(n, -1)
    np.minimum.at(last, lines.customer[so_far], age[so_far])
    np.maximum.at(first, lines.customer[so_far], age[so_far])
    days, orders, spend_year = total(one, so_far), total(one, year), total(lines.spend, year)
    items, items_year, spend = (
        total(lines.items, so_far),
        total(lines.items, year),
        total(lines.spend, so_far),
    )
    share = total(lines.online, year) / np.maximum(orders, 1)
    by_group = np.stack([total(one, year & (lines.group == g)) for g in range(GROUPS)])
    columns = {
        "customer_key": key,
        "recency_days": last[key],
        "purchase_days": days.astype(int),
        "spend": spend,
        "items": items.astype(int),
        "tenure_days": first[key],
        "mean_gap_days": pa.array((first - last)[key] / np.maximum(days - 1, 1), mask=days < 2),
        "items_per_order": items / days,
        "price_per_item": spend / items,
        "orders_90d": total(one, so_far & (age < 90)).astype(int),
        SHIFTED: orders.astype(int),
        "spend_365d": spend_year,
        "items_per_order_365d": pa.array(items_year / np.maximum(orders, 1), mask=orders < 1),
        "price_per_item_365d": pa.array(spend_year / np.maximum(items_year, 1), mask=orders < 1),
        "main_channel": np.select(
            [orders < 1, share >= 0.9, share <= 0.1], ["none", "online", "store"], "both"
        ),
        "favourite_group": np.where(
            orders < 1, "none", np.char.add("index_group_", by_group.argmax(0).astype(str))
        ),
        "as_of": pa.array([as_of] * len(key), pa.date32()),
        "month": pa.array([month] * len(key), pa.date32()),
    }
    return pa.table({name: pa.array(column) for name, column in columns.items()})


def watched(lines: Lines, space: str, seed: int) -> Watched:
    """A k-means champion in that space, trained on the month before the year that is watched."""
    rows = people(lines, add_months(FIRST, TRAINED))
    price = price_per_item(rows)
    fitted = Space.fit(space, CHAMPIONS[space], rows, price)
    model = kmeans(Data(fitted.transform(rows)), SEGMENTS, seed).model
    ids = tuple(range(1, SEGMENTS + 1))
    champion = Champion("kmeans", fitted, model, ids, SEGMENTS, rows["as_of"][0].as_py(), seed)
    return Watched(champion, Space.fit("behaviour", BEHAVIOUR, rows, price))


def shifted(rows: pa.Table, by: float, seed: int) -> pa.Table:
    """The same customers with more orders, by so many standard deviations of their logarithm."""
    orders = rows[SHIFTED].to_numpy()
    logs = np.log1p(orders)
    more = np.expm1(logs + by * logs[orders > 0].std())
    whole = np.floor(more + np.random.default_rng(seed).uniform(size=len(more))).astype(int)
    return rows.set_column(
        rows.schema.get_field_index(SHIFTED), SHIFTED, pa.array(np.where(orders > 0, whole, 0))
    )


def year(
    customers: int, space: str, shift: float, seed: int, months: Sequence[int] = range(12)
) -> list[set[str]]:
    """The alarms of each month of the year; what is planted is there from the eleventh on."""
    lines = business(customers, seed)
    watch = watched(lines, space, seed)

    def counts(month: dt.date, by: float = 0.0) -> Counts:
        rows = people(lines, month)
        return watch.counts(ibis.memtable(shifted(rows, by, seed) if by else rows))

    alarms = []
    for number in months:
        month = add_months(FIRST, WATCHED_FROM + number)
        before = add_months(month, -12)
        references = {LAST_YEAR: (before, counts(before))}
        rows = drift(counts(month, shift if number >= 10 else 0.0), references, watch.growing, seed)
        alarms.append({f"{row['feature']} {row['segment']}" for row in rows if row["alarm"]})
    return alarms


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=8)
    arguments = parser.parse_args()
    print(
        "| champion | customers | stable years with an alarm | most alarms in one "
        "| 0.2 sd found in the first month | within two |\n|---|---|---|---|---|---|"
    )
    for space, customers in (("rfm", 8_000), ("rfm_rhythm", 8_000), ("last year", 8_000), ("rfm", 40_000)):
        seeds = range(arguments.years)
        stable = [sum(map(len, year(customers, space, 0.0, seed))) for seed in seeds]
        late = [year(customers, space, 0.2, seed, range(10, 12)) for seed in seeds]
        hit = [[f"{SHIFTED} all" in month for month in months] for months in late]
        print(
            f"| k-means on {space} | {customers:,} | {sum(n > 0 for n in stable)} of {len(stable)} | {max(stable)} "
            f"| {sum(first for first, _ in hit)} of {len(hit)} | {sum(any(each) for each in hit)} of {len(hit)} |",
            flush=True,
        )

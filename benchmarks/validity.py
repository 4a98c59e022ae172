"""Does the ladder hold its 5 % where there is nothing, and see what is there: many made-up retailers through it.

`python -m benchmarks.validity` prints a table. A retailer without structure is one cloud of customers (recency and
purchase days: a Gaussian copula; spend: the sum of their lines); k-means slices it, and all held-out facts and all that
happens later are drawn independently of it. Which lines are reduced, and which are of the cheaper index group, is by
lot too. But both make a price, and prices make spend, so their shares are no held-out facts: the table says how often
the Welch test that the ladder does not make of them would reject. In a retailer with a planted effect, who bought more
so far buys a little more often later.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hm_assets.profiles.statistics.means import one_way_anova, welch_anova
from hm_assets.profiles.statistics.moments import Moments
from hm_assets.profiles.validity import ladder
from hm_assets.profiles.validity.calibration import LEVEL, band
from hm_assets.profiles.validity.effort import Effort
from hm_assets.profiles.validity.facts import CONSTRUCTION, FACTS, LATER
from hm_assets.profiles.validity.past import Past, fitted
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.inputs import RFM
from hm_assets.segments.lab.effort import EFFORTS
from hm_assets.segments.models import Centres
from hm_assets.segments.people import People
from hm_assets.segments.space import Space
from hm_assets_tests.segments.customers import AS_OF, MONTH, cloud, load_of, rows

TESTED = (
    *("age", "online_share_365d", "club_member_status", "fashion_news"),
    *("later_bought", "later_spend", "later_orders", "later_units"),
)
# Shares of lines by lot that make the price of a line.
OF_LINES = ("below_reference_share_365d", "index_group_1_share")
REDUCED, REDUCED_TO = 0.2, 0.7
CHEAPER, CHEAPER_AT = 0.3, 0.5
# What is compared here is whether a test rejects; its interval is not looked at.
FEW = Effort(resamples=2, null_runs=0, null_customers=0, null_fits=1, null_fit_customers=500)
SEGMENTS = 5


@dataclass(frozen=True)
class Retailer:
    """The segments of a made-up retailer, and the facts of its customers."""

    past: Past
    values: Mapping[str, npt.NDArray[Any]]

    @classmethod
    def made(cls, customers: int, seed: int, planted: float = 0.0, segments: int = SEGMENTS) -> "Retailer":
        """One cloud of customers; log odds to buy later rise by `planted` with a standard deviation of log spend."""
        rng = np.random.default_rng([seed, 1])
        everybody = cloud(customers, seed)
        everybody[:, 2], shares = _lines(everybody[:, 1], rng)
        past = _segments(everybody, segments, seed)
        spend = np.log(np.asarray(past.people.rows["spend"]))
        slope = planted * (spend - spend.mean()) / spend.std()
        places = np.asarray(past.people.rows["customer_key"]) - 1
        own = {name: share[places] for name, share in shares.items()}
        return cls(past, {**_facts(past.people, rng, slope), **own})


def _lines(
    purchase_days: npt.NDArray[np.float64], rng: np.random.Generator
) -> tuple[npt.NDArray[np.float64], dict[str, npt.NDArray[np.float64]]]:
    """What each customer spent, and the shares of their lines that `OF_LINES` names."""
    n = len(purchase_days)
    units = (purchase_days + rng.poisson(purchase_days)).astype(np.int64)
    owner = np.repeat(np.arange(n), units)
    reduced, cheaper = (rng.random(len(owner)) < share for share in (REDUCED, CHEAPER))
    price = rng.lognormal(np.log(0.03), 0.5, len(owner))
    price *= np.where(reduced, REDUCED_TO, 1.0) * np.where(cheaper, CHEAPER_AT, 1.0)
    shares = (np.bincount(owner, lot, n) / units for lot in (reduced, cheaper))
    return np.bincount(owner, price, n), dict(zip(OF_LINES, shares, strict=True))


def _segments(everybody: npt.NDArray[np.float64], k: int, seed: int) -> Past:
    table = rows(everybody)
    space = Space.fit("rfm", RFM, table, 1.0)
    crown = Champion("kmeans", space, Centres(np.zeros((k, 3))), tuple(range(1, k + 1)), k, AS_OF, seed)
    nobody = pa.table({"customer_key": pa.array([], pa.int64()), "segment_id": pa.array([], pa.int32())})

    def spent(_: People) -> npt.NDArray[np.float64]:
        raise AssertionError("k-means learns nothing from what comes later")

    return fitted(load_of(everybody), spent, MONTH, crown, nobody, EFFORTS["quick"])


def _facts(
    people: People, rng: np.random.Generator, slope: npt.NDArray[np.float64]
) -> dict[str, npt.NDArray[Any]]:
    """Facts that know nothing of the segments but what `slope` tells of later purchases."""
    n = len(people.rows)
    bought = rng.random(n) < 1 / (1 + np.exp(0.4 - slope))
    orders = np.where(bought, 1 + rng.poisson(1.2, n), 0)
    units = np.where(bought, orders + rng.poisson(2.0, n), 0)
    found: dict[str, npt.NDArray[Any]] = {
        # Two humps, and every tenth unknown, as in the files of fashion retailers.
        "age": np.where(rng.random(n) < 0.6, rng.normal(26, 5, n), rng.normal(50, 7, n)).round(),
        "online_share_365d": rng.binomial(3, 0.6, n) / 3,
        "club_member_status": rng.choice(
            np.array(["ACTIVE", "PRE-CREATE", "LEFT CLUB"], object), n, p=[0.9, 0.09, 0.01]
        ),
        "fashion_news": rng.choice(np.array(["yes", "no"], object), n, p=[0.35, 0.65]),
        "later_bought": np.where(bought, "yes", "no").astype(object),
        "later_orders": orders.astype(np.float64),
        "later_units": units.astype(np.float64),
        "later_spend": units * rng.lognormal(-3.8, 0.7, n),
    }
    found["age"][rng.random(n) < 0.1] = np.nan
    for fact in FACTS:
        if fact.kind != "category" and fact.name not in found:
            found[fact.name] = rng.lognormal(size=n)
    return found


def judged(retailer: Retailer) -> list[dict[str, Any]]:
    """The ladder of a retailer, for the facts that are counted here."""
    own = [fact for fact in FACTS if fact.name in (*TESTED, *OF_LINES)]
    return ladder.rows(retailer.past, retailer.values, FEW, own)


def leading(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The row that leads of each fact that is tested at all."""
    return (row for row in ladder.omnibus(found) if row["tier"] != CONSTRUCTION)


def naive(retailer: Retailer) -> float:
    """The p that an analysis of variance gives for a column that the segments were made of."""
    past = retailer.past
    return one_way_anova(Moments.of(past.groups, past.people.points[:, 0], past.k)).p


def of_lines(retailer: Retailer, name: str) -> float:
    """The p that Welch's test would give for a share of `OF_LINES`."""
    past = retailer.past
    return welch_anova(Moments.of(past.groups, retailer.values[name], past.k)).p


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--retailers", type=int, default=200)
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--planted", type=float, default=0.4)
    arguments = parser.parse_args()
    n, (low, high) = arguments.retailers, band(arguments.retailers)
    rejected: Counter[tuple[str, str, bool]] = Counter()
    effects: Counter[tuple[str, str]] = Counter()
    by_lot: Counter[str] = Counter()
    alarms, naive_alarms, construction_p = 0, 0, 0
    for seed in range(n):
        for planted in (False, True):
            retailer = Retailer.made(arguments.customers, seed, arguments.planted * planted)
            found = judged(retailer)
            for row in leading(found):
                name = row["tier"], row["fact"]
                rejected[(*name, planted)] += row["p"] < LEVEL
                effects[name] += row["effect"] * planted
            construction_p += sum(row["tier"] == CONSTRUCTION and row.get("p") is not None for row in found)
            if not planted:
                alarms += min(row["p_adjusted"] for row in leading(found)) < LEVEL
                naive_alarms += naive(retailer) < LEVEL
                by_lot.update(name for name in OF_LINES if of_lines(retailer, name) < LEVEL)
    print(f"| rung | fact | rejected without structure, of {n} | power, planted effect | its mean size |")
    print("|---|---|---|---|---|")
    for tier, fact in effects:
        power = (
            f"{rejected[tier, fact, True] / n:.1%} | {effects[tier, fact] / n:.3f}"
            if tier == LATER
            else " | "
        )
        print(f"| {tier} | `{fact}` | {rejected[tier, fact, False]} | {power} |")
    print(f"| both | any of them after Benjamini-Hochberg | {alarms} | | |")
    print(f"| construction | p-values printed | {construction_p} | | |")
    print(f"| none | ANOVA on `recency_days`, which the segments were made of | {naive_alarms} | | |")
    for name in OF_LINES:
        print(f"| none | Welch's test on `{name}`, which makes prices | {by_lot[name]} | | |")
    print(f"\nThe binomial 99 % band of 5 % is {low} to {high} of {n}.")

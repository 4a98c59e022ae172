"""Does the ladder hold its 5 % where there is nothing, and see what is there: many made-up retailers through it.

`python -m benchmarks.validity` prints a table. A retailer without structure is one cloud of customers (recency,
purchase days, spend: a Gaussian copula); k-means slices it, and all held-out facts and all that happens later are drawn
independently of it. In a retailer with a planted effect, who bought more so far buys a little more often later.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hm_assets.profiles.statistics.means import one_way_anova
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
    *("age", "online_share_365d", "below_reference_share_365d", "club_member_status", "fashion_news"),
    *("later_bought", "later_spend", "later_orders", "later_units"),
)
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
        everybody = cloud(customers, seed)
        past = _segments(everybody, segments, seed)
        rng = np.random.default_rng([seed, 1])
        spend = np.log(np.asarray(past.people.rows["spend"]))
        slope = planted * (spend - spend.mean()) / spend.std()
        return cls(past, _facts(past.people, rng, slope))


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
        "below_reference_share_365d": rng.beta(0.4, 1.2, n),
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
    own = [fact for fact in FACTS if fact.name in TESTED]
    return ladder.rows(retailer.past, retailer.values, FEW, own)


def leading(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The row that leads of each fact that is tested at all."""
    return (row for row in ladder.omnibus(found) if row["tier"] != CONSTRUCTION)


def naive(retailer: Retailer) -> float:
    """The p that an analysis of variance gives for a column that the segments were made of."""
    past = retailer.past
    return one_way_anova(Moments.of(past.groups, past.people.points[:, 0], past.k)).p


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--retailers", type=int, default=200)
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--planted", type=float, default=0.4)
    arguments = parser.parse_args()
    n, (low, high) = arguments.retailers, band(arguments.retailers)
    rejected: Counter[tuple[str, str, bool]] = Counter()
    effects: Counter[tuple[str, str]] = Counter()
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
    print(f"\nThe binomial 99 % band of 5 % is {low} to {high} of {n}.")

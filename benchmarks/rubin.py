"""Do the pooled 95 % intervals of the imputation cover the truth in 95 % of simulated data sets?

`python -m benchmarks.rubin [--sets 500]` draws customers whose ages have two humps and depend on their attributes,
hides ages at random given the attributes (MAR), fills and pools them as the platform does, and counts how often the
interval holds the true mean age of all customers, of those without a full membership, and the difference.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from hm_assets.customers.imputation import Imputer
from hm_assets.customers.pooling import pool

STATUSES = np.array(["ACTIVE", "PRE-CREATE"])
NEWS = np.array(["NONE", "REGULARLY"])
# Share of the older hump (mean 51) by status and news; the younger one has its mean at 27.
OLDER = {("ACTIVE", "NONE"): 0.30, ("ACTIVE", "REGULARLY"): 0.40}
OLDER |= {("PRE-CREATE", "NONE"): 0.55, ("PRE-CREATE", "REGULARLY"): 0.65}
YOUNG, OLD, SPREAD = 27.0, 51.0, 4.0
PRE_CREATE, REGULARLY = 0.25, 0.35


@dataclass(frozen=True)
class Truth:
    """The means that the intervals should hold."""

    everybody: float
    pre_create: float
    difference: float


def truth() -> Truth:
    """Mean ages of the population that `simulate` draws from."""

    def mean(status: str) -> float:
        share = (1 - REGULARLY) * OLDER[status, "NONE"] + REGULARLY * OLDER[status, "REGULARLY"]
        return YOUNG + share * (OLD - YOUNG)

    active, pre_create = mean("ACTIVE"), mean("PRE-CREATE")
    return Truth((1 - PRE_CREATE) * active + PRE_CREATE * pre_create, pre_create, pre_create - active)


def simulate(customers: int, rng: np.random.Generator) -> pa.Table:
    """Customers with three in ten ages unknown, more so without a full membership; some news unknown too."""
    status = STATUSES[(rng.random(customers) < PRE_CREATE).astype(int)]
    news = NEWS[(rng.random(customers) < REGULARLY).astype(int)]
    older = np.array([OLDER[pair] for pair in zip(status.tolist(), news.tolist(), strict=True)])
    age = np.where(rng.random(customers) < older, OLD, YOUNG) + rng.normal(0, SPREAD, customers)
    age_hidden = rng.random(customers) < np.where(status == "PRE-CREATE", 0.5, 0.25)
    news_hidden = rng.random(customers) < 0.05
    return pa.table(
        {
            "fn": pa.array((news == "REGULARLY").astype(np.int8)),
            "active": pa.array((rng.random(customers) < 0.5).astype(np.int8)),
            "club_member_status": pa.array(status.tolist()),
            "fashion_news_frequency": pa.array(news.tolist(), mask=news_hidden),
            "age": pa.array(np.round(age).astype(np.int16), mask=age_hidden),
        }
    )


def covered(customers: int, draws: int, seed: int) -> list[bool]:
    """Whether the pooled interval of each of the three means holds the truth, in one simulated data set."""
    table = simulate(customers, np.random.default_rng([seed, 0]))
    imputer = Imputer.fit(table, draws, iterations=5, most_rows=customers, seed=[seed, 1])
    is_pre_create = np.array(table["club_member_status"].to_pylist()) == "PRE-CREATE"
    estimates, variances = [], []
    for draw in range(1, draws + 1):
        age = imputer.complete(table, draw, seed)["age"].to_numpy().astype(np.float64)
        one, two = age[is_pre_create], age[~is_pre_create]
        errors = [group.var(ddof=1) / len(group) for group in (age, one, two)]
        estimates.append([age.mean(), one.mean(), one.mean() - two.mean()])
        variances.append([errors[0], errors[1], errors[1] + errors[2]])
    pooled, true = pool(estimates, variances, complete_degrees_of_freedom=customers - 1), truth()
    wanted = np.array([true.everybody, true.pre_create, true.difference])
    return list((pooled.low <= wanted) & (wanted <= pooled.high))


def cover(sets: int, customers: int = 600, draws: int = 10) -> dict[str, float]:
    """Share of the data sets whose interval holds the truth, by estimate."""
    held = np.array([covered(customers, draws, seed) for seed in range(sets)])
    names = ("mean age", "mean age of PRE-CREATE", "difference to ACTIVE")
    return dict(zip(names, held.mean(axis=0).tolist(), strict=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=500)
    for name, share in cover(parser.parse_args().sets).items():
        print(f"{name}: {share:.1%} of the 95 % intervals hold the truth")

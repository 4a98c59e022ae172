"""False alarms in simulated stable years, and how soon a planted shift of 0.2 sd is found.

`python -m benchmarks.drift` prints a table. A year has twelve months of customers in five segments, with recency,
purchases and spend as whole numbers (many ties) and a season that comes back; `same` customers are seen in both years
(correlation 0.8 with themselves), `other` ones are drawn anew. The shift is planted in the purchases of everybody, in
the last two months.
"""

import argparse
import datetime as dt

import numpy as np

from hm_assets.monitoring.counting import STEP, Counts, of_rows
from hm_assets.monitoring.drift import LAST_YEAR, TRAINING, drift
from hm_assets.segments.space import Floats

SEGMENTS = 5
FEATURES = ("recency_days", "orders_90d", "orders_365d", "spend_365d", "price_per_item")
SHIFTED = "orders_365d"
CHANNELS = np.array(["both", "none", "online", "store"])


def month_of_customers(latent: Floats, month: int, season: float, shift: float) -> Counts:
    """The counts of a month from standard normal draws (customers x features and a channel)."""
    segments = np.arange(len(latent)) % SEGMENTS
    found: dict[tuple[str, str, object], int] = {}

    def add(feature: str, cells: np.ndarray) -> None:
        for segment in range(SEGMENTS):
            for cell, n in zip(*np.unique(cells[segments == segment], return_counts=True), strict=True):
                found[feature, str(segment + 1), cell.item()] = int(n)

    wave = season * np.sin(2 * np.pi * month / 12)
    for i, name in enumerate(FEATURES):
        x = latent[:, i] + 0.5 * segments + wave + (shift if name == SHIFTED else 0.0)
        # A count, as purchases are: its logarithm has few values, with many customers at each.
        counts = np.maximum(np.round(np.exp(1.2 + 0.8 * x)), 0) if name != "price_per_item" else np.exp(x)
        add(name, np.round((np.log1p(counts) - 1.5) / 0.8 / STEP).astype(np.int64))
    add("main_channel", CHANNELS[np.digitize(latent[:, -1], [-1.0, -0.5, 0.6])])
    return of_rows(
        {"feature": feature, "segment": segment, "cell": cell, "customers": n}
        for (feature, segment, cell), n in found.items()
    )


def year(
    customers: int, same: bool, season: float, shift: float, reference: str, seed: int, first_month: int = 0
) -> list[set[str]]:
    """The alarms of each month from `first_month` on; with `TRAINING` all are held against the December before."""
    rng = np.random.default_rng(seed)
    width = len(FEATURES) + 1

    def draw() -> Floats:
        return rng.standard_normal((customers, width))

    first, alarms = [draw() for _ in range(12)], []
    for month in range(first_month, 12):
        old = first[month] if reference == LAST_YEAR else first[11]
        new = 0.8 * old + 0.6 * draw() if same else draw()
        then = month if reference == LAST_YEAR else 11
        before = month_of_customers(old, then, season, 0.0)
        now = month_of_customers(new, month, season, shift if month >= 10 else 0.0)
        rows = drift(now, {reference: (dt.date(2019, then + 1, 1), before)}, seed)
        alarms.append({f"{row['feature']} {row['segment']}" for row in rows if row["alarm"]})
    return alarms


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=20)
    arguments = parser.parse_args()
    print(
        "| customers | seen | season | held against | stable years with an alarm | most alarms in one "
        "| 0.2 sd found in the first month | within two |\n|---|---|---|---|---|---|---|---|"
    )
    settings = (
        (4_000, False, 0.3, LAST_YEAR),
        (4_000, True, 0.3, LAST_YEAR),
        (2_000, False, 0.3, LAST_YEAR),
        (4_000, False, 0.3, TRAINING),
    )
    for customers, same, season, reference in settings:
        stable = [
            sum(map(len, year(customers, same, season, 0.0, reference, seed)))
            for seed in range(arguments.years)
        ]
        late = [year(customers, same, season, 0.2, reference, seed, 10) for seed in range(arguments.years)]
        hit = [[f"{SHIFTED} all" in month for month in months] for months in late]
        print(
            f"| {customers:,} | {'same' if same else 'other'} | {season} sd | {reference} "
            f"| {sum(n > 0 for n in stable)} of {len(stable)} | {max(stable)} "
            f"| {sum(first for first, _ in hit)} of {len(hit)} | {sum(any(each) for each in hit)} of {len(hit)} |",
            flush=True,
        )

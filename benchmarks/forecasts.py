"""Seconds and memory of the forecasts at H&M's size.

`python -m benchmarks.forecasts buyers [--customers N] [--seed S]`: the models of buying, learned from and applied to
simulated customers with days like H&M's (two years, whole days, spend of a few hundredths).

`python -m benchmarks.forecasts month RAW WAREHOUSE`: `hm run` of all that leads to `forecasts/customers` of the latest
month: back-tests, choices, fits and scoring, on a warehouse whose features are made.
"""

import argparse
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import measure
from hm_assets.forecasts.buyers.gamma_gamma import GammaGamma, fit_gamma_gamma
from hm_assets.forecasts.buyers.histories import Histories
from hm_assets.forecasts.buyers.mbg_nbd import fit_mbg_nbd
from hm_assets.forecasts.buyers.pareto_nbd import ParetoNBD, fit_pareto_nbd
from hm_assets_tests.forecasts.buyers import simulate

CUSTOMERS, DAYS = 1_371_980, 733
BUYING, SPENDING = ParetoNBD(0.9, 45.0, 0.6, 200.0), GammaGamma(4.0, 5.0, 0.06)
HORIZONS, YEAR = (30, 60, 90), 365


def in_whole_days(histories: Histories) -> Histories:
    """Moments become days, and purchases of one day one."""
    t_x = np.minimum(np.ceil(histories.t_x), histories.T)
    x = np.minimum(histories.x, t_x)
    return Histories(x, np.where(x > 0, t_x, 0.0), histories.T)


def buyers(customers: int, seed: int) -> list[dict[str, float | str]]:
    """A row per step: seconds, and the highest memory so far."""
    rng = np.random.default_rng(seed)
    since = rng.integers(0, DAYS, customers).astype(float)
    histories = in_whole_days(simulate.pareto_nbd(BUYING, since, YEAR, rng).histories)
    mean, _ = simulate.mean_spend(SPENDING, histories.x, rng)
    different = len(histories.distinct()[0])
    print(f"{customers:,} customers, {different:,} different histories, up to {histories.x.max():g} days")
    rows: list[dict[str, float | str]] = []

    def step(name: str, work: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        found = work()
        seconds, peak = (
            time.perf_counter() - started,
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10,
        )
        print(f"{name}: {seconds:.1f} s, peak so far {peak:,.0f} MB", flush=True)
        rows.append({"what": name, "seconds": seconds, "peak_mb": peak})
        return found

    step("nothing yet", lambda: None)
    for name, fit in (("Pareto/NBD", fit_pareto_nbd), ("MBG/NBD", fit_mbg_nbd)):
        model, about = step(f"{name}: fit", lambda fit=fit: fit(histories))
        print(f"  {model}, converged: {about.converged}")
        step(f"{name}: P(active)", lambda model=model: model.p_alive(histories))
        step(
            f"{name}: P(order) in {HORIZONS} days",
            lambda model=model: model.order_probabilities(histories, HORIZONS),
        )
        step(f"{name}: orders in {YEAR} days", lambda model=model: model.expected_orders(histories, YEAR))
    spend, about = step("Gamma-Gamma: fit", lambda: fit_gamma_gamma(histories.x, mean))
    print(f"  {spend}, converged: {about.fit.converged}")
    step("Gamma-Gamma: spend", lambda: spend.expected_spend(histories.x, mean))
    return rows


OUTLOOK = (
    "back_test",
    "scoreboard",
    "order_model",
    "timing_model",
    "value_scoreboard",
    "value_model",
    "customers",
)
if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    simulated = parts.add_parser("buyers")
    simulated.add_argument("--customers", type=int, default=CUSTOMERS)
    simulated.add_argument("--seed", type=int, default=1)
    stored = parts.add_parser("month")
    stored.add_argument("raw")
    stored.add_argument("warehouse")
    asked = parser.parse_args()
    if asked.part == "month":
        measure.save("forecasts_month", measure.made(asked.raw, asked.warehouse, "forecasts", OUTLOOK))
    else:
        found = buyers(asked.customers, asked.seed)
        measure.save("forecasts_buyers", found, customers=asked.customers, seed=asked.seed)

"""A/A campaigns: how often nothing is called something, what CUPED saves, and what the sample-ratio alarm catches.

Run with `python -m benchmarks.experiments [RUNS]` (1,000 by default). Every run draws customers, their spend before and
after, and the arms by the platform's own draw with a key of its own; the campaign does nothing.
"""

import sys
from collections import Counter

import numpy as np

from hm_assets.playbooks.experiments.assignment import HOLDOUT, assign, value_bands
from hm_assets.playbooks.experiments.effects import of_means, of_shares, with_cuped
from hm_assets.playbooks.experiments.power import detectable_gain
from hm_assets.playbooks.experiments.ratio import ratio

CUSTOMERS = 2_000
SHARE = 0.2
BASE = 0.25
# Customers of an arm, treated and held out, and the share of all rows that is lost by chance.
SIZES = ((1_800, 200), (4_500, 500), (9_000, 1_000), (90_000, 10_000), (1_000, 1_000), (10_000, 10_000))
LOST = (0.0, 0.01, 0.05)
DRAWS = 20_000


def main(runs: int) -> None:
    """Print false positives, CUPED's variance, power as planned beside power as it was, and alarms."""
    called, left = a_a(runs)
    print(f"A/A, {runs:,} runs of {CUSTOMERS:,} customers, {SHARE:.0%} held out:")
    for name, times in called.items():
        print(f"  {name}: {times / runs:.1%} false positives at 5 %")
    print(f"  CUPED's variance over the plain one: median {np.median(left):.2f}, largest {max(left):.3f}")
    gain = detectable_gain(BASE, round(CUSTOMERS * (1 - SHARE)), round(CUSTOMERS * SHARE))
    print(f"Planned power 80 % at {100 * gain:.1f} points; seen in {seen(gain, runs):.1%} of {runs:,} runs")
    print("The alarm: false ones, and those of 2 % of the held out lost besides")
    generator = np.random.default_rng(0)
    for treated, holdout in SIZES:
        for lost in LOST:
            false, true = (alarms(generator, treated, holdout, lost, more) for more in (0.0, 0.02))
            print(f"  {treated:,} and {holdout:,}, {lost:.0%} lost: {false:.2%} and {true:.1%}")


def a_a(runs: int) -> tuple[Counter[str], list[float]]:
    """How often each test calls an effect, and CUPED's share of the variance in each run."""
    called: Counter[str] = Counter({"ordered": 0, "spend": 0, "spend, CUPED": 0, "ordered, CUPED": 0})
    left = []
    for run in range(runs):
        ordered, spent, before, held = campaign(run, 0.0)
        found = {
            "ordered": of_shares(ordered[~held], ordered[held]),
            "ordered, CUPED": with_cuped(ordered[~held], ordered[held], before[~held], before[held]),
            "spend": of_means(spent[~held], spent[held]),
            "spend, CUPED": with_cuped(spent[~held], spent[held], before[~held], before[held]),
        }
        called.update(name for name, effect in found.items() if effect is not None and effect.p < 0.05)
        left.append((found["spend, CUPED"].error / found["spend"].error) ** 2)
    return called, left


def campaign(run: int, gain: float) -> tuple[np.ndarray, ...]:
    """Orders, spend, spend before and who is held out; who spent more before orders and spends more."""
    generator = np.random.default_rng(run)
    before = generator.gamma(0.5, 1, CUSTOMERS)
    ids = [f"{run}-{number}" for number in range(CUSTOMERS)]
    strata = value_bands([1] * CUSTOMERS, before.tolist())
    arms = assign(f"campaign {run}", ids, strata, dict.fromkeys(strata, SHARE))
    held = np.array([arm == HOLDOUT for arm in arms])
    rank = before.argsort().argsort() / CUSTOMERS
    chance = BASE + 0.2 * (rank - 0.5) + gain * ~held
    ordered = (generator.random(CUSTOMERS) < chance).astype(float)
    spent = ordered * (0.5 * before + generator.gamma(2, 0.2, CUSTOMERS))
    return ordered, spent, before, held


def seen(gain: float, runs: int) -> float:
    """How often a gain is found."""
    found = 0
    for run in range(runs):
        ordered, _, _, held = campaign(run, gain)
        effect = of_shares(ordered[~held], ordered[held])
        found += effect is not None and effect.p < 0.05
    return found / runs


def alarms(generator: np.random.Generator, treated: int, holdout: int, lost: float, more: float) -> float:
    """How often the alarm is on where rows of both arms are lost by chance, and more of the held out."""
    told = (
        generator.binomial(treated, 1 - lost, DRAWS),
        generator.binomial(holdout - round(holdout * more), 1 - lost, DRAWS),
    )
    counted = Counter(zip(*(each.tolist() for each in told), strict=True))
    on = sum(
        times for (mine, theirs), times in counted.items() if ratio(treated, mine, holdout, theirs).alarm
    )
    return on / DRAWS


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)

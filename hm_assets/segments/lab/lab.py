"""The lab: every algorithm of the catalogue on one month's customers, all judged in the same way, and a verdict."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from hm_assets.segments.algorithms.catalogue import CATALOGUE, Algorithm
from hm_assets.segments.algorithms.centres import kmeans_of
from hm_assets.segments.algorithms.names import HELD
from hm_assets.segments.choice import decision
from hm_assets.segments.choice.choose import Choice
from hm_assets.segments.fitting import CannotFit, Data
from hm_assets.segments.lab import scorecard
from hm_assets.segments.lab.attempts import Tried, fitted, planned
from hm_assets.segments.lab.effort import MAIN, Effort
from hm_assets.segments.measures.gap import gap_statistic
from hm_assets.segments.measures.structure import (
    BOUGHT_AGAIN_DAYS,
    FEW_STARTS,
    ROWS,
    Structure,
    find_structure,
)
from hm_assets.segments.people import Load, People, Spent
from hm_assets.segments.space import numbers, sample
from hm_assets.warehouse import beside

# Besides rfm those where a distance is one: with categories, and on counts of garments, k-means says nothing.
ALSO_TESTED = ("rfm_rhythm", "spend_frequency_price", "monthly_shape")
MOST_TESTED = 20_000


@dataclass(frozen=True)
class Findings:
    """What the lab leaves: rows of `segments/candidates`, and what only all of them together tell."""

    rows: list[dict[str, Any]]
    choice: Choice
    structure: Structure | str


def run(
    load: Load,
    spent: Spent,
    month: dt.date,
    algorithms: Sequence[Algorithm],
    later: Sequence[Mapping[str, Any]],
    effort: Effort,
    seed: int,
    say: Callable[[str], None] = lambda _: None,
    workers: int = 1,
) -> Findings:
    """Try, judge and choose.

    Parameters
    ----------
    load, spent
        Customers of a month, and what they spent after it.
    month
        The month to learn from.
    algorithms
        Of the catalogue.
    later
        Rows of `segments/later_values`.
    effort, seed
        How much of everything, and by which lot.
    say
        Told about each candidate.
    workers
        Processes that share the fits.

    Raises
    ------
    ValueError
        There is no customer.
    """
    rfm = People.of(load, month, "rfm", effort.most_customers)
    columns = load(month, scorecard.RULE_COLUMNS, effort.rule_rows).select(
        ("customer_key", *scorecard.RULE_COLUMNS)
    )
    rows = []
    plans = planned(load, spent, month, algorithms, effort, seed, effort.most_in)
    judged = partial(_judged, rfm=rfm, columns=columns, effort=effort, seed=seed)
    for row in beside.each(judged, plans, workers):
        rows.append({**row, **decision.later_value(later, row), "trained_as_of": rfm.as_of})
        wanted = f"with {row['k']} segments" if row["k"] else "that finds their number itself"
        say(
            f"{row['algorithm']} in {row['space']} {wanted}: {'fitted' if row['segments'] else row['verdict']}"
        )
    try:
        gap = gap_statistic(rfm.points, seed, references=effort.gap_references, workers=workers)
    except CannotFit:
        gap = ()
    gaps = {
        g.k: {"gap": g.gap, "gap_se": g.se, "gap_of_one": gap[0].gap, "gap_of_one_se": gap[0].se} for g in gap
    }
    rows = [row | gaps.get(row["k"], {}) if (row["algorithm"], row["space"]) == MAIN else row for row in rows]

    def structure_in(space: str) -> Structure | str:
        return _structure(
            rfm if space == rfm.space.name else People.of(load, month, space, MOST_TESTED), seed, workers
        )

    choice, structure = decided(rows, structure_in)
    words = {
        space: found if isinstance(found, str) else found.words(HELD[space])
        for space, found in structure.items()
    }
    told = decision.with_structure(decision.with_verdicts(rows, choice), words)
    return Findings(told, choice, structure[rfm.space.name])


def decided(
    rows: Sequence[Mapping[str, Any]], structure_in: Callable[[str], Structure | str]
) -> tuple[Choice, dict[str, Structure | str]]:
    """The choice, and the verdict on structure in each space that it rests on.

    Nobody is crowned in a space that may have no structure though `rfm` has: where the lab would choose in another one,
    that is tested too, and if it has none its candidates are set aside.
    """
    structure = {MAIN[1]: structure_in(MAIN[1])}
    while True:
        found = {space: isinstance(what, Structure) and what.found for space, what in structure.items()}
        choice = decision.decide(rows, found)
        space = choice.by_lab.space
        if space in structure or space not in ALSO_TESTED:
            return choice, structure
        structure[space] = structure_in(space)


def _judged(plan: Tried, rfm: People, columns: pa.Table, effort: Effort, seed: int) -> dict[str, Any]:
    return scorecard.row(fitted(plan, seed, effort.watched), rfm, columns, effort, seed)


def _structure(people: People, seed: int, workers: int) -> Structure | str:
    """The verdict over k-means with every k, on those who bought again; in words where it cannot be had."""
    again = np.flatnonzero(numbers(people.rows, "purchase_days") >= BOUGHT_AGAIN_DAYS)
    rng = np.random.default_rng(seed)
    rows = people.rows.take(again[sample(len(again), ROWS, rng)])
    main = next(a for a in CATALOGUE if (a.name, a.space) == MAIN)
    tried = {f"k-means with {k} segments": (kmeans_of(FEW_STARTS), k) for k in main.ks}
    try:
        return find_structure(Data(people.space.transform(rows, dither=rng)), tried, seed, workers=workers)
    except CannotFit as error:
        return f"no structure found in {HELD[people.space.name]}: {error}"

"""The lab: every algorithm of the catalogue on one month's customers, all judged in the same way, and a verdict."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hm_assets.segments.algorithms.catalogue import CATALOGUE, Algorithm
from hm_assets.segments.algorithms.centres import kmeans_of
from hm_assets.segments.choice import decision
from hm_assets.segments.choice.choose import Choice
from hm_assets.segments.fitting import CannotFit, Data
from hm_assets.segments.lab import scorecard
from hm_assets.segments.lab.attempts import attempts
from hm_assets.segments.lab.effort import MAIN, Effort
from hm_assets.segments.measures.gap import gap_statistic
from hm_assets.segments.measures.structure import Structure, find_structure
from hm_assets.segments.people import Load, People, Spent
from hm_assets.segments.space import numbers

BOUGHT_AGAIN_DAYS = 2
# As in benchmarks/structure.py, which counts how often the verdict is right.
FEW_STARTS = 3


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
    for tried in attempts(load, spent, month, algorithms, effort, seed, effort.most_in):
        row = scorecard.row(tried, rfm, columns, effort, seed)
        rows.append({**row, **decision.later_value(later, row), "trained_as_of": rfm.as_of})
        say(f"{row['algorithm']} in {row['space']} with k = {row['k']}: {tried.refused or 'fitted'}")
    try:
        gap = gap_statistic(rfm.points, seed, references=effort.gap_references)
    except CannotFit:
        gap = ()
    gaps = {
        g.k: {"gap": g.gap, "gap_se": g.se, "gap_of_one": gap[0].gap, "gap_of_one_se": gap[0].se} for g in gap
    }
    rows = [row | gaps.get(row["k"], {}) if (row["algorithm"], row["space"]) == MAIN else row for row in rows]
    structure = _structure(rfm, seed)
    choice = decision.decide(rows, not isinstance(structure, str) and structure.found)
    words = structure if isinstance(structure, str) else structure.words
    return Findings(decision.with_verdicts(rows, choice, words), choice, structure)


def _structure(rfm: People, seed: int) -> Structure | str:
    """The verdict over all candidates, on those who bought again; in words where it cannot be had."""
    again = numbers(rfm.rows, "purchase_days") >= BOUGHT_AGAIN_DAYS
    data = Data(rfm.points[again])
    main = next(a for a in CATALOGUE if (a.name, a.space) == MAIN)
    tried = {f"k-means with {k} segments": (kmeans_of(FEW_STARTS), k) for k in main.ks}
    try:
        return find_structure(data, tried, seed)
    except CannotFit as error:
        return f"no structure found: {error}"

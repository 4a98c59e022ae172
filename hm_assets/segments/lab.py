"""The lab: every algorithm of the catalogue fitted on one month's customers, all judged in the same way, and a verdict."""

import datetime as dt
import math
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hm_assets.segments import decision, scorecard
from hm_assets.segments.algorithms.catalogue import Algorithm
from hm_assets.segments.back_test import Load, Spent, training
from hm_assets.segments.choice import Choice
from hm_assets.segments.fitting import CannotFit, Data
from hm_assets.segments.gap import Gap, gap_statistic
from hm_assets.segments.models import nearest
from hm_assets.segments.people import People
from hm_assets.segments.scorecard import Effort, Tried
from hm_assets.segments.space import stratified
from hm_assets.segments.structure import Structure, find_structure

# In these the whole family is held against data without segments: quick, and without a choice of their own of k.
STRUCTURE_BY = ("kmeans", "gaussian_mixture")
BOUGHT_AGAIN_DAYS = 2


@dataclass(frozen=True)
class Findings:
    """What the lab leaves: rows of `segments/candidates`, and what only all of them together tell."""

    rows: list[dict[str, Any]]
    choice: Choice
    structure: Structure | str
    gap: Gap | None


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
    columns = load(month, scorecard.RULE_COLUMNS, effort.rule_rows).select(scorecard.RULE_COLUMNS)
    rows = []
    for tried in attempts(load, spent, month, algorithms, effort, seed):
        row = scorecard.row(tried, rfm, columns, effort, seed)
        rows.append({**row, **decision.later_value(later, row), "trained_as_of": rfm.as_of})
        say(f"{row['algorithm']} in {row['space']} with k = {row['k']}: {tried.refused or 'fitted'}")
    try:
        gap = gap_statistic(rfm.points, seed, references=effort.gap_references)
    except CannotFit:
        gap = None
    for row in rows:
        if gap is not None and (row["algorithm"], row["space"]) == ("kmeans", "rfm"):
            row |= {"gap": g.gap for g in gap.rows if g.k == row["k"]}
            row |= {"gap_se": g.se for g in gap.rows if g.k == row["k"]}
    structure = _structure(rfm, algorithms, effort, seed)
    found = not isinstance(structure, str) and structure.found
    choice = decision.choose(rows, found)
    return Findings(decision.with_verdicts(rows, choice, found), choice, structure, gap)


def attempts(
    load: Load, spent: Spent, month: dt.date, algorithms: Sequence[Algorithm], effort: Effort, seed: int
) -> Iterator[Tried]:
    """Fit each algorithm with each of its numbers of segments, space by space."""
    lessons = None
    for name in dict.fromkeys(a.space for a in algorithms):
        people = People.of(load, month, name, effort.most_in(name))
        for algorithm in (a for a in algorithms if a.space == name):
            ks, own, data = effort.ks_of(algorithm), people, Data(people.points)
            if algorithm.needs_later:
                lesson = training(load, spent, month, name, effort.most_customers)
                if lesson is None:
                    why = "there is no earlier month with 90 days after it to learn from"
                    yield from (Tried(algorithm, k, people, data, refused=why) for k in ks)
                    continue
                own, data = people.seen_in(lesson[0]), lesson[1]
            data = data.take(stratified(data.points, effort.rows_of(algorithm), seed))
            yield from (_tried(algorithm, k, own, data, seed) for k in ks)

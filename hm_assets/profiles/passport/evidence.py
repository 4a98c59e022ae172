"""What a passport measures of the segments, beyond what the lab and the profiles have measured already."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.profiles.fairness.privacy import K
from hm_assets.profiles.statistics import intervals
from hm_assets.profiles.validity import words
from hm_assets.profiles.validity.differences import LEADING, LIFT
from hm_assets.segments.algorithms.catalogue import Algorithm
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.fitting import CannotFit, Data
from hm_assets.segments.measures import stability
from hm_assets.segments.models import nearest
from hm_assets.segments.space import stratified
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.threads import one_thread

# Distances: the runner-up's is less than 1.22 times the own. Probabilities: hardly likelier than all others together.
AMBIGUOUS_BELOW = 0.55
QUARTER = 3


@dataclass(frozen=True)
class Measured:
    """A figure with its 95 % interval, where it has one, and how many customers it is a share of, where it is one."""

    value: float
    low: float | None = None
    high: float | None = None
    customers: int | None = None


def sizes(assignments: ibis.Table, champion: Champion) -> dict[int, int]:
    """Customers of each segment of the champion, 0 for one that nobody is in."""
    bought = assignments.filter(assignments.segment_id != NO_PURCHASE)
    counted = bought.group_by("segment_id").agg(customers=bought.count()).to_pyarrow().to_pylist()
    return dict.fromkeys(champion.ids, 0) | {row["segment_id"]: row["customers"] for row in counted}


def jaccards(
    champion: Champion,
    algorithm: Algorithm,
    k: int,
    customers: pa.Table,
    lesson: Data | None,
    rows: int,
    resamples: int,
) -> dict[int, Measured]:
    """How much of each segment is found again in resamples: mean best Jaccard, with Student's interval.

    As `segments.measures.stability`, but for the segments as they are kept, by id: the champion's algorithm is
    fitted on each resample, and all rows are placed by that fit. One on which nothing could be fitted counts as 0.

    Parameters
    ----------
    champion
        Whose segments.
    algorithm, k
        What it came from.
    customers
        Of the training month, in the order of their behaviour, with the columns of the space.
    lesson
        What a supervised algorithm learns from instead of these customers.
    rows, resamples
        How many rows are looked at, and how often.
    """
    points = champion.space.transform(customers)
    points = points[stratified(points, rows, champion.seed)]
    original = nearest(champion.model, points)
    data = Data(points)
    if lesson is not None:
        data = lesson.take(stratified(lesson.points, rows, champion.seed))
    rng, fit = np.random.default_rng([champion.seed, 2]), algorithm.fit(champion.space)
    found = np.zeros((resamples, champion.model.k))
    with one_thread():
        for i in range(resamples):
            drawn, seed = np.sort(rng.integers(len(data), size=len(data))), int(rng.integers(2**31))
            try:
                again = nearest(fit(data.take(drawn), k, seed).model, points)
            except CannotFit:
                continue
            found[i] = stability.jaccard(champion.model.k, original, again)
    half = stability.student(0.975, resamples) * found.std(axis=0, ddof=1) / math.sqrt(resamples)
    means = found.mean(axis=0)
    return {
        number: Measured(float(mean), max(0.0, float(mean - h)), min(1.0, float(mean + h)))
        for number, mean, h in zip(champion.ids, means, half, strict=True)
    }


def ambiguous(assignments: ibis.Table) -> dict[int, Measured]:
    """Share of each segment's members who are about as near to their second segment."""
    sure = assignments.filter(assignments.confidence.notnull())
    unsure = (sure.confidence < AMBIGUOUS_BELOW).cast("int64")
    rows = sure.group_by("segment_id").agg(part=unsure.sum(), whole=sure.count()).to_pyarrow().to_pylist()
    return {
        row["segment_id"]: Measured(*intervals.share(row["part"], row["whole"]), row["whole"]) for row in rows
    }


def kept(now: ibis.Table, before: ibis.Table) -> dict[int, Measured]:
    """Share of each segment's members a quarter before who are in it now."""
    was = before.filter(before.segment_id != NO_PURCHASE).select("customer_key", was="segment_id")
    both = was.inner_join(now.select("customer_key", "segment_id"), "customer_key")
    rows = (
        both.group_by("was")
        .agg(part=(both.was == both.segment_id).cast("int64").sum(), whole=both.count())
        .to_pyarrow()
        .to_pylist()
    )
    return {row["was"]: Measured(*intervals.share(row["part"], row["whole"]), row["whole"]) for row in rows}


def differing(ladder: Sequence[Mapping[str, Any]], tier: str) -> tuple[int, int] | None:
    """Of a tier's facts, how many differ at least a little between segments, and how many were tested.

    At least a little: the interval is above 0 and the effect is small or more by Cohen (`validity.words`). None where
    the ladder judged nobody.
    """
    if not ladder:
        return None
    tested = [
        row for row in ladder if row["tier"] == tier and row["test"] in LEADING and row["effect"] is not None
    ]
    differ = [row for row in tested if row["low"] > 0 and row["effect"] >= _little(row, ladder)]
    return len(differ), len(tested)


def _little(row: Mapping[str, Any], ladder: Sequence[Mapping[str, Any]]) -> float:
    if row["effect_name"] != "cramers_v":
        return words.EXPLAINED[0]
    cells = [r for r in ladder if r["fact"] == row["fact"] and r["level"] is not None]
    return words.v_thresholds(len({r["segment_id"] for r in cells}), len({r["level"] for r in cells}))[0]


def lifts(ladder: Sequence[Mapping[str, Any]], champion: Champion) -> dict[int, Measured | str]:
    """Each segment's later spend against everybody's, or why there is none; empty where the ladder judged nobody.

    On the judged day a segment may have been of so few that nothing may be told of them, whatever it is today.
    """
    if not ladder:
        return {}
    found: dict[int, Measured | str] = dict.fromkeys(
        champion.ids, f"no segment of {ladder[0]['as_of']}, the judged day, goes on in it"
    )
    for row in ladder:
        if row["test"] == LIFT and row["n"] < K:
            found[row["segment_id"]] = (
                f"fewer than {K} customers were in it on {row['as_of']}, the judged day"
            )
        elif row["test"] == LIFT and row["effect"] is not None:
            found[row["segment_id"]] = Measured(row["effect"], row["low"], row["high"])
        elif row["test"] == LIFT:
            found[row["segment_id"]] = row["verdict"].removeprefix("not measured: ")
    return found


def is_finite(champion: Champion) -> bool:
    """Whether every number of the model is one."""

    def numbers(value: object) -> list[float]:
        if isinstance(value, Mapping):
            return [n for each in value.values() for n in numbers(each)]
        if isinstance(value, list | tuple):
            return [n for each in value for n in numbers(each)]
        return [float(value)] if isinstance(value, int | float) else []

    return all(math.isfinite(n) for n in numbers([champion.model.as_json(), champion.space.as_json()]))

"""Which features and segments have moved, within a budget of false alarms for a whole year.

Every month asks dozens of questions. The budget of a year is split over twelve months, half of a month's share to the
base as a whole and half to single segments, and within each half Holm's procedure holds it: a year in which nothing
changes shows an alarm, any alarm, with a probability of at most `YEARLY`. What is certain but small is no alarm
either: with a million customers everything differs.
"""

import datetime as dt
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from hm_assets.monitoring import distances
from hm_assets.monitoring.counting import ALL, GROWING, SIZES, Cells, Counts
from hm_assets.profiles.statistics.multiple import holm

YEARLY = 0.05
MONTHS, HALVES = 12, 2
# The smallest move that matters: a tenth of a standard deviation; of categories, a fifth that became a quarter.
LEAST_WASSERSTEIN, LEAST_PSI = 0.1, 0.02
FEWEST = 20
LAST_YEAR, TRAINING = "last_year", "training"
WORDS = {LAST_YEAR: "the same month a year before", TRAINING: "the month of the training"}

References = Mapping[str, tuple[dt.date, Counts]]
"""`LAST_YEAR` and `TRAINING`, as far as there are such months -> the month and its counts."""


def drift(now: Counts, references: References, growing: bool, seed: int) -> list[dict[str, Any]]:
    """Rows of `monitoring/drift` without `as_of` and `month`.

    Judged is what a year in which nothing changes would leave as it is: features of the last 365 days against the same
    month a year before. Against the training month every season is a change, and what is counted from the first day of
    the files grows; both are shown, and the first says whether the champion was trained on the change already. Segments
    that are cut by what grows move too: they are judged only for features that moved for everybody, and say where.

    Parameters
    ----------
    now
        The counts of the month.
    references
        What to compare with.
    growing
        Whether the segments are cut by what grows with the file.
    seed
        Of the draws.
    """
    free = {*GROWING, SIZES} if growing else {*GROWING}
    rows = [
        {
            "reference": name,
            "reference_month": month,
            "judged": name == LAST_YEAR and feature not in free,
            **_compared(feature, segment, before[feature][segment], cells, seed),
        }
        for name, (month, before) in sorted(references.items())
        for feature, segments in sorted(now.items())
        for segment, cells in sorted(segments.items())
        if min(_size(before.get(feature, {}).get(segment, {})), _size(cells)) >= FEWEST
    ]
    everybody, single = ([r for r in rows if (r["segment"] == ALL) == of_all] for of_all in (True, False))
    found = _judged(everybody)
    if growing:
        moved = {row["feature"] for row in found if row["alarm"]}
        single = [{**row, "judged": row["judged"] and row["feature"] in moved} for row in single]
    found += _judged(single)
    return sorted(found, key=lambda row: (row["reference"], row["feature"], row["segment"]))


def lasting(
    rows: Sequence[Mapping[str, Any]], month_before: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The rows with `lasting`: whether the alarm of this month stood in the month before too."""
    earlier = {(row["feature"], row["segment"]) for row in month_before if row["alarm"]}
    return [{**row, "lasting": row["alarm"] and (row["feature"], row["segment"]) in earlier} for row in rows]


def _judged(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of half a month's budget with their chance in a year, and the verdict."""
    chances = iter(holm([row["p"] for row in rows if row["judged"]]))
    years = [(next(chances) or 0.0) * MONTHS * HALVES if row["judged"] else None for row in rows]
    both = [{**row, "p_year": None if p is None else min(1.0, p)} for row, p in zip(rows, years, strict=True)]
    return [{**row, **_verdict(row)} for row in both]


def _compared(feature: str, segment: str, before: Cells, now: Cells, seed: int) -> dict[str, Any]:
    # Its own stream for each question, so that one more feature changes no other's draws.
    rng = np.random.default_rng([seed, zlib.crc32(f"{feature} {segment}".encode())])
    numeric = all(isinstance(cell, int) for cell in {*before, *now})
    compare = distances.of_numbers if numeric else distances.of_categories
    return {
        "feature": feature,
        "segment": segment,
        "customers_before": _size(before),
        "customers": _size(now),
        **asdict(compare(before, now, rng)),
    }


def _size(cells: Cells) -> int:
    return sum(cells.values())


def _verdict(row: Mapping[str, Any]) -> dict[str, Any]:
    """Whether the move matters, whether it is an alarm, and both in words."""
    move, least = row["wasserstein"], LEAST_WASSERSTEIN
    if move is None:
        move, least = row["psi"], LEAST_PSI
    large = move >= least
    certain = row["p_year"] is not None and row["p_year"] <= YEARLY
    who = "all customers" if row["segment"] == ALL else f"segment {row['segment']}"
    if row["shift"] is None:
        what = f"PSI {row['psi']:.3f} (chance: up to {row['psi_null']:.3f})"
    else:
        what = (
            f"moved by {row['wasserstein']:.2f} sd (chance: up to {row['wasserstein_null']:.2f}), its mean by "
            f"{row['shift']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f})"
        )
    against = f"{WORDS[row['reference']]} ({row['reference_month']:%Y-%m})"
    chance = ""
    if row["judged"]:
        chance = f"; chance that a year without change shows this anywhere: {row['p_year']:.2g}"
    return {
        "large": large,
        "alarm": bool(row["judged"] and large and certain),
        "words": f"{row['feature']} of {who}: {what} against {against}{chance}",
    }

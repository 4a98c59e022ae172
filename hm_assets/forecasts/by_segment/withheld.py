"""Counted shares of persons that no document tells: those of few, and those that would give one away by subtraction."""

from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.forecasts.by_segment.tables import ALL
from hm_assets.profiles.fairness.privacy import segments_withheld


def of_few(rows: Sequence[Mapping[str, Any]], measure: str) -> set[str]:
    """The segments whose share is withheld, since it or its rest is of fewer than twenty customers.

    Parameters
    ----------
    rows
        A month of `forecasts/segments`.
    measure
        One that is counted, as `past_cadence`.
    """
    counts = {
        int(row["segment"]): (round(row["value"] * row["customers"]), row["customers"])
        for row in rows
        if row["measure"] == measure and row["segment"] != ALL and row["value"] is not None
    }
    part = segments_withheld({i: many for i, (many, _) in counts.items()})
    rest = segments_withheld({i: whole - many for i, (many, whole) in counts.items()})
    return {str(i) for i in part | rest}

"""Figures of movement: who went where since last month, and how large the segments will be.

Flows are rounded to twenty customers, as on every page (`fairness/privacy.rounded`): an exact one would give away those
that are withheld.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hm_assets.playbooks.metrics.figure import Figure
from hm_assets.profiles.fairness.privacy import rounded, segments_withheld
from hm_assets.profiles.movement.tables import SIZE_FORECAST, TRANSITIONS
from hm_assets.profiles.wording import write_number

Row = Mapping[str, Any]
MOVEMENT = "movement"


def of_transitions(rows: Sequence[Row]) -> Iterator[Figure]:
    """Of `profiles/transitions`: whole flows (step `all`) of twenty customers and more, by where they came from."""
    for row in rows:
        many = rounded(int(row["customers"]))
        if row["step"] == "all" and many is not None:
            fact, segment = f"to_{row['to_segment']}", str(row["from_segment"])
            text = f"about {write_number(many, 'count')}"
            yield Figure(
                TRANSITIONS.path, segment, fact, "customers", float(many), text, MOVEMENT, "moved last month"
            )


def of_size_forecast(rows: Sequence[Row], sizes: Mapping[int, int]) -> Iterator[Figure]:
    """Of `profiles/size_forecast`: by the method that leads, with its 80 % interval."""
    hidden = segments_withheld(sizes)
    for row in rows:
        if not row["leads"] or row["segment_id"] in hidden:
            continue
        for field in ("customers", "low_80", "high_80"):
            if row[field] is not None:
                yield Figure(
                    SIZE_FORECAST.path,
                    str(row["segment_id"]),
                    f"size_in_{row['months_ahead']}_months",
                    field,
                    float(row[field]),
                    write_number(row[field], "count"),
                    MOVEMENT,
                    "expected customers",
                )

"""What moves the customers of a segment most: how many of them have a theme as their first driver, and which way."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import ibis

from hm_assets.forecasts.why.tables import ALL


def reasons(drivers: ibis.Table, assignments: ibis.Table) -> Iterator[dict[str, Any]]:
    """Rows of `forecasts/segment_reasons` without the month, the segment's most frequent first.

    Parameters
    ----------
    drivers, assignments
        One month of `forecasts/drivers` and of `segments/assignments`.
    """
    explained = drivers.filter(drivers.reference.notnull())
    placed = explained.inner_join(assignments.select("customer_key", "segment_id"), "customer_key")
    raises = (placed.points_1 > 0).fill_null(False)
    counted = (
        placed.group_by("as_of", "model_version", "segment_id", theme=placed.theme_1, raises=raises)
        .agg(customers=ibis._.count())
        .to_pyarrow()
        .to_pylist()
    )
    everybody = [{**row, "segment_id": ALL} for row in counted]
    for segment in sorted({str(row["segment_id"]) for row in (*counted, *everybody)}):
        mine = [row for row in (*counted, *everybody) if str(row["segment_id"]) == segment]
        moved: Counter[tuple[str, str]] = Counter()
        for row in mine:
            if row["theme"] is not None:
                moved[row["theme"], "raises" if row["raises"] else "lowers"] += row["customers"]
        total = sum(row["customers"] for row in mine)
        ordered = sorted(moved.items(), key=lambda item: (-item[1], item[0]))
        for rank, ((theme, effect), many) in enumerate(ordered, start=1):
            yield {
                "as_of": mine[0]["as_of"],
                "segment": segment,
                "rank": rank,
                "theme": theme,
                "effect": effect,
                "share": many / total,
                "moved": many,
                "customers": total,
                "model_version": mine[0]["model_version"],
            }

"""What the Dagster UI shows of this room: tables in markdown, and findings in a sentence."""

from collections.abc import Sequence
from typing import Final

from hm_assets.playbooks.experiments.measuring import ALL, Row
from hm_assets.playbooks.experiments.plans import about, points
from hm_assets.profiles.wording import write_number
from hm_assets.warehouse import markdown

NOTHING: Final = "nothing to show"


def of_plans(rows: Sequence[Row]) -> str:
    """The chosen plan of each segment."""
    chosen = [row for row in rows if row["chosen"]]
    if not chosen:
        return NOTHING
    return markdown.table(
        ("segment", "customers", "held out", "days", "smallest rise seen", "verdict"),
        (
            (
                row["segment_id"],
                about(row["customers"]),
                about(row["holdout"]),
                row["horizon_days"],
                points(row["detectable_gain"]) if row.get("detectable_gain") is not None else "",
                row["verdict"],
            )
            for row in chosen
        ),
    )


def of_results(rows: Sequence[Row]) -> str:
    """Differences with intervals and alarms."""
    if not rows:
        return NOTHING
    return markdown.table(
        ("campaign", "segment", "outcome", "method", "difference", "low", "high", "alarm"),
        (
            (
                row["campaign"],
                row["segment"],
                row["outcome"],
                row["method"],
                *(f"{row[name]:.4g}" for name in ("difference", "low", "high")),
                "rows lost unevenly" if row["ratio_alarm"] else "",
            )
            for row in rows
        ),
    )


def of_effects(rows: Sequence[Row]) -> str:
    """What is believed before and after."""
    if not rows:
        return NOTHING
    return markdown.table(
        ("segment", "campaigns", "before", "after", ""),
        (
            (
                row["segment"],
                row["campaigns"],
                write_number(row["prior_mean"], "share"),
                write_number(row["posterior_mean"], "share"),
                "assumption" if row["assumption"] else "",
            )
            for row in rows
        ),
    )


def finding(rows: Sequence[Row], strangers: Sequence[str]) -> str:
    """What was read, and what nothing can be said of."""
    campaigns = sorted({row["campaign"] for row in rows})
    said = [f"measured: {', '.join(campaigns)}" if campaigns else "no campaign was measured"]
    alarmed = sorted({row["campaign"] for row in rows if row["ratio_alarm"] and row["segment"] == ALL})
    if alarmed:
        said.append(f"rows got lost unevenly, do not use: {', '.join(alarmed)}")
    if strangers:
        said.append(
            f"not assigned here, so nobody was left out at random and nothing can be measured: {', '.join(strangers)}"
        )
    return "; ".join(said)

"""The files of a campaign's arms: whom to contact and whom to leave alone, one CSV each per segment."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from hm_assets.playbooks.cells import inert
from hm_assets.playbooks.experiments.assignment import HOLDOUT, TREATED
from hm_assets.profiles.fairness.privacy import K
from hm_assets.warehouse import artifacts

COLUMNS: Final = ("customer_id", "campaign", "segment_id", "arm")


class ArmFile(NamedTuple):
    """A file that was written."""

    path: Path
    segment_id: int
    arm: str


def name_of(campaign: str, segment: int, arm: str) -> str:
    """`campaign-2020-09-segment-3-treated.csv`."""
    return f"campaign-{campaign}-segment-{segment}-{arm}.csv"


def write(folder: Path, campaign: str, audience: Sequence[Mapping[str, Any]]) -> Iterator[ArmFile]:
    """Write the files of a campaign; none of an arm of fewer than twenty people.

    Parameters
    ----------
    folder
        Of the month's documents.
    campaign
        Its key.
    audience
        Its rows of `playbooks/audiences`.
    """
    arms: dict[tuple[int, str], list[str]] = {}
    for row in audience:
        arms.setdefault((row["segment_id"], row["arm"]), []).append(row["customer_id"])
    for segment in sorted({segment for segment, _ in arms}):
        for arm in (TREATED, HOLDOUT):
            customers = sorted(arms.get((segment, arm), ()))
            if len(customers) < K:
                continue
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows([inert(customer), campaign, segment, arm] for customer in customers)
            path = artifacts.write_text(folder / name_of(campaign, segment, arm), text.getvalue())
            yield ArmFile(path, segment, arm)

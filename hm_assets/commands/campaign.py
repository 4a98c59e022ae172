"""`hm campaign`: what a holdout can show, and what a file of results says, without storing anything."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from hm_assets.playbooks.experiments import measuring, results_file, stored
from hm_assets.playbooks.experiments.plans import SHARES, points
from hm_assets.playbooks.experiments.power import detectable_gain
from hm_assets.playbooks.experiments.shown import finding
from hm_assets.settings import Settings, named
from hm_assets.sources.contract import CAMPAIGN_RESULTS
from hm_assets.warehouse import identity
from hm_assets.warehouse.errors import LandingError

PLAN_HEADINGS: Final = ("left alone", "contacted", "smallest rise that is seen in four of five")
HEADINGS: Final = ("campaign", "segment", "outcome", "method", "difference", "95 % interval", "")


class Found(NamedTuple):
    """Lines of a table, and the finding in a sentence."""

    rows: Sequence[tuple[str, ...]]
    finding: str


def plan(base: float, customers: int) -> Iterator[tuple[str, str, str]]:
    """Each share to leave alone, and the smallest rise that it shows."""
    for share in SHARES:
        holdout = round(customers * share)
        if 1 <= holdout < customers:
            gain = detectable_gain(base, customers - holdout, holdout)
            seen = points(gain) if gain is not None else "none"
            yield f"{holdout:,} ({share:.0%})", f"{customers - holdout:,}", seen


def read(settings: Settings, path: Path | None) -> Found:
    """Check a file and measure its campaigns.

    Parameters
    ----------
    settings
        Of the warehouse.
    path
        The file; that of the landing zone, if None.

    Raises
    ------
    LandingError
        There is no file, or it is not what the contract says.
    """
    raw = settings.landing_zone or identity.of(settings.warehouse).raw
    path = path or results_file.find(raw)
    if path is None or not path.is_file():
        missing = path or named(raw / CAMPAIGN_RESULTS.stem)
        raise LandingError(f"{missing}: no such file; name one, or put it there")
    answers = results_file.read(path, settings.warehouse)
    rows, strangers = measuring.of_file(answers, lambda month: stored.audience(settings.warehouse, month))
    lines = [
        (
            row["campaign"],
            row["segment"],
            row["outcome"],
            row["method"],
            f"{row['difference']:+.4g}",
            f"{row['low']:.4g} to {row['high']:.4g}",
            "rows lost unevenly: do not use" if row["ratio_alarm"] else "",
        )
        for row in rows
    ]
    return Found(lines, finding(rows, strangers))

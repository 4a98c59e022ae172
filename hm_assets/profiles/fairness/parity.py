"""Whether the age bands of the base are as likely as one another to be in a segment, and so to get what it gets.

The ratio of a band's share in the segment to its share in the base is, but for one factor per segment, the chance of a
customer of that band to be in it. So the lowest ratio over the highest is the ratio of the chances that the four-fifths
rule asks about (Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D): below 0.8 it warns. It is a rule
of thumb of another field; the page says what it found, and a person decides what is fair.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.explore.words import percent
from hm_assets.profiles.ages import BANDS
from hm_assets.profiles.fairness import privacy
from hm_assets.profiles.wording import WORDINGS
from hm_assets.segments.tables import NO_PURCHASE

LEAST_PARITY = 0.8

Row = Mapping[str, Any]


def rows_of(profiles: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows of `profiles/age_parity` from one month of `profiles/segment_profiles`."""
    told = privacy.without(profiles, privacy.withheld(profiles))
    bands = [row for row in told if row["fact"] in BANDS and row["segment_id"] != NO_PURCHASE]
    found = []
    for number in sorted({row["segment_id"] for row in bands}):
        mine = [_band(row) for row in bands if row["segment_id"] == number]
        parity, at_most = parity_of(mine)
        words = verdict(mine, parity, at_most)
        found += [{**row, "parity": parity, "parity_high": at_most, "verdict": words} for row in mine]
    return found


def parity_of(bands: Sequence[Row]) -> tuple[float | None, float | None]:
    """The lowest ratio over the highest, and the most that the intervals allow; None with fewer than two bands told."""
    told = [row for row in bands if row["ratio"] is not None]
    if len(told) < 2:
        return None, None
    lowest, highest = (pick(told, key=lambda row: row["ratio"]) for pick in (min, max))
    if not highest["ratio"]:
        return None, None
    parity = lowest["ratio"] / highest["ratio"]
    if lowest["high"] is None or highest["low"] is None:
        return parity, None
    return parity, min(1.0, lowest["high"] / highest["low"]) if highest["low"] > 0 else 1.0


def verdict(bands: Sequence[Row], parity: float | None, at_most: float | None) -> str:
    """The parity of a segment in a sentence."""
    told = [row for row in bands if row["ratio"] is not None]
    if parity is None:
        return "Not measured: fewer than two age bands hold enough customers."
    if parity >= LEAST_PARITY:
        return f"All age bands are served alike: the lowest chance is {percent(parity)} of the highest."
    least, most = (pick(told, key=lambda row: row["ratio"]) for pick in (min, max))
    sure = "" if at_most is not None and at_most < LEAST_PARITY else ", though the intervals allow for less"
    return (
        f"WARN: customers {_called(least)} are {percent(parity)} as likely as those {_called(most)} to be in it{sure}. "
        "Whoever addresses this segment addresses an age."
    )


def _called(row: Row) -> str:
    label = WORDINGS[row["age_band"]].label
    return f"of {label[:1].lower()}{label[1:]}" if label[0].isdigit() else f"{label[:1].lower()}{label[1:]}"


def _band(row: Row) -> dict[str, Any]:
    def over_base(name: str) -> float | None:
        return None if row[name] is None or not row["base"] else row[name] / row["base"]

    return {
        **{name: row[name] for name in ("as_of", "month", "segment_id", "segment_name", "base")},
        "age_band": row["fact"],
        "share": row["value"],
        "ratio": over_base("value"),
        "low": over_base("low"),
        "high": over_base("high"),
    }

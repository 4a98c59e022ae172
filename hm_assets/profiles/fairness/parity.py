"""Whether the age bands of the base are as likely as one another to be in a segment, and so to get what it gets.

The ratio of a band's share in the segment to its share in the base is, but for one factor per segment, the chance of a
customer of that band to be in it. So the lowest ratio over the highest is the ratio of the chances that the four-fifths
rule asks about (Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D): below 0.8 it warns. It is a rule
of thumb of another field; the page says what it found, and a person decides what is fair.

A band whose figure is withheld (`privacy`) is not told, and not forgotten: to keep an age out altogether would else
pass. It counts with the most that it can be, one customer less than is told of, or with its own share where that is of
more. If that is under four fifths of the highest chance, the segment warns without a figure.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.explore.words import percent
from hm_assets.profiles.ages import BANDS
from hm_assets.profiles.fairness import privacy
from hm_assets.profiles.wording import WORDINGS
from hm_assets.segments.tables import NO_PURCHASE

LEAST_PARITY = 0.8
WARNS = "WARN: "

Row = Mapping[str, Any]


def rows_of(profiles: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows of `profiles/age_parity` from one month of `profiles/segment_profiles`."""
    told = privacy.without(profiles, privacy.withheld(profiles))
    bands = [
        (row, shown)
        for row, shown in zip(profiles, told, strict=True)
        if row["fact"] in BANDS and row["segment_id"] != NO_PURCHASE
    ]
    customers = {row["segment_id"]: row["value"] for row in profiles if row["fact"] == "customers"}
    found = []
    for number in sorted({row["segment_id"] for row, _ in bands}):
        mine = [_band(shown) for row, shown in bands if row["segment_id"] == number]
        known = [row for row, _ in bands if row["segment_id"] == number]
        excluded = _excluded(known, mine, customers.get(number, 0.0))
        parity, at_most = (None, None) if excluded else parity_of(mine)
        words = verdict(mine, parity, at_most, excluded)
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


def verdict(
    bands: Sequence[Row], parity: float | None, at_most: float | None, excluded: Sequence[Row] = ()
) -> str:
    """The parity of a segment in a sentence; `excluded` are the bands that warn though their figure is withheld."""
    told = [row for row in bands if row["ratio"] is not None]
    if excluded:
        who = " and ".join(_called(row) for row in excluded)
        return (
            f"{WARNS}customers {who} are less than {percent(LEAST_PARITY)} as likely as the likeliest to be in it; the "
            "figure is withheld. Whoever addresses this segment addresses an age."
        )
    if parity is None:
        return "Not measured: fewer than two age bands hold enough customers."
    hidden = len(told) < len(bands)
    if parity >= LEAST_PARITY:
        alike = "Of the bands that can be told, all" if hidden else "All age bands"
        return f"{alike} are served alike: the lowest chance is {percent(parity)} of the highest."
    least, most = (pick(told, key=lambda row: row["ratio"]) for pick in (min, max))
    sure = "" if at_most is not None and at_most < LEAST_PARITY else ", though the intervals allow for less"
    return (
        f"{WARNS}{'of the bands that can be told, ' if hidden else ''}customers {_called(least)} are {percent(parity)} "
        f"as likely as those {_called(most)} to be in it{sure}. Whoever addresses this segment addresses an age."
    )


def _excluded(known: Sequence[Row], told: Sequence[Row], customers: float) -> list[Row]:
    """The bands that are withheld and cannot be four fifths as likely as the likeliest.

    Parameters
    ----------
    known, told
        The bands with their figures, and the same as they are told.
    customers
        In the segment.
    """
    chances = []
    for row in known:
        part = row["value"] * customers
        of_few = round(part) < privacy.K
        chances.append((of_few, max(part, privacy.K - 1) / customers / row["base"] if row["base"] else None))
    # A band of too few may be at its bound or at nothing: the likeliest is one of those that are of more.
    likeliest = max(
        (chance for few, chance in chances if chance is not None and not few),
        default=0.0,
    )
    return [
        row
        for row, (_, chance) in zip(told, chances, strict=True)
        if row["ratio"] is None and chance is not None and chance < LEAST_PARITY * likeliest
    ]


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

"""What a row of the ladder says, in a sentence: the size of the effect first, then how sure, then p.

Sizes are Cohen's (1988): omega squared and epsilon squared 0.01, 0.06, 0.14 are small, medium, large (8.2.2); Cramer's
V is w = 0.1, 0.3, 0.5 over the root of the smaller side minus one (7.2.3); Cliff's delta's are Romano's
(`statistics/ranks.py`).
"""

import math

from hm_assets.profiles.statistics.ranks import DELTA
from hm_assets.profiles.validity.calibration import LEVEL, Calibrated
from hm_assets.profiles.validity.facts import Fact

EXPLAINED = (0.01, 0.06, 0.14)
W = (0.1, 0.3, 0.5)
SIZES = ("negligible", "small", "medium", "large")
# From so many customers on, differences of no use to anybody are "significant".
MANY = 10_000


def size(effect: float, thresholds: tuple[float, ...]) -> str:
    """Negligible, small, medium or large."""
    return SIZES[sum(abs(effect) >= threshold for threshold in thresholds)]


def v_thresholds(rows: int, columns: int) -> tuple[float, ...]:
    """Cohen's w as Cramer's V of a table of that many rows and columns."""
    return tuple(w / math.sqrt(max(min(rows, columns) - 1, 1)) for w in W)


def by_construction(words: str, effect: float, low: float, null: float | None) -> str:
    """Of a fact that the clustering was made of."""
    said = (
        f"by construction: {percent(effect)} of the variance of {words} lies between the segments, made of it"
    )
    if null is None:
        return f"{said}; what slicing a cloud would give could not be measured"
    more = "more than" if low > null else "no more than"
    return f"{said}; that is {more} the {percent(null)} that slicing customers without groups gives"


def explained(fact: Fact, effect: float, low: float, high: float) -> str:
    """Of a number that the segments did not see."""
    span = f"{percent(effect)} of the variance of {fact.words} ({percent(low)} to {percent(high)})"
    if low <= 0:
        return f"no difference shown: segments explain {span}"
    return f"{size(effect, EXPLAINED)}: segments explain {span}"


def associated(fact: Fact, effect: float, low: float, high: float, thresholds: tuple[float, ...]) -> str:
    """Of a category that the segments did not see."""
    span = f"Cramer’s V of {fact.words} is {effect:.2f} ({low:.2f} to {high:.2f})"
    if low <= 0:
        return f"no difference shown: {span}"
    return f"{size(effect, thresholds)}: {span}"


def likelier(first: int, second: int, delta: float, low: float, high: float) -> str:
    """Of a pair by Cliff's delta."""
    if low <= 0 <= high:
        return f"no difference shown between segments {first} and {second}: delta {delta:.2f}"
    more, less = (first, second) if delta > 0 else (second, first)
    said = f"a member of segment {more} tends to have more than one of segment {less}"
    return f"{size(delta, DELTA)}: {said} (delta {abs(delta):.2f})"


def apart(first: int, second: int, difference: float, low: float, high: float) -> str:
    """Of a pair by its means."""
    if low <= 0 <= high:
        return f"no difference shown between the means of segments {first} and {second}"
    more, less = (first, second) if difference > 0 else (second, first)
    ends = sorted((abs(low), abs(high)))
    said = f"segment {more} has {abs(difference):.3g} more than segment {less} on average"
    return f"{said} ({ends[0]:.3g} to {ends[1]:.3g})"


def lift(segment: int, ratio: float, low: float | None, high: float | None) -> str:
    """Of a segment's later spend beside everybody's."""
    said = f"segment {segment} spent {ratio:.2f} times everybody’s mean in the next 90 days"
    return said if low is None or high is None else f"{said} ({low:.2f} to {high:.2f})"


def sure(p: float | None, n: int, null: Calibrated | None, shown: bool) -> str:
    """What the p-value adds to what the interval decides (`shown`), and whether it can be trusted."""
    if p is None:
        return ""
    said = f"; p {'< 0.001' if p < 0.001 else f'= {p:.3f}'} after all tests"
    if (p < LEVEL) != shown:
        said += " leaves a doubt"
    if n >= MANY:
        said += f", which with {n:,} customers says little: the size counts"
    if null is not None and null.runs and not null.holds:
        said += (
            f"; the test rejects {null.rejected} of {null.runs} shuffles instead of 5 %, so do not trust p"
        )
    return said


def percent(share: float) -> str:
    """A share; what is under 10 % with a decimal."""
    digits = 1 if abs(share) < 0.0995 else 0
    # Adding 0 takes the sign off a zero.
    return f"{round(100 * share, digits) + 0.0:.{digits}f} %"

"""The season: how much more or less is bought in a month of the calendar than customers' histories tell.

A model of customers knows who buys more than others; how much all of them buy in the coming weeks is the calendar's. So
every past interval is compared with what the model says of it: what had to be added to the log odds for the mean to be
right is the effect of the calendar month that the interval lay in. The same month a year later is given the same.
A month that no past interval lay in is given nothing: without a year of history there is no correction.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from hm_assets.segments.space import Bools, Floats
from hm_assets.warehouse.calendar import add_months

# Effects are drawn towards none as by a normal prior with this standard deviation: a few hundred customers move
# nothing by chance, and ten thousand are believed.
PRIOR_SD = 0.1
# Log odds; a month in which nobody bought has an effect without end.
MOST = 2.0


def shifted(p: Floats, shift: npt.ArrayLike) -> Floats:
    """Probabilities with something added to their log odds."""
    from scipy.special import expit

    return np.asarray(expit(_log_odds(p) + np.asarray(shift)))


def shift_to(p: Floats, rate: float) -> float:
    """What must be added to the log odds of probabilities (n) for their mean to be `rate`, within `MOST`."""
    from scipy.special import expit

    odds, low, high = _log_odds(p), -MOST, MOST
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(odds + middle).mean() < rate else (low, middle)
    return (low + high) / 2


def _log_odds(p: Floats) -> Floats:
    from scipy.special import logit

    return np.asarray(logit(np.clip(p, 1e-12, 1 - 1e-12)))


def calendar_month(month: dt.date, interval: int) -> int:
    """The calendar month that an interval (from 0, 30 days each) after the end of a month mostly lies in."""
    return add_months(month, 1 + interval).month


def effects(
    months: npt.NDArray[np.datetime64],
    hazards: Floats,
    asked: Bools,
    happened: Bools,
    ahead: Sequence[int] | None = None,
) -> dict[int, float]:
    """What is to be added to log odds, by calendar month.

    Parameters
    ----------
    months
        The month of the cut-off of each example (n).
    hazards
        What a model says of each interval (n x intervals).
    asked, happened
        Of whom an interval tells something, and who ordered in it (n x intervals).
    ahead
        How many 30 days lie before each interval; None: the intervals are 30 days each.
    """
    weighted: Mapping[int, list[float]] = defaultdict(lambda: [0.0, 1 / PRIOR_SD**2])
    for month in np.unique(months):
        mine = months == month
        for interval in range(hazards.shape[1]):
            rows = mine & asked[:, interval]
            if not rows.any():
                continue
            p = hazards[rows, interval]
            information = float((p * (1 - p)).sum())
            later = interval if ahead is None else ahead[interval]
            total = weighted[calendar_month(month.astype(object), later)]
            total[0] += information * shift_to(p, float(happened[rows, interval].mean()))
            total[1] += information
    return {month: total / known for month, (total, known) in weighted.items()}


def as_json(season: Mapping[int, float]) -> dict[str, float]:
    """Effects by month as a file has them, whose keys are text."""
    return {str(month): effect for month, effect in season.items()}


def from_json(value: Mapping[str, float]) -> dict[int, float]:
    """The inverse of `as_json`."""
    return {int(month): effect for month, effect in value.items()}

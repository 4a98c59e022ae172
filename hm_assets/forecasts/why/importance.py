"""How much P(order within 90 days) rests on each input and theme: the rows of `forecasts/importance`."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from hm_assets.forecasts.measures.scores import Measured
from hm_assets.forecasts.why.shapley import Explained, mean
from hm_assets.forecasts.why.shuffling import Past, losses
from hm_assets.forecasts.why.themes import THEME_OF, by_theme
from hm_assets.profiles.statistics.intervals import Z
from hm_assets.segments.space import Floats, numbers

Loss = Mapping[str, Mapping[str, Measured]]
NONE = Measured(None, None, None)


def importance(
    found: Explained, past: Past | None, resamples: int, seed: int, workers: int = 1
) -> list[dict[str, Any]]:
    """Rows of `forecasts/importance`, without date and version.

    Parameters
    ----------
    found
        The customers of the month and the parts of their probabilities.
    past
        The same algorithm on the latest judged day; None where there is none.
    resamples, seed
        Of the losses.
    workers
        Processes that share them.
    """
    themes = by_theme(found.columns)
    groups = {("input", column): [column] for column in found.columns} | {
        ("theme", theme): [found.columns[i] for i in places] for theme, places in themes.items()
    }
    usable = set() if past is None else set(past.model.space.columns)
    asked = {
        f"{level} {name}": [c for c in columns if c in usable] for (level, name), columns in groups.items()
    }
    lost: Loss = {} if past is None else losses(past, asked, resamples, seed, workers)
    judged = None if past is None else past.as_of
    return list(_rows(found, groups, lost, judged))


def _rows(
    found: Explained,
    groups: Mapping[tuple[str, str], list[str]],
    lost: Loss,
    judged: dt.date | None,
) -> Iterator[dict[str, Any]]:
    for (level, name), columns in groups.items():
        points = found.points[[found.columns.index(c) for c in columns]].sum(axis=0)
        middle, low, high = mean_size(points)
        loss = lost.get(f"{level} {name}", {})
        row: dict[str, Any] = {
            "level": level,
            "name": name,
            "theme": THEME_OF[columns[0]],
            "mean_points": middle,
            "mean_points_low": low,
            "mean_points_high": high,
            "direction": direction(numbers(found.rows, name), points) if level == "input" else None,
            "judged_as_of": judged,
        }
        for metric in ("brier", "auc"):
            measured = loss.get(metric, NONE)
            row |= {
                f"{metric}_loss": measured.value,
                f"{metric}_loss_low": measured.low,
                f"{metric}_loss_high": measured.high,
            }
        yield row


def mean_size(points: Floats) -> tuple[float, float | None, float | None]:
    """Mean absolute value with its normal interval over customers, the same for any order of them."""
    size, n = np.abs(points), points.size
    # In units of the largest: the steps of `mean` are too wide for the squares of a thousandth of a point.
    unit = float(size.max(initial=0.0)) or 1.0
    share = float(mean(size / unit))
    middle = share * unit
    if n < 2:
        return middle, None, None
    half = Z * unit * float(np.sqrt(max(float(mean((size / unit) ** 2)) - share**2, 0.0) / (n - 1)))
    return middle, max(0.0, middle - half), middle + half


def direction(values: Floats, points: Floats) -> float | None:
    """Spearman's correlation over the n customers whose value is known; None where one of both is the same for all."""
    from scipy.stats import rankdata

    known = ~np.isnan(values)
    if known.sum() < 2:
        return None
    # Twice a rank, and so twice a centred rank, is a whole number: exact sums, in any order.
    a, b = (2 * rankdata(each[known]) - (known.sum() + 1) for each in (values, points))
    spread = float(np.sqrt((a**2).sum()) * np.sqrt((b**2).sum()))
    return float((a * b).sum()) / spread if spread > 0 else None

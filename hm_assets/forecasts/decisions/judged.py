"""A judged past day as money sees it: who left, and what they had spent."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hm_assets.forecasts.churn.back_test import Predicted
from hm_assets.segments.space import Bools, Floats, numbers


@dataclass(frozen=True)
class Judged:
    """A past day: P(no order within 90 days) of n customers by each model, who had none, and their spend.

    `spend` is that of the 365 days before, in mean orders of the day; nothing where the shop sold for nothing.
    """

    as_of: dt.date
    leaves: Mapping[str, Floats]
    left: Bools
    spend: Floats

    @classmethod
    def of(cls, day: Predicted) -> "Judged":
        """From a day as `forecasts.judged.read` gives it."""
        mean_order = day.rows["mean_order"][0].as_py() or 0.0
        spend = numbers(day.rows, "spend_365d")
        return cls(
            day.as_of,
            {model: 1 - p[:, -1] for model, p in day.p.items()},
            np.isnan(numbers(day.rows, "days_to_next")),
            spend / mean_order if mean_order > 0 else np.zeros(len(spend)),
        )

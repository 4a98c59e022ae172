"""Whether a model that was fitted before is kept, and how that is said."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import ibis

from hm_assets.features.snapshot import last_month_with_lines
from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.forecasts.inputs import KINDS
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.calendar import of_months
from hm_assets.warehouse.errors import HmAssetsError

KEPT = "kept: fitted before with the same settings; set `refit` in the Launchpad to fit anew"
FITTED = "fitted: for the first time, code or settings changed, or a refit was asked for"

Model = TypeVar("Model")


def recipe(code_version: str, depth: str, seed: int) -> str:
    """Hash of what a fit depends on besides its data: also of what all rooms share, which no room's code version tells.

    A kept model reads the columns that it learned from: one that is no longer there would be missed when it speaks.
    """
    learned = EFFORTS[depth].learned_customers
    return artifacts.recipe(code_version, depth, learned, seed, list(KINDS.items()), HORIZONS)


def kept_or_fitted(
    stored: Path,
    recipe: str,
    features: ibis.Table,
    days: ibis.Table,
    fit: Callable[[ibis.Table, ibis.Table, dt.date], Model],
    read: Callable[[dict[str, Any]], Model],
    learned: str,
    refit: bool,
) -> tuple[Model, str]:
    """The model, and whether it is the one of before.

    Parameters
    ----------
    stored
        Where the artifact lies, if it was made before.
    recipe
        What it is made with now; one that was made with another is fitted anew.
    features, days
        `customer_features` and `customer_days`, all months.
    fit
        Makes the model from both up to the last month with lines, and that month.
    read
        Makes it from the artifact.
    learned
        The part of the artifact that is empty where the files were too short to learn from: it is tried again then.
    refit
        Fit whatever is stored.

    Raises
    ------
    HmAssetsError
        Nobody ever bought.
    """
    before = artifacts.read_json(stored) if stored.exists() else None
    if before is not None and before["recipe"] == recipe and before[learned] and not refit:
        return read(before), KEPT
    month = last_month_with_lines(features)
    if month is None:
        raise HmAssetsError("no customer has a purchase, so nothing can be forecast: see raw/deliveries")
    return fit(of_months(features, None, month), of_months(days, None, month), month), FITTED

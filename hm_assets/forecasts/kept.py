"""Whether a model that was fitted before is kept, and how that is said."""

from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.forecasts.inputs import KINDS
from hm_assets.warehouse import artifacts

KEPT = "kept: fitted before with the same settings; set `refit` in the Launchpad to fit anew"
FITTED = "fitted: for the first time, code or settings changed, or a refit was asked for"


def recipe(code_version: str, depth: str, seed: int) -> str:
    """Hash of what a fit depends on besides its data: also of what all rooms share, which no room's code version tells.

    A kept model reads the columns that it learned from: one that is no longer there would be missed when it speaks.
    """
    learned = EFFORTS[depth].learned_customers
    return artifacts.recipe(code_version, depth, learned, seed, list(KINDS.items()), HORIZONS)

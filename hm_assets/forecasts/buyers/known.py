"""The models of buying by name, and what they know of customers out of the rows that all forecasts read."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa

from hm_assets.forecasts.buyers.histories import Histories
from hm_assets.forecasts.buyers.maximum_likelihood import Fit
from hm_assets.forecasts.buyers.mbg_nbd import MBGNBD, fit_mbg_nbd
from hm_assets.forecasts.buyers.pareto_nbd import ParetoNBD, fit_pareto_nbd
from hm_assets.segments.space import Bools, numbers

MBG, PARETO = "mbg_nbd", "pareto_nbd"
Orders = MBGNBD | ParetoNBD
FITS: Mapping[str, Callable[[Histories], tuple[Orders, Fit]]] = {MBG: fit_mbg_nbd, PARETO: fit_pareto_nbd}
CLASSES: Mapping[str, Callable[..., Orders]] = {MBG: MBGNBD, PARETO: ParetoNBD}
# Who is first seen in the first days of the files may have been a customer before.
WARM_UP_DAYS = 90


def histories(rows: pa.Table) -> Histories:
    """What the models of buying know of n customers (rows of `inputs.described`)."""
    tenure = numbers(rows, "tenure_days")
    return Histories(numbers(rows, "purchase_days") - 1, tenure - numbers(rows, "recency_days"), tenure)


def new_to_the_files(rows: pa.Table) -> Bools:
    """Who was first seen after the warm-up of the files (n): others may have been customers before."""
    return np.asarray(numbers(rows, "history_days") - numbers(rows, "tenure_days") >= WARM_UP_DAYS)

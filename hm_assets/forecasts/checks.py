"""Checks of this stage: every customer of the month has an outlook, of probabilities and of values within limits."""

from itertools import pairwise

import dagster as dg
import ibis

from hm_assets.features import tables as feature_tables
from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.forecasts.value.value_model import NAMES
from hm_assets.warehouse.assets import read
from hm_assets.warehouse.checks import by_month
from hm_assets.warehouse.partitions import MONTHS


@dg.asset_check(
    asset=dg.AssetKey(["forecasts", "customers"]),
    partitions_def=MONTHS,
    additional_ins={"customer_features": read(feature_tables.CUSTOMER_FEATURES)},
    description="Each customer of the month's features has one row, and P(order) lies in 0 to 1 and never falls with "
    "the horizon (or is empty for all horizons, without a model); P(active) is a probability, a value is 0 or more and "
    "lies within its limits (or all values are empty).",
    blocking=True,
)
@by_month
def outlooks_are_probabilities_of_everybody(
    customers: ibis.Table, customer_features: ibis.Table
) -> dg.AssetCheckResult:
    p = [customers[f"p_order_{days}d"] for days in HORIZONS]
    ascending = p[0] >= 0
    for shorter, longer in pairwise(p):
        ascending &= shorter <= longer
    sound = (ascending & (p[-1] <= 1)).fill_null(False)
    none = p[0].isnull()
    for one in p[1:]:
        none &= one.isnull()
    wrong = customers.filter(~(sound | none)).count()
    unsound = customers.filter(~sound_values(customers)).count()
    own, known = customers.select("customer_key", "month"), customer_features.select("customer_key", "month")
    faults = {
        "no_probabilities": wrong.to_pyarrow().as_py(),
        "no_values": unsound.to_pyarrow().as_py(),
        "without_an_outlook": known.anti_join(own, ["customer_key", "month"]).count().to_pyarrow().as_py(),
        "not_in_the_features": own.anti_join(known, ["customer_key", "month"]).count().to_pyarrow().as_py(),
    }
    return dg.AssetCheckResult(passed=not any(faults.values()), metadata=faults)


def sound_values(customers: ibis.Table) -> ibis.Value:
    """Whether P(active) and the values of a row are what they should be, or empty."""
    named = {name: [customers[f"{name}{end}"] for end in ("_low", "", "_high")] for name in NAMES.values()}
    inside = ibis.literal(True)
    none = customers.value_extrapolated.isnull()
    for low, value, high in named.values():
        inside &= (low >= 0) & (low <= value) & (value <= high) & ~high.isinf() & ~high.isnan()
        none &= low.isnull() & value.isnull() & high.isnull()
    inside &= customers.value_extrapolated.notnull()
    active = customers.p_active.isnull() | customers.p_active.between(0, 1)
    return (active & (inside.fill_null(False) | none)).fill_null(False)

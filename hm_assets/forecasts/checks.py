"""Checks of this stage: every customer of the month has an outlook, and it is one of probabilities."""

from itertools import pairwise

import dagster as dg
import ibis

from hm_assets.features import tables as feature_tables
from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.warehouse.assets import read
from hm_assets.warehouse.checks import by_month
from hm_assets.warehouse.partitions import MONTHS


@dg.asset_check(
    asset=dg.AssetKey(["forecasts", "customers"]),
    partitions_def=MONTHS,
    additional_ins={"customer_features": read(feature_tables.CUSTOMER_FEATURES)},
    description="Each customer of the month's features has one row, and P(order) lies in 0 to 1 and never falls with "
    "the horizon (or is empty for all horizons, without a model).",
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
    own, known = customers.select("customer_key", "month"), customer_features.select("customer_key", "month")
    faults = {
        "no_probabilities": wrong.to_pyarrow().as_py(),
        "without_an_outlook": known.anti_join(own, ["customer_key", "month"]).count().to_pyarrow().as_py(),
        "not_in_the_features": own.anti_join(known, ["customer_key", "month"]).count().to_pyarrow().as_py(),
    }
    return dg.AssetCheckResult(passed=not any(faults.values()), metadata=faults)

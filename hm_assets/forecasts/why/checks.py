"""Checks of this room: drivers add up to the probability that they explain, of every customer."""

import dagster as dg
import ibis

from hm_assets.forecasts import tables as forecast_tables
from hm_assets.forecasts.why.tables import MOST
from hm_assets.warehouse.assets import read
from hm_assets.warehouse.checks import by_month
from hm_assets.warehouse.partitions import MONTHS

# Rounding; a probability is held to twelve digits.
NEAR = 1e-9


@dg.asset_check(
    asset=dg.AssetKey(["forecasts", "drivers"]),
    partitions_def=MONTHS,
    additional_ins={"outlook": read(forecast_tables.CUSTOMERS)},
    description="Reference, drivers and others add up to p_order_90d of forecasts/customers for each customer of the "
    "month, or nobody of the month has any (without a model, or one that says the same of everybody).",
    blocking=True,
)
@by_month
def drivers_add_up(drivers: ibis.Table, outlook: ibis.Table) -> dg.AssetCheckResult:
    total = drivers.reference + drivers.others
    for rank in range(1, MOST + 1):
        total += drivers[f"points_{rank}"].fill_null(0.0)
    own = drivers.select("customer_key", "month", total=total)
    asked = outlook.select("customer_key", "month", "p_order_90d")
    both = own.inner_join(asked, ["customer_key", "month"])
    explained = own.filter(own.total.notnull()).select("month").distinct()
    silent = own.filter(own.total.isnull())
    counts = {
        "not_adding_up": both.filter((both.total - both.p_order_90d).abs() > NEAR),
        "explained_without_a_probability": both.filter(both.total.notnull() & both.p_order_90d.isnull()),
        "without_drivers_in_a_month_that_has_some": silent.semi_join(explained, "month"),
        "without_a_row": asked.anti_join(own, ["customer_key", "month"]),
        "not_in_the_outlook": own.anti_join(asked, ["customer_key", "month"]),
    }
    faults = {name: found.count().to_pyarrow().as_py() for name, found in counts.items()}
    return dg.AssetCheckResult(passed=not any(faults.values()), metadata=faults)

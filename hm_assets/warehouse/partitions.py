"""Dagster's view of the calendar: the monthly partitions, how one month reads others, and a run's months.

Nothing else belongs here: what a month is, `calendar.py` knows without Dagster.
"""

import datetime as dt

import dagster as dg

from hm_assets.settings import Settings
from hm_assets.warehouse import identity
from hm_assets.warehouse.calendar import add_months, parse_month

DEFAULT_FIRST_MONTH = "2018-09"


def monthly_partitions(settings: Settings) -> dg.MonthlyPartitionsDefinition:
    """The months of this warehouse: named by a setting, else by its identity.

    Without a last month the set grows with the clock and includes the running month.
    """
    known = identity.read(settings.warehouse)
    first = settings.first_month or (known.first_month if known else DEFAULT_FIRST_MONTH)
    last = settings.last_month or (known.last_month if known else None)
    if last is None:
        return dg.MonthlyPartitionsDefinition(start_date=f"{first}-01", end_offset=1)
    return dg.MonthlyPartitionsDefinition(
        start_date=f"{first}-01", end_date=add_months(parse_month(last), 1).isoformat()
    )


# Dagster wants the partitions when an asset is declared, so the calendar is read when the code location loads.
MONTHS = monthly_partitions(Settings())

# Dagster walks over a mapping's months one by one, so "all" is as many as there are. A calendar without an end grows
# while the code location is loaded: by ten years at most.
ALL = len(MONTHS.get_partition_keys()) + (0 if MONTHS.end else 120)


def this_and_earlier(months: int = ALL) -> dg.TimeWindowPartitionMapping:
    """A month reads itself and the `months` before it (default: all of them); those before the first are no fault."""
    return dg.TimeWindowPartitionMapping(
        start_offset=-months, end_offset=0, allow_nonexistent_upstream_partitions=True
    )


def months_of(context: dg.AssetExecutionContext) -> list[dt.date]:
    """The months that this step makes, in order."""
    return sorted(parse_month(key) for key in context.partition_keys)

"""A month's audience with its arms: who may be contacted, in which segment, of what value, treated or held out."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

import ibis
import pyarrow as pa

from hm_assets.playbooks.experiments.assignment import assign, value_bands
from hm_assets.playbooks.experiments.tables import AUDIENCES

LEFT: Final = "LEFT CLUB"


def contactable(customers: ibis.Table) -> ibis.Table:
    """`customer_key` and `customer_id` of `customers/customers` but those who left the club."""
    left = (customers.club_member_status == LEFT).fill_null(False)
    return customers.filter(~left).select("customer_key", "customer_id")


def members(people: ibis.Table, assignments: ibis.Table, customer_features: ibis.Table) -> pa.Table:
    """Their segment and last year's spend on the day of a month's rows, in the order of their keys.

    Parameters
    ----------
    people
        What `contactable` gives.
    assignments, customer_features
        A month of each. Who has not bought is in no row of the second, and has spent nothing.
    """
    spent = customer_features.select("customer_key", spend_before="spend_365d")
    found = (
        people.inner_join(assignments.select("customer_key", "segment_id", "as_of"), "customer_key")
        .left_join(spent, "customer_key")
        .select("customer_id", "customer_key", "segment_id", "as_of", "spend_before")
    )
    return found.mutate(spend_before=found.spend_before.fill_null(0.0)).order_by("customer_key").to_pyarrow()


def drawn(month: dt.date, campaign: str, people: pa.Table, plans: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows of `playbooks/audiences`.

    Parameters
    ----------
    month, campaign
        What the draw is for.
    people
        What `members` gives.
    plans
        The chosen plan of each segment.
    """
    shares = {plan["segment_id"]: plan["holdout_share"] for plan in plans}
    horizons = {plan["segment_id"]: plan["horizon_days"] for plan in plans}
    segments, ids = people["segment_id"].to_pylist(), people["customer_id"].to_pylist()
    bands = value_bands(segments, people["spend_before"].to_pylist())
    strata = [f"{segment}-{band}" for segment, band in zip(segments, bands, strict=True)]
    arms = assign(campaign, ids, strata, dict(zip(strata, (shares[each] for each in segments), strict=True)))
    rows = len(ids)
    made = {
        **{name: people[name] for name in people.column_names},
        "campaign": pa.repeat(pa.scalar(campaign), rows),
        "stratum": pa.array(strata, pa.string()),
        "arm": pa.array(arms, pa.string()),
        "horizon_days": pa.array([horizons[each] for each in segments], pa.int16()),
        "month": pa.repeat(pa.scalar(month), rows),
    }
    schema = AUDIENCES.arrow_schema()
    return pa.table({name: made[name] for name in schema.names}).cast(schema)

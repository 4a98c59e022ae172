"""The chain that takes each customer from last month's segment to this month's, one cause at a time.

    before -> after_model -> after_time -> after_behaviour -> now

`before` is what is stored of the month before. `after_model` is where the champion of today puts the customers of
that month: it differs only where another model or other cut-points made what is stored. `after_time` is where it puts
them on this month's day if nobody had bought anything since: recency grows, purchases leave the windows.
`after_behaviour` adds what was bought in the month at the prices of the twelve months before (`prices.py`). What is
left is the prices' part.

The order is part of the method: what happened first is taken first (a customer who lapses and comes back in the same
month went down by time and up by behaviour). All parts are sums of differences along one path, so they add up.
"""

import datetime as dt
from collections.abc import Mapping

import ibis

from hm_assets.features.snapshot import snapshot
from hm_assets.features.tables import CUSTOMER_FEATURES
from hm_assets.profiles.movement.prices import PriceIndex, at_prices_before
from hm_assets.segments.champion.champion import Champion, cost_names, first, with_costs
from hm_assets.segments.inputs import customers_as_of
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.calendar import add_months, of_month, of_months
from hm_assets.warehouse.errors import HmAssetsError

SPEND = "spend_365d"


def chain(
    assignments: ibis.Table,
    features: ibis.Table,
    tastes: ibis.Table,
    days: ibis.Table,
    champion: Champion,
    dates: Mapping[dt.date, dt.date],
    month: dt.date,
    index: PriceIndex,
) -> ibis.Table:
    """One row per customer on file in `month`.

    Parameters
    ----------
    assignments, features
        `segments/assignments` and `features/customer_features` of the month and the one before.
    tastes
        `features/customer_tastes` of the month and the twelve before it.
    days
        `features/customer_days` of all months up to the month.
    champion
        The model that made `assignments` of the month.
    dates
        The as-of dates of the two months.
    month
        The month.
    index
        Its prices.

    Returns
    -------
    ibis.Table
        `customer_key`, `segment_before`, `segment_after_model`, `segment_after_time`, `segment_after_behaviour`,
        `segment_id`, and with them the spend of 365 days: `spend_before`, `spend_after_time`,
        `spend_after_behaviour`, `spend_365d`. Who is new on file was in segment 0; so was who had not bought.
    """
    earlier = add_months(month, -1)
    then, now = dates[earlier], dates[month]
    upto = days.filter(days.t_dat <= ibis.literal(then, "date"))
    old_tastes = of_months(tastes, None, earlier)
    waited = _as_stored(snapshot(upto, old_tastes, [], month, now, now))
    bought = _as_stored(snapshot(at_prices_before(days, then, index), tastes, [], month, now, now))
    found = of_month(assignments, month).select("customer_key", "segment_id")
    stored = of_month(assignments, earlier).select("customer_key", segment_before="segment_id")
    steps = (
        stored,
        _placed(champion, features, old_tastes, earlier, "segment_after_model", "spend_before"),
        _placed(champion, waited, old_tastes, month, "segment_after_time", "spend_after_time"),
        _placed(champion, bought, tastes, month, "segment_after_behaviour", "spend_after_behaviour"),
        of_month(features, month).select("customer_key", SPEND),
    )
    for number, step in enumerate(steps):
        found = found.left_join(step, "customer_key", rname=f"{{name}}_{number}")
    kept = [name for step in steps for name in step.columns if name != "customer_key"]
    return found.select(
        "customer_key",
        "segment_id",
        **{name: found[name].fill_null(NO_PURCHASE if name.startswith("segment") else 0.0) for name in kept},
    )


def refuse_another_model(assignments: ibis.Table, champion: Champion, month: dt.date) -> None:
    """Hold that the champion made the month's assignments: what another model moved would be called prices.

    Raises
    ------
    HmAssetsError
        Another version made some of them.
    """
    made_by = of_month(assignments, month).model_version.max().to_pyarrow().as_py()
    if made_by is not None and made_by != champion.version:
        raise HmAssetsError(
            f"segments/assignments of {month:%Y-%m} was made by model {made_by}, but the champion is "
            f"{champion.version}: make it again, `hm run --select key:segments/assignments --month {month:%Y-%m}`"
        )


def order_of_value(assignments: ibis.Table, features: ibis.Table, month: dt.date) -> dict[int, int]:
    """Segment -> its place, from 0 = no purchase up: by mean spend of the last 365 days, of equal ones the lower id."""
    members = of_month(assignments, month).select("customer_key", "segment_id")
    joined = members.inner_join(of_month(features, month).select("customer_key", SPEND), "customer_key")
    # Sums of decimals, so that the order does not hang on the order of rows.
    means = joined.group_by("segment_id").agg(
        mean=joined[SPEND].cast("decimal(18, 9)").sum().cast("float64") / joined.count()
    )
    rows = {row["segment_id"]: row["mean"] for row in means.to_pyarrow().to_pylist()}
    ranked = sorted((i for i in rows if i != NO_PURCHASE), key=lambda i: (rows[i], -i))
    return {NO_PURCHASE: 0} | {i: place for place, i in enumerate(ranked, 1)}


def _as_stored(features: ibis.Table) -> ibis.Table:
    """In the types of the table: a model must see the same digits, or rounding would look like a move."""
    return features.cast(
        {c.name: c.type for c in CUSTOMER_FEATURES.stored_columns if c.name in features.columns}
    )


def _placed(
    champion: Champion, features: ibis.Table, tastes: ibis.Table, month: dt.date, segment: str, spend: str
) -> ibis.Table:
    people = customers_as_of(features, tastes, month, {*champion.space.columns, SPEND})
    costed = with_costs(people, champion.space, champion.model, SPEND)
    names = cost_names(champion.model)
    own = ibis.least(*(costed[name] for name in names))
    chosen = first(costed, names, own, champion.ids)
    return costed.select("customer_key", **{segment: chosen.cast("int32"), spend: costed[SPEND]})

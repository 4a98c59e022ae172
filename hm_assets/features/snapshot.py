"""A month's `features/customer_features`: the blocks joined, and the ratios that follow from their sums."""

import datetime as dt

import ibis

from hm_assets.features import cadence, scores, windows
from hm_assets.features.attributes import POSITIONS, part, parts
from hm_assets.features.customer_days import ratio
from hm_assets.features.windows import SEASONS, WEEKDAYS, WINDOWS
from hm_assets.warehouse.calendar import add_months, of_month

SHORTEST_PRICE_HISTORY = 5
FEWEST_GAPS = 2
NEW_DAYS, ACTIVE_DAYS, COOLING_DAYS, LAPSING_DAYS = 90, 90, 180, 365
TRUNCATED_DAYS = 90
# Added to each count before its logarithm, so that a share of nothing has one (Jeffreys).
PSEUDO_COUNT = 0.5
COMPOSITIONS = ("index_group", "product_group", "colour")
DIVERSITIES = ("product_group", "section", "colour")


def last_month_with_lines(features: ibis.Table) -> dt.date | None:
    """The last month that somebody bought in: one without any line teaches a model nothing. None without purchases."""
    # Somebody bought on the as-of day of a month with lines.
    month: dt.date | None = features.filter(features.recency_days == 0).month.max().to_pyarrow().as_py()
    return month


def latest_with_lines(features: ibis.Table) -> ibis.Table:
    """The rows of that month; none where nobody has bought anything."""
    month = last_month_with_lines(features)
    return features.filter(False) if month is None else of_month(features, month)


def snapshot(
    days: ibis.Table,
    tastes: ibis.Table,
    cuts: list[dict[str, object]],
    month: dt.date,
    as_of: dt.date,
    first_day: dt.date,
) -> ibis.Table:
    """One row per customer with a line on or before `as_of`.

    Parameters
    ----------
    days
        `features/customer_days` of all months up to `month`; later rows are left out.
    tastes
        `features/customer_tastes` of `month` and the eleven months before it.
    cuts
        The month's rows of `features/score_cuts`.
    month
        The month that the snapshot belongs to.
    as_of
        The day that it is true on; windows are (as_of - w, as_of].
    first_day
        The first day of the data: whoever is seen within 90 days of it may have been a customer before.
    """
    today = ibis.literal(as_of, "date")
    seen = windows.history(days, as_of)
    blocks = [cadence.gaps(days, as_of), _liked(tastes, month)]
    blocks += [windows.within(days, as_of, window) for window in WINDOWS]
    # One chain of joins: a selection after each would nest them, and Ibis takes as long to write as to run.
    for number, block in enumerate(blocks):
        seen = seen.left_join(block, "customer_key", rname=f"{{name}}_{number}")
    return seen.select(
        "customer_key",
        as_of=today,
        month=ibis.literal(month, "date"),
        **_history(seen),
        **scores.scored(seen, cuts),
        **_windows(seen),
        **_rhythm(seen, first_day),
        **_channels_and_times(seen),
        **_tastes(seen),
    )


def _history(seen: ibis.Table) -> dict[str, ibis.Value]:
    names = ("recency_days", "tenure_days", "purchase_days", "orders", "items", "spend")
    return {name: seen[name] for name in names} | {
        "length_days": seen.tenure_days - seen.recency_days,
        "came_back_share_90d": ratio(seen.days_followed.fill_null(0), seen.days_that_could_return),
        "cohort_month": seen.first_day.truncate("M"),
    }


def _windows(seen: ibis.Table) -> dict[str, ibis.Value]:
    found = {}
    for window in WINDOWS:
        for name in ("orders", "items", "spend", "purchase_days"):
            found[f"{name}_{window}d"] = seen[f"{name}_{window}d"].fill_null(0)
        found[f"basket_{window}d"] = ratio(seen[f"spend_{window}d"], seen[f"orders_{window}d"])
        found[f"below_reference_share_{window}d"] = ratio(
            seen[f"items_below_reference_{window}d"], seen[f"items_referenced_{window}d"]
        )
        paid = ratio(seen[f"spend_referenced_{window}d"], seen[f"reference_spend_{window}d"])
        found[f"discount_{window}d"] = 1 - paid
    n, x = seen.price_days_365d, seen.price_365d
    spread = n * seen.price_square_365d - x * x
    enough = (n >= SHORTEST_PRICE_HISTORY) & (spread > n * n * 1e-6)
    slope = (n * seen.price_units_365d - x * seen.units_365d) / spread
    return found | {"price_slope_365d": ibis.ifelse(enough, slope, None)}


def _rhythm(seen: ibis.Table, first_day: dt.date) -> dict[str, ibis.Value]:
    enough = seen.gaps.fill_null(0) >= FEWEST_GAPS
    usual = ibis.ifelse(enough, seen.usual_gap_days, None)
    truncated = seen.first_day < ibis.literal(first_day + dt.timedelta(days=TRUNCATED_DAYS), "date")
    stage = ibis.cases(
        (seen.tenure_days < NEW_DAYS, "new"),
        (seen.recency_days < ACTIVE_DAYS, "active"),
        (seen.recency_days < COOLING_DAYS, "cooling"),
        (seen.recency_days < LAPSING_DAYS, "lapsing"),
        else_="lost",
    )
    return {
        "mean_gap_days": seen.mean_gap_days,
        "sd_gap_days": seen.sd_gap_days,
        "usual_gap_days": usual,
        "overdue_days": seen.recency_days - usual,
        "left_truncated": truncated.cast("int8"),
        "lifecycle_stage": stage,
    }


def _channels_and_times(seen: ibis.Table) -> dict[str, ibis.Value]:
    online = ratio(seen.online_items_365d, seen.items_365d)
    recent = ratio(seen.online_items_90d, seen.items_90d)
    quarter, online_quarter = seen.items_90d.fill_null(0), seen.online_items_90d.fill_null(0)
    earlier = ratio(seen.online_items_365d - online_quarter, seen.items_365d - quarter)
    return (
        {
            "online_orders_365d": seen.online_orders_365d.fill_null(0),
            "online_share_365d": online,
            "online_share_change": recent - earlier,
        }
        | {f"{name}_share_365d": ratio(seen[f"items_{name}_365d"], seen.items_365d) for name in WEEKDAYS}
        | {f"{name}_share_365d": ratio(seen[f"items_{name}_365d"], seen.items_365d) for name in SEASONS}
    )


def _liked(tastes: ibis.Table, month: dt.date) -> ibis.Table:
    """Per customer, over this month and the eleven before it: diversity, logarithms of compositions, units by topic.

    What several columns share (a composition's centre, all units with a topic) is a column here, because Ibis would
    repeat its formula in each of them.
    """
    first, last = ibis.literal(add_months(month, -11), "date"), ibis.literal(month, "date")
    upto = tastes.filter(tastes.month.between(first, last))
    columns = [column for attribute in POSITIONS for column in parts(attribute)]
    # As floats, because logarithms follow; and see `whole_sum`.
    summed = upto.group_by("customer_key").agg(
        **{column: upto[column].cast("float64").sum() for column in columns}
    )
    found: dict[str, ibis.Value] = {}
    for attribute in DIVERSITIES:
        counts = [summed[column] for column in parts(attribute)]
        heavy = [count * ibis.greatest(count, 1.0).ln() for count in counts]
        total = _sum(counts)
        # Rounding may leave a one-sided taste a hair below zero.
        entropy = ibis.greatest(total.ln() - _sum(heavy) / total, 0.0)
        found[f"{attribute}_entropy"] = ibis.ifelse(total > 0, entropy, None)
        found[f"{attribute}_values"] = _sum([(count > 0).cast("int16") for count in counts])
    for attribute in COMPOSITIONS:
        logs = {f"log_{name}": (summed[name] + PSEUDO_COUNT).ln() for name in parts(attribute)}
        found |= logs | {f"centre_{attribute}": _sum(list(logs.values())) / len(logs)}
    told = parts("topic")
    found |= {name: summed[name] for name in told} | {"with_topic": _sum([summed[name] for name in told])}
    return summed.select("customer_key", **found)


def _tastes(seen: ibis.Table) -> dict[str, ibis.Value]:
    found: dict[str, ibis.Value] = {}
    for attribute in DIVERSITIES:
        found[f"{attribute}_entropy"] = seen[f"{attribute}_entropy"]
        found[f"{attribute}_values"] = seen[f"{attribute}_values"].fill_null(0)
    for attribute in COMPOSITIONS:
        for name in parts(attribute):
            # Who bought nothing has half a unit of everything, so equal shares: a log ratio of 0.
            found[f"clr_{name}"] = (seen[f"log_{name}"] - seen[f"centre_{attribute}"]).fill_null(0)
    topics = [name for name in parts("topic") if name != part("topic", 0)]
    return found | {f"{name}_share": ratio(seen[name], seen.with_topic) for name in topics}


def _sum(values: list[ibis.Value]) -> ibis.Value:
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total

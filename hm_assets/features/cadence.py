"""How regularly a customer comes: the days between their different days with a purchase."""

import datetime as dt

import ibis

from hm_assets.features.windows import CAME_BACK_DAYS


def gaps(days: ibis.Table, as_of: dt.date) -> ibis.Table:
    """One row per customer with at least two different days on or before `as_of`.

    Columns: `gaps` (how many), `mean_gap_days`, `sd_gap_days` (null for one gap), `usual_gap_days` (median), and
    `days_followed`: days at least 90 days back that were followed by another within 90 days.
    """
    seen = days.filter((days.t_dat <= ibis.literal(as_of, "date")) & (days.new_day == 1))
    by_day = ibis.window(group_by="customer_key", order_by="t_dat")
    paired = seen.select("customer_key", "t_dat", before=seen.t_dat.lag().over(by_day))
    paired = paired.filter(paired.before.notnull())
    paired = paired.mutate(gap=paired.t_dat.delta(paired.before, unit="day").cast("int32"))
    old_enough = paired.before <= ibis.literal(as_of - dt.timedelta(days=CAME_BACK_DAYS), "date")
    # Sums of whole numbers are exact, so mean and deviation do not depend on the order of rows.
    summed = paired.group_by("customer_key").agg(
        gaps=paired.count(),
        total=paired.gap.sum().cast("float64"),
        squares=(paired.gap.cast("int64") * paired.gap).sum().cast("float64"),
        usual_gap_days=paired.gap.median().cast("float64"),
        days_followed=paired.count(where=old_enough & (paired.gap <= CAME_BACK_DAYS)),
    )
    spread = (summed.squares - summed.total * summed.total / summed.gaps) / (summed.gaps - 1)
    return summed.select(
        "customer_key",
        "gaps",
        "usual_gap_days",
        "days_followed",
        mean_gap_days=summed.total / summed.gaps,
        sd_gap_days=ibis.ifelse(summed.gaps > 1, ibis.greatest(spread, 0.0).sqrt(), None),
    )

"""What is believed of a campaign's effect on a day: the assumption, what was measured until then, and both together."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hm_assets.forecasts.decisions.campaign import Assumptions
from hm_assets.playbooks.experiments.measuring import ALL, Row
from hm_assets.playbooks.experiments.plans import ASSUMED_OVER
from hm_assets.playbooks.experiments.returns import net
from hm_assets.playbooks.experiments.updating import Belief, Counts, Measured, measured, update
from hm_assets.profiles.wording import write_number

ENDS = ("mean", "low", "high")


def effects(
    as_of: dt.date,
    month: dt.date,
    plans: Sequence[Row],
    results: Sequence[Row],
    prior: Belief,
    assumed: Assumptions,
) -> Iterator[dict[str, Any]]:
    """Rows of `playbooks/campaign_effects`.

    Parameters
    ----------
    as_of, month
        The day on which this is believed: a campaign whose days are not over by then is not known.
    plans
        The month's rows of `playbooks/holdout_plans`: segments and base rates.
    results
        `playbooks/campaign_results`.
    prior
        The assumption of the settings.
    assumed
        What a campaign costs and earns.
    """
    rates = {str(plan["segment_id"]): plan["base_rate"] for plan in plans if plan["chosen"]}
    known = [
        row
        for row in results
        if row["outcome"] == "ordered"
        and row["method"] == "difference"
        and row["measured_to"] <= as_of
        # The assumption is about as many days.
        and (row["measured_to"] - row["as_of"]).days == ASSUMED_OVER
    ]
    for segment in (ALL, *sorted(rates, key=int)):
        mine = [row for row in known if segment == ALL or row["segment"] == segment]
        parts = [row for row in mine if row["segment"] != ALL]
        sound = [(row["campaign"], _counts(row)) for row in parts if not _alarmed(row, known)]
        used = [(campaign, counts) for campaign, counts in sound if counts.tells]
        told = measured([counts for _, counts in used])
        belief = update(prior, [counts for _, counts in used])
        campaigns = {campaign for campaign, _ in used}
        rate = rates.get(segment)
        yield {
            "as_of": as_of,
            "month": month,
            "segment": segment,
            "campaigns": len(campaigns),
            "left_out": len({row["campaign"] for row in parts} - campaigns),
            **{f"prior_{name}": value for name, value in prior._asdict().items()},
            **{f"posterior_{name}": value for name, value in belief._asdict().items()},
            **_of_measured(told),
            **_gain(belief, rate, assumed),
            "assumption": not campaigns,
            "words": _words(prior, belief, told, len(campaigns)),
        }


def _alarmed(row: Row, known: Sequence[Row]) -> bool:
    """Whether rows got lost unevenly in this segment, or in the campaign as a whole."""
    return any(
        each["ratio_alarm"]
        for each in known
        if each["campaign"] == row["campaign"] and each["segment"] in (row["segment"], ALL)
    )


def _counts(row: Row) -> Counts:
    return Counts(row["treated"], row["treated_ordered"], row["holdout"], row["holdout_ordered"])


def _of_measured(told: Measured | None) -> Mapping[str, float]:
    if told is None:
        return {}
    return {"measured": told.value, "measured_low": told.low, "measured_high": told.high}


def _gain(belief: Belief, rate: float | None, assumed: Assumptions) -> Mapping[str, float]:
    if rate is None:
        return {}
    value, low, high = (getattr(belief, name) * (1 - rate) for name in ENDS)
    found = {"base_rate": rate, "gain": value, "gain_low": low, "gain_high": high}
    return found | {name.replace("gain", "net"): net(rate, found[name], assumed) for name in list(found)[1:]}


def _words(prior: Belief, belief: Belief, told: Measured | None, campaigns: int) -> str:
    before = (
        f"{_share(prior.mean)} of those who would not order ({_share(prior.low)} to {_share(prior.high)})"
    )
    if told is None:
        return f"Assumption, not measured: a campaign brings {before} to order."
    said = (
        f"Measured in {campaigns} {'campaign' if campaigns == 1 else 'campaigns'}: {_share(told.value)} "
        f"({_share(told.low)} to {_share(told.high)}) of those who would not have ordered did. "
        f"The assumption was {before}; both together say {_share(belief.mean)} "
        f"({_share(belief.low)} to {_share(belief.high)})."
    )
    if told.high < 0:
        said += " The treated ordered less: the campaign drove people away, which the assumption rules out."
    return said


def _share(value: float) -> str:
    sign = "−" if value < 0 else ""
    return sign + write_number(abs(value), "share")

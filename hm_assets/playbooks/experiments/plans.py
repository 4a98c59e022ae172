"""The holdout plan of a segment: every way to hold out part of it, and the one that is taken.

Taken is the smallest share of the segment with which a gain at the low end of the assumption (its 10 % quantile) would
be seen with 80 % power. Where none is enough, a fifth is held out: several campaigns together, or what customers spend,
then show more. Fewer than twenty people are never held out.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from hm_assets.forecasts.decisions.campaign import Assumptions
from hm_assets.playbooks.experiments.base_rates import HORIZONS, BaseRate
from hm_assets.playbooks.experiments.power import TARGET, customers_needed, detectable_gain, power
from hm_assets.playbooks.experiments.returns import break_even
from hm_assets.playbooks.experiments.tables import VERDICTS
from hm_assets.playbooks.experiments.updating import Belief, quantile
from hm_assets.profiles.fairness.privacy import K
from hm_assets.profiles.wording import write_number

SHARES: Final = (0.1, 0.2, 0.3, 0.4, 0.5)
OTHERWISE: Final = 0.2
LOW_END: Final = 0.1
ASSUMED_OVER: Final = 90
"""The assumption speaks of orders within so many days, so nothing is assumed of another horizon."""


def campaign_of(month: dt.date) -> str:
    """The key of a month's campaign: all segments share it, so that a customer is drawn once a month."""
    return f"{month:%Y-%m}"


def plans(
    month: dt.date,
    as_of: dt.date,
    sizes: Mapping[int, int],
    rates: Mapping[int, Mapping[int, BaseRate | None]],
    prior: Belief,
    assumed: Assumptions,
) -> Iterator[dict[str, Any]]:
    """Rows of `playbooks/holdout_plans`.

    Parameters
    ----------
    month, as_of
        When the audience is fixed.
    sizes
        Customers of each segment who may be contacted.
    rates
        By horizon, then by segment.
    prior
        What is assumed of the share of leavers who are kept.
    assumed
        What a campaign costs and earns.
    """
    # One for all segments, so that they can be added up; the longer one where the history is long enough.
    known = [each for each in HORIZONS if any(rate is not None for rate in rates[each].values())]
    horizon = max(known, default=ASSUMED_OVER)
    for segment, customers in sorted(sizes.items()):
        options = [
            _option(segment, customers, each, share, rates[each].get(segment), prior, assumed)
            for each in HORIZONS
            for share in (0.0, *SHARES)
        ]
        taken, verdict = _taken(options, horizon)
        for option in options:
            chosen = option is taken
            yield {
                **option,
                "as_of": as_of,
                "month": month,
                "campaign": campaign_of(month),
                "chosen": chosen,
                "verdict": verdict,
                "words": _words(option, verdict) if chosen else _option_words(option),
            }


def _option(
    segment: int,
    customers: int,
    horizon: int,
    share: float,
    rate: BaseRate | None,
    prior: Belief,
    costs: Assumptions,
) -> dict[str, Any]:
    holdout = round(customers * share)
    treated = customers - holdout
    option: dict[str, Any] = {
        "segment_id": segment,
        "horizon_days": horizon,
        "holdout_share": share,
        "customers": customers,
        "treated": treated,
        "holdout": holdout,
        "months": rate.months if rate else 0,
    }
    if rate is None:
        return option
    option |= {"base_rate": rate.share, "base_low": rate.low, "base_high": rate.high}
    option["break_even_gain"] = break_even(rate.share, costs)
    assumed = horizon == ASSUMED_OVER
    if assumed:
        low = quantile(prior.alpha, prior.beta, LOW_END)
        option |= {
            "assumed_gain": prior.mean * (1 - rate.share),
            "assumed_gain_low": low * (1 - rate.share),
        }
    if min(treated, holdout) < 1:
        return option
    option["detectable_gain"] = detectable_gain(rate.share, treated, holdout)
    if assumed:
        option |= {
            "power": power(rate.share, option["assumed_gain"], treated, holdout),
            "power_low": power(rate.share, option["assumed_gain_low"], treated, holdout),
            "customers_needed": customers_needed(rate.share, option["assumed_gain_low"], share),
        }
    return option


def _taken(options: Sequence[dict[str, Any]], horizon: int) -> tuple[dict[str, Any], str]:
    ways = [option for option in options if option["horizon_days"] == horizon]
    nobody, held = ways[0], [option for option in ways if min(option["holdout"], option["treated"]) >= K]
    if nobody.get("base_rate") is None:
        return nobody, "no_history"
    if not held:
        return nobody, "too_few"
    for option in held:
        if option.get("power_low", 0) >= TARGET:
            return option, "measurable"
    otherwise = next((option for option in held if option["holdout_share"] >= OTHERWISE), held[-1])
    return otherwise, "spend_only" if otherwise["detectable_gain"] is None else "only_large"


def sayable(option: Mapping[str, Any]) -> bool:
    """Whether the base rate may be told: it and its rest are of nobody, or of twenty customers or more."""
    ordering = round(option["customers"] * option["base_rate"])
    return not any(0 < part < K for part in (ordering, option["customers"] - ordering))


def _words(option: Mapping[str, Any], verdict: str) -> str:
    if not option["holdout"]:
        return f"Contact everybody: {VERDICTS[verdict]}."
    said = (
        f"Leave about {about(option['holdout'])} of {about(option['customers'])} customers "
        f"({write_number(option['holdout_share'], 'share')}) without the campaign and count what they do for "
        f"{option['horizon_days']} days."
    )
    if sayable(option):
        said += f" Without a campaign {write_number(option['base_rate'], 'share')} order."
    if verdict == "spend_only":
        return f"{said} Nearly everybody orders anyhow: look at what they spend."
    said += f" {_option_words(option)}"
    return f"{said} A smaller one needs several campaigns." if verdict == "only_large" else said


def _option_words(option: Mapping[str, Any]) -> str:
    if option.get("detectable_gain") is None:
        return "Shows no effect of any size."
    return f"A rise by {points(option['detectable_gain'])} or more is seen in four campaigns of five."


def about(customers: int) -> str:
    """A number of customers to the nearest twenty: beside the size of the segment it would tell who left the club.

    >>> about(549)
    '540'
    """
    return f"{K * round(customers / K):,}"


def points(share: float) -> str:
    """A difference of two shares, in percentage points."""
    text = f"{100 * share:.1f}"
    return "1 point" if text == "1.0" else f"{text} points"

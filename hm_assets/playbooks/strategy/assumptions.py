"""What is assumed that acting brings, as ranges that somebody may change, and what that would come to.

No figure here is a finding, but where a campaign with a group left out was measured in a segment
(`playbooks/campaign_effects`), the share of leavers that it keeps is what that makes of the assumption, with the
assumption beside it. Next to the ranges stands what the contacts of a year must bring in to pay for themselves, which
needs no assumption on people, only on campaign.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hm_assets.playbooks.experiments.measuring import ALL
from hm_assets.playbooks.experiments.telling import withheld
from hm_assets.playbooks.facts import Profile
from hm_assets.playbooks.strategy import rules as files
from hm_assets.playbooks.strategy.conditions import Known
from hm_assets.playbooks.strategy.matrix import Month

Row = Mapping[str, Any]
YEAR_DAYS: Final = 365
KEPT: Final = "kept"
BREAK_EVEN: Final = "break_even"
OF: Final = {
    "spend": "more spend in 90 days than is expected",
    "kept": "of those who are expected to leave within 90 days would stay",
    "value": "more spend in 12 months than is expected",
    BREAK_EVEN: "more spend in 12 months than is expected would pay for the contacts",
}


@dataclass(frozen=True)
class Campaign:
    """What the settings assume of any campaign: cost of a contact in mean orders, share of spend that the shop keeps.

    The share of leavers that it keeps is Beta(alpha, beta), as in `forecasts/budgets`.
    """

    contact: float
    margin: float
    alpha: float
    beta: float

    def kept(self) -> tuple[float, float]:
        """The middle 80 % of that share."""
        return _middle(self.alpha, self.beta)


def measured(effects: Iterable[Row], results: Iterable[Row], as_of: dt.date) -> dict[int, Row]:
    """Segment -> its row of `playbooks/campaign_effects`, where a campaign was measured and may be told of.

    Parameters
    ----------
    effects
        The month's rows of it.
    results
        `playbooks/campaign_results`, of all campaigns.
    as_of
        What was measured later is not known yet.
    """
    hidden = {segment for _, segment in withheld([row for row in results if row["measured_to"] <= as_of])}
    return {
        int(row["segment"]): row
        for row in effects
        if row["segment"] != ALL and not row["assumption"] and row["segment"] not in hidden
    }


def rows(
    month: Month,
    rules: files.Rules,
    days: Mapping[int, tuple[int, int | None]],
    campaign: Campaign,
    effects: Mapping[int, Row],
) -> Iterator[dict[str, Any]]:
    """The rows of `playbooks/assumptions`, without day and month; nothing of segments without a forecast.

    Parameters
    ----------
    days
        Segment -> days between contacts, and the most contacts of a calendar (decision matrix).
    effects
        What was measured, as `measured` gives it.
    """
    for profile in month.told:
        forecast = month.forecast(str(profile.segment_id))
        known = Known(profile, month.measures(profile.segment_id))
        customers = profile.value("customers") or 0.0
        for measure, told in files.MEASURED.items():
            effect = effects.get(profile.segment_id) if measure == KEPT else None
            ends = _range(measure, known, rules, campaign) if effect is None else _learnt(effect)
            if ends is None or told not in forecast:
                continue
            value = float(forecast[told]["value"])
            base, unit = (value * customers, "customers") if measure == KEPT else (value, "price index")
            yield _row(profile, measure, *ends, base, unit) | (
                {} if effect is None else _before(campaign, effect)
            )
        value_row = forecast.get(files.MEASURED["value"])
        if value_row and profile.segment_id in days:
            yield from _break_even(
                profile, float(value_row["value"]), days[profile.segment_id], rules, campaign
            )


def contacts_of_a_year(days_between: int, most: int | None, weeks: int) -> float:
    """Contacts that a customer of the segment gets in a year, if every calendar is as this one."""
    each = YEAR_DAYS / days_between
    return each if most is None else min(each, most * YEAR_DAYS / (7 * weeks))


def _break_even(
    profile: Profile, value: float, days: tuple[int, int | None], rules: files.Rules, campaign: Campaign
) -> Iterator[dict[str, Any]]:
    """The relative rise in spend at which the contacts of a year pay; nothing where an order's worth is not known."""
    order = profile.get("spend_per_order")
    mean_order = None if order is None else order.base
    if not mean_order or value <= 0 or campaign.margin <= 0:
        return
    contacts = contacts_of_a_year(*days, rules.limits.calendar_weeks)
    spent = contacts * (profile.value("customers") or 0.0) * campaign.contact * mean_order
    share = spent / (campaign.margin * value)
    kept = f"{100 * campaign.margin:.0f} % of spend is kept"
    source = f"settings: a contact costs {campaign.contact:g} mean orders, {kept}"
    yield _row(profile, BREAK_EVEN, share, share, source, value, "price index")


def _range(
    measure: str, known: Known, rules: files.Rules, campaign: Campaign
) -> tuple[float, float, str] | None:
    """Low, high and where they come from: the first rule that applies; of leavers kept, else the settings."""
    for outcome in rules.outcome:
        if outcome.of == measure and outcome.applies(known):
            return outcome.low, outcome.high, f"rules file, outcome {outcome.name}"
    if measure != KEPT:
        return None
    source = f"settings: Beta({campaign.alpha:g}, {campaign.beta:g}), its middle 80 %"
    return *campaign.kept(), source


def _learnt(effect: Row) -> tuple[float, float, str]:
    """The same of what campaigns have made of the assumption."""
    many, alpha, beta = effect["campaigns"], effect["posterior_alpha"], effect["posterior_beta"]
    told = f"measured in {many} {'campaign' if many == 1 else 'campaigns'}"
    return *_middle(
        alpha, beta
    ), f"{told} (playbooks/campaign_effects): Beta({alpha:.1f}, {beta:.1f}), its middle 80 %"


def _before(campaign: Campaign, effect: Row) -> dict[str, Any]:
    """What was assumed before, and what the campaigns alone say."""
    low, high = campaign.kept()
    return {
        "campaigns": effect["campaigns"],
        "prior_low": low,
        "prior_high": high,
        "measured": effect["measured"],
    }


def _middle(alpha: float, beta: float) -> tuple[float, float]:
    from scipy.stats import beta as distribution

    low, high = distribution.ppf((0.1, 0.9), alpha, beta)
    return float(low), float(high)


def _row(
    profile: Profile, measure: str, low: float, high: float, source: str, base: float, unit: str
) -> dict[str, Any]:
    return {
        "segment_id": profile.segment_id,
        "segment_name": profile.name,
        "measure": measure,
        "low": low,
        "high": high,
        "of": OF[measure],
        "base": base,
        "result_low": low * base,
        "result_high": high * base,
        "unit": unit,
        "source": source,
        "campaigns": 0,
        "prior_low": None,
        "prior_high": None,
        "measured": None,
    }

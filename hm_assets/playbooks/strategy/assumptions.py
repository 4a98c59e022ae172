"""What is assumed that acting brings, as ranges that somebody may change, and what that would come to.

No figure here is a finding: the data hold no campaign with a group left out. Beside the ranges stands what the contacts
of a year must bring in to pay for themselves, which needs no assumption on people, only on campaign.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hm_assets.playbooks.facts import Profile
from hm_assets.playbooks.strategy import rules as files
from hm_assets.playbooks.strategy.conditions import Known
from hm_assets.playbooks.strategy.matrix import Month

YEAR_DAYS: Final = 365
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
        from scipy.stats import beta

        low, high = beta.ppf((0.1, 0.9), self.alpha, self.beta)
        return float(low), float(high)


def rows(
    month: Month, rules: files.Rules, days: Mapping[int, tuple[int, int | None]], campaign: Campaign
) -> Iterator[dict[str, Any]]:
    """The rows of `playbooks/assumptions`, without day and month; nothing of segments without a forecast.

    Parameters
    ----------
    days
        Segment -> days between contacts, and the most contacts of a calendar (decision matrix).
    """
    for profile in month.told:
        forecast = month.forecast(str(profile.segment_id))
        known = Known(profile, month.measures(profile.segment_id))
        customers = profile.value("customers") or 0.0
        for measure, told in files.MEASURED.items():
            ends = _range(measure, known, rules, campaign)
            if ends is None or told not in forecast:
                continue
            value = float(forecast[told]["value"])
            base, unit = (value * customers, "customers") if measure == "kept" else (value, "price index")
            yield _row(profile, measure, *ends, base, unit)
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
    source = (
        f"settings: a contact costs {campaign.contact:g} mean orders, {campaign.margin:.0%} of spend is kept"
    )
    yield _row(profile, BREAK_EVEN, share, share, source, value, "price index")


def _range(
    measure: str, known: Known, rules: files.Rules, campaign: Campaign
) -> tuple[float, float, str] | None:
    """Low, high and where they come from: the first rule that applies; of leavers kept, else the settings."""
    for outcome in rules.outcome:
        if outcome.of == measure and outcome.applies(known):
            return outcome.low, outcome.high, f"rules file, outcome {outcome.name}"
    if measure != "kept":
        return None
    source = f"settings: Beta({campaign.alpha:g}, {campaign.beta:g}), its middle 80 %"
    return *campaign.kept(), source


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
    }

"""The campaign calendar: segment x week, from the segment's own rhythm and the shop's own season, with a cap.

The first contact comes a few days before the usual next order (`forecasts/segments`), each further one after the days
of the decision matrix. A contact that falls due waits for the next week where that one is clearly stronger in the
shop's own season (STL factors of `explore/seasonality`, the same weeks of the year before). Never more contacts in 30
days than the cap; a customer is in one segment, so that is the cap of each customer.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hm_assets.playbooks.strategy import rules as files

Row = Mapping[str, Any]
WEEK: Final = dt.timedelta(days=7)
SEASON_WEEKS: Final = 52
CLEARLY_STRONGER: Final = 1.05
CAP_DAYS: Final = 30
REST: Final = "Rest: the last contact is less than {days} days ago."
DONE: Final = "Rest: {most} contacts are the most of one calendar."
CAPPED: Final = "Rest: {most} contacts in 30 days are the most that anybody gets."
EARLY: Final = "Rest: the first contact comes shortly before their usual next order."
WAITS: Final = "Waits a week: the next one is stronger in this shop’s year."
FIRST: Final = "The first contact."
BEFORE_ORDER: Final = "Shortly before their usual next order."
DUE: Final = "{days} days after the last contact."
WAITED: Final = "Due a week ago; this week is stronger in this shop’s year."


@dataclass(frozen=True)
class Times:
    """What the shop's own history says of weeks and days.

    Attributes
    ----------
    weeks
        Monday -> units of that week of the year over the trend; a week without a year before it is left out.
    weekday
        Days after Monday of the weekday with most units; 0 where that is not in the data.
    """

    weeks: Mapping[dt.date, float]
    weekday: int = 0


def times(seasonality: Sequence[Row], weekdays: Sequence[Row], as_of: dt.date, weeks: int) -> Times:
    """Read a month of `explore/seasonality` and `explore/calendar` for the weeks after a day."""
    factors = {row["week_end"]: row["seasonal"] for row in seasonality if row["seasonal"] is not None}
    found: dict[dt.date, float] = {}
    for monday in mondays(as_of, weeks):
        # Blocks of seven days end on as_of's weekday: that which holds the week's Thursday, a year or two before.
        thursday = monday + dt.timedelta(days=3)
        ahead = (thursday - as_of).days
        end = as_of + dt.timedelta(days=7 * -(-ahead // 7))
        for years in (1, 2):
            before = end - years * SEASON_WEEKS * WEEK
            if before in factors:
                found[monday] = float(factors[before])
                break
    best = max(
        (row for row in weekdays if row["kind"] == "weekday"),
        key=lambda row: (row["index"], -row["position"]),
        default=None,
    )
    return Times(found, best["position"] - 1 if best else 0)


def mondays(as_of: dt.date, weeks: int) -> list[dt.date]:
    """The Mondays of the weeks after a day, the first one after it."""
    first = as_of + dt.timedelta(days=7 - as_of.weekday())
    return [first + number * WEEK for number in range(weeks)]


def rows(
    matrix: Sequence[Row], next_order: Mapping[int, float], when: Times, rules: files.Rules, as_of: dt.date
) -> list[dict[str, Any]]:
    """The rows of `playbooks/calendar`, without the month.

    Parameters
    ----------
    matrix
        A month of `playbooks/decision_matrix`.
    next_order
        Segment -> median days to the usual next order; of whom a plan follows another rhythm, none.
    """
    planned = []
    for plan in sorted(matrix, key=lambda row: row["segment_id"]):
        first = _first_due(as_of, next_order.get(plan["segment_id"]), rules.limits)
        planned += _of_segment(plan, first, when, rules, as_of)
    return planned


def next_orders(matrix: Sequence[Row], outlook: Sequence[Row], rules: files.Rules) -> dict[int, float]:
    """Median days to the usual next order (`forecasts/segments`), of segments whose plan follows their own rhythm."""
    own = {rule.name for rule in rules.frequency if rule.times_own_gap is not None}
    days = {row["segment"]: row["value"] for row in outlook if row["measure"] == "next_order_days"}
    return {
        plan["segment_id"]: value
        for plan in matrix
        if json.loads(plan["rules"])["frequency"] in own
        and (value := days.get(str(plan["segment_id"]))) is not None
    }


def _first_due(as_of: dt.date, days: float | None, limits: files.Limits) -> dt.date:
    lead = 0 if days is None else max(0, round(days) - limits.days_before_next_order)
    return as_of + dt.timedelta(days=lead)


def _of_segment(
    plan: Row, first: dt.date, when: Times, rules: files.Rules, as_of: dt.date
) -> list[dict[str, Any]]:
    tactics = {rule.name: rule for rule in rules.tactic}
    names, products = json.loads(plan["tactics"]), json.loads(plan["products"])
    days, cap, most = plan["days_between"], plan["contacts_in_30_days"], plan["most_contacts"]
    sent: list[dt.date] = []
    waited = 0
    found = []
    for number, monday in enumerate(mondays(as_of, rules.limits.calendar_weeks), start=1):
        day = monday + dt.timedelta(days=when.weekday)
        due = first if not sent else sent[-1] + dt.timedelta(days=days)
        rest = _rest(day, due, sent, days, cap, most)
        if (
            rest is None
            and waited < rules.limits.weeks_to_wait_for_season
            and days >= 14
            and _waits(monday, when)
        ):
            rest, waited = WAITS, waited + 1
        line = {
            **{name: plan[name] for name in ("segment_id", "segment_name")},
            **{"as_of": as_of, "week": number, "week_start": monday, "season": when.weeks.get(monday)},
        }
        if rest is not None:
            found.append({**line, "contacts": 0, "why": rest})
            continue
        tactic = tactics[names[len(sent) % len(names)]]
        channel = _channel(tactic, plan)
        found.append(
            {
                **line,
                "contacts": 1,
                "send_on": day,
                "tactic": tactic.name,
                "title": tactic.title,
                "template": plan["template"],
                "channel": files.CHANNELS[channel],
                "product": products[len(sent) % len(products)] if products else None,
                "owner": getattr(rules.owners, channel),
                "why": _why(len(sent), waited, first, as_of, days),
            }
        )
        sent.append(day)
        waited = 0
    return found


def _rest(
    day: dt.date, due: dt.date, sent: Sequence[dt.date], days: int, cap: int, most: int | None
) -> str | None:
    """Why nothing goes out that day; None where something may."""
    if most is not None and len(sent) >= most:
        return DONE.format(most=most)
    if sum((day - other).days < CAP_DAYS for other in sent) >= cap:
        return CAPPED.format(most=cap)
    if day < due:
        return REST.format(days=days) if sent else EARLY
    return None


def _waits(monday: dt.date, when: Times) -> bool:
    here, following = when.weeks.get(monday), when.weeks.get(monday + WEEK)
    return here is not None and following is not None and following >= CLEARLY_STRONGER * here


def _why(before: int, waited: int, first: dt.date, as_of: dt.date, days: int) -> str:
    if waited:
        return WAITED
    if before:
        return DUE.format(days=days)
    return BEFORE_ORDER if first > as_of else FIRST


def _channel(tactic: files.Tactic, plan: Row) -> str:
    """The tactic's first channel that is open to the segment; the channel that leads it where the tactic uses that."""
    names = {words: name for name, words in files.CHANNELS.items()}
    leads = names[plan["channel"]]
    if leads in tactic.channels:
        return leads
    open_to = [names[words] for words in json.loads(plan["channels"])]
    return next((channel for channel in tactic.channels if channel in open_to), leads)

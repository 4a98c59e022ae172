"""The campaign calendar: the own rhythm, the shop's season, and a cap that nobody exceeds."""

import datetime as dt
import json
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from hm_assets.playbooks.strategy import calendar
from hm_assets.playbooks.strategy.rules import CHANNELS, Limits, default
from hm_assets_tests.playbooks.examples import AS_OF
from hm_assets_tests.playbooks.strategy.months import month, outlook, strategy

RULES = default()


def plan(days: int = 20, cap: int = 4, most: int | None = None, segment_id: int = 1) -> dict:
    return {
        **{
            "segment_id": segment_id,
            "segment_name": "A group",
            "days_between": days,
            "contacts_in_30_days": cap,
        },
        **{"most_contacts": most, "template": "New for you", "channel": CHANNELS["app"]},
        **{
            "products": json.dumps(["Dress", "Belt"]),
            "channels": json.dumps([CHANNELS["app"], CHANNELS["shop"]]),
        },
        **{
            "tactics": json.dumps(["vip_service", "ask_taste"]),
            "rules": json.dumps({"frequency": "own_rhythm"}),
        },
    }


def sent(rows: list[dict]) -> list[dt.date]:
    return [row["send_on"] for row in rows if row["contacts"]]


seasons = st.dictionaries(st.sampled_from(calendar.mondays(AS_OF, 53)), st.floats(0.1, 3), max_size=53)


@given(
    st.integers(7, 366),
    st.integers(1, 30),
    st.none() | st.integers(1, 53),
    st.floats(0, 400),
    seasons,
    st.integers(0, 6),
    st.integers(1, 53),
    st.integers(0, 4),
)
@example(7, 2, None, 0.0, {}, 0, 53, 0)  # as often as may be: here it is the cap that holds
def test_no_customer_exceeds_the_cap_whatever_the_rules_and_the_season(
    days, cap, most, next_order, season, weekday, weeks, wait
):
    limits = Limits(
        **{**RULES.limits.model_dump(), "calendar_weeks": weeks, "weeks_to_wait_for_season": wait}
    )
    rules = RULES.model_copy(update={"limits": limits})
    rows = calendar.rows(
        [plan(days, cap, most)], {1: next_order}, calendar.Times(season, weekday), rules, AS_OF
    )
    days_sent = sent(rows)
    assert len(rows) == weeks
    for day in days_sent:
        assert sum(0 <= (day - other).days < 30 for other in days_sent) <= cap
        assert day > AS_OF and day.weekday() == weekday
    assert all((b - a).days >= days for a, b in pairwise(days_sent))
    assert most is None or len(days_sent) <= most
    assert all(row["why"] for row in rows)
    assert all((row["send_on"] is not None) == (row["contacts"] == 1) for row in rows if "send_on" in row)


def test_weeks_begin_on_the_monday_after_the_day():
    weeks = calendar.mondays(AS_OF, 3)
    assert weeks == [dt.date(2020, 9, 28), dt.date(2020, 10, 5), dt.date(2020, 10, 12)]
    assert calendar.mondays(dt.date(2020, 9, 21), 1) == [dt.date(2020, 9, 28)]


def test_a_contact_waits_a_week_for_a_clearly_stronger_one():
    weeks = calendar.mondays(AS_OF, 13)
    flat = calendar.Times(dict.fromkeys(weeks, 1.0))
    peak = calendar.Times({**flat.weeks, weeks[1]: 1.2})
    usual, shifted = (calendar.rows([plan()], {}, when, RULES, AS_OF) for when in (flat, peak))
    assert sent(usual)[0] == weeks[0]
    assert sent(shifted)[0] == weeks[1]
    assert shifted[0]["why"] == calendar.WAITS and shifted[1]["why"] == calendar.WAITED


def test_the_season_is_that_of_the_same_weeks_a_year_before():
    history = [
        {"week_end": AS_OF - dt.timedelta(weeks=number), "seasonal": 1 + number / 1000}
        for number in range(104)
    ]
    found = calendar.times(history, [], AS_OF, 13).weeks
    for monday, factor in found.items():
        block_end = AS_OF - dt.timedelta(weeks=round((factor - 1) * 1000))
        thursday_then = monday + dt.timedelta(days=3) - dt.timedelta(weeks=52)
        assert 0 <= (block_end - thursday_then).days < 7
    assert len(found) == 13


def test_a_short_history_has_no_season_and_the_plan_does_without():
    history = [{"week_end": AS_OF, "seasonal": None}]
    when = calendar.times(history, [], AS_OF, 13)
    assert when == calendar.Times({}, 0)
    assert all(row["season"] is None for row in calendar.rows([plan()], {}, when, RULES, AS_OF))


def test_contacts_go_out_on_the_weekday_that_sells_most():
    days = [{"kind": "weekday", "position": p, "index": 100 + (p == 4)} for p in range(1, 8)]
    when = calendar.times([], [*days, {"kind": "month", "position": 1, "index": 999}], AS_OF, 13)
    assert when.weekday == 3


def test_only_who_follows_the_own_rhythm_waits_for_the_next_order():
    made = strategy(month())["decision_matrix"]
    first = calendar.next_orders(made, outlook(), RULES)
    own = {row["segment_id"] for row in made if json.loads(row["rules"])["frequency"] == "own_rhythm"}
    assert set(first) == own
    rows = calendar.rows([plan()], {1: 42.0}, calendar.Times({}), RULES, AS_OF)
    assert sent(rows)[0] == dt.date(2020, 11, 2)  # 41 days on: the first Monday from five days before


def test_tactics_and_products_take_turns_on_channels_that_are_open():
    rows = [row for row in calendar.rows([plan(7)], {}, calendar.Times({}), RULES, AS_OF) if row["contacts"]]
    assert [row["tactic"] for row in rows[:3]] == ["vip_service", "ask_taste", "vip_service"]
    assert [row["product"] for row in rows[:3]] == ["Dress", "Belt", "Dress"]
    assert {row["channel"] for row in rows} <= {CHANNELS["app"], CHANNELS["shop"]}
    assert all(row["owner"] for row in rows)


def test_a_plan_without_products_leads_with_none():
    bare = {**plan(), "products": "[]"}
    assert {row.get("product") for row in calendar.rows([bare], {}, calendar.Times({}), RULES, AS_OF)} == {
        None
    }

"""Who comes back, counted as a loop would."""

import datetime as dt

from hm_assets.explore.cohorts import cohorts
from hm_assets.warehouse.calendar import month_of
from hm_assets_tests.explore import shops
from hm_assets_tests.features.histories import days


def test_cohorts_are_those_of_a_loop():
    lines = shops.lines(customers=40, days=250, each=4)
    as_of = shops.FIRST + dt.timedelta(days=200)
    seen = [line for line in lines if line[1] <= as_of]
    first = {c: min(month_of(line[1]) for line in seen if line[0] == c) for c in {line[0] for line in seen}}
    found = cohorts(days(lines), as_of)
    assert {line["cohort_month"] for line in found} == set(first.values())
    for line in found:
        month = line["cohort_month"]
        for _ in range(line["months_since"]):
            month = month_of(month + dt.timedelta(days=31))
        members = {c for c, cohort in first.items() if cohort == line["cohort_month"]}
        active = {c for c, day, *_ in seen if c in members and month_of(day) == month}
        assert (line["customers"], line["active"]) == (len(members), len(active))
        assert line["whole_month"] == (month < month_of(as_of))
        assert line["left_truncated"] == (line["cohort_month"] < dt.date(2018, 12, 1))


def test_the_last_day_of_a_month_makes_it_whole():
    found = cohorts(days([(1, dt.date(2019, 2, 3), 1, 0.03, 1)]), dt.date(2019, 2, 28))
    assert [(line["months_since"], line["whole_month"], line["share_active"]) for line in found] == [
        (0, True, 1.0)
    ]


def test_nobody_is_no_cohort():
    assert cohorts(days([]), shops.FIRST) == []

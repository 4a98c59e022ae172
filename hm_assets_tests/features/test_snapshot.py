"""The blocks of a customer's features, against what a loop over the lines counts."""

import datetime as dt
import math

import numpy as np
import pytest

from hm_assets.sources.contract import ONLINE, STORE
from hm_assets_tests.features.histories import Line, features

AS_OF = dt.date(2020, 12, 30)
MONTH = dt.date(2020, 12, 1)


def ago(days: int) -> dt.date:
    return AS_OF - dt.timedelta(days=days)


# Whoever is a customer below stands in one snapshot, because it takes as long for one customer as for fifty.
LINES: list[Line] = []


def line(days: int, article: int = 1, price: float = 0.5, channel: int = STORE) -> tuple:
    return ago(days), article, price, channel


def customer(*lines: tuple) -> int:
    """The key of a new customer who bought these."""
    key = 1 + max((line[0] for line in LINES), default=0)
    LINES.extend((key, *line) for line in lines)
    return key


@pytest.fixture(scope="module")
def rows() -> dict[int, dict]:
    return features(LINES, MONTH, AS_OF)


AT_EDGES_OF_WINDOWS = customer(*[line(d) for d in (0, 6, 7, 29, 30, 89, 90, 364, 365)])


def test_each_window_ends_with_as_of_and_begins_w_days_before(rows):
    row = rows[AT_EDGES_OF_WINDOWS]
    assert [row[f"orders_{w}d"] for w in (7, 30, 90, 365)] == [2, 4, 6, 8]
    assert [row[f"purchase_days_{w}d"] for w in (7, 30, 90, 365)] == [2, 4, 6, 8]
    assert row["orders"] == 9
    assert row["basket_7d"] == 0.5


BOUGHT_40_DAYS_AGO = customer(line(40))


def test_an_empty_window_has_zeros_and_no_ratio(rows):
    row = rows[BOUGHT_40_DAYS_AGO]
    assert (row["orders_7d"], row["items_30d"], row["spend_30d"]) == (0, 0, 0)
    for name in ("basket_7d", "below_reference_share_30d", "discount_30d"):
        assert row[name] is None


WITH_GAPS = customer(line(100), line(100, channel=ONLINE), line(90), line(70), line(0))


def test_gaps_are_between_different_days(rows):
    row = rows[WITH_GAPS]
    gaps = [10, 20, 70]
    assert row["mean_gap_days"] == pytest.approx(np.mean(gaps), rel=1e-6)
    assert row["sd_gap_days"] == pytest.approx(np.std(gaps, ddof=1), rel=1e-6)
    assert (row["usual_gap_days"], row["overdue_days"]) == (20, -20)


BOUGHT_ONCE = customer(line(3))


def test_one_purchase_has_no_rhythm(rows):
    row = rows[BOUGHT_ONCE]
    for name in ("mean_gap_days", "sd_gap_days", "usual_gap_days", "overdue_days", "came_back_share_90d"):
        assert row[name] is None
    assert (row["length_days"], row["lifecycle_stage"]) == (0, "new")


TWICE = customer(line(200), line(150))


def test_two_days_have_a_gap_but_no_usual_one(rows):
    row = rows[TWICE]
    assert (row["mean_gap_days"], row["sd_gap_days"], row["usual_gap_days"]) == (50, None, None)


CAME_BACK_COUNTS_ONLY_DAYS_THAT_HAD_90_DAYS_TO_BE_FOLLOWED = customer(
    *[line(d) for d in (300, 250, 170, 40, 20)]
)


def test_came_back_counts_only_days_that_had_90_days_to_be_followed(rows):
    # Days 300 and 250 are followed within 90 days, 170 is not, 40 and 20 had no time yet.
    row = rows[CAME_BACK_COUNTS_ONLY_DAYS_THAT_HAD_90_DAYS_TO_BE_FOLLOWED]
    assert row["came_back_share_90d"] == pytest.approx(2 / 3, rel=1e-6)


STAGES = {
    customer(*map(line, days)): stage
    for days, stage in (
        ((5,), "new"),
        ((89,), "new"),
        ((400, 89), "active"),
        ((400, 90), "cooling"),
        ((400, 180), "lapsing"),
        ((400,), "lost"),
    )
}


def test_lifecycle_stages_begin_where_they_say(rows):
    assert {key: rows[key]["lifecycle_stage"] for key in STAGES} == STAGES


# The first line of all is 700 days old.
SEEN = {customer(line(days)): truncated for days, truncated in ((700, 1), (620, 1), (600, 0))}


def test_who_is_seen_early_may_have_been_a_customer_before(rows):
    assert {key: rows[key]["left_truncated"] for key in SEEN} == SEEN
    assert [rows[key]["cohort_month"] for key in SEEN][2] == ago(600).replace(day=1)


MOVED_ONLINE = customer(
    line(10, channel=ONLINE), line(20, channel=ONLINE), line(200), line(210), line(220, channel=ONLINE)
)


def test_channel_share_and_its_change(rows):
    row = rows[MOVED_ONLINE]
    assert row["online_share_365d"] == pytest.approx(3 / 5, rel=1e-6)
    assert row["online_share_change"] == pytest.approx(1 - 1 / 3, rel=1e-6)
    assert row["online_orders_365d"] == 3


IN_WINTER_AND_SUMMER = customer(line(0), line(7), line(1), line(180))


def test_weekdays_and_seasons_are_shares_of_the_units(rows):
    row = rows[IN_WINTER_AND_SUMMER]
    assert sum(
        row[f"{d}_share_365d"]
        for d in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    ) == pytest.approx(1)
    assert row[f"{AS_OF:%A}_share_365d".lower()] == pytest.approx(0.5)
    assert row["winter_share_365d"] == pytest.approx(0.75)
    assert row["summer_share_365d"] == pytest.approx(0.25)


def test_the_leap_day_belongs_to_its_year():
    leap = dt.date(2020, 2, 29)
    row = features([(1, leap, 1, 0.5, STORE)], dt.date(2020, 2, 1))[1]
    assert (row["as_of"], row["recency_days"], row["orders_7d"]) == (leap, 0, 1)


# Articles 1, 4, 7 are Product 1; article 2 is Product 2.
THREE_TO_ONE = customer(line(5, 1), line(5, 4), line(6, 7), line(7, 2))


def test_entropy_and_log_ratios_of_what_is_bought(rows):
    row = rows[THREE_TO_ONE]
    assert row["product_group_entropy"] == pytest.approx(
        -(0.75 * math.log(0.75) + 0.25 * math.log(0.25)), rel=1e-5
    )
    assert row["product_group_values"] == 2
    ratios = [row[f"clr_product_group_{i}"] for i in range(11)]
    assert sum(ratios) == pytest.approx(0, abs=1e-4)
    heavy, light = sorted(ratios)[-1], sorted(ratios)[-2]
    assert heavy - light == pytest.approx(math.log(3.5 / 1.5), rel=1e-5)


LONG_AGO = customer(line(500))


def test_who_bought_nothing_for_a_year_has_no_taste(rows):
    row = rows[LONG_AGO]
    assert row["product_group_entropy"] is None
    assert row["product_group_values"] == 0
    assert {row[f"clr_colour_{i}"] for i in range(11)} == {0}
    assert row["topic_1_share"] is None


TWO_TOPICS = customer(line(5, 1), line(5, 2), line(5, 4))


def test_topic_shares_add_up(rows):
    row = rows[TWO_TOPICS]
    assert (row["topic_1_share"], row["topic_2_share"]) == (
        pytest.approx(2 / 3, rel=1e-6),
        pytest.approx(1 / 3, rel=1e-6),
    )


def test_a_planted_price_slope_is_found():
    # Another customer sets the reference at 1.0; this one buys more units the cheaper the day.
    references = [(2, *line(d, 1, 1.0)) for d in range(60, 0, -1)]
    mine = []
    for day, price, units in ((50, 1.0, 1), (40, 0.9, 2), (30, 0.8, 3), (20, 0.7, 4), (10, 0.6, 5)):
        mine += [(1, *line(day, 1, price))] * units
    row = features([*references, *mine], MONTH, AS_OF)[1]
    assert row["price_slope_365d"] < -5
    assert row["below_reference_share_365d"] > 0.8
    assert 0.1 < row["discount_365d"] < 0.4


THREE_TIMES = customer(line(50), line(40, price=0.4), line(30, price=0.3))


def test_too_few_orders_have_no_price_slope(rows):
    assert rows[THREE_TIMES]["price_slope_365d"] is None

import datetime as dt

import numpy as np
import pytest

from hm_assets.forecasts.by_segment.shares import coverage, known_by, model_variance, scores, share
from hm_assets.forecasts.by_segment.tables import ALL
from hm_assets_tests.forecasts.by_segment.people import judged, lottery, people_of

DAYS = [
    dt.date(2019, 2, 28),
    dt.date(2019, 5, 31),
    dt.date(2019, 8, 31),
    dt.date(2019, 11, 30),
    dt.date(2020, 2, 29),
]


def past(off: float, seed: int = 0, n: int = 400):
    """Five days and two segments; the model is off by this much, now up and now down."""
    for i, day in enumerate(DAYS):
        parts = [lottery(n, seed * 100 + 10 * i + s, off * (-1) ** (i + s)) for s in (1, 2)]
        p, came = (parts[0][k] + parts[1][k] for k in (0, 1))
        yield judged(people_of(p, segment_id=[1] * n + [2] * n), came, day)


def errors(off: float = 0.0) -> list[dict]:
    rows = [row for row in scores(past(off)) if row["horizon_days"] == 90]
    return rows


def test_by_chance_alone_the_variance_is_that_of_the_poisson_binomial():
    p = np.array([0.1, 0.5, 0.9, 0.9])
    found = share(p, [], "1")
    rng = np.random.default_rng(0)
    drawn = (rng.random((20_000, 4)) < p).mean(axis=1)
    assert found.expected == pytest.approx(0.6) and found.chance == pytest.approx(drawn.var(), rel=0.03)
    assert found.low is None, "nothing is known of the model's error"


def test_a_model_that_was_right_adds_little_and_one_that_was_off_adds_what_it_was_off_by():
    right, off = (model_variance(errors(x), "1") for x in (0.0, 0.15))
    assert right < 0.02**2 and off == pytest.approx(0.15**2, rel=0.35)


def test_a_segment_that_was_never_seen_takes_the_error_of_all_and_ends_stay_shares():
    rows = errors(0.15)
    found = share(np.full(50, 0.95), rows, "9")
    assert found.high == 1.0 and 0.5 < found.low < 0.9


@pytest.mark.parametrize("off", [0.0, 0.1])
def test_intervals_of_past_days_hold_about_as_often_as_they_say(off):
    inside = [coverage(scores(past(off, seed)))[90] for seed in range(12)]
    told = sum(share * n for share, n in inside) / sum(n for _, n in inside)
    assert 0.70 <= told <= 0.99


def test_of_all_customers_a_day_tells_one_error_and_intervals_hold_as_often_as_they_say():
    """Two past days, each off by a normal error that all customers share."""
    rng = np.random.default_rng(0)
    p = np.full(5_000, 0.4)
    inside = []
    for _ in range(400):
        off = rng.normal(0, 0.05, 3)
        rows = [
            {"segment": s, "expected": 0.4, "ordered": 0.4 + x, "chance": 0.0}
            for x in off[:2]
            for s in ("1", "2", "3", "4", ALL)
        ]
        found = share(p, rows, ALL)
        inside.append(found.low <= 0.4 + off[2] <= found.high)
    assert np.mean(inside) == pytest.approx(0.8, abs=0.05)


def test_an_interval_knows_only_days_that_were_over():
    rows = list(scores(past(0.1)))
    assert all(row["low"] is None for row in rows if row["as_of"] == DAYS[0])
    short = scores(list(past(0.1))[:3])
    assert short == [row for row in rows if row["as_of"] <= DAYS[2]], "deleting the future changes nothing"
    assert known_by(rows, 90, DAYS[0] + dt.timedelta(days=89)) == []
    assert {row["as_of"] for row in known_by(rows, 90, DAYS[0] + dt.timedelta(days=90))} == {DAYS[0]}


def test_segments_add_up_to_all_and_who_is_in_none_is_left_out():
    p, came = lottery(40, 3)
    day = judged(people_of(p, segment_id=[1] * 10 + [2] * 20 + [None] * 10), came)
    rows = {row["segment"]: row for row in scores([day]) if row["horizon_days"] == 90}
    assert rows[ALL]["customers"] == 30 == rows["1"]["customers"] + rows["2"]["customers"]
    both = sum(rows[s]["ordered"] * rows[s]["customers"] for s in ("1", "2"))
    assert rows[ALL]["ordered"] * 30 == pytest.approx(both)

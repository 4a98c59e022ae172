import datetime as dt

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.by_segment import shares, warning_scores
from hm_assets.forecasts.by_segment.past import BEFORE, P, outlook_of, past_days, read, rows
from hm_assets.forecasts.by_segment.tables import PAST_OUTLOOK
from hm_assets.forecasts.effort import Effort
from hm_assets_tests.forecasts.shops import Shop, shop
from hm_assets_tests.forecasts.test_order_model import fitted

EFFORT = Effort(2, 300, 300, 20)
CHOSEN = ("rfm_logistic", "for the test")


def placed(known: Shop) -> ibis.Table:
    """Two segments: who bought often, and who did not."""
    features = known.features
    return features.select(
        "customer_key",
        "month",
        segment_id=ibis.ifelse(features.purchase_days > 3, 1, 2).cast("int32"),
        model_version=ibis.literal("v1"),
    )


def days_of(known: Shop):
    return list(past_days(known.features, known.days, placed(known), CHOSEN, EFFORT, 0, 1))


@pytest.fixture(scope="module")
def known() -> Shop:
    return shop(customers=120)


@pytest.fixture(scope="module")
def judged(known):
    return days_of(known)


def test_days_come_oldest_first_and_are_over(known, judged):
    assert [day.as_of for day in judged] == [dt.date(2019, 9, 30), dt.date(2019, 12, 31)]
    for day in judged:
        assert set(day.people["days_known"].to_pylist()) == {90}
        assert day.people["customer_key"].to_pylist() == sorted(day.people["customer_key"].to_pylist())


def test_what_was_said_of_a_past_day_does_not_know_what_came_after(known, judged):
    day = judged[0]
    end = day.as_of + dt.timedelta(days=90)
    # Up to the end of the outcome, for the day to be judged; the model knows less.
    then = days_of(known.known_on(end))[-1]
    assert then.as_of == day.as_of
    names = [*P, BEFORE, "segment_id", "gaps_since", "days_to_next"]
    assert then.people.select(names).equals(day.people.select(names))
    silent = Shop(known.features, known.days.filter(known.days.t_dat <= ibis.literal(day.as_of, "date")))
    later = known.days.filter(known.days.t_dat > ibis.literal(end, "date"))
    nobody = Shop(known.features, ibis.union(silent.days, later))
    quiet = next(d for d in days_of(nobody) if d.as_of == day.as_of)
    assert quiet.people.select(list(P)).equals(day.people.select(list(P))), "the outcome is not in the model"


def test_the_month_before_is_said_by_the_same_model(known):
    model = fitted(known)
    month = dt.date(2019, 12, 1)
    people = outlook_of(model, known.features, placed(known), month).order_by("customer_key").to_pyarrow()
    before = model.outlook(known.features, dt.date(2019, 11, 1)).to_pyarrow()
    said = dict(zip(before["customer_key"].to_pylist(), before[P[-1]].to_pylist(), strict=True))
    assert people[BEFORE].to_pylist() == [said.get(key) for key in people["customer_key"].to_pylist()]
    assert people[BEFORE].null_count == len(people) - len(before)


def test_past_days_are_judged_by_segment_and_list(judged):
    rows = shares.scores(judged)
    assert {row["segment"] for row in rows} == {"1", "2", "all"}
    often, rarely = (next(r for r in rows if r["segment"] == s and r["horizon_days"] == 90) for s in "12")
    assert often["ordered"] > rarely["ordered"] and often["expected"] > rarely["expected"]
    picks = list(warning_scores.scores(judged, 20, 0))
    assert len(picks) == 6 and all(row["customers"] > 0 for row in picks)


def test_past_days_are_read_back_as_they_were_written(judged):
    month = dt.date(2020, 3, 1)
    parts = list(rows(judged, month))
    assert all(part.schema == PAST_OUTLOOK.arrow_schema() for part in parts)
    back = read(ibis.memtable(pa.concat_tables(parts[::-1])))
    assert [day.as_of for day in back] == [day.as_of for day in judged]
    assert shares.scores(back) == shares.scores(judged)
    assert list(warning_scores.scores(back, 20, 0)) == list(warning_scores.scores(judged, 20, 0))


def test_a_short_history_has_no_past_day():
    short = shop(customers=20, last=dt.date(2018, 12, 31))
    assert days_of(short) == []


def test_a_customer_without_a_segment_keeps_a_row(known):
    month = dt.date(2019, 12, 1)
    some = placed(known).filter(placed(known).customer_key > 10)
    people = outlook_of(fitted(known), known.features, some, month).to_pyarrow()
    assert people["segment_id"].null_count == sum(k <= 10 for k in people["customer_key"].to_pylist()) > 0
    assert isinstance(people, pa.Table) and np.isfinite(people[P[0]].to_numpy()).all()

import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.forecasts.churn.hazards import at_risk
from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.forecasts.inputs import examples
from hm_assets.forecasts.timing import waiting
from hm_assets.forecasts.timing.waiting import ENDS, LONGEST_WAIT, Waiting, anchored
from hm_assets_tests.forecasts.shops import FIRST, shop

MONTHS = [dt.date(2018, 12, 1), dt.date(2019, 3, 1), dt.date(2019, 10, 1)]


def rows(known_until: dt.date, months=MONTHS) -> pa.Table:
    known = shop(customers=150)
    return examples(known.features, known.days, months, FIRST, known_until, None, LONGEST_WAIT)


@pytest.fixture(scope="module")
def past() -> pa.Table:
    return rows(dt.date(2019, 12, 31))


@pytest.fixture(scope="module")
def model(past) -> Waiting:
    return waiting.fit(past, 0, 1)


def test_every_horizon_is_the_end_of_an_interval():
    assert set(HORIZONS) <= set(ENDS) and list(ENDS) == sorted(set(ENDS))


def test_the_reach_is_as_far_as_any_past_day_was_followed(model, past):
    assert model.reach == 365, "December 2018 is followed for a year"
    assert waiting.reach_of(rows(dt.date(2019, 6, 30), MONTHS[:2])) == 180
    with pytest.raises(ValueError, match="no past day has 90 days"):
        waiting.fit(rows(dt.date(2019, 2, 1), MONTHS[:1]), 0, 1)


def test_an_interval_learns_from_whom_it_tells():
    """Followed for 40 days: she says something of the first 30 days, and nothing of what ends on day 45."""
    two = pa.table({"days_known": [40, 365], "days_to_next": pa.array([None, 35], pa.int32())})
    asked, happened = at_risk(two, ENDS)
    known = [end for end, told in zip(ENDS, asked[0], strict=True) if told]
    assert known == [end for end in ENDS if end <= 40] and not happened[0].any()
    assert [end for end, told in zip(ENDS, asked[1], strict=True) if told][-1] == 45
    assert [end for end, came in zip(ENDS, happened[1], strict=True) if came] == [45]


def test_probabilities_ascend_and_fewer_wait_the_more_often_they_bought(model, past):
    by = model.predict(past, MONTHS[-1])
    assert by.shape == (past.num_rows, len(ENDS)) and (np.diff(by, axis=1) >= 0).all()
    assert (by >= 0).all() and (by <= 1).all()
    often = past["purchase_days_90d"].to_numpy() >= 4
    never = past["purchase_days_90d"].to_numpy() == 0
    assert by[often, 5].mean() > by[never, 5].mean() + 0.1


def test_a_model_from_its_file_or_on_fewer_rows_says_the_same(model, past):
    back = Waiting.from_json(json.loads(json.dumps(model.as_json(), sort_keys=True)))
    whole = model.predict(past, MONTHS[0])
    assert np.array_equal(back.predict(past, MONTHS[0]), whole)
    parts = [model.predict(past.slice(i, 13), MONTHS[0]) for i in range(0, past.num_rows, 13)]
    assert np.array_equal(np.concatenate(parts), whole)


@given(st.integers(0, 10_000), st.integers(len(ENDS) - 6, len(ENDS)))
@settings(max_examples=50, deadline=None)
def test_anchored_probabilities_are_the_other_model_s_at_its_horizons_and_ascend(seed, intervals):
    rng = np.random.default_rng(seed)
    by = 1 - np.cumprod(1 - rng.beta(0.3, 1, (6, intervals)), axis=1)
    p = np.sort(rng.random((6, 3)), axis=1)
    p[0], by[1] = 1.0, 0.0
    found = anchored(by, p)
    at = [ENDS.index(horizon) for horizon in HORIZONS]
    assert np.array_equal(found[:, at], p)
    assert (np.diff(found, axis=1) >= -1e-12).all() and (found >= 0).all() and (found <= 1 + 1e-12).all()
    same = by[2:]
    assert np.allclose(anchored(same, same[:, at]), same), "agreeing models change nothing"

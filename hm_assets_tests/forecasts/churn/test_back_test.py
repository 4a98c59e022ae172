import datetime as dt

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.churn import back_test, hazards
from hm_assets.forecasts.churn.algorithms import CATALOGUE
from hm_assets.forecasts.churn.back_test import Predicted, choose
from hm_assets.forecasts.churn.models import MODELS, RECENCY, installed
from hm_assets.forecasts.cutoffs import split
from hm_assets.forecasts.effort import Effort
from hm_assets.forecasts.inputs import examples
from hm_assets.warehouse.calendar import month_end
from hm_assets_tests.forecasts.shops import shop

BRIEF = Effort(2, 200, 400, 30)
PLAIN = tuple(m for m in MODELS if m.name in ("base_rate", "recency", "rfm_logistic", "logistic"))
MONTH = dt.date(2019, 11, 1)


def predicted(known, month=MONTH, models=PLAIN) -> Predicted:
    dates, first, last = back_test.reach(known.features, known.days)
    known_then = split(dates, month, first)
    past, judged = (
        examples(known.features, known.days, months, first, last, 200)
        for months in (list(known_then.learned), [month])
    )
    return back_test.predicted(past, judged, month, known_then, 0, 1, models)


def test_days_are_judged_that_have_ninety_days_after_and_something_before():
    known = shop(customers=40)
    dates, first, last = back_test.reach(known.features, known.days)
    months = back_test.judged_months(dates, first, last, 9)
    assert months[0] == dt.date(2019, 12, 1) and months[-1] >= dt.date(2019, 1, 1)
    assert all(dates[m] + dt.timedelta(days=90) <= last for m in months)
    with pytest.raises(ValueError, match="the 90 days after 2020-01-31 are not over on 2020-03"):
        back_test.run(known.features, known.days, BRIEF, 0, 1, [dt.date(2020, 1, 1)])
    early = known.known_on(dt.date(2019, 3, 31))
    assert back_test.run(early.features, early.days, BRIEF, 0, 1) == []


def test_what_a_model_says_of_a_day_does_not_change_when_the_days_after_it_do():
    everything = shop(customers=80)
    day = month_end(MONTH)
    then = everything.known_on(day)
    before = ibis.memtable(everything.features.filter(ibis._.month <= MONTH).to_pyarrow())
    whole = predicted(everything, models=installed())
    bare = predicted(type(everything)(before, then.days), models=installed())
    assert whole.thresholds == bare.thresholds and whole.year_before == bare.year_before
    assert hazards.ordered(whole.rows).any() and not hazards.ordered(bare.rows).any()
    # A sample of the judged day is in the order of its features, so the rows are the same.
    for name in whole.p:
        assert np.array_equal(whole.p[name], bare.p[name]), name


def test_a_planted_season_is_met_a_year_later():
    """Demand is threefold in December: what one December taught closes more than half of the gap to the next."""
    known = shop(customers=2000, season=lambda day: 3.0 if day.month == 12 else 1.0)
    dates, first, _ = back_test.reach(known.features, known.days)
    logistic = next(a for a in CATALOGUE if a.name == "logistic")
    past = examples(known.features, known.days, list(split(dates, MONTH, first).learned), first, dates[MONTH])
    judged = examples(known.features, known.days, [MONTH], first, dates[MONTH] + dt.timedelta(days=90))
    model = hazards.fit(logistic, past, 0, 1)
    true = hazards.ordered(judged)[:, 0].mean()
    without = model.hazards(judged)[:, 0].mean()
    assert without < true - 0.08
    assert abs(model.predict(judged, MONTH)[:, 0].mean() - true) < (true - without) / 2


def test_rows_say_what_was_judged_and_by_how_many():
    day = predicted(shop(customers=60))
    rows = list(back_test.scores(day, 20, 0))
    assert len(rows) == len(PLAIN) * 3 * 6
    assert {(r["model"], r["baseline"]) for r in rows} >= {("base_rate", True), ("logistic", False)}
    constant = [r for r in rows if (r["model"], r["metric"]) == ("base_rate", "auc")]
    assert all(r["value"] == 0.5 for r in constant)
    assert all(r["base_rate"] is not None and r["customers"] == day.rows.num_rows for r in rows)


def judged(errors: dict[str, float], n: int = 400) -> Predicted:
    """Everybody orders on day 1 or never; each model is off by so much."""
    y = np.arange(n) % 2 == 0
    rows = pa.table(
        {"days_known": [90] * n, "days_to_next": pa.array([1 if one else None for one in y], pa.int32())}
    )
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.02, n)
    p = {
        a.name: np.abs(y[:, None] - (errors.get(a.name, 0.5) + noise)[:, None] * np.ones(3)).clip(0, 1)
        for a in installed()
    }
    return Predicted(dt.date(2019, 12, 31), dt.date(2019, 12, 1), rows, p, n)


def test_the_simplest_model_that_is_as_good_is_taken():
    assert choose([judged({"rfm_logistic": 0.3, "logistic": 0.3, "lightgbm": 0.3})]).name == "rfm_logistic"
    assert choose([judged({"rfm_logistic": 0.3, "logistic": 0.2})]).name == "logistic"


def test_the_words_say_where_recency_alone_is_as_good_and_what_was_better_but_is_not_kept():
    plain = choose([judged({"recency": 0.2, "rfm_logistic": 0.25, "random_forest": 0.1})])
    assert plain.name == RECENCY.name
    assert "nothing that was tried is better than the days since the last order" in plain.why
    assert "kept in no file: random_forest" in plain.why
    better = choose([judged({"recency": 0.4, "logistic": 0.2})])
    assert "better than recency alone, which is beyond two standard errors" in better.why
    with pytest.raises(ValueError, match="no past day"):
        choose([])

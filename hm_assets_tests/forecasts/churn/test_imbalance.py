import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.churn import imbalance
from hm_assets.forecasts.churn.imbalance import TREATMENTS, recalibrated, staged
from hm_assets.forecasts.cutoffs import LONGEST, expanding_folds
from hm_assets.forecasts.effort import Effort
from hm_assets.forecasts.inputs import examples
from hm_assets.forecasts.tables import IMBALANCE
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import month_end
from hm_assets_tests.forecasts.shops import FIRST, shop

BRIEF = Effort(2, 200, 400, 20, folds=2)
MONTHS = [dt.date(2018 + m // 12, m % 12 + 1, 1) for m in range(9, 24, 2)]


@pytest.fixture(scope="module")
def rows():
    """Few order: most of them are lapsed."""
    known = shop(customers=250)
    return examples(known.features, known.days, MONTHS, FIRST, dt.date(2020, 3, 31))


@pytest.fixture(scope="module")
def found(rows):
    (*_, last) = expanding_folds([month_end(month) for month in MONTHS], 2, before=2)
    return list(imbalance.judged(staged(rows, last), 50, 0, 1))


def clouds(share: float, n: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Two overlapping clouds of points, one of them rarer."""
    rng = np.random.default_rng(0)
    y = np.arange(n) < share * n
    return rng.normal(0, 1, (n, 3)) + np.where(y, 1.0, 0.0)[:, None], y


@pytest.mark.parametrize("treatment", ["weights", "smote", "adasyn"])
def test_the_rarer_outcome_is_taught_as_a_half_and_what_was_real_stays(treatment):
    x, y = clouds(0.1)
    points, outcomes, weights = TREATMENTS[treatment](x, y, 0)
    assert np.average(outcomes, weights=weights) == pytest.approx(0.5, abs=0.02)
    assert np.array_equal(points[: len(x)], x) and np.array_equal(outcomes[: len(y)], y)
    again = TREATMENTS[treatment](x, y, 0)
    assert np.array_equal(again[0], points)


@pytest.mark.parametrize("treatment", list(TREATMENTS))
@pytest.mark.parametrize("ordered", [3, 1000, 1997])
def test_where_nothing_can_be_invented_what_is_there_is_learned(treatment, ordered):
    x, _ = clouds(0.5)
    y = np.random.default_rng(1).permutation(2000) < ordered
    points, outcomes, weights = TREATMENTS[treatment](x, y, 0)
    assert np.isfinite(points).all() and len(points) == len(outcomes) >= len(x)
    assert weights is None or np.isfinite(weights).all()


def test_weights_promise_too_much_and_calibration_on_a_later_day_takes_it_back(found):
    """The textbook case, on clouds: one in ten orders, and a model that was taught a half promises far more."""
    from hm_assets.forecasts.churn import algorithms
    from hm_assets.forecasts.measures.scores import measured

    x, y = clouds(0.1, 4000)
    half = np.arange(4000) % 2 == 0
    logistic = next(a for a in algorithms.CATALOGUE if a.name == "logistic")
    errors = {}
    for treatment, treat in TREATMENTS.items():
        taught = treat(x[half], y[half], 0)
        model = algorithms.fitted(logistic, taught[0], taught[1], 0, 1, taught[2])
        said, held = model.predict(x[~half][::2]), model.predict(x[~half][1::2])
        for way, p, _ in recalibrated(said, held, y[~half][1::2]):
            scores = measured(p, y[~half][::2], 0, 0)
            errors[treatment, way] = (scores["auc"].value, scores["mean_error"].value)
    for treatment in ("weights", "smote", "adasyn"):
        assert errors[treatment, "none"][1] > 0.1
        assert abs(errors[treatment, "isotonic"][1]) < 0.03 and abs(errors[treatment, "platt"][1]) < 0.03
        assert errors[treatment, "none"][0] == pytest.approx(errors["none", "none"][0], abs=0.02)
    assert abs(errors["none", "none"][1]) < 0.03


def test_days_to_fit_on_end_before_that_of_calibration_and_that_before_the_judged_one(rows):
    folds = expanding_folds([month_end(month) for month in MONTHS], 5, before=2)
    assert len(folds) > 2
    for fold in folds:
        stages = staged(rows, fold)
        fit, calibrate, judge = (
            {day for day in part["as_of"].to_pylist()}
            for part in (stages.fit, stages.calibrate, stages.judge)
        )
        assert max(fit) + dt.timedelta(days=LONGEST) <= min(calibrate)
        assert max(calibrate) + dt.timedelta(days=LONGEST) <= min(judge) and len(judge) == 1
    early = expanding_folds([month_end(month) for month in MONTHS], 9)[0]
    assert staged(rows, early) is None, "no day is left to calibrate on"


def test_each_treatment_is_judged_as_it_is_and_recalibrated_beside_the_untreated_model(found):
    keys = {(row["model"], row["treatment"], row["recalibration"], row["metric"]) for row in found}
    assert len(keys) == len(found) == 3 * 4 * 3 * 6
    assert {row["treatment"] for row in found if row["baseline"]} == {"none"}
    treated = [row for row in found if row["treatment"] in ("weights", "smote")]
    assert all(row["taught_share"] == pytest.approx(0.5) for row in treated)
    briers = [row["value"] for row in found if row["metric"] == "brier"]
    assert len(set(briers)) > len(briers) / 2, "measured, not written down"
    assert "smote: AUC" in imbalance.finding(found) and "after Platt" in imbalance.finding(found)


def test_every_judged_day_was_over_and_its_rows_are_those_of_the_table(tmp_path):
    known, end, month = shop(customers=60), dt.date(2019, 9, 30), dt.date(2019, 9, 1)
    then = known.known_on(end)
    found = imbalance.run(then.features, then.days, BRIEF, 0, 1)
    assert found and all(row["as_of"] + dt.timedelta(days=LONGEST) <= end for row in found)
    rows = IMBALANCE.in_memory([{**row, "month": month} for row in found]).to_pyarrow()
    delta.write(tmp_path, IMBALANCE, rows.to_batches(), [month])
    assert delta.open_table(tmp_path, IMBALANCE).to_pyarrow_table().num_rows == len(found)


@pytest.mark.parametrize("last", [dt.date(2018, 9, 30), dt.date(2019, 4, 30)])
def test_too_short_files_give_nothing(last):
    short = shop(customers=40, last=last)
    assert imbalance.run(short.features, short.days, BRIEF, 0, 1) == []


def test_where_all_did_the_same_there_is_nothing_to_balance(rows):
    (*_, last) = expanding_folds([month_end(month) for month in MONTHS], 2, before=2)
    at = rows.column_names.index("days_to_next")
    everybody = rows.set_column(at, "days_to_next", pa.array([1] * len(rows), pa.int32()))
    assert list(imbalance.judged(staged(everybody, last), 10, 0, 1)) == []

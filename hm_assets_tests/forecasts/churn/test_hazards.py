import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.churn import algorithms, hazards
from hm_assets.forecasts.churn.algorithms import CATALOGUE
from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.forecasts.inputs import examples
from hm_assets_tests.forecasts.shops import FIRST, shop

MONTHS = [dt.date(2018, m, 1) for m in (10, 11, 12)]
NEXT = dt.date(2019, 4, 1)
KEPT = [a for a in CATALOGUE if a.kept]


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    known = shop()
    return examples(known.features, known.days, MONTHS, FIRST, dt.date(2019, 3, 31))


@pytest.mark.parametrize("algorithm", CATALOGUE, ids=lambda a: a.name)
def test_probabilities_never_fall_with_the_horizon_and_depend_on_seed_and_row_alone(rows, algorithm):
    model = hazards.fit(algorithm, rows, 7, 1)
    p = model.predict(rows, NEXT)
    assert p.shape == (len(rows), 3) and (p > 0).all() and (p < 1).all()
    assert (np.diff(p, axis=1) >= 0).all()
    again = hazards.fit(algorithm, rows, 7, 2)
    assert np.array_equal(again.predict(rows, NEXT), p), "threads change nothing"
    alone = model.predict(rows.slice(5, 1), NEXT)[0]
    assert np.array_equal(alone, p[5]) if algorithm.kept else np.allclose(alone, p[5]), (
        "nor do other customers"
    )


@pytest.mark.parametrize("algorithm", KEPT, ids=lambda a: a.name)
def test_a_kept_model_is_the_same_after_it_was_a_file(rows, algorithm):
    model = hazards.fit(algorithm, rows, 7, 1)
    told = model.as_json()
    back = hazards.Hazards.from_json(json.loads(json.dumps(told, sort_keys=True)))
    assert np.array_equal(back.predict(rows, NEXT), model.predict(rows, NEXT))
    assert "num_threads" not in json.dumps(told), "what this machine has is no part of a model"


def test_what_only_a_pickle_could_hold_is_never_kept(rows):
    for algorithm in CATALOGUE:
        assert (hazards.fit(algorithm, rows, 7, 1).as_json() is not None) == algorithm.kept


def test_an_interval_is_learned_from_those_it_tells_of():
    """Known for 70 days: the third interval tells nothing; who ordered on day 20 is out of the second."""
    rows = pa.table({"days_known": [70, 90, 90], "days_to_next": pa.array([None, 20, 75], pa.int32())})
    asked, happened = hazards.at_risk(rows)
    assert asked.tolist() == [[True, True, False], [True, False, False], [True, True, True]]
    assert happened.tolist() == [[False, False, False], [True, False, False], [False, False, True]]
    assert hazards.ordered(rows).tolist()[1:] == [[True, True, True], [False, False, True]]


def test_a_history_without_ninety_days_after_any_day_is_refused(rows):
    known = shop(customers=40)
    short = examples(known.features, known.days, MONTHS[:1], FIRST, dt.date(2018, 12, 31))
    with pytest.raises(ValueError, match="90 days of lines after it"):
        hazards.fit(KEPT[0], short, 0, 1)


@pytest.mark.parametrize("everybody", [True, False])
@pytest.mark.parametrize("algorithm", CATALOGUE, ids=lambda a: a.name)
def test_a_time_in_which_all_or_none_ordered_gives_a_probability_short_of_certainty(
    rows, algorithm, everybody
):
    next_in = pa.array([1] * len(rows) if everybody else [None] * len(rows), pa.int32())
    at = rows.column_names.index("days_to_next")
    p = hazards.fit(algorithm, rows.set_column(at, "days_to_next", next_in), 0, 1).predict(rows, NEXT)
    assert np.isfinite(p).all() and (p > 0).all() and (p < 1).all()
    assert (p > 0.98).all() if everybody else (p < 0.05).all()


def test_on_shuffled_labels_nothing_is_found(rows):
    """A leak would show: who is predicted to order did not order more than others."""
    from hm_assets.forecasts.measures.scores import measured

    rng = np.random.default_rng(1)
    at = rows.column_names.index("days_to_next")
    noise = rows.set_column(at, "days_to_next", rows["days_to_next"].take(rng.permutation(len(rows))))
    learned, judged = noise.slice(0, len(rows) // 2), noise.slice(len(rows) // 2)
    for name in ("logistic", "lightgbm"):
        algorithm = next(a for a in CATALOGUE if a.name == name)
        p = hazards.fit(algorithm, learned, 0, 1).predict(judged, NEXT)
        for k in range(len(HORIZONS)):
            found = measured(p[:, k], hazards.ordered(judged)[:, k], 200, 0)["auc"]
            assert found.low <= 0.5 <= found.high, (name, found)


def test_a_rate_is_never_certain():
    assert algorithms.rate(np.zeros(9, dtype=bool)).rate == pytest.approx(0.05)
    assert algorithms.rate(np.zeros(0, dtype=bool)).rate == 0.5

import datetime as dt
import json
import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from hm_assets.forecasts.churn import algorithms, back_test, hazards, models, stacking
from hm_assets.forecasts.churn.algorithms import CATALOGUE
from hm_assets.forecasts.churn.models import MODELS, RECENCY, Known
from hm_assets.forecasts.cutoffs import HORIZONS, LONGEST, split
from hm_assets.forecasts.inputs import examples
from hm_assets.forecasts.measures.scores import measured
from hm_assets.forecasts.outcomes import known_on
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets_tests.forecasts.shops import shop

MONTH = dt.date(2019, 11, 1)


@pytest.fixture(scope="module")
def rows() -> tuple[pa.Table, pa.Table]:
    return people(150, 3)


def people(customers: int, every: int) -> tuple[pa.Table, pa.Table]:
    """Customers of every n-th past day as known on the judged day, and of that day with what came after."""
    known = shop(customers=customers, seed=3)
    dates, first, last = back_test.reach(known.features, known.days)
    before = split(dates, MONTH, first)
    past = examples(known.features, known.days, list(before.learned)[::every], first, before.as_of)
    return past, examples(known.features, known.days, [MONTH], first, last)


@pytest.fixture(scope="module")
def day(rows) -> Known:
    past, judged = rows
    return Known(past, known_on(judged, judged["as_of"][0].as_py()), 0, 1)


def shuffled(rows: pa.Table, rng: np.random.Generator) -> pa.Table:
    """What customers do later is given to others of the same day: the share of each day stays."""
    days = np.array(rows["as_of"].to_pylist(), dtype=object)
    place = np.arange(len(rows))
    for one in sorted(set(days)):
        mine = np.flatnonzero(days == one)
        place[mine] = rng.permutation(mine)
    at = rows.column_names.index("days_to_next")
    return rows.set_column(at, "days_to_next", rows["days_to_next"].take(place))


def test_on_labels_by_lot_no_model_tells_customers_apart(rows):
    """A leak would show: who is predicted to order did not order more than others."""
    past, judged = rows
    outside = {model.name: 0 for model in models.installed()}
    for seed in range(2):
        rng = np.random.default_rng(seed)
        noise, after = shuffled(past, rng), shuffled(judged, rng)
        known = Known(noise, known_on(after, after["as_of"][0].as_py()), seed, 1)
        for model in models.installed():
            p = known.fitted(model).predict(after, MONTH)[:, -1]
            found = measured(p, hazards.ordered(after)[:, -1], 100, seed)["auc"]
            outside[model.name] += not found.low <= 0.5 <= found.high
    # Of two 95 % intervals both miss in a quarter of one per cent of cases.
    assert max(outside.values()) <= 1, outside


def test_no_two_models_say_the_same_and_no_measure_is_a_constant(rows, day):
    """A figure written by hand, or one model under two names, would show."""
    _, judged = rows
    happened = hazards.ordered(judged)
    for k in range(len(HORIZONS)):
        found = [
            measured(day.fitted(model).predict(judged, MONTH)[:, k], happened[:, k], 0, 0, 0.5)
            for model in models.installed()
        ]
        for metric in found[0]:
            values = [one[metric].value for one in found]
            assert len(set(values)) > len(values) / 2, (metric, values)
        assert len({one["brier"].value for one in found}) == len(found)


def test_each_model_is_fitted_once_for_a_day_and_a_stack_takes_those(day):
    stack = day.fitted(MODELS[-1])
    assert isinstance(stack, stacking.Stack)
    lightgbm = next(model for model in MODELS if model.name == "lightgbm")
    assert any(part is day.fitted(lightgbm) for part in stack.parts)
    assert {part.name for part in stack.parts} == {a.name for a in stacking.PARTS if a.installed}


def test_a_stack_is_taught_by_days_that_its_parts_had_not_seen(rows, monkeypatch):
    """Every fit inside knows only outcomes that were over before the day that it foretells."""
    past, _ = rows
    parts = [next(a for a in CATALOGUE if a.name == name) for name in ("logistic", "rfm_logistic")]
    fitted = [hazards.fit(part, past, 0, 1) for part in parts]
    learned, foretold = [], []
    fit, predict = hazards.fit, hazards.Hazards.in_season
    monkeypatch.setattr(
        hazards, "fit", lambda a, r, s, t: learned.append(pc.max(r["as_of"]).as_py()) or fit(a, r, s, t)
    )
    monkeypatch.setattr(
        hazards.Hazards,
        "in_season",
        lambda self, r, m: foretold.append((len(learned), pc.min(r["as_of"]).as_py())) or predict(self, r, m),
    )
    stack = stacking.fit(fitted, parts, past, 0, 1)
    assert len(foretold) > 2 and len(stack.trust) == len(HORIZONS)
    for fits, first in foretold:
        over = max(learned[:fits]) + dt.timedelta(days=LONGEST)
        assert over <= first


def test_a_stack_trusts_what_tells_more():
    past, judged = people(600, 1)
    names = ("base_rate", "logistic")
    parts = [next(a for a in CATALOGUE if a.name == name) for name in names]
    stack = stacking.fit([hazards.fit(part, past, 0, 1) for part in parts], parts, past, 0, 1)
    assert all(line.weights[1] > 0.5 for line in stack.trust)
    assert all(weight >= 0 for line in stack.trust for weight in line.weights)
    p = stack.predict(judged, MONTH)
    assert (p > 0).all() and (p < 1).all() and (np.diff(p, axis=1) >= 0).all()


def test_a_stack_without_an_earlier_day_is_the_mean_of_its_parts(rows):
    past, judged = rows
    first = past.filter(pa.array([day == past["as_of"][0].as_py() for day in past["as_of"].to_pylist()]))
    parts = [next(a for a in CATALOGUE if a.name == name) for name in ("logistic", "rfm_logistic")]
    stack = stacking.fit([hazards.fit(part, first, 0, 1) for part in parts], parts, first, 0, 1)
    assert all(line.weights == (0.5, 0.5) and line.intercept == 0 for line in stack.trust)
    assert np.isfinite(stack.predict(judged, MONTH)).all()


def test_what_is_kept_comes_back_from_its_file_and_what_is_not_has_none(rows, day):
    _, judged = rows
    for model in models.installed():
        fitted = day.fitted(model)
        if model.kept:
            back = models.from_json(json.loads(json.dumps(fitted.as_json(), sort_keys=True)))
            assert np.array_equal(back.predict(judged, MONTH), fitted.predict(judged, MONTH)), model.name
        else:
            assert not hasattr(fitted, "as_json") or fitted.as_json() is None


def test_what_is_not_installed_is_left_out_and_named_where_it_is_asked_for(monkeypatch):
    xgboost = next(a for a in CATALOGUE if a.name == "xgboost")
    monkeypatch.setattr(algorithms, "find_spec", lambda name: None)
    assert not xgboost.installed and all(a.installed for a in CATALOGUE if a.package is None)
    monkeypatch.setitem(sys.modules, "xgboost", None)
    kept = algorithms.from_json({"kind": "xgboost", "text": "{}"})
    with pytest.raises(HmAssetsError, match="hm_assets\\[xgboost\\]"):
        kept.predict(np.zeros((1, 2)))


def test_a_model_is_found_by_its_name_and_an_unknown_one_is_named():
    assert [models.named(model.name) for model in MODELS] == list(MODELS)
    with pytest.raises(
        HmAssetsError, match="no model of orders named oracle: make forecasts/scoreboard anew"
    ):
        models.named("oracle")


def test_xgboost_is_among_the_models_where_it_is_installed():
    pytest.importorskip("xgboost", reason='the extra is not installed: pip install "hm_assets[xgboost]"')
    assert "xgboost" in [model.name for model in models.installed()]
    assert RECENCY.baseline and not RECENCY.name.startswith("xgboost")


@pytest.mark.filterwarnings("error")
def test_a_network_that_is_stopped_early_warns_nobody():
    x = np.random.default_rng(1).normal(size=(400, 3))
    network = next(algorithm for algorithm in CATALOGUE if algorithm.name == "neural_network")
    fitted = algorithms.fitted(network, x, x.sum(axis=1) > 0, seed=1, threads=1)
    assert fitted.predict(x).shape == (400,)

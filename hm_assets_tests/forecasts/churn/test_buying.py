import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.buyers.known import FITS
from hm_assets.forecasts.churn import buying, hazards
from hm_assets.forecasts.churn.models import from_json
from hm_assets.forecasts.inputs import examples
from hm_assets.forecasts.outcomes import known_on
from hm_assets_tests.forecasts.shops import FIRST, shop

MONTH, TODAY = dt.date(2019, 11, 1), dt.date(2019, 11, 30)
PAST = [dt.date(2019, m, 1) for m in (2, 5, 8)]


@pytest.fixture(scope="module")
def rows() -> tuple[pa.Table, pa.Table]:
    """Past days as known today, and today's customers with what came after."""
    known = shop(customers=800)
    past = examples(known.features, known.days, PAST, FIRST, TODAY)
    return past, examples(known.features, known.days, [MONTH], FIRST, dt.date(2020, 3, 31))


@pytest.mark.parametrize("name", list(FITS))
def test_probabilities_are_those_of_simulated_buyers_and_the_same_from_a_file(rows, name):
    past, judged = rows
    model = buying.fit(name, past, known_on(judged, TODAY), 0)
    p = model.predict(judged, MONTH)
    assert (p > 0).all() and (p < 1).all() and (np.diff(p, axis=1) >= 0).all()
    true = hazards.ordered(judged)
    assert np.abs(p.mean(axis=0) - true.mean(axis=0)).max() < 0.06
    top = p[:, 2] > np.quantile(p[:, 2], 0.75)
    assert true[top, 2].mean() > true[~top, 2].mean() + 0.3
    back = from_json(json.loads(json.dumps(model.as_json(), sort_keys=True)))
    assert np.array_equal(back.predict(judged, MONTH), p)
    assert np.array_equal(model.predict(judged.slice(3, 1), MONTH)[0], p[3]), "nor do other customers matter"


def test_nothing_later_is_read(rows):
    past, judged = rows
    models = [buying.fit("mbg_nbd", past, one, 0) for one in (judged, known_on(judged, TODAY))]
    assert models[0] == models[1]


def test_who_may_have_bought_before_the_files_is_left_out_where_others_are_enough(rows, monkeypatch):
    past, judged = rows
    with_them = buying.fit("pareto_nbd", past, judged, 0)
    monkeypatch.setattr(buying, "ENOUGH", 10_000)
    everybody = buying.fit("pareto_nbd", past, judged, 0)
    assert isinstance(with_them, buying.Buying) and with_them != everybody


def test_where_nobody_came_back_the_base_rate_is_said(rows):
    past, judged = rows
    once = judged.set_column(
        judged.column_names.index("purchase_days"), "purchase_days", pa.array([1] * len(judged))
    )
    once = once.set_column(once.column_names.index("recency_days"), "recency_days", once["tenure_days"])
    p = buying.fit("pareto_nbd", past, once, 0).predict(once, MONTH)
    assert np.isfinite(p).all() and np.ptp(p, axis=0).max() == 0


def test_hazards_put_together_again_are_the_probabilities():
    p = np.sort(np.random.default_rng(0).random((50, 3)), axis=1)
    assert np.allclose(hazards.together(hazards.apart(p)), p)
    assert np.isfinite(hazards.apart(np.ones((1, 3)))).all()

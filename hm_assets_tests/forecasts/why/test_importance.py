import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from hm_assets.forecasts.churn.hazards import ordered
from hm_assets.forecasts.effort import Effort
from hm_assets.forecasts.why import shown, shuffling
from hm_assets.forecasts.why.importance import direction, importance, mean_size
from hm_assets.forecasts.why.tables import IMPORTANCE
from hm_assets.warehouse.calendar import of_months
from hm_assets_tests.forecasts.shops import Shop
from hm_assets_tests.forecasts.why.models import MONTH, explained, known

EFFORT = Effort(1, 300, 500, 60)


def past(the: Shop, name: str = "logistic") -> shuffling.Past:
    features, days = (of_months(table, None, MONTH) for table in (the.features, the.days))
    return shuffling.latest(features, days, name, EFFORT, 0, 1)


@pytest.fixture(scope="module")
def rows() -> dict[tuple[str, str], dict]:
    made = importance(explained("logistic"), past(known()), EFFORT.resamples, 0)
    return {(row["level"], row["name"]): row for row in made}


def test_what_a_model_rests_on_costs_and_an_input_drawn_by_lot_does_not(rows):
    """The channel of the simulated customers is their number modulo 5; their rates are not."""
    alone = shuffling.losses(past(known(), "recency"), {"all": ["recency_days"]}, 100, 0)["all"]
    assert alone["brier"].low > 0 and alone["auc"].low > 0
    the, rng = past(known(), "recency"), np.random.default_rng(0)
    happened = ordered(the.rows)[:, -1]
    p = the.model.predict(the.rows, the.month)[:, -1]
    dealt = [p[rng.permutation(len(p))] for _ in range(shuffling.SHUFFLES)]
    for metric, own in (("brier", brier_score_loss), ("auc", lambda y, q: -roc_auc_score(y, q))):
        lost = np.mean([own(happened, q) for q in dealt]) - own(happened, p)
        assert alone[metric].value == pytest.approx(lost, abs=1e-12), "of one input a dealt prediction"
    often, channel = rows["theme", "how often"], rows["theme", "channel"]
    assert channel["brier_loss_low"] < 0.002 and channel["auc_loss_low"] < 0.002
    assert often["mean_points"] > 3 * channel["mean_points"]
    assert often["judged_as_of"] == dt.date(2019, 9, 30)


def test_noise_put_in_the_place_of_an_input_costs_nothing_when_it_is_shuffled():
    the = past(known())
    noise = np.random.default_rng(0).normal(size=len(the.rows))
    rows = the.rows.set_column(
        the.rows.column_names.index("online_share_365d"), "online_share_365d", pa.array(noise)
    )
    swapped = shuffling.Past(the.as_of, the.month, the.model, rows)
    found = shuffling.losses(swapped, {"noise": ["online_share_365d"]}, 100, 1)["noise"]
    assert found["brier"].low <= 0 <= found["brier"].high
    assert found["auc"].low <= 0 <= found["auc"].high


def test_more_recency_lowers_and_intervals_hold_their_values(rows):
    assert rows["input", "recency_days"]["direction"] < -0.8
    for row in rows.values():
        assert row["mean_points_low"] <= row["mean_points"] <= row["mean_points_high"]
    assert rows["theme", "how often"]["direction"] is None


def test_a_theme_moves_no_more_than_its_inputs_together(rows):
    inputs = [row for (level, _), row in rows.items() if level == "input"]
    for (level, name), row in rows.items():
        if level == "theme":
            assert row["mean_points"] <= sum(r["mean_points"] for r in inputs if r["theme"] == name) + 1e-9


def test_nothing_later_than_the_month_is_read():
    one, other = past(known()), past(known().known_on(dt.date(2019, 12, 31)))
    assert one.as_of == other.as_of and one.model.as_json() == other.model.as_json()
    assert one.rows.equals(other.rows)


def test_too_short_a_history_has_no_losses():
    short = known().known_on(dt.date(2018, 12, 31))
    assert shuffling.latest(short.features, short.days, "logistic", EFFORT, 0, 1) is None
    rows = importance(explained("recency"), None, 10, 0)
    assert [row["name"] for row in rows] == ["recency_days", "last order"]
    assert all(row["brier_loss"] is None and row["judged_as_of"] is None for row in rows)
    dates = {"as_of": dt.date(2019, 12, 31), "month": MONTH, "model_version": "v"}
    assert IMPORTANCE.in_memory([row | dates for row in rows]).count().execute() == 2
    assert "last order" in shown.headline(rows)


@pytest.mark.parametrize("size", [1.0, 1e-6])
def test_the_interval_of_a_mean_size_is_the_normal_one_however_small_it_is(size):
    points = size * np.random.default_rng(0).normal(size=500)
    middle, low, high = mean_size(points)
    half = 1.96 * np.abs(points).std(ddof=1) / np.sqrt(500)
    assert middle == pytest.approx(np.abs(points).mean(), rel=1e-6)
    assert (low, high) == pytest.approx((middle - half, middle + half), rel=1e-4)
    assert mean_size(points[::-1]) == (middle, low, high)
    assert mean_size(np.zeros(3)) == (0, 0, 0)


def test_a_direction_needs_values_that_differ():
    assert direction(np.array([1.0, 1.0, 1.0]), np.array([0.1, 0.2, 0.3])) is None
    assert direction(np.array([np.nan, 1.0]), np.array([0.1, 0.2])) is None
    assert direction(np.array([1.0, 2.0, np.nan, 5.0]), np.array([0.1, 0.2, 9.0, 0.3])) == pytest.approx(1)


def test_the_pictures_show_every_theme_and_are_charts_that_plotly_takes(rows):
    import plotly.graph_objects as go

    assert shown.bars(list(rows.values())).startswith("![")
    assert "how often" in shown.table(list(rows.values()))
    chart = shown.beeswarm(explained("logistic"), "What drives orders")
    go.Figure(chart.plotly())
    assert len(chart.data) == shown.LINES
    assert all(len(trace["x"]) == len(trace["y"]) > 50 for trace in chart.data)
    spread = [abs(y - line) for line, trace in enumerate(chart.data) for y in trace["y"]]
    assert max(spread) <= 0.4 + 1e-9, "dots stay on their line"

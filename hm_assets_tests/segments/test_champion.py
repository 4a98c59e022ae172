"""Scoring customers with the champion."""

import datetime as dt
import json
from dataclasses import replace

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.segments.champion import Champion, with_the_rest
from hm_assets.segments.space import Space
from hm_assets.segments.tables import ASSIGNMENTS, NO_PURCHASE
from hm_assets_tests.segments.customers import AS_OF, MONTH, PLAIN, champion, features, groups

VALUES = groups(15, spread=0.8)
SPACE = Space.fit(VALUES, 0.025)
CENTRE = st.tuples(*[st.floats(-2, 2).map(lambda x: round(x, 1))] * 3)


def assigned(model: Champion, values=VALUES) -> list[dict]:
    return model.assign(features(values)).order_by("customer_key").to_pyarrow().to_pylist()


def completed(model: Champion, customers: int, as_of: dt.date = AS_OF, values=VALUES) -> pa.Table:
    everybody = ibis.memtable(pa.table({"customer_key": pa.array(range(1, customers + 1), pa.int64())}))
    table = with_the_rest(model.assign(features(values)), everybody, as_of, MONTH, model)
    assert set(table.columns) == {column.name for column in ASSIGNMENTS.stored_columns}
    return table.order_by("customer_key").to_pyarrow()


@given(st.lists(CENTRE, min_size=2, max_size=6))
@settings(max_examples=20)
def test_assignments_are_those_of_the_nearest_centre(centres):
    """Against numpy; equal centres included, where the smallest id wins."""
    model = champion(centres, [2 * place + 3 for place in range(len(centres))], SPACE)
    distances = np.linalg.norm(SPACE.transform(VALUES)[:, None] - model.centres[None], axis=2)
    order = np.argsort(distances, axis=1, kind="stable")
    for row, customer, near in zip(assigned(model), distances, order, strict=True):
        own, second = customer[near[0]], customer[near[1]]
        place, runner_up = model.ids.index(row["segment_id"]), model.ids.index(row["runner_up"])
        assert customer[place] == pytest.approx(own, abs=1e-9)
        assert customer[runner_up] == pytest.approx(second, abs=1e-9)
        assert row["runner_up"] != row["segment_id"]
        assert 0.5 <= row["confidence"] <= 1
        assert row["confidence"] == pytest.approx(second / (own + second), abs=1e-9)


def test_of_equally_near_centres_the_smallest_id_is_taken_and_the_next_is_runner_up():
    values = np.array([[0.0, 1.0, 0.0]])
    at = PLAIN.transform(values)[0]
    model = champion(at + np.array([[1, 0, 0], [0, 1, 0], [0, -1, 0]]), [4, 7, 9])
    (row,) = assigned(model, values)
    assert (row["segment_id"], row["runner_up"], row["confidence"]) == (4, 7, 0.5)


def test_a_customer_in_the_very_centre_is_certain_and_between_equal_centres_undecided():
    values = np.array([[0.0, 1.0, 0.0]])
    at = PLAIN.transform(values)[0]
    (certain,) = assigned(champion([at, at + 1], [1, 2]), values)
    (undecided,) = assigned(champion([at, at], [1, 2]), values)
    assert (certain["segment_id"], certain["confidence"]) == (1, 1.0)
    assert (undecided["segment_id"], undecided["runner_up"], undecided["confidence"]) == (1, 2, 0.5)


def test_a_single_segment_has_no_runner_up():
    rows = completed(champion([[0.0, 0, 0]], [3]), len(VALUES) + 1).to_pylist()
    assert {(row["segment_id"], row["confidence"], row["runner_up"]) for row in rows} == {
        (3, 1.0, None),
        (NO_PURCHASE, None, None),
    }


def test_every_customer_is_assigned_once_and_who_never_bought_is_in_the_group_for_that():
    model = champion(SPACE.transform(VALUES[::15]), [1, 2, 3, 4], SPACE)
    rows = completed(model, len(VALUES) + 5).to_pylist()
    assert [row["customer_key"] for row in rows] == list(range(1, len(VALUES) + 6))
    without = [row for row in rows if row["segment_id"] == NO_PURCHASE]
    assert [row["customer_key"] for row in without] == list(range(len(VALUES) + 1, len(VALUES) + 6))
    assert {(row["confidence"], row["runner_up"]) for row in without} == {(None, None)}
    assert {(row["as_of"], row["month"], row["model_version"]) for row in rows} == {
        (AS_OF, MONTH, model.version)
    }


def test_a_month_without_any_purchase_so_far_has_everybody_in_that_group():
    rows = completed(champion([[0.0, 0, 0], [1, 1, 1]], [1, 2]), 3, values=np.empty((0, 3))).to_pylist()
    assert [row["segment_id"] for row in rows] == [NO_PURCHASE] * 3


@pytest.mark.parametrize(("days", "restated"), [(-1, True), (0, False), (1, False)])
def test_months_before_the_training_day_are_restated(days, restated):
    model = champion([[0.0, 0, 0], [1, 1, 1]], [1, 2])
    rows = completed(model, len(VALUES) + 1, AS_OF + dt.timedelta(days=days)).to_pylist()
    assert {row["restated"] for row in rows} == {restated}


def test_json_gives_back_the_same_model():
    model = champion(SPACE.transform(VALUES[:3]), [1, 2, 5], SPACE)
    again = Champion.from_json(json.loads(json.dumps(model.as_json())))
    assert again.as_json() == model.as_json()
    assert assigned(again) == assigned(model)


CHANGES = {
    "centres": np.array([[0.0, 0, 1e-15], [1, 1, 1]]),
    "ids": (1, 3),
    "space": Space((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (1.0, 1.0, 2.0)),
    "trained_as_of": AS_OF - dt.timedelta(days=1),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_version_changes_with_all_that_decides(name):
    model = champion([[0.0, 0, 0], [1, 1, 1]], [1, 2])
    assert replace(model, **{name: CHANGES[name]}).version != model.version


@pytest.mark.parametrize("change", [{"seed": 7}, {"algorithm": "ward"}, {"last_id": 9}])
def test_the_version_does_not_change_with_what_decides_nothing(change):
    model = champion([[0.0, 0, 0], [1, 1, 1]], [1, 2])
    assert replace(model, **change).version == model.version
    assert model.version.startswith("2020-09-")

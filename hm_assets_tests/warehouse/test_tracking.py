"""MLflow: nothing without a server, one sentence without the package, and what is logged (on a stand-in)."""

import importlib.util
import sys
import types
from contextlib import nullcontext

import pytest

from hm_assets.warehouse import tracking
from hm_assets.warehouse.errors import HmAssetsError


def test_without_a_server_nothing_is_imported(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: pytest.fail("looked for MLflow"))
    tracking.log(None, "fit", {}, {})
    tracking.log("", "fit", {}, {})


def test_a_server_without_the_package_gives_a_sentence(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        HmAssetsError, match=r"HM_MLFLOW_URI=file:x, but MLflow is not installed: `pip install"
    ):
        tracking.log("file:x", "fit", {}, {})


def test_a_server_that_is_down_is_a_warning_and_undoes_nothing(monkeypatch, caplog):
    stand_in = types.ModuleType("mlflow")

    def down(uri):
        raise ConnectionError("connection refused\nretried 7 times")

    stand_in.set_tracking_uri = down
    stand_in.MlflowException = RuntimeError
    monkeypatch.setitem(sys.modules, "mlflow", stand_in)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    tracking.log("http://x", "champion v", {}, {})
    assert caplog.messages == ["champion v was not logged to MLflow at http://x: connection refused"]


def test_parameters_figures_and_the_sentence_are_logged_and_unknown_figures_left_out(monkeypatch):
    said = {}
    stand_in = types.ModuleType("mlflow")
    for name in ("set_tracking_uri", "set_experiment", "log_params", "log_metrics"):
        setattr(stand_in, name, lambda value, name=name: said.update({name: value}))
    stand_in.set_tag = lambda key, value: said.update({key: value})
    stand_in.start_run = lambda run_name: said.update(run=run_name) or nullcontext()
    monkeypatch.setitem(sys.modules, "mlflow", stand_in)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    figures = {"stability": 0.9, "later": None, "gap": float("nan")}
    tracking.log("file:x", "champion v", {"k": 5}, figures, "the best")
    assert said == {
        "set_tracking_uri": "file:x",
        "set_experiment": "hm_assets",
        "run": "champion v",
        "log_params": {"k": "5"},
        "log_metrics": {"stability": 0.9},
        "mlflow.note.content": "the best",
    }

"""Watching through Dagster: a new month is compared, a challenger is asked for, promoted, and rolled back."""

import datetime as dt

import pytest

from hm_assets import planning
from hm_assets.commands.models import listed, rolled_back
from hm_assets.definitions import TABLES
from hm_assets.monitoring import challenge
from hm_assets.segments.assets import report_appointments
from hm_assets.settings import Settings
from hm_assets.sources.synthetic.generate import generate
from hm_assets.warehouse import artifacts
from hm_assets_tests.segments.test_assets import Graph

MONTHS = [dt.date(2018, month, 1) for month in (9, 10)]
NEW = [dt.date(2018, 11, 1)]
PLACED = "key:segments/assignments"
WATCHED = "key:monitoring/training_profile or key:monitoring/drift or key:monitoring/model_quality"


@pytest.fixture(scope="module")
def graph(tmp_path_factory) -> Graph:
    raw = tmp_path_factory.mktemp("raw")
    generate(raw, preset="demo", scale=0.05, seed=1)
    graph = Graph(tmp_path_factory.mktemp("wh") / "warehouse", raw)
    graph.make(f"+({PLACED})", MONTHS)
    graph.make(f"+({PLACED}) and not group:articles", NEW)
    return graph


def decision(graph) -> dict:
    return artifacts.read_json(graph.path / "monitoring" / "retrain_decision" / "2018-11-01.json")


@pytest.mark.slow
def test_a_new_month_is_compared_with_the_training_and_the_decision_says_why(graph):
    graph.make(f"{WATCHED} or key:profiles/segment_stability or key:monitoring/retrain_decision", NEW)
    assert graph.champion["trained_as_of"].startswith("2018-10")
    drift = graph.rows("monitoring/drift")
    assert {(row["reference"], row["judged"]) for row in drift} == {("training", False)}
    buyers = sum(row["month"] == NEW[0] for row in graph.rows("features/customer_features", ["month"]))
    assert {row["customers"] for row in drift if row["segment"] == "all"} == {buyers}
    quality = {row["segment"]: row for row in graph.rows("monitoring/model_quality")}
    assert set(quality) == {"all", *map(str, graph.champion["ids"])}
    assert quality["all"]["customers"] == buyers
    found = decision(graph)
    assert found["verdict"] in ("wait", "retrain", "ignore")
    assert [r["question"] for r in found["reasons"]] == ["drift", "stability", "degradation", "age"]
    # The same again is the same, to the last digit.
    before = {name: graph.rows(f"monitoring/{name}") for name in ("drift", "model_quality")}
    graph.make(f"{WATCHED} or key:monitoring/retrain_decision", NEW)
    assert {name: graph.rows(f"monitoring/{name}") for name in before} == before
    assert decision(graph) == found


def out_of_date(graph) -> set[str]:
    stored = planning.stored_months(graph.path, TABLES)
    planner = planning.Planner(
        graph.defs, graph.instance, [*MONTHS, *NEW], NEW, "key:segments/champion", stored
    )
    return {"/".join(key.path) for key in planner.work()}


@pytest.mark.slow
def test_a_challenger_that_loses_changes_nothing_one_that_wins_is_promoted_and_rolled_back(
    graph, monkeypatch
):
    """In one story, since each step builds on the one before."""
    settings = Settings(warehouse=graph.path)
    graph.make("key:segments/champion", override="kmeans 3 rfm")
    first = graph.champion
    # Without a decision nothing is fitted; a person may ask, and hears why the champion stays.
    graph.make("key:monitoring/challenges", NEW, challenge=True)
    (lost,) = graph.rows("monitoring/challenges")
    assert (lost["won"], lost["asked_by"], lost["champion_version"]) == (False, "a person", first["version"])
    assert "later value cannot be compared" in lost["reasons"]
    assert "a person chose the champion" in lost["reasons"]
    assert not out_of_date(graph)

    monkeypatch.setattr(challenge, "judge", lambda *_: challenge.Outcome(True, ("it was better",)))
    graph.make("key:monitoring/challenges", NEW, challenge=True)
    (won,) = graph.rows("monitoring/challenges")
    assert out_of_date(graph) == {"segments/champion"}
    graph.make("key:segments/champion")
    second = graph.champion
    assert second["version"] == won["promoted_version"] != first["version"]
    assert second["trained_as_of"].startswith("2018-11")
    assert second["decision"]["reasons"][0].startswith("Promoted by a person on 2018-11-30: it beat")
    assert second["last_id"] >= first["last_id"]
    graph.make("key:segments/champion")
    assert graph.champion == second

    for wanted, reason in ((first, "too fine"), (second, "it was better after all")):
        rolled_back(settings, wanted["version"], "Ada", reason, dt.date(2026, 1, 1))
        report_appointments(graph.instance, graph.path)
        assert out_of_date(graph) == {"segments/champion"}
        graph.make("key:segments/champion")
        assert not out_of_date(graph)
        assert (graph.champion["version"], graph.champion["ids"]) == (wanted["version"], wanted["ids"])
        assert f"Rolled back by Ada on 2026-01-01: {reason}." == graph.champion["decision"]["reasons"][0]
    assert {version.champion.version for version in listed(settings)} >= {first["version"], second["version"]}

    graph.make("key:segments/champion", override="lab")
    assert graph.champion["version"] not in (first["version"], second["version"])
    graph.make("key:segments/champion")
    assert graph.champion["decision"]["superseded"] == 3

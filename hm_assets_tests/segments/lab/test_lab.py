"""The lab as a whole: a fit depends on the customers, the seed and the effort, and on nothing else."""

import dataclasses
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from hm_assets.segments.algorithms.catalogue import CATALOGUE
from hm_assets.segments.choice import decision
from hm_assets.segments.choice import words as choice_words
from hm_assets.segments.lab import lab
from hm_assets.segments.lab.back_test import values
from hm_assets.segments.lab.effort import EFFORTS
from hm_assets.segments.lab.lab import Findings
from hm_assets.segments.people import People
from hm_assets.segments.tables import CANDIDATES, LATER_VALUES
from hm_assets_tests.segments.customers import AS_OF, MONTH, cloud, features, groups, load_of

pytestmark = pytest.mark.slow

VALUES = groups(60)
LITTLE = dataclasses.replace(
    EFFORTS["quick"],
    resamples=dataclasses.replace(EFFORTS["quick"].resamples, resamples=4, nulls=2, blobs=1),
    few_resamples=dataclasses.replace(EFFORTS["quick"].resamples, resamples=2, nulls=1, blobs=1),
    gap_references=3,
)
SOME = ("kmeans", "ward", "merged_rfm_grid")
FIT_AND_PRINT = "from hm_assets_tests.segments.lab.test_lab import told; print(told())"


def spent(people: People):
    """What they spend follows from the group that they are in, and from nothing finer."""
    recency, items = (people.rows[name].to_numpy() for name in ("recency_days", "items"))
    return np.select([recency < 15, recency < 55, recency < 200], [3.0, 0.6, 0.2], 0.0) * (1 + items % 7 / 10)


def later_values(load, names=SOME, seed=42, workers=1) -> list[dict]:
    return list(values(load, spent, MONTH, [a for a in CATALOGUE if a.name in names], LITTLE, seed, workers))


def run(customers=VALUES, names=SOME, seed=42, keys=None, workers=1) -> Findings:
    load = load_of(customers, keys)
    later = later_values(load, names, seed, workers) if len(customers) > 2 else []
    algorithms = [a for a in CATALOGUE if a.name in names]
    return lab.run(load, spent, MONTH, algorithms, later, LITTLE, seed, workers=workers)


def unmeasured(found: Findings) -> list[dict]:
    measured = [column.name for column in CANDIDATES.columns if column.measured]
    return [{name: value for name, value in row.items() if name not in measured} for row in found.rows]


def placed(found: Findings, customers=VALUES, keys=None) -> list[int]:
    model = decision.champion(found.rows, found.choice, None)
    return (
        model.assign(features(customers, keys))
        .order_by("customer_key")
        .to_pyarrow()["segment_id"]
        .to_pylist()
    )


def told() -> str:
    """What another process must print too, on enough rows that scikit-learn would share them out among threads."""
    return str(unmeasured(run(groups(80, spread=0.6))))


@pytest.fixture(scope="module")
def found() -> Findings:
    return run()


def test_every_algorithm_of_the_catalogue_is_a_row_or_says_why_not():
    everything = run(names={a.name for a in CATALOGUE})
    CANDIDATES.in_memory([{**row, "depth": "quick", "recipe": "r"} for row in everything.rows])
    keys = [(row["algorithm"], row["space"], row["k"]) for row in everything.rows]
    assert len(set(keys)) == len(keys)
    assert {row["algorithm"] for row in everything.rows} == {a.name for a in CATALOGUE}
    for row in everything.rows:
        if row.get("model") is None:
            assert len(row["verdict"]) > 20
        else:
            assert row["segments"] >= 1
            assert -1 <= row["silhouette_rfm"] <= 1
            assert row["trained_as_of"] == AS_OF


def test_planted_groups_are_found_and_are_structure(found):
    assert found.structure.found
    assert adjusted_rand_score(np.repeat([0, 1, 2, 3], 60), placed(found)) > 0.95
    gaps = {
        row["k"]: row["gap"] for row in found.rows if (row["algorithm"], row["space"]) == ("kmeans", "rfm")
    }
    assert max(gaps, key=gaps.get) == 4
    assert decision.has_structure(found.rows)["rfm"]
    assert [row["verdict"] for row in found.rows].count("chosen") == 1


def test_a_cloud_without_groups_is_told_so_and_the_merged_grid_stands_in():
    values_ = cloud(300)
    nothing = run(values_)
    assert not nothing.structure.found
    assert nothing.choice.champion.algorithm == "merged_rfm_grid"
    assert "no structure found" in choice_words.headline(nothing.choice)
    shares = np.bincount(placed(nothing, values_))[1:] / len(values_)
    assert shares.min() >= 0.05
    assert shares.max() <= 0.60


def test_neither_order_nor_ids_of_the_customers_change_a_figure(found):
    order = np.random.default_rng(0).permutation(len(VALUES))
    keys = np.random.default_rng(1).permutation(10_000)[: len(VALUES)]
    other = run(VALUES[order], keys=keys)
    assert unmeasured(other) == unmeasured(found)
    by_key = dict(zip(sorted(keys.tolist()), placed(other, VALUES[order], keys), strict=True))
    assert [by_key[key] for key in keys[np.argsort(order)].tolist()] == placed(found)


def test_another_process_with_other_threads_fits_the_same_bytes():
    environment = {**os.environ, "OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4"}
    command = [sys.executable, "-W", "ignore", "-c", FIT_AND_PRINT]
    other = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == told()


def test_processes_that_share_the_fits_change_no_figure(found):
    assert unmeasured(run(workers=2)) == unmeasured(found)


def test_another_seed_finds_the_same_segments(found):
    assert adjusted_rand_score(placed(run(seed=7)), placed(found)) >= 0.95


def test_nobody_is_refused():
    with pytest.raises(ValueError, match="no customer"):
        run(np.empty((0, 3)))


@pytest.mark.parametrize("customers", [VALUES[:1], np.repeat(VALUES[:1], 50, axis=0)])
def test_customers_who_are_too_few_or_all_alike_become_one_segment_and_every_row_says_why(customers):
    found = run(customers)
    assert found.choice.champion.algorithm == "merged_rfm_grid"
    assert set(placed(found, customers)) == {1}
    for row in found.rows:
        assert row.get("model") is not None or "customers" in row["verdict"]


def test_a_person_may_choose_and_it_is_told(found):
    choice = decision.decide(found.rows, {"rfm": True}, "kmeans 5 rfm")
    model = decision.champion(found.rows, choice, "kmeans 5 rfm")
    assert (model.algorithm, model.model.k, model.decision["override"]) == ("kmeans", 5, "kmeans 5 rfm")
    assert "chosen by a person" in model.decision["headline"]
    with pytest.raises(ValueError, match="no candidate is called kmeans 99"):
        decision.decide(found.rows, {"rfm": True}, "kmeans 99")


def test_later_value_is_measured_on_candidates_and_baselines_and_reaches_the_row(found):
    rows = later_values(load_of(VALUES))
    LATER_VALUES.in_memory([{**row, "recipe": "r"} for row in rows])
    assert {row["algorithm"] for row in rows} == {*SOME, "recency_quintiles", "monetary_quintiles"}
    best = next(r for r in rows if (r["algorithm"], r["k"], r["outcome"]) == ("kmeans", 4, "log_spend"))
    assert 0.8 < best["low"] <= best["value"] <= best["high"]  # spend follows from the group
    (four,) = [r for r in found.rows if (r["algorithm"], r["space"], r["k"]) == ("kmeans", "rfm", 4)]
    assert four["later_value"] == pytest.approx(best["value"])


def test_a_stored_model_places_as_the_one_that_was_fitted(found):
    (row,) = [row for row in found.rows if row["verdict"] == "chosen"]
    assert json.loads(row["model"])["space"]["name"] == row["space"]
    shares = np.bincount(placed(found), minlength=row["segments"] + 1)[1:] / len(VALUES)
    assert (shares.min(), shares.max()) == pytest.approx((row["min_share"], row["max_share"]))

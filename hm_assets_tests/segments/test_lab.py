"""A fit depends on the customers, the seed and the depth, and on nothing else."""

import json
import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.segments import lab
from hm_assets.segments.champion import Champion
from hm_assets.segments.space import Space
from hm_assets.segments.tables import CANDIDATES
from hm_assets.warehouse import artifacts
from hm_assets_tests.segments.customers import AS_OF, features, groups

VALUES = groups(60)
FIT_AND_PRINT = """
from hm_assets.segments import lab
from hm_assets_tests.segments.customers import features, groups
print(lab.fit(features(groups(500, spread=0.6)), "quick", 42, "r").to_pylist())
"""


def champion_of(table: pa.Table) -> Champion:
    (row,) = [row for row in table.to_pylist() if row["verdict"].startswith("chosen")]
    model = json.loads(row["model"])
    space = Space.from_json(model["space"])
    return Champion.named(
        "kmeans", space, np.array(model["centres"]), row["trained_as_of"], model["seed"], None
    )


def test_every_number_of_segments_is_a_row():
    table = lab.fit(features(VALUES), "quick", 42, "r")
    assert table.schema == CANDIDATES.arrow_schema()
    rows = table.to_pylist()
    assert [row["k"] for row in rows] == list(range(2, 11))
    assert {(row["customers"], row["trained_as_of"], row["recipe"]) for row in rows} == {
        (len(VALUES), AS_OF, "r")
    }
    assert all(len(json.loads(row["model"])["centres"]) == row["k"] for row in rows)


def test_the_segment_of_each_customer_does_not_depend_on_the_order_of_the_rows():
    order = np.random.default_rng(0).permutation(len(VALUES))
    one, other = features(VALUES), features(VALUES[order], keys=order + 1)
    fits = [lab.fit(table, "quick", 42, "r") for table in (one, other)]
    assert fits[0].equals(fits[1])
    placed = [
        champion_of(fit).assign(table).order_by("customer_key").to_pyarrow()
        for fit, table in zip(fits, (one, other), strict=True)
    ]
    assert placed[0].equals(placed[1])


def test_another_process_with_other_threads_fits_the_same_bytes():
    """On enough rows that scikit-learn would share them out among threads (256 each)."""
    environment = {**os.environ, "OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4"}
    run = subprocess.run(
        [sys.executable, "-c", FIT_AND_PRINT], env=environment, capture_output=True, text=True, check=True
    )
    here = lab.fit(features(groups(500, spread=0.6)), "quick", 42, "r")
    assert run.stdout.strip() == str(here.to_pylist())


def test_another_seed_is_another_fit_of_the_same_segments():
    one, other = (lab.fit(features(VALUES), "quick", seed, "r") for seed in (1, 2))
    assert not one.equals(other)
    keys = [
        champion_of(fit).assign(features(VALUES)).order_by("customer_key").to_pyarrow()["segment_id"]
        for fit in (one, other)
    ]
    assert keys[0].equals(keys[1])


@pytest.mark.parametrize(
    ("values", "fault"), [(np.empty((0, 3)), "no customer"), (VALUES[:1], "nothing to segment")]
)
def test_a_base_without_different_customers_is_refused(values, fault):
    with pytest.raises(ValueError, match=fault):
        lab.fit(features(values), "quick", 42, "r")


def test_a_recipe_changes_with_each_of_its_parts():
    assert (
        len(
            {
                artifacts.recipe("1", "quick", 42),
                artifacts.recipe("2", "quick", 42),
                artifacts.recipe("1", "full", 42),
                artifacts.recipe("1", "quick", 43),
            }
        )
        == 4
    )
    assert artifacts.recipe("1", "quick", 42) == artifacts.recipe("1", "quick", 42)

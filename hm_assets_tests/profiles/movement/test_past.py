"""When customers last changed, and how many went from where to where."""

import datetime as dt
import random
from collections import Counter

import ibis
import numpy as np
import pytest

from hm_assets.profiles.movement import past
from hm_assets.warehouse.calendar import add_months, months_between
from hm_assets_tests.profiles.movement.histories import MONTH, placements

FIRST = add_months(MONTH, -3)


def changes(*months: dict[int, int]) -> dict[int, tuple]:
    rows = past.last_changes(placements(*months), MONTH, FIRST).to_pyarrow().to_pylist()
    return {
        row["customer_key"]: (row["previous_segment_id"], row["changed_on"], row["months_in_segment"])
        for row in rows
    }


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ((1, 1, 1, 1), (None, None, 4)),
        ((1, 1, 1, 2), (1, MONTH, 1)),
        ((1, 2, 2, 2), (1, dt.date(2020, 4, 1), 3)),
        ((2, 1, 2, 2), (1, dt.date(2020, 5, 1), 2)),
        ((0, 0, 3, 3), (0, dt.date(2020, 5, 1), 2)),
    ],
)
def test_the_last_other_segment_and_since_when(segments, expected):
    assert changes(*({7: segment} for segment in segments))[7] == expected


def test_who_is_new_on_file_was_nowhere_before():
    found = changes({1: 1}, {1: 1}, {1: 1, 2: 3, 3: 0}, {1: 1, 2: 3, 3: 0})
    assert found[2] == (0, dt.date(2020, 5, 1), 2)
    assert found[3] == (None, None, 2)


def test_later_months_are_not_read():
    months = ({1: 1}, {1: 2}, {1: 2}, {1: 2}, {1: 1})
    rows = (
        past.last_changes(placements(*months, last=add_months(MONTH, 1)), MONTH, FIRST)
        .to_pyarrow()
        .to_pylist()
    )
    assert [(row["previous_segment_id"], row["changed_on"]) for row in rows] == [(1, dt.date(2020, 4, 1))]


def test_crossings_are_what_a_loop_counts_and_their_sums_are_the_sizes():
    rng = random.Random(5)
    months = [{key: rng.choice((0, 1, 2, 5)) for key in range(rng.choice((50, 60)))} for _ in range(4)]
    table = placements(*months)
    names = list(months_between(FIRST, MONTH))
    ids, pairs = past.crossings(table, names)
    assert ids == [0, 1, 2, 5]
    for earlier, later, counts in zip(months, months[1:], pairs, strict=False):
        everybody = set().union(*months)
        told = Counter((earlier.get(key, 0), later.get(key, 0)) for key in everybody)
        assert {
            (a, b): n for i, a in enumerate(ids) for j, b in enumerate(ids) if (n := counts[i, j])
        } == told
    sizes = past.sizes_of(table, MONTH, [1, 2, 5])
    assert np.array_equal(sizes, pairs[-1].sum(axis=0)[1:])


def test_the_months_of_a_model_are_those_after_the_last_of_another():
    """What another model placed is no movement of customers, even where the same one placed months before."""
    names = list(months_between(FIRST, MONTH))
    table = placements(*[{1: 1, 2: 1}] * 4)
    versions = {name: version for name, version in zip(names, ("new", "old", "new", "new"), strict=True)}
    made = ibis.cases(*((table.month == name, version) for name, version in versions.items()))
    assert past.months_of_model(table.mutate(model_version=made), names, "new") == names[2:]
    assert past.months_of_model(table.mutate(model_version=made), names, "newer") == []
    mixed = ibis.ifelse((table.month == MONTH) & (table.customer_key == 2), "old", "new")
    assert past.months_of_model(table.mutate(model_version=mixed), names, "new") == []


def test_one_month_has_no_crossing():
    ids, pairs = past.crossings(placements({1: 1, 2: 0}), [MONTH])
    assert (ids, pairs.shape) == ([0, 1], (0, 2, 2))

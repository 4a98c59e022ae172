"""What is read of single customers: exact quantiles, a sample that no id decides, and nothing later than the month."""

import ibis
import numpy as np
import pytest

from hm_assets.profiles.page import reading
from hm_assets.profiles.page.pictures_of_spread import explained, percentiles
from hm_assets.warehouse.calendar import add_months
from hm_assets_tests.profiles.page import months


@pytest.fixture(scope="module")
def people():
    return months.shop(each=50)


def features(people):
    return ibis.memtable(people.drop_columns("segment_id"))


def recencies(rows, segment):
    both = zip(rows["recency_days"].to_pylist(), rows["segment_id"].to_pylist(), strict=True)
    return [recency for recency, i in both if i == segment]


def test_quantiles_are_those_of_all_members_with_any(people):
    rows = reading.spread(features(people), months.assignments(people)).to_pyarrow().to_pylist()
    found = {(row["segment_id"], row["measure"]): row for row in rows}
    assert len(found) == len(rows)
    segment = np.array(people["segment_id"].to_pylist())
    for measure in reading.SPREAD:
        values = np.array([v or 0 for v in people[measure].to_pylist()], dtype=float)
        for i in (1, 2, 3):
            mine = values[segment == i]
            kept = mine[mine > 0] if reading.SPREAD[measure] else mine
            assert ((i, measure) in found) == (len(kept) >= 20)
            if (i, measure) not in found:
                continue
            row = found[i, measure]
            assert (row["members"], row["counted"]) == (50, len(kept))
            known = np.quantile(kept, list(reading.LEVELS.values()))
            assert [row[level] for level in reading.LEVELS] == pytest.approx(known)
    assert {i for i, measure in found if measure == "spend_365d"} == {1, 2}


def test_the_sample_is_even_over_segments_and_behaviour_and_no_id_decides(people):
    drawn = reading.sample(features(people), months.assignments(people), 10).to_pyarrow()
    assert drawn["segment_id"].to_pylist() == [1] * 10 + [2] * 10 + [3] * 10
    assert "customer_key" not in drawn.column_names
    for i in (1, 2, 3):
        assert recencies(drawn, i) == sorted(recencies(people, i))[4::5]
    other = months.shop(each=50, first_key=77_777)
    turned = other.take(list(reversed(range(len(other)))))
    assert reading.sample(features(turned), months.assignments(turned), 10).to_pyarrow() == drawn
    everybody = reading.sample(features(people), months.assignments(people), 1_000).to_pyarrow()
    assert len(everybody) == len(people)


def test_units_are_conserved_and_later_months_are_not_read(people):
    rows = reading.bought(months.tastes(people), months.VALUES, months.assignments(people), months.MONTH)
    units = {(row["segment_id"], row["value"]): 0 for row in rows}
    for row in rows:
        units[row["segment_id"], row["value"]] += row["units"]
    assert sum(units.values()) == 4 * len(people)
    assert units[1, "Ladieswear"] == 100
    assert units[1, "Divided"] == 0
    assert units[2, reading.OTHERS] == 100


def test_a_segment_of_many_of_whom_few_bought_has_no_picture_of_what_they_bought(people):
    both = zip(people["customer_key"].to_pylist(), people["segment_id"].to_pylist(), strict=True)
    last = [key for key, i in both if i == 2]
    tastes = months.tastes(people)
    gone = tastes.filter(~tastes.customer_key.isin(last[3:]))
    rows = reading.bought(gone, months.VALUES, months.assignments(people), months.MONTH)
    buyers = {row["segment_id"]: row["buyers"] for row in rows}
    assert buyers == {1: 50, 2: 3, 3: 50}
    # The next smallest goes with it, as everybody's units stand beside them.
    assert {row["segment_id"] for row in reading.of_many(rows, buyers)} == {3}


def test_the_past_ends_with_the_month_and_leaves_out_who_has_not_bought():
    rows = [
        {"customer_key": key, "segment_id": i, "month": add_months(months.MONTH, moved)}
        for key, i, moved in ((1, 1, -1), (2, 0, -1), (1, 2, 0), (2, 2, 0), (1, 1, 1))
    ]
    found = reading.history(ibis.memtable(rows), months.MONTH).to_pyarrow().to_pylist()
    assert [(row["month"], row["segment_id"], row["customers"]) for row in found] == [
        (add_months(months.MONTH, -1), 1, 1),
        (months.MONTH, 2, 2),
    ]


def test_what_lies_between_segments_is_the_kruskal_wallis_statistic_over_n_minus_one():
    from scipy.stats import kruskal

    rng = np.random.default_rng(0)
    groups = rng.integers(0, 3, 200)
    values = (rng.normal(groups, 1.5, 200)).round(1)
    h = kruskal(*(values[groups == g] for g in range(3))).statistic
    assert explained(values, groups) == pytest.approx(h / 199)
    assert explained(np.ones(9), np.arange(9) % 3) == 0
    assert explained(np.arange(9.0), np.repeat(range(3), 3)) == pytest.approx(0.9)


def test_equals_share_a_percentile():
    assert percentiles(np.array([1.0, 2.0, 2.0, 3.0])).tolist() == [12.5, 50.0, 50.0, 87.5]

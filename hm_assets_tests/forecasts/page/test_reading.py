"""What the page reads of customers: sums over many, of the customers known at the beginning of a period."""

import datetime as dt

import ibis
import pyarrow as pa
import pytest

from hm_assets.forecasts.page import reading

AS_OF = dt.date(2020, 9, 30)


def days(*rows):
    """(customer, days before as_of, spend) each."""
    return ibis.memtable(
        pa.table(
            {
                "customer_key": [key for key, _, _ in rows],
                "t_dat": pa.array([AS_OF - dt.timedelta(days=back) for _, back, _ in rows], pa.date32()),
                "spend": [spend for _, _, spend in rows],
            }
        )
    )


def test_a_period_counts_who_was_known_when_it_began_and_its_own_days():
    found = {
        row["period"]: row
        for row in reading.periods(
            days(
                (1, 600, 9.0),
                (1, 365, 9.0),  # the day itself is before the period
                (1, 364, 1.0),
                (1, 275, 2.0),  # its last day
                (1, 274, 9.0),
                (2, 500, 9.0),
                (2, 300, 4.0),
                (3, 360, 8.0),  # new in it
                (3, 10, 16.0),
                (1, 60, 32.0),
                (4, 5, 64.0),
            ),
            AS_OF,
        )
    }
    year, before = found["year_before"], found["before"]
    assert (year["start"], year["end"]) == (dt.date(2019, 10, 1), dt.date(2019, 12, 30))
    assert (year["customers"], year["spend_known"], year["spend_new"]) == (2, 7.0, 8.0)
    assert [year[f"ordered_{h}d"] for h in (30, 60, 90)] == [1, 1, 2]
    assert (before["customers"], before["spend_known"], before["spend_new"]) == (3, 48.0, 64.0)
    assert [before[f"ordered_{h}d"] for h in (30, 60, 90)] == [1, 1, 2]


@pytest.mark.parametrize(
    ("first", "told"),
    [(80, []), (119, []), (120, ["before"]), (394, ["before"]), (395, ["before", "year_before"])],
)
def test_a_period_that_began_before_the_files_or_in_their_first_month_is_not_told(first, told):
    rows = reading.periods(days((1, first, 1.0), (1, 3, 1.0)), AS_OF)
    assert [row["period"] for row in rows] == told


def windows_of(segment, n, first_key):
    shift = dict(zip(reading.ENDS, (5, 10, 2, 40), strict=True))
    return [
        {"customer_key": first_key + i, "segment_id": segment, "as_of": AS_OF}
        | {name: AS_OF + dt.timedelta(days=d + segment) for name, d in shift.items()}
        for i in range(n)
    ]


def test_windows_are_medians_of_many_in_days_from_the_day():
    rows = [*windows_of(1, 25, 0), *windows_of(2, 19, 100), *windows_of(3, 30, 200)]
    rows.append({**rows[0], "customer_key": 999, "next_order_low_50": None})
    people = pa.Table.from_pylist(rows)
    told = reading.windows(
        ibis.memtable(people.drop_columns(["segment_id"])),
        ibis.memtable(people.select(["customer_key", "segment_id"])),
        {3},
    )
    assert [(row["segment"], row["customers"], row["next_order_low_50"]) for row in told] == [
        ("1", 25, 6.0),
        ("all", 74, 8.0 - 1.0),
    ]


def listed(sizes):
    rows = [
        {
            "segment_id": segment,
            "reason": "overdue",
            "suggestion": "Remind.",
            "value_from": "value_12m",
            "value_at_stake": 0.5,
        }
        for segment, n in sizes.items()
        for _ in range(n)
    ]
    return ibis.memtable(pa.Table.from_pylist(rows))


def test_the_list_is_told_to_twenty_people_and_no_small_part_comes_back_by_subtraction():
    found = {(row["by"], row["group"]): row for row in reading.warned(listed({1: 69, 2: 45, 3: 7}))}
    assert {key: row["customers"] for key, row in found.items()} == {
        ("all", "all"): 120,
        ("segment_id", "1"): 60,
        ("segment_id", "2"): 40,
        ("segment_id", "3"): None,
        ("reason", "overdue"): 120,
    }
    # Sums are exact, so the next smallest segment's goes with the small one's.
    assert [found["segment_id", i]["at_stake"] for i in "123"] == [34.5, None, None]
    assert found["all", "all"]["at_stake"] == 60.5


def test_nobody_on_the_list_is_no_row():
    assert reading.warned(listed({1: 1}).filter(False)) == []

import datetime as dt

import ibis
import pyarrow as pa
import pytest

from hm_assets.forecasts.timing.checks import WINDOW, windows_are_nested_and_within_reach

AS_OF, MONTH = dt.date(2020, 8, 31), dt.date(2020, 8, 1)
NOTHING = (None,) * 4


def row(days=(1, 5, 9, 90), reach=90, usual=10.0, horizon=30, late=0, past=False) -> dict:
    dates = [None if day is None else AS_OF + dt.timedelta(days=day) for day in days]
    return {
        "month": MONTH,
        "as_of": AS_OF,
        **dict(zip(WINDOW, dates, strict=True)),
        "window_reach_days": reach,
        "usual_gap_days": usual,
        "cadence_horizon_days": horizon,
        "overdue_days": late,
        "past_cadence": past,
    }


SCHEMA = pa.schema(
    [("month", pa.date32()), ("as_of", pa.date32())]
    + [(name, pa.date32()) for name in WINDOW]
    + [
        ("window_reach_days", pa.int16()),
        ("usual_gap_days", pa.float64()),
        ("cadence_horizon_days", pa.int32()),
    ]
    + [("overdue_days", pa.int32()), ("past_cadence", pa.bool_())]
)
UNSOUND, LACKING, PARTLY = (
    "no_nested_windows",
    "no_cadence_for_a_usual_gap",
    "months_with_windows_for_some",
)


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        ([row(), row((1, 1, 1, 1))], {}),
        ([row(NOTHING, None), row(NOTHING, None, None, None, None, None)], {}),
        ([], {}),
        ([row((0, 5, 9, 20))], {UNSOUND: 1}),  # not after the day
        ([row((1, 5, 9, 91))], {UNSOUND: 1}),  # beyond the reach
        ([row((6, 5, 9, 20)), row((1, 5, 21, 20)), row((1, 9, 5, 20))], {UNSOUND: 3}),
        ([row((1, None, 9, 20))], {UNSOUND: 1}),
        ([row(reach=None)], {UNSOUND: 1}),
        ([row(), row(NOTHING, None)], {PARTLY: 1}),
        ([row(horizon=None), row(late=-1), row(past=None), row(usual=0.0)], {LACKING: 4}),
    ],
)
def test_windows_are_nested_and_a_usual_gap_has_a_horizon(rows, faults):
    result = windows_are_nested_and_within_reach(ibis.memtable(pa.Table.from_pylist(rows, schema=SCHEMA)))
    found = {name: value.value for name, value in result.metadata.items() if value.value}
    assert found == faults and result.passed == (not faults)

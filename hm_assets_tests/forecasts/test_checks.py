import datetime as dt

import ibis
import pyarrow as pa
import pytest

from hm_assets.forecasts.checks import outlooks_are_probabilities_of_everybody

MONTH = dt.date(2020, 8, 1)
SOUND = (0.1, 0.2, 0.2)


def checked(outlooks: dict[int, tuple], features: list[int]) -> dict:
    types = {f"p_order_{days}d": pa.float64() for days in (30, 60, 90)}
    rows = [
        {"customer_key": key, "month": MONTH, **dict(zip(types, p, strict=True))}
        for key, p in outlooks.items()
    ]
    schema = pa.schema([("customer_key", pa.int64()), ("month", pa.date32()), *types.items()])
    known = pa.table(
        {"customer_key": pa.array(features, pa.int64()), "month": pa.array([MONTH] * len(features))}
    )
    result = outlooks_are_probabilities_of_everybody(
        ibis.memtable(pa.Table.from_pylist(rows, schema=schema)), ibis.memtable(known)
    )
    faults = {name: value.value for name, value in result.metadata.items() if value.value}
    assert result.passed == (not faults)
    return faults


@pytest.mark.parametrize(
    ("outlooks", "features", "faults"),
    [
        ({1: SOUND, 2: (0.0, 0.0, 1.0)}, [1, 2], {}),
        ({1: (None, None, None)}, [1], {}),
        ({}, [], {}),
        ({1: (0.3, 0.2, 0.4)}, [1], {"no_probabilities": 1}),
        ({1: (0.3, 0.4, 1.1), 2: (-0.1, 0.2, 0.3), 3: (0.1, None, 0.3)}, [1, 2, 3], {"no_probabilities": 3}),
        ({1: (0.1, 0.2, float("nan"))}, [1], {"no_probabilities": 1}),
        ({1: SOUND}, [1, 2], {"without_an_outlook": 1}),
        ({1: SOUND, 2: SOUND}, [2], {"not_in_the_features": 1}),
    ],
)
def test_everybody_has_one_outlook_of_ascending_probabilities(outlooks, features, faults):
    assert checked(outlooks, features) == faults

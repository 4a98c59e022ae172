import datetime as dt

import ibis
import pyarrow as pa
import pytest

from hm_assets.forecasts.checks import outlooks_are_probabilities_of_everybody

MONTH = dt.date(2020, 8, 1)
SOUND = (0.1, 0.2, 0.2)


VALUES = {
    f"{name}{end}": pa.float64() for name in ("value_90d", "value_12m") for end in ("", "_low", "_high")
} | {
    "p_active": pa.float64(),
    "value_extrapolated": pa.bool_(),
}
WORTH = {
    "value_90d_low": 0.0,
    "value_90d": 1.0,
    "value_90d_high": 2.0,
    "value_12m_low": 1.0,
    "value_12m": 1.0,
}
WORTH |= {"value_12m_high": 9.0, "p_active": 0.5, "value_extrapolated": False}


def checked(outlooks: dict[int, tuple], features: list[int], **values) -> dict:
    types = {f"p_order_{days}d": pa.float64() for days in (30, 60, 90)}
    rows = [
        {"customer_key": key, "month": MONTH, **dict(zip(types, p, strict=True)), **WORTH, **values}
        for key, p in outlooks.items()
    ]
    schema = pa.schema(
        [("customer_key", pa.int64()), ("month", pa.date32()), *types.items(), *VALUES.items()]
    )
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


@pytest.mark.parametrize(
    ("values", "sound"),
    [
        ({}, True),
        (dict.fromkeys(WORTH), True),
        ({"p_active": None}, True),
        ({"p_active": 1.1}, False),
        ({"value_90d": 2.5}, False),
        ({"value_12m_low": -0.1}, False),
        ({"value_12m_high": float("inf")}, False),
        ({"value_90d_high": float("nan")}, False),
        ({"value_12m": None}, False),
        ({"value_extrapolated": None}, False),
    ],
)
def test_values_lie_within_their_limits_or_are_empty_together(values, sound):
    assert checked({1: SOUND}, [1], **values) == ({} if sound else {"no_values": 1})

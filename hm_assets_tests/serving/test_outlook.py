"""What `hm customer` says of what comes next."""

import datetime as dt

from hm_assets.serving.outlook import summary

ROW = {
    **{"p_order_30d": 0.5, "p_order_60d": 0.75, "p_order_90d": 0.9, "window_reach_days": 365},
    **{f"next_order_{end}_{level}": dt.date(2020, 10, day) for end, level, day in
       (("low", 50, 5), ("high", 50, 9), ("low", 80, 2), ("high", 80, 30))},
    **{"value_90d": 0.1, "value_90d_low": 0.05, "value_90d_high": 0.2},
    **{"value_12m": 0.4, "value_12m_low": 0.2, "value_12m_high": 0.6, "value_extrapolated": True},
}  # fmt: skip
DRIVERS = {
    "driver_1": "last order 3 days ago: raises",
    "driver_2": "1 item an order: lowers",
    "driver_3": None,
}


def test_chances_window_value_and_drivers_are_told():
    assert list(summary(ROW, DRIVERS)) == [
        "Expected to order with a chance of 50 % within 30, 75 % within 60, 90 % within 90 days.",
        "If they order within 365 days: between 5 October 2020 and 9 October 2020 (50 %), between 2 October 2020 and "
        "30 October 2020 (80 %).",
        "Expected to spend 0.1 (0.05 to 0.2) in 90 days and 0.4 (0.2 to 0.6) in 12 months, carried on from "
        "90 days (price index; 80 % intervals).",
        "What the model reads in them, by weight on the chance of an order in 90 days: last order 3 days ago (raises "
        "it); 1 item an order (lowers it).",
    ]


def test_what_has_no_model_is_not_told():
    assert list(summary(None, None)) == []
    assert list(summary(dict.fromkeys(ROW), None)) == []
    assert len(list(summary(dict.fromkeys(ROW) | {k: ROW[k] for k in ROW if k.startswith("p_")}, None))) == 1
    assert len(list(summary(ROW, dict.fromkeys(DRIVERS)))) == 3

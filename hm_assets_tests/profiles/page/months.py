"""A made-up month as the page reads it: customers of a few kinds, their facts as the stage makes them, and movement."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.features.attributes import parts
from hm_assets.profiles import facts
from hm_assets.profiles.page import reading
from hm_assets.profiles.page.month import Month
from hm_assets.profiles.passport.assets import _row
from hm_assets.profiles.passport.criteria import FAIL, NOT_MEASURED, PASS, WARN, Criterion
from hm_assets.profiles.passport.evidence import Measured
from hm_assets.profiles.words import sentences
from hm_assets.warehouse.calendar import add_months
from hm_assets_tests.profiles.customers import columns

AS_OF, MONTH = dt.date(2020, 9, 22), dt.date(2020, 9, 1)
NAMES = {
    0: "No purchase yet",
    1: "Champions: recent, frequent",
    2: "Regulars: recent",
    3: "Dormant: lapsed",
}
# Medians of recency (days), orders and spend per order: who is in segments 1, 2 and 3.
KINDS = ((8, 30, 0.08), (40, 9, 0.06), (500, 2, 0.03))
PATHS = (
    *("profiles/segment_profiles", "profiles/segment_words", "profiles/price_curves", "profiles/transitions"),
    *(
        "profiles/size_forecast",
        "profiles/passport_criteria",
        "profiles/validity",
        "features/customer_features",
    ),
    *("features/customer_tastes", "features/attribute_values", "segments/assignments", "segments/champion"),
)
VERSIONS = {path: f"v-{path}" for path in PATHS}
CHAMPION = {
    "trained_as_of": "2020-06-30",
    "space": {"coordinates": [{"column": "recency_days"}, {"column": "purchase_days"}]},
    "decision": {"headline": "ward with 3 segments (rfm)", "override": None},
}


def shop(
    each: int = 40, kinds: Sequence[tuple[float, ...]] = KINDS, seed: int = 0, first_key: int = 1
) -> pa.Table:
    """Customers as `features/customer_features` with their segment; a second key makes the same customers again."""
    rng = np.random.default_rng(seed)
    rows = []
    for segment, medians in enumerate(kinds, start=1):
        recency, orders, basket = (np.exp(rng.normal(np.log(m), 0.3, each)) for m in medians)
        for r, o, b in zip(recency.round(), np.maximum(orders.round(), 1), basket.round(4), strict=True):
            year = r < 365
            rows.append(
                {
                    "segment_id": segment,
                    "recency_days": int(r),
                    "tenure_days": int(r + 30 * o),
                    "orders": int(o),
                    "items": int(2 * o),
                    "spend": float(o * b),
                    "orders_365d": int(o / 2 + 1) if year else 0,
                    "online_orders_365d": int(o / 4) if year else 0,
                    "spend_365d": float((o / 2 + 1) * b) if year else 0.0,
                    "basket_365d": float(b) if year else None,
                }
            )
    keys = [first_key + (7919 * i) % 100_003 for i in range(len(rows))]
    return pa.Table.from_pylist([{"customer_key": key, **row} for key, row in zip(keys, rows, strict=True)])


def month(people: pa.Table, names: Mapping[int, str] = NAMES, **changed: Any) -> Month:
    """Everything that the page shows of them."""
    ids = sorted(set(people["segment_id"].to_pylist()))
    named = {i: names[i] for i in (0, *ids)}
    held = {
        name: people[name].to_numpy()
        for name in people.column_names
        if name not in ("basket_365d", "customer_key")
    }
    # One customer without a purchase.
    seen = columns(
        [*held.pop("segment_id"), 0],
        **{name: [*values, 0] for name, values in held.items()},
        fn=[float(i % 3 == 0) for i in range(len(people) + 1)],
    )
    profiles = facts.rows_of(seen, named, AS_OF, MONTH) + [row for i in ids for row in ages(i, named[i])]
    features = ibis.memtable(people.drop_columns("segment_id"))
    placed = assignments(people)
    tables: dict[str, Any] = {
        "profiles": profiles,
        "words": sentences.rows_of(profiles),
        "prices": prices(ids) if len(ids) > 1 else [],
        "transitions": transitions(ids),
        "forecasts": forecasts(ids, people),
        "criteria": criteria(ids, named),
        "spread": reading.spread(features, placed).to_pyarrow().to_pylist(),
        "sample": reading.sample(features, placed, 30).to_pyarrow().to_pylist(),
        "bought": reading.bought(tastes(people), VALUES, placed, MONTH),
        "history": [
            {"month": add_months(MONTH, -back), "segment_id": i, "customers": 40 + back * i}
            for i in ids
            for back in range(6)
        ],
    }
    return Month(**{**tables, **changed})


def assignments(people: pa.Table) -> ibis.Table:
    """Of the month, one customer without a purchase among them."""
    rows = [
        *zip(people["customer_key"].to_pylist(), people["segment_id"].to_pylist(), strict=True),
        (10**9, 0),
    ]
    return ibis.memtable(
        [{"customer_key": key, "segment_id": i, "month": MONTH} for key, i in rows],
        schema={"customer_key": "int64", "segment_id": "int32", "month": "date"},
    )


VALUES = ibis.memtable(
    [{"attribute": "index_group", "position": i, "value": v} for i, v in ((1, "Ladieswear"), (2, "Divided"))]
)


def tastes(people: pa.Table) -> ibis.Table:
    """Two units each in the month and the one before, and one in the month after, which no page may read."""
    rows = []
    for key, i in zip(people["customer_key"].to_pylist(), people["segment_id"].to_pylist(), strict=True):
        for moved in (-1, 0, 1):
            units = dict.fromkeys(parts("index_group"), 0)
            units["index_group_1" if i == 1 else "index_group_2"] = 1
            units["index_group_0"] = 1 if moved < 1 else 100
            rows.append({"customer_key": key, "month": add_months(MONTH, moved), **units})
    return ibis.memtable(rows)


def ages(i: int, name: str) -> list[dict[str, Any]]:
    """Four bands."""
    shares = {"age_under_25": 0.1 * i, "age_25_34": 0.3, "age_35_49": 0.4 - 0.1 * i, "age_50_plus": 0.3}
    base = {"age_under_25": 0.2, "age_25_34": 0.3, "age_35_49": 0.2, "age_50_plus": 0.3}
    head = {"as_of": AS_OF, "month": MONTH, "segment_id": i, "segment_name": name, "kind": "demographic"}
    return [
        {
            **head,
            **{"fact": fact, "unit": "share", "value": v, "low": v - 0.02, "high": v + 0.02, "effect": None},
            **{"base": base[fact], "index_to_base": 100 * v / base[fact]},
        }
        for fact, v in shares.items()
    ]


def prices(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Curves that rise for the first segment and fall for the last."""
    rows = []
    for i in ids:
        for band in range(1, 6):
            share = 0.2 + (band - 3) * 0.03 * (2 - i)
            ends = {"low": share - 0.02, "high": share + 0.02, "base": 0.2, "index_to_base": 500 * share}
            limits = {"lowest_price": 0.01 * band, "highest_price": 0.01 * band + 0.009}
            rows.append({"segment_id": i, "price_band": band, "units": 100, "share": share, **limits, **ends})
    return rows


def transitions(ids: Sequence[int], moved: int = 40) -> list[dict[str, Any]]:
    """Each segment of 400 loses `moved` to the next, by time but for the first; and 25 come in new."""
    rows = []
    for step in ("all", "time", "behaviour", "price", "model"):
        for i, after in zip(ids, [*ids[1:], ids[0]], strict=True):
            gone = moved if step == "all" or step == ("behaviour" if i == ids[0] else "time") else 0
            rows.append(_flow(step, i, i, 400 - gone, 1 - gone / 400))
            if gone and after != i:
                rows.append(_flow(step, i, after, gone, gone / 400))
        if moved:
            rows.append(_flow(step, 0, ids[0] if step in ("all", "behaviour") else 0, 25, 1.0))
    return rows


def _flow(step: str, start: int, end: int, customers: int, share: float) -> dict[str, Any]:
    change = {"all": -1.0, "time": -3.0, "behaviour": 2.0}.get(step, 0.0) * customers / 1000
    money = {"spend_before": 1.0, "spend_after": 1.0 + change, "spend_change": change}
    ends = {"from_segment": start, "to_segment": end, "customers": customers, "share_of_from": share}
    return {"step": step, **ends, **money}


def forecasts(ids: Sequence[int], people: pa.Table) -> list[dict[str, Any]]:
    """Today leads by a little."""
    rows = []
    for method, error in (("as_today", 0.1), ("markov", 0.12)):
        for ahead in (1, 2, 3):
            for i in ids:
                today = people["segment_id"].to_pylist().count(i)
                ends = {
                    "low_80": today - 9.0,
                    "high_80": today + 9.0,
                    "low_95": today - 19.0,
                    "high_95": today + 19.0,
                }
                scored = {"error": error, "coverage_80": 0.8, "coverage_95": 0.94, "origins": 12}
                rows.append(
                    {
                        **{
                            "segment_id": i,
                            "months_ahead": ahead,
                            "forecast_month": add_months(MONTH, ahead),
                        },
                        **{"method": method, "leads": method == "as_today", "customers_today": today},
                        **{"customers": float(today), "words": "As today leads: off by 10 %; it held 80 %"},
                        **ends,
                        **scored,
                    }
                )
    return rows


def criteria(ids: Sequence[int], names: Mapping[int, str]) -> list[dict[str, Any]]:
    """One criterion of all and two of each, in every state."""
    found = [
        Criterion(None, "silhouette", "Silhouette", WARN, Measured(0.31), "0.4 or more", "Not clear-cut.")
    ]
    for i in ids:
        status = (PASS, WARN, FAIL)[(i - 1) % 3]
        found.append(Criterion(i, "share", "Size", status, Measured(0.33), "5 % to 60 %", "A third.", True))
        found.append(Criterion(i, "lift", "Spend after", NOT_MEASURED, None, "an interval", "Not measured."))
    return [{"as_of": AS_OF, "month": MONTH, **_row(c, place, dict(names))} for place, c in enumerate(found)]


def validity() -> list[dict[str, Any]]:
    """A fact of each tier, and rows that the ladder leaves out."""
    head = {"as_of": dt.date(2020, 6, 24), "segment_id": None, "null_effect": 0.01, "n": 120}
    rows = [
        ("construction", "recency_days", "by_construction", 0.9, None, None),
        ("held_out", "age", "welch_anova", 0.02, 0.005, 0.04),
        ("later", "spend_90d", "welch_anova", 0.4, 0.35, 0.45),
        ("later", "spend_90d", "anova", 0.5, 0.4, 0.6),
        ("later", "spend_90d", "lift", 2.0, 1.0, 3.0),
    ]
    found = [
        {**head, **dict(zip(("tier", "fact", "test", "effect", "low", "high"), row, strict=True))}
        for row in rows
    ]
    return [*found[:-1], {**found[-1], "segment_id": 1}]

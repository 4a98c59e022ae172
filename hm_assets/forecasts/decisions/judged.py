"""Customers of judged past days with what each model said of them: `forecasts/back_test`, written and read."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.forecasts.churn.back_test import Predicted
from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.forecasts.decisions.tables import BACK_TEST
from hm_assets.segments.space import Bools, Floats, numbers


@dataclass(frozen=True)
class Judged:
    """A past day: P(no order within 90 days) of n customers by each model, who had none, and their spend.

    `spend` is that of the 365 days before, in mean orders of the day; nothing where the shop sold for nothing.
    """

    as_of: dt.date
    leaves: Mapping[str, Floats]
    left: Bools
    spend: Floats


def rows(judged: Sequence[Predicted], month: dt.date) -> Iterator[pa.Table]:
    """The rows of `forecasts/back_test` of a month, a part per judged day and model."""
    schema = BACK_TEST.arrow_schema()
    for day in judged:
        n = len(day.rows)
        mean_order = _mean_order(day.rows)
        same = {
            "as_of": pa.array([day.as_of] * n, pa.date32()),
            "month": pa.array([month] * n, pa.date32()),
            "place": pa.array(np.arange(n, dtype=np.int32)),
            "mean_order": pa.array([mean_order] * n, pa.float64()),
            **{
                name: day.rows[name] for name in ("customer_key", "days_to_next", "later_spend", "spend_365d")
            },
        }
        for model, p in day.p.items():
            said = {f"p_order_{days}d": pa.array(p[:, k]) for k, days in enumerate(HORIZONS)}
            own = {**same, **said, "model": pa.array([model] * n, pa.string())}
            yield pa.table([own[field.name] for field in schema], names=schema.names).cast(schema)


def read(back_test: ibis.Table) -> list[Judged]:
    """The judged days of one month of `forecasts/back_test`, the latest first."""
    found = back_test.order_by(["as_of", "model", "place"]).to_pyarrow()
    days = np.array(found["as_of"].to_pylist(), dtype=object)
    return [_of_day(found.filter(pa.array(days == day)), day) for day in sorted(set(days), reverse=True)]


def _of_day(found: pa.Table, day: dt.date) -> Judged:
    names = found["model"].to_pylist()
    models = list(dict.fromkeys(names))
    parts = {model: found.slice(names.index(model), names.count(model)) for model in models}
    first = parts[models[0]]
    mean_order = first["mean_order"][0].as_py() or 0.0
    spend = numbers(first, "spend_365d")
    return Judged(
        day,
        {model: 1 - numbers(part, f"p_order_{HORIZONS[-1]}d") for model, part in parts.items()},
        np.isnan(numbers(first, "days_to_next")),
        spend / mean_order if mean_order > 0 else np.zeros(len(spend)),
    )


def _mean_order(rows: pa.Table) -> float | None:
    """Spend of all over orders of all; None where nobody ordered anything."""
    per_order = numbers(rows, "items_per_order")
    orders = np.divide(numbers(rows, "items"), per_order, out=np.zeros(len(rows)), where=per_order > 0)
    return float(numbers(rows, "spend").sum() / orders.sum()) if orders.sum() > 0 else None

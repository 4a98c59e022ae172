"""`forecasts/back_test`: customers of judged past days with what each model said of them, written and read."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.forecasts.churn.back_test import Predicted
from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.forecasts.tables import BACK_TEST
from hm_assets.segments.space import numbers
from hm_assets.warehouse.calendar import month_of

BEHAVIOUR = ("customer_key", "days_to_next", "later_spend", "spend_365d")


def rows(judged: Sequence[Predicted], month: dt.date) -> Iterator[pa.Table]:
    """The rows of `forecasts/back_test` of a month, a part per judged day and model."""
    schema = BACK_TEST.arrow_schema()
    for day in judged:
        n = len(day.rows)
        of_day = {
            "as_of": day.as_of,
            "month": month,
            "mean_order": _mean_order(day.rows),
            "learned_rows": day.learned,
            **{f"year_before_{days}d": day.year_before[k] for k, days in enumerate(HORIZONS)},
        }
        own = {name: day.rows[name] for name in BEHAVIOUR} | {"place": pa.array(np.arange(n, dtype=np.int32))}
        for model, p in day.p.items():
            thresholds = day.thresholds[model]
            same = of_day | {"model": model}
            same |= {f"threshold_{days}d": thresholds[k] for k, days in enumerate(HORIZONS)}
            said = {f"p_order_{days}d": pa.array(p[:, k]) for k, days in enumerate(HORIZONS)}
            alike = {name: pa.repeat(pa.scalar(v, schema.field(name).type), n) for name, v in same.items()}
            found = alike | own | said
            yield pa.table([found[field.name] for field in schema], names=schema.names).cast(schema)


def read(back_test: ibis.Table) -> list[Predicted]:
    """The judged days of a month of `forecasts/back_test`, the latest first; rows have `BEHAVIOUR` and mean_order."""
    found = back_test.order_by([ibis.desc("as_of"), "model", "place"]).to_pyarrow()
    days = found["as_of"].to_numpy()
    if not len(days):
        return []
    bounds = [0, *(np.flatnonzero(days[1:] != days[:-1]) + 1).tolist(), len(days)]
    return [_of_day(found.slice(start, end - start)) for start, end in pairwise(bounds)]


def _of_day(found: pa.Table) -> Predicted:
    names = found["model"].to_pylist()
    parts = {model: found.slice(names.index(model), names.count(model)) for model in dict.fromkeys(names)}
    first = next(iter(parts.values()))
    as_of = first["as_of"][0].as_py()
    return Predicted(
        as_of,
        month_of(as_of),
        first.select([*BEHAVIOUR, "mean_order"]),
        {
            model: np.column_stack([numbers(part, f"p_order_{days}d") for days in HORIZONS])
            for model, part in parts.items()
        },
        first["learned_rows"][0].as_py(),
        {
            model: [part[f"threshold_{days}d"][0].as_py() for days in HORIZONS]
            for model, part in parts.items()
        },
        [first[f"year_before_{days}d"][0].as_py() for days in HORIZONS],
    )


def _mean_order(rows: pa.Table) -> float | None:
    """Spend of all over orders of all; None where nobody ordered anything."""
    per_order = numbers(rows, "items_per_order")
    orders = np.divide(numbers(rows, "items"), per_order, out=np.zeros(len(rows)), where=per_order > 0)
    return float(numbers(rows, "spend").sum() / orders.sum()) if orders.sum() > 0 else None

"""What calibrates P(order in 90 days): `python -m benchmarks.forecasts_calibration WAREHOUSE [LAST MONTHS]`.

The logistic model on every past month end that can be judged (the last so many of them), as it is, without the season
(and with a model per horizon in place of hazards), and with isotonic regression or Platt's two numbers fitted on the
last past day whose outcome was known and which the model that was calibrated had not seen. Beside it the four numbers
alone. Aggregates only; writes nothing.
"""

import datetime as dt
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from hm_assets.features import tables
from hm_assets.forecasts.churn import algorithms, back_test, hazards
from hm_assets.forecasts.churn.algorithms import ALL, CATALOGUE
from hm_assets.forecasts.cutoffs import HORIZONS, LONGEST, Split, split
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.forecasts.inputs import examples, space_of
from hm_assets.forecasts.measures.scores import measured
from hm_assets.forecasts.outcomes import known_on
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.engine import open_engine

MODEL = {algorithm.name: algorithm for algorithm in CATALOGUE}


def past_of(rows: pa.Table, known: Split) -> pa.Table:
    """What was known on the day of a split."""
    mine = rows.filter(pc.is_in(rows["month"], value_set=pa.array(known.learned, pa.date32())))
    return known_on(mine, known.as_of)


def fitted(rows: pa.Table, known: Split, name: str) -> hazards.Hazards:
    """A model on what was known on the day of a split."""
    return hazards.fit(MODEL[name], past_of(rows, known), seed=42, threads=2)


def separately(past: pa.Table, people: pa.Table) -> np.ndarray:
    """P(order in 90 days) by a model for each horizon without hazards, never below that of a shorter one."""
    space = space_of(past, ALL)
    said = []
    for k, horizon in enumerate(HORIZONS):
        told = past.filter(pc.greater_equal(past["days_known"], horizon))
        ordered = hazards.ordered(told)[:, k]
        model = algorithms.fitted(MODEL["logistic"], space.transform(told), ordered, seed=42, threads=2)
        said.append(model.predict(space.transform(people)))
    return np.max(said, axis=0)


def ways(
    rows: pa.Table, dates: dict[dt.date, dt.date], month: dt.date, first: dt.date
) -> dict[str, np.ndarray]:
    """P(order in 90 days) of the customers of a month, by way of calibration."""
    known, people = split(dates, month, first), of(rows, month)
    model = fitted(rows, known, "logistic")
    p = model.predict(people, month)[:, -1]
    found = {
        "as it is": p,
        "without the season": hazards.together(model.hazards(people))[:, -1],
        "without it, a model per horizon": separately(past_of(rows, known), people),
        "four numbers": fitted(rows, known, "rfm_logistic").predict(people, month)[:, -1],
    }
    held = max(m for m, day in known.learned.items() if day + dt.timedelta(days=LONGEST) <= known.as_of)
    before = split(dates, held, first)
    if before.teaches:
        seen, ordered = of(rows, held), hazards.ordered(of(rows, held))[:, -1]
        said = fitted(rows, before, "logistic").predict(seen, held)[:, -1]
        steps = IsotonicRegression(y_min=0.005, y_max=0.995, out_of_bounds="clip").fit(said, ordered)
        line = LogisticRegression(C=1e6).fit(logit(said)[:, None], ordered)
        found |= {"isotonic": steps.predict(p), "Platt": line.predict_proba(logit(p)[:, None])[:, 1]}
    return found


def of(rows: pa.Table, month: dt.date) -> pa.Table:
    """The customers of a month."""
    return rows.filter(pc.equal(rows["month"], pa.scalar(month, pa.date32())))


def main() -> None:
    """Print the mean over the judged days."""
    warehouse, last = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with open_engine(Settings(warehouse=warehouse)) as engine:
        features, days = (
            engine.read(table, delta.files_of(delta.open_table(warehouse, table)))
            for table in (tables.CUSTOMER_FEATURES, tables.CUSTOMER_DAYS)
        )
        dates, first, end = back_test.reach(features, days)
        rows = examples(features, days, list(dates), first, end, EFFORTS["full"].learned_customers)
    over = [m for m, day in sorted(dates.items()) if day + dt.timedelta(days=LONGEST) <= end]
    judged = [month for month in over if split(dates, month, first).teaches][-last:]
    found: dict[str, list[dict[str, float]]] = {}
    for month in judged:
        ordered = hazards.ordered(of(rows, month))[:, -1]
        for way, p in ways(rows, dates, month, first).items():
            scores = {name: score.value for name, score in measured(p, ordered, 0, 0).items()}
            found.setdefault(way, []).append(scores)
    print(
        f"{judged[0]:%Y-%m} to {judged[-1]:%Y-%m}\n\n| | days | ECE mean | ECE worst | mean error, size | Brier | AUC |"
    )
    print("|---|---|---|---|---|---|---|")
    for way, scores in found.items():
        ece, error, brier, auc = (
            np.array([s[n] for s in scores]) for n in ("ece", "mean_error", "brier", "auc")
        )
        print(
            f"| {way} | {len(scores)} | {ece.mean():.3f} | {ece.max():.3f} | {np.abs(error).mean():.3f} "
            f"| {brier.mean():.4f} | {auc.mean():.3f} |"
        )


if __name__ == "__main__":
    main()

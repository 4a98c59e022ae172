"""Scores from 1 to 5 that treat equals equally, and the cut-points that they come from.

A score counts how many of four cut-points (the 20, 40, 60 and 80 % quantiles of the month) a value exceeds. Equal
behaviour gives an equal score whatever the ids are, more is never scored lower, and the cut-points stay with the month.
Where many customers share a value, scores in between stay empty: that is what ties mean, and `share` shows it.
"""

import ibis

# Measure: the column, and whether a smaller value is better.
MEASURES = {
    "recency": ("recency_days", True),
    "frequency": ("purchase_days", False),
    "monetary": ("spend", False),
}
QUANTILES = (0.2, 0.4, 0.6, 0.8)
TIERS = ("low", "medium", "high", "premium")
TIER_QUANTILES = (0.5, 0.8, 0.95)


def cut_points(sums: ibis.Table) -> list[dict[str, object]]:
    """The cut-points of a month's `windows.history` (columns of `features/score_cuts`); none without customers."""
    wanted: list[tuple[str, str, tuple[float, ...]]] = [
        (measure, column, QUANTILES) for measure, (column, _) in MEASURES.items()
    ]
    wanted.append(("value_tier", "spend", TIER_QUANTILES))
    asked = {
        f"{measure}_{cut}": sums[column].quantile(quantile)
        for measure, column, quantiles in wanted
        for cut, quantile in enumerate(quantiles, start=1)
    }
    (values,) = sums.agg(**asked).to_pyarrow().to_pylist()
    return [
        {"measure": measure, "cut": cut, "quantile": quantile, "value": float(values[f"{measure}_{cut}"])}
        for measure, _, quantiles in wanted
        for cut, quantile in enumerate(quantiles, start=1)
        if values[f"{measure}_{cut}"] is not None
    ]


def scored(sums: ibis.Table, cuts: list[dict[str, object]]) -> dict[str, ibis.Value]:
    """Expressions of the scores, their mean (S1) and the value tier over `windows.history`."""
    found: dict[str, ibis.Value] = {}
    for measure, (column, smaller_is_better) in MEASURES.items():
        exceeded = _exceeded(sums[column], cuts, measure)
        found[f"{measure}_score"] = ((5 - exceeded) if smaller_is_better else (1 + exceeded)).cast("int8")
    total = found["recency_score"] + found["frequency_score"] + found["monetary_score"]
    found["rfm_score"] = total.cast("float64") / 3
    tier = _exceeded(sums["spend"], cuts, "value_tier")
    found["value_tier"] = ibis.cases(*((tier == number, name) for number, name in enumerate(TIERS)))
    return found


def _exceeded(values: ibis.Value, cuts: list[dict[str, object]], measure: str) -> ibis.Value:
    total: ibis.Value = ibis.literal(0)
    for cut in cuts:
        if cut["measure"] == measure:
            total = total + (values > cut["value"]).cast("int8")
    return total

"""How each measure is distributed over all customers: moments, histograms, outliers, and what to do about them."""

from collections.abc import Mapping
from typing import Any

import ibis

from hm_assets.explore.measures import MEASURES, Measure, exact_mean, logged, row, rows, steady

Row = dict[str, Any]
SKEWED = 1.0
MANY_OUTLIERS = 0.01
NO_OUTLIERS = 0.2  # where so many lie far out, it is the shape and no outliers
IQR_REACH, Z_REACH, ROBUST_REACH = 1.5, 3.0, 3.5
MAD_TO_SD = 1.4826
COUNT_EDGES = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 100, 200, 500, 1000)
WIDTHS = {"days": 30.0, "share": 0.05, "years": 2.0}
LINEAR_BINS = 30


def distribution(people: ibis.Table, measure: Measure, price: float) -> Row:
    """The row of `explore/distributions` for one measure."""
    column = people.select(x=people[measure.name].cast("float64"))
    known = column.filter(column.x.notnull())
    first = row(
        column.agg(
            customers=column.count(),
            known=column.x.count(),
            zeros=(column.x == 0).sum().fill_null(0),
            mean=exact_mean(column.x),
            sd=column.x.std(),
            minimum=column.x.min(),
            q25=column.x.quantile(0.25),
            median=column.x.median().cast("float64"),
            q75=column.x.quantile(0.75),
            q95=column.x.quantile(0.95),
            maximum=column.x.max(),
        )
    )
    found = {
        "feature": measure.name,
        "label": measure.label,
        "unit": measure.unit,
        **{name: first[name] for name in first if name != "zeros"},
        "share_unknown": 1 - first["known"] / first["customers"] if first["customers"] else None,
        "share_zero": first["zeros"] / first["known"] if first["known"] else None,
    }
    found |= _shape(known, first) | _skewness_logged(known, measure, price)
    return found | decision(found)


def _shape(known: ibis.Table, first: Row) -> Row:
    """Skewness, excess kurtosis (both of the population) and the shares of outliers by three rules."""
    names = ("skewness", "kurtosis", "outliers_iqr", "outliers_z", "outliers_robust")
    if not first["known"] or not first["sd"]:
        return dict.fromkeys(names)
    spread = first["q75"] - first["q25"]
    z = (known.x - first["mean"]) / first["sd"]
    off = (known.x - first["median"]).abs()
    mad = row(known.select(off=off).agg(mad=ibis._.off.median().cast("float64")))["mad"]
    beyond = (known.x < first["q25"] - IQR_REACH * spread) | (known.x > first["q75"] + IQR_REACH * spread)
    second = row(
        known.agg(
            squares=(z**2).mean(),
            cubes=(z**3).mean(),
            fourths=(z**4).mean(),
            iqr=beyond.mean(),
            z=(z.abs() > Z_REACH).mean(),
            robust=(off > ROBUST_REACH * MAD_TO_SD * mad).mean(),
        )
    )
    return {
        "skewness": steady(second["cubes"] / second["squares"] ** 1.5, 6),
        "kurtosis": steady(second["fourths"] / second["squares"] ** 2 - 3, 6),
        "outliers_iqr": second["iqr"],
        "outliers_z": second["z"],
        # Where more than half share one value, the deviation is 0 and the rule says nothing.
        "outliers_robust": second["robust"] if mad else None,
    }


def _skewness_logged(known: ibis.Table, measure: Measure, price: float) -> Row:
    if not measure.can_be_logged:
        return {"skewness_logged": None}
    logs = known.select(x=logged(known.x, measure, price))
    first = row(logs.agg(mean=logs.x.mean(), sd=logs.x.std()))
    if not first["sd"]:
        return {"skewness_logged": None}
    z = (logs.x - first["mean"]) / first["sd"]
    second = row(logs.agg(squares=(z**2).mean(), cubes=(z**3).mean()))
    return {"skewness_logged": steady(second["cubes"] / second["squares"] ** 1.5, 6)}


def decision(found: Mapping[str, Any]) -> Row:
    """Keep, transform or cap, with the reason in words."""
    skew, logs, robust = found["skewness"], found["skewness_logged"], found["outliers_robust"]
    if skew is None:
        return {"decision": "leave out", "reason": "fewer than two different values are known"}
    if abs(skew) > SKEWED and logs is not None and abs(logs) < abs(skew) / 2:
        return {"decision": "transform", "reason": f"skewness {skew:.1f}, after a logarithm {logs:.1f}"}
    if abs(skew) > SKEWED and robust is not None and robust > NO_OUTLIERS:
        return {
            "decision": "keep",
            "reason": f"skewness {skew:.1f}, but the many far out are a group, not outliers",
        }
    if abs(skew) > SKEWED and robust is not None and robust > MANY_OUTLIERS:
        why = f"skewness {skew:.1f} and {robust:.1%} far out; a logarithm does not help"
        return {"decision": "cap", "reason": why.replace("%", " %")}
    if abs(skew) > SKEWED:
        return {"decision": "keep", "reason": f"skewness {skew:.1f}, but hardly a value lies far out"}
    return {"decision": "keep", "reason": f"skewness {skew:.1f} is mild"}


def histogram(people: ibis.Table, found: Mapping[str, Any], measure: Measure) -> list[Row]:
    """The rows of `explore/histograms` for one measure; the last bin holds all beyond."""
    if not found["known"]:
        return []
    edges = _edges(found, measure)
    x = people[measure.name].cast("float64")
    known = people.filter(x.notnull()).select(x=x)
    number = sum(((known.x >= edge).cast("int16") for edge in edges[1:]), ibis.literal(0, "int16"))
    counted = rows(known.group_by(bin=number).agg(customers=ibis._.count()))
    counts = {line["bin"]: line["customers"] for line in counted}
    last = len(edges) - 1
    return [
        {
            "feature": measure.name,
            "bin": number,
            "low": edge,
            "high": edges[number + 1] if number < last else None,
            "customers": counts.get(number, 0),
            "share": counts.get(number, 0) / found["known"],
        }
        for number, edge in enumerate(edges)
    ]


def _edges(found: Mapping[str, Any], measure: Measure) -> list[float]:
    """Lower ends of the bins: whole numbers for counts, round widths for days, shares and years."""
    low, high = found["minimum"], found["maximum"]
    if measure.kind == "count":
        return [float(edge) for edge in COUNT_EDGES if (edge >= 1 or low < 1) and edge <= high] or [low]
    width = WIDTHS.get(measure.kind)
    if width is None:
        reach = found["q75"] + 3 * (found["q75"] - found["q25"])
        below = max(low, found["q25"] - 3 * (found["q75"] - found["q25"]))
        top = min(high, reach)
        width = (top - below) / LINEAR_BINS or 1.0
        return [steady(below + width * number, 6) for number in range(LINEAR_BINS)]
    start = width * (low // width)
    bins = int((high - start) // width) + 1
    return [steady(start + width * number, 6) for number in range(min(bins, 60))]


def distributions(people: ibis.Table, price: float) -> list[Row]:
    """All rows of `explore/distributions`."""
    return [distribution(people, measure, price) for measure in MEASURES]


def transformed(found: list[Row]) -> set[str]:
    """The measures that are looked at in logarithms."""
    return {line["feature"] for line in found if line["decision"] == "transform"}

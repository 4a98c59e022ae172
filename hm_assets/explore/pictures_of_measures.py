"""Pictures of one measure at a time."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.explore.measures import BY_NAME
from hm_assets.explore.words import number, percent, shown
from hm_assets.warehouse.charts import (
    Block,
    Chart,
    Grid,
    NotEnough,
    axes,
    label,
)
from hm_assets.warehouse.pictures import BLUE, GREY, VERMILION

Row = Mapping[str, Any]
FEWEST = 30


def histogram(feature: str, found: Mapping[str, Row], bins: Sequence[Row]) -> Block:
    """A measure's distribution over all customers, with a smooth line where the bins are of one width."""
    one, mine = (
        found.get(feature),
        sorted((line for line in bins if line["feature"] == feature), key=lambda line: line["bin"]),
    )
    measure = BY_NAME[feature]
    name = f"distribution_{feature}"
    if one is None or one["known"] < FEWEST or len(mine) < 2:
        return NotEnough(name, measure.label, "fewer than 30 customers with a value")
    shares = [100 * line["share"] for line in mine]
    about = f"n = {one['known']:,} customers with a value of {one['customers']:,}; all of them, no sample"
    if measure.kind == "count":
        ticks = [_span(line) for line in mine]
        data: list[dict[str, Any]] = [{"type": "bar", "x": ticks, "y": shares, "marker": {"color": BLUE}}]
        layout = axes(
            f"{measure.label} ({measure.unit})", "Customers (%)", xaxis={"type": "category"}, bargap=0.1
        )
    else:
        width = mine[1]["low"] - mine[0]["low"]
        middles = [line["low"] + width / 2 for line in mine]
        data = [
            {
                "type": "bar",
                "x": middles,
                "y": shares,
                "width": width * 0.94,
                "marker": {"color": BLUE},
                "name": "customers",
            },
            {
                "type": "scatter",
                "mode": "lines",
                "x": middles,
                "y": smooth(shares, width, one),
                "line": {"color": VERMILION, "width": 2},
                "name": "smooth density",
            },
        ]
        layout = axes(f"{measure.label} ({measure.unit})", "Customers (%)", showlegend=True)
    return Chart(
        name,
        _title(feature, one, mine),
        data,
        layout,
        ("explore/histograms", "explore/distributions"),
        about,
        "The last bar also holds everything beyond." if mine[-1]["high"] is None else "",
        320,
    )


def _span(line: Row) -> str:
    low, high = int(line["low"]), line["high"]
    if high is None:
        return f"{low}+"
    return str(low) if high - low <= 1 else f"{low}–{int(high) - 1}"


def smooth(shares: Sequence[float], width: float, one: Row) -> list[float]:
    """A kernel density of binned values: Gaussian, with Silverman's (1986) bandwidth."""
    spread = min(one["sd"], (one["q75"] - one["q25"]) / 1.349 or one["sd"]) or width
    bandwidth = max(0.9 * spread * one["known"] ** -0.2, width * 0.75)
    reach = range(len(shares))
    weights = [math.exp(-0.5 * (gap * width / bandwidth) ** 2) for gap in range(len(shares))]
    return [
        sum(weights[abs(i - j)] * shares[j] for j in reach) / sum(weights[abs(i - j)] for j in reach)
        for i in reach
    ]


def _title(feature: str, one: Row, bins: Sequence[Row]) -> str:
    median, what = one["median"], BY_NAME[feature].label
    if feature == "recency_days":
        return f"Half of the customers ordered within the last {median:,.0f} days"
    if feature == "tenure_days":
        return f"Half of the customers have been buying for {median:,.0f} days or more"
    if feature == "purchase_days":
        once = sum(line["share"] for line in bins if line["low"] <= 1)
        return f"{percent(once)} of the customers have ordered on one day only"
    if feature == "age":
        return f"Half of the customers are {median:.0f} or younger"
    if one["mean"] > 1.3 * median > 0:
        return f"{what}: a few large ones pull the mean to {one['mean'] / median:.1f} times the median"
    return f"{what}: the middle half lies between {number(one['q25'])} and {number(one['q75'])}"


def spans(found: Mapping[str, Row]) -> Block:
    """Box plots side by side: each measure in multiples of its median."""
    kept = [
        one
        for name in ("recency_days", "purchase_days", "orders_365d", "spend", "basket_365d", "mean_gap_days")
        if (one := found.get(name)) and one["known"] >= FEWEST and one["median"] and one["q25"]
    ]
    if not kept:
        return NotEnough("spans", "How far customers differ", "fewer than 30 customers with a value")
    furthest = max(kept, key=lambda one: one["q95"] / one["median"])
    names = [label(shown(one["feature"])) for one in kept]
    box = {
        "type": "box",
        "orientation": "h",
        "y": names,
        "q1": [one["q25"] / one["median"] for one in kept],
        "median": [1.0 for _ in kept],
        "q3": [one["q75"] / one["median"] for one in kept],
        "lowerfence": [max(one["minimum"], one["q25"] / 4) / one["median"] for one in kept],
        "upperfence": [one["q95"] / one["median"] for one in kept],
        "marker": {"color": BLUE},
        "fillcolor": "#cfe3f2",
    }
    return Chart(
        "spans",
        f"{BY_NAME[furthest['feature']].label}: 1 customer in 20 has over "
        f"{furthest['q95'] / furthest['median']:.0f} times the median",
        [box],
        axes("Multiple of the median (logarithmic)", "Measure", xaxis={"type": "log", "dtick": "D2"}),
        ("explore/distributions",),
        f"n = {kept[0]['customers']:,} customers; box: middle half, right whisker: 95 % quantile",
        height=340,
    )


def shapes(found: Sequence[Row]) -> Block:
    """Skew, tails and outliers of every measure, and the decision."""
    known = [one for one in found if one["skewness"] is not None]
    if not known:
        return NotEnough("shapes", "Skew and outliers", "no measure with two different values")
    normal = sum(abs(one["skewness"]) < 0.5 and abs(one["kurtosis"]) < 1 for one in known)
    change = sum(one["decision"] == "transform" for one in known)

    def cell(value: float | None, form: str = ".1f") -> str:
        return "–" if value is None else format(value, form)

    def share(value: float | None) -> str:
        return "–" if value is None else percent(value)

    lines = [
        [
            f"{one['label']} ({one['unit']})",
            cell(one["median"], ".3g"),
            cell(one["mean"], ".3g"),
            cell(one["skewness"]),
            cell(one["kurtosis"]),
            share(one["outliers_iqr"]),
            share(one["outliers_z"]),
            share(one["outliers_robust"]),
            f"{one['decision']}: {one['reason']}",
        ]
        for one in known
    ]
    headings = (
        "Measure",
        "Median",
        "Mean",
        "Skewness",
        "Kurtosis",
        "Far out: IQR",
        "z",
        "Robust",
        "Decision for models",
    )
    return Grid(
        "shapes",
        f"{normal or 'None'} of {len(known)} measures look{'s' if normal < 2 else ''} normal; "
        f"{change} are better seen in logarithms",
        headings,
        lines,
        ("explore/distributions",),
        f"n = {known[0]['customers']:,} customers; normal: skewness under 0.5 and kurtosis under 1 in size",
        "Far out: beyond 1.5 interquartile ranges, 3 standard deviations, 3.5 robust deviations (MAD).",
    )


def concentration(lines: Sequence[Row]) -> Block:
    """The share of the year's spend against the share of its customers, best first."""
    if not lines or lines[-1]["customers"] < FEWEST:
        return NotEnough(
            "concentration", "How much the best bring", "fewer than 30 customers in the last 365 days"
        )
    ordered = sorted(lines, key=lambda line: line["top_percent"])
    half = next(line["top_percent"] for line in ordered if line["share_of_spend"] >= 0.5)
    curve = {
        "type": "scatter",
        "mode": "lines",
        "name": "customers, best first",
        "x": [0, *(line["top_percent"] for line in ordered)],
        "y": [0, *(100 * line["share_of_spend"] for line in ordered)],
        "line": {"color": BLUE, "width": 3},
    }
    equal = {
        "type": "scatter",
        "mode": "lines",
        "name": "if all spent the same",
        "x": [0, 100],
        "y": [0, 100],
        "line": {"color": GREY, "dash": "dash"},
    }
    return Chart(
        "concentration",
        f"The best {half} % of the customers bring half of the year’s spend",
        [curve, equal],
        axes("Customers, best first (%)", "Spend, last 365 days (%)", showlegend=True),
        ("explore/concentration",),
        f"n = {ordered[-1]['customers']:,} customers with an order in the last 365 days",
        height=360,
    )

"""Pictures of customers: one measure at a time, two, and several."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.explore.charts import (
    LESS_AND_MORE,
    MORE_IS_DARKER,
    SYMBOLS,
    TIERS,
    Block,
    Chart,
    Grid,
    NotEnough,
    axes,
    axis,
    interval,
    label,
)
from hm_assets.explore.measures import BY_NAME
from hm_assets.explore.questions import number, percent
from hm_assets.explore.relations import AGE_BANDS, PAIRED, UNKNOWN
from hm_assets.warehouse.pictures import BLUE, GREY, VERMILION

Row = Mapping[str, Any]
FEWEST = 30
SHORT = {
    "recency_days": "Recency",
    "tenure_days": "Tenure",
    "purchase_days": "Frequency",
    "items_365d": "Units, year",
    "spend_365d": "Spend, year",
    "basket_365d": "Order value",
    "discount_365d": "Discount",
    "online_share_365d": "Online share",
    "section_entropy": "Breadth",
    "age": "Age",
    "spend": "Spend",
    "orders_365d": "Orders, year",
}


def shown(feature: str) -> str:
    """A measure in few words."""
    return SHORT.get(feature, BY_NAME[feature].label)


def histogram(feature: str, found: Mapping[str, Row], bins: Sequence[Row]) -> Block:
    """A measure's distribution over all customers, with a smooth line where the bins are of one width."""
    one, mine = found.get(feature), sorted(
        (line for line in bins if line["feature"] == feature), key=lambda line: line["bin"]
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
    median = one["median"]
    if feature == "recency_days":
        return f"Half of the customers ordered within the last {median:,.0f} days"
    if feature == "tenure_days":
        return f"Half of the customers have been buying for {median:,.0f} days or more"
    if feature == "purchase_days":
        once = sum(line["share"] for line in bins if line["low"] <= 1)
        return f"{percent(once)} of the customers have ordered on one day only"
    if feature == "age":
        return f"Half of the customers are {median:.0f} or younger, the middle half {one['q25']:.0f} to {one['q75']:.0f}"
    if one["mean"] > 1.3 * median > 0:
        return f"{BY_NAME[feature].label}: a few large ones pull the mean to {one['mean'] / median:.1f} times the median"
    return f"{BY_NAME[feature].label}: the median is {number(median)}, the middle half {number(one['q25'])} to {number(one['q75'])}"


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
        f"{BY_NAME[furthest['feature']].label}: 1 customer in 20 has over {furthest['q95'] / furthest['median']:.0f} times the median",
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
    headings = ("Measure", "Median", "Mean", "Skewness", "Kurtosis", "Far out: IQR", "z", "Robust", "Decision for models")
    return Grid(
        "shapes",
        f"{normal} of {len(known)} measures look normal; {change} are better looked at in logarithms",
        headings,
        lines,
        ("explore/distributions",),
        f"n = {known[0]['customers']:,} customers; normal: skewness under 0.5 and kurtosis under 1 in size",
        "Far out: beyond 1.5 interquartile ranges, 3 standard deviations, 3.5 robust deviations (MAD).",
    )


def correlations(pairs: Sequence[Row]) -> Block:
    """Rank correlations of ten measures."""
    known = [line for line in pairs if line["spearman"] is not None]
    if not known or known[0]["customers"] < FEWEST:
        return NotEnough("correlations", "What goes together", "fewer than 30 customers with all measures known")
    by_pair = {(line["measure_a"], line["measure_b"]): line["spearman"] for line in known}
    by_pair |= {(b, a): rho for (a, b), rho in by_pair.items()}
    z = [[1.0 if a == b else by_pair.get((a, b)) for b in PAIRED] for a in PAIRED]
    names = [label(shown(name), 12) for name in PAIRED]
    top = max(known, key=lambda line: abs(line["spearman"]))
    bent = sum(line["form"] == "monotone, not linear" for line in known)
    flat = sum(line["form"] == "none" for line in known)
    span = f" ({top['low']:.2f} to {top['high']:.2f})" if top["low"] is not None else ""
    return Chart(
        "correlations",
        f"{shown(top['measure_a'])} and {shown(top['measure_b']).lower()} go together most closely: "
        f"rank correlation {top['spearman']:.2f}{span}",
        [
            {
                "type": "heatmap",
                "x": names,
                "y": names,
                "z": z,
                "zmin": -1,
                "zmax": 1,
                "colorscale": LESS_AND_MORE,
                "text": [["" if v is None else f"{v:.1f}".replace("-0.0", "0.0") for v in line] for line in z],
                "texttemplate": "%{text}",
                "textfont": {"size": 11},
                "hovertemplate": "%{x} and %{y}: %{z:.2f}<extra></extra>",
                "colorbar": {"title": {"text": "rho"}, "thickness": 12},
            }
        ],
        axes("Measure", "Measure", xaxis={"tickangle": -45}, yaxis={"autorange": "reversed"}),
        ("explore/correlations",),
        f"n = {top['customers']:,} customers with an order in the last 365 days and all measures known",
        f"Of {len(known)} pairs {flat} do not go together (under 0.1), {bent} do but not in a straight line; "
        "for those Pearson’s r says too little.",
        520,
    )


def by_age(groups: Sequence[Row]) -> Block:
    """Mean spend of the year by age band, with intervals."""
    mine = [g for g in groups if g["grouping"] == "age_band" and g["group"] != UNKNOWN and g["customers"] >= 10]
    if len(mine) < 2:
        return NotEnough("spend_by_age", "Spend by age", "fewer than two age bands with ten customers")
    order = [f"{low}–{high}" for low, high in AGE_BANDS]
    mine.sort(key=lambda g: order.index(g["group"]))
    top = max(mine, key=lambda g: g["spend_365d"])
    others = max((g["spend_high"] or 0.0 for g in mine if g is not top), default=0.0)
    clear = top["spend_low"] is not None and top["spend_low"] > others
    title = (
        f"Customers aged {top['group']} spend most in a year"
        if clear
        else f"No age clearly spends most: those aged {top['group']} lead, but the intervals overlap"
    )
    values = [g["spend_365d"] for g in mine]
    bars = {
        "type": "bar",
        "x": [f"{g['group']}" for g in mine],
        "y": values,
        "marker": {"color": BLUE},
        "error_y": interval(values, [g["spend_low"] for g in mine], [g["spend_high"] for g in mine]),
        "customdata": [g["customers"] for g in mine],
        "hovertemplate": "%{x} years: %{y:.3f}, %{customdata:,} customers<extra></extra>",
    }
    counted = sum(g["customers"] for g in mine)
    return Chart(
        "spend_by_age",
        title,
        [bars],
        axes("Age (years)", "Mean spend, last 365 days<br>(price index)", xaxis={"type": "category"}),
        ("explore/groups",),
        f"n = {counted:,} customers of known age; bars: 95 % intervals",
        height=340,
    )


def by_group(groups: Sequence[Row]) -> Block:
    """Mean orders of the year by club status, news and channel."""
    kinds = {"club_member_status": "Club", "fashion_news": "News", "channel": "Channel"}
    mine = [
        g
        for g in groups
        if g["grouping"] in kinds and g["customers"] >= 10 and g["orders_low"] is not None and g["orders_365d"] > 0
    ]
    if len(mine) < 2:
        return NotEnough("orders_by_group", "Orders by group", "fewer than two groups with ten customers")
    top = max(mine, key=lambda g: g["orders_365d"])
    values = [g["orders_365d"] for g in mine]
    points = {
        "type": "scatter",
        "mode": "markers",
        "y": [label(f"{kinds[g['grouping']]}: {g['group']}", 16) for g in mine],
        "x": values,
        "marker": {"color": BLUE, "size": 10},
        "error_x": interval(values, [g["orders_low"] for g in mine], [g["orders_high"] for g in mine]),
        "customdata": [g["customers"] for g in mine],
        "hovertemplate": "%{y}: %{x:.2f}, %{customdata:,} customers<extra></extra>",
    }
    return Chart(
        "orders_by_group",
        f"{kinds[top['grouping']]} “{top['group']}” orders most often: {top['orders_365d']:.1f} orders a year",
        [points],
        axes(
            "Mean orders, last 365 days (orders)",
            "Group",
            xaxis={"rangemode": "tozero"},
            yaxis={"autorange": "reversed"},
        ),
        ("explore/groups",),
        "n = all customers with a purchase; lines: 95 % intervals. Each grouping splits the same customers",
        height=380,
    )


def points(sample: Sequence[Row], x: str, y: str, rho: float | None) -> Block:
    """Two measures of the sampled customers."""
    name = f"points_{x}_{y}"
    if len(sample) < FEWEST:
        return NotEnough(name, f"{shown(x)} and {shown(y)}", "fewer than 30 customers")
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": tier,
            "x": [max(p[x], 0.5) if x == "recency_days" else p[x] for p in mine],
            "y": [p[y] for p in mine],
            "marker": {"color": TIERS[tier], "symbol": symbol, "size": 6, "opacity": 0.65},
        }
        for tier, symbol in zip(TIERS, SYMBOLS, strict=False)
        if (mine := [p for p in sample if p["value_tier"] == tier])
    ]
    how = "" if rho is None else f" (rank correlation {rho:.2f})"
    direction = "less" if (rho or 0) < 0 else "more"
    words = {
        "recency_days": f"The longer ago the last order, the {direction} often customers have ordered{how}",
        "purchase_days": f"The more often customers order, the {direction} they have spent{how}",
    }
    if rho is not None and abs(rho) < 0.1:
        words[x] = f"{shown(x)} and {shown(y).lower()} hardly go together{how}"
    return Chart(
        name,
        words[x],
        traces,
        axes(
            f"{BY_NAME[x].label}<br>({BY_NAME[x].unit}, logarithmic)",
            f"{shown(y)} ({BY_NAME[y].unit}, logarithmic)",
            xaxis={"type": "log", "dtick": 1},
            yaxis={"type": "log", "dtick": 1},
            showlegend=True,
        ),
        ("explore/sample", "explore/correlations"),
        f"a sample of n = {len(sample):,} customers, by value tier; the correlation is that of the customers with an "
        "order in the last 365 days, not of the sample",
        height=400,
    )


def grid(cells: Sequence[Row]) -> Block:
    """Customers by recency and frequency score."""
    total = sum(cell["customers"] for cell in cells)
    if total < FEWEST:
        return NotEnough("rfm_grid", "Recency and frequency scores", "fewer than 30 customers")
    by_place = {(cell["recency_score"], cell["frequency_score"]): cell for cell in cells}
    places = [[by_place.get((r, f)) for r in range(1, 6)] for f in range(1, 6)]
    best = by_place.get((5, 5))
    share = best["customers"] / total if best else 0.0
    return Chart(
        "rfm_grid",
        f"{percent(share)} of the customers score highest in both recency and frequency",
        [
            {
                "type": "heatmap",
                "x": [1, 2, 3, 4, 5],
                "y": [1, 2, 3, 4, 5],
                "z": [[100 * cell["customers"] / total if cell else None for cell in line] for line in places],
                "text": [
                    [
                        f"{percent(cell['customers'] / total)}<br>spend {number(cell['spend'])}" if cell else ""
                        for cell in line
                    ]
                    for line in places
                ],
                "texttemplate": "%{text}",
                "textfont": {"size": 11},
                "hovertemplate": "recency %{x}, frequency %{y}: %{text}<extra></extra>",
                "colorscale": MORE_IS_DARKER,
                "zmin": 0,
                "colorbar": {"title": {"text": "%"}, "thickness": 12},
                "xgap": 2,
                "ygap": 2,
            }
        ],
        axes("Recency score (5 = most recent)", "Frequency score (5 = most often)", xaxis={"dtick": 1}, yaxis={"dtick": 1}),
        ("explore/rfm_grid",),
        f"n = {total:,} customers, all of them; spend: mean so far, price index",
        "Equal behaviour gives an equal score, so scores between may stay empty.",
        420,
    )


def cube(sample: Sequence[Row]) -> Block:
    """Recency, frequency and spend of the sampled customers."""
    if len(sample) < FEWEST:
        return NotEnough("cube", "Recency, frequency and spend at once", "fewer than 30 customers")
    traces = [
        {
            "type": "scatter3d",
            "mode": "markers",
            "name": tier,
            "x": [p["recency_days"] for p in mine],
            "y": [p["purchase_days"] for p in mine],
            "z": [p["spend"] for p in mine],
            "marker": {"color": TIERS[tier], "symbol": symbol, "size": 3, "opacity": 0.7},
            "hovertemplate": "%{x} days ago, %{y} days with an order, spend %{z:.3f}<extra></extra>",
        }
        for tier, symbol in zip(TIERS, ("circle", "square", "diamond", "cross"), strict=True)
        if (mine := [p for p in sample if p["value_tier"] == tier])
    ]
    title = {"recency_days": "Recency (days)", "purchase_days": "Frequency (days, log)", "spend": "Spend (index, log)"}
    late = [p["recency_days"] for p in sample if p["value_tier"] == "premium"]
    recent = sum(days < 90 for days in late) / len(late) if late else 0.0
    return Chart(
        "cube",
        f"{percent(recent)} of the premium customers ordered within 90 days: value and recency go together"
        if recent > 0.5
        else "The tiers overlap in recency and frequency: value alone does not tell who is active",
        traces,
        {
            "scene": {
                "xaxis": {"title": {"text": title["recency_days"]}, "gridcolor": "#c3cad2"},
                "yaxis": {"title": {"text": title["purchase_days"]}, "type": "log", "dtick": 1, "gridcolor": "#c3cad2"},
                "zaxis": {"title": {"text": title["spend"]}, "type": "log", "dtick": 1, "gridcolor": "#c3cad2"},
                "camera": {"eye": {"x": 1.7, "y": 1.5, "z": 0.8}},
                "aspectmode": "cube",
            },
            "showlegend": True,
            "margin": {"l": 0, "r": 0, "t": 16, "b": 0},
        },
        ("explore/sample",),
        f"a sample of n = {len(sample):,} customers by value tier; drag to turn",
        height=520,
    )


def parallel(sample: Sequence[Row]) -> Block:
    """Medians of the tiers over several measures, as percentiles of the sample, with single customers behind them."""
    names = ("recency_days", "tenure_days", "purchase_days", "spend_365d", "online_share_365d", "section_entropy")
    known = [p for p in sample if all(p[name] is not None for name in names)]
    if len(known) < FEWEST:
        return NotEnough("parallel", "Several measures at once", "fewer than 30 customers with all measures known")
    places = {name: _percentiles([p[name] for p in known]) for name in names}
    ticks = [label(shown(name), 10) for name in names]
    lines: list[dict[str, Any]] = []
    medians: list[dict[str, Any]] = []
    breadth: dict[str, float] = {}
    for tier, dash in zip(TIERS, ("dot", "dashdot", "dash", "solid"), strict=True):
        mine = [i for i, p in enumerate(known) if p["value_tier"] == tier]
        if not mine:
            continue
        for i in mine[:15]:
            lines.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": ticks,
                    "y": [places[name][i] for name in names],
                    "line": {"color": TIERS[tier], "width": 1},
                    "opacity": 0.22,
                    "hoverinfo": "skip",
                    "showlegend": False,
                }
            )
        middle = [sorted(places[name][i] for i in mine)[len(mine) // 2] for name in names]
        breadth[tier] = middle[-1]
        medians.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": tier,
                "x": ticks,
                "y": middle,
                "line": {"color": TIERS[tier], "width": 4, "dash": dash},
            }
        )
    gap = breadth.get("premium", 0) - breadth.get("low", 0)
    return Chart(
        "parallel",
        "Those who spend most also buy most broadly and most recently"
        if gap > 20
        else "The value tiers differ in spend, and little in how broadly they buy",
        lines + medians,
        axes("Measure", "Percentile within the sample", showlegend=True),
        ("explore/sample",),
        f"a sample of n = {len(known):,} customers with all measures known; thick: median of a value tier, thin: 15 "
        "customers of each",
        height=400,
    )


def _percentiles(values: Sequence[float]) -> list[float]:
    """Mid-rank percentiles, so that equals share a place."""
    ordered = sorted(values)
    from bisect import bisect_left, bisect_right

    return [50 * (bisect_left(ordered, v) + bisect_right(ordered, v)) / len(ordered) for v in values]


def concentration(lines: Sequence[Row]) -> Block:
    """The share of the year's spend against the share of its customers, best first."""
    if not lines or lines[-1]["customers"] < FEWEST:
        return NotEnough("concentration", "How much the best bring", "fewer than 30 customers in the last 365 days")
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

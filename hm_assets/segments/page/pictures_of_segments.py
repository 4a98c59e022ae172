"""Pictures of the champion's segments: sizes, what they are like, where they lie, and how clearly."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from hm_assets.explore.words import number, percent
from hm_assets.segments.fitting import LARGEST_SHARE, SMALLEST_SHARE
from hm_assets.segments.lab.scorecard import RULE_COLUMNS
from hm_assets.segments.page.pictured import Pictured
from hm_assets.segments.people import price_per_item
from hm_assets.segments.space import Floats, Kind, Space, numbers
from hm_assets.warehouse.charts import LESS_AND_MORE, SERIES, Block, Chart, NotEnough, axes, label
from hm_assets.warehouse.pictures import BLUE, VERMILION

CHAMPION = ("segments/champion", "features/customer_features")
COLOURS = SERIES[:-1]
FEWEST = 10
MEASURES: Mapping[str, tuple[str, Kind]] = {
    "recency_days": ("Days since last purchase", "count"),
    "purchase_days": ("Days with a purchase", "count"),
    "spend": ("Spend so far", "money"),
    "items": ("Items so far", "count"),
    "tenure_days": ("Days since first purchase", "count"),
    "orders_90d": ("Orders, 90 days", "count"),
    "orders_365d": ("Orders, 365 days", "count"),
    "spend_365d": ("Spend, 365 days", "money"),
    "usual_gap_days": ("Usual days between orders", "count"),
    "online_share_365d": ("Share online, 365 days", "number"),
}


def sizes(people: Pictured) -> Block:
    """How many customers each segment holds, with the limits of 5 and 60 %."""
    total = sum(people.sizes.values())
    if not total:
        return NotEnough("sizes", "Sizes", "there is no customer with a purchase")
    ids = list(people.champion.ids)
    shares = {i: people.sizes.get(i, 0) / total for i in ids}
    least, most = min(ids, key=lambda i: (shares[i], i)), max(ids, key=lambda i: (shares[i], -i))
    kept = shares[least] >= SMALLEST_SHARE and shares[most] <= LARGEST_SHARE
    lines = [
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": 100 * y,
            "y1": 100 * y,
            "line": {"color": VERMILION, "width": 1.5, "dash": "dash"},
        }
        for y in (SMALLEST_SHARE, LARGEST_SHARE)
    ]
    notes = [
        {
            "xref": "paper",
            "x": 1.01,
            "xanchor": "left",
            "y": 100 * y,
            "showarrow": False,
            "text": text,
            "font": {"color": VERMILION, "size": 12},
        }
        for y, text in ((SMALLEST_SHARE, "at least<br>5 %"), (LARGEST_SHARE, "at most<br>60 %"))
    ]
    return Chart(
        "sizes",
        f"Segment {most} is the largest with {percent(shares[most])}, segment {least} the smallest with "
        f"{percent(shares[least])}: the rule of 5 to 60 % is {'kept' if kept else 'broken'}",
        [
            {
                "type": "bar",
                "x": [str(i) for i in ids],
                "y": [100 * shares[i] for i in ids],
                "text": [percent(shares[i]) for i in ids],
                "textposition": "outside",
                "cliponaxis": False,
                "customdata": [f"{people.sizes.get(i, 0):,}" for i in ids],
                "hovertemplate": "segment %{x}: %{customdata} customers<extra></extra>",
                "marker": {"color": BLUE},
            }
        ],
        axes(
            "Segment",
            "Customers with purchases (%)",
            xaxis={"type": "category"},
            yaxis={"range": [0, max(66, 108 * shares[most])]},
            shapes=lines,
            annotations=notes,
            margin={"l": 60, "r": 70, "t": 16, "b": 50},
        ),
        CHAMPION,
        f"n = {total:,} customers, all with a purchase",
        "How to read it: every bar should end between the dashed lines.",
    )


def heat_map(people: Pictured) -> Block:
    """What segments are like: standardised means, with the median in its own unit."""
    found = profile(people)
    if found is None:
        return NotEnough(
            "heat_map", "What the segments are like", f"fewer than {FEWEST} customers, or all alike"
        )
    names, ids, means, medians = found
    row, column = np.unravel_index(np.nan_to_num(np.abs(means)).argmax(), means.shape)
    value = float(means[row, column])
    top = float(max(1.0, np.nanmax(np.abs(means))))
    return Chart(
        "heat_map",
        f"Segment {ids[row]} stands out the most: its “{MEASURES[names[column]][0].lower()}” lies {abs(value):.1f} "
        f"standard deviations {'above' if value > 0 else 'below'} the mean of all",
        [
            {
                "type": "heatmap",
                "x": [f"{i}" for i in ids],
                "y": [label(MEASURES[n][0], 26) for n in names],
                "z": [
                    [None if np.isnan(means[r, c]) else round(float(means[r, c]), 3) for r in range(len(ids))]
                    for c in range(len(names))
                ],
                "text": [
                    [
                        f"{_signed(float(means[r, c]))}<br>{_plain(float(medians[r, c]))}"
                        for r in range(len(ids))
                    ]
                    for c in range(len(names))
                ],
                "texttemplate": "%{text}",
                "textfont": {"size": 11},
                "hovertemplate": "segment %{x}, %{y}: %{text}<extra></extra>",
                "colorscale": LESS_AND_MORE,
                "zmin": -top,
                "zmax": top,
                "xgap": 2,
                "ygap": 2,
                "colorbar": {"title": {"text": "s.d."}, "thickness": 12},
            }
        ],
        axes(
            "Segment",
            "Measure",
            xaxis={"type": "category"},
            yaxis={"autorange": "reversed", "type": "category"},
        ),
        CHAMPION,
        f"n = {len(people.rows):,} customers; counts and money on a logarithmic scale",
        "How to read it: blue is above the mean of all customers, orange below, in standard deviations; beneath it the "
        "segment’s median in its own unit (spend: price index).",
        height=110 + 46 * len(names),
        wide=True,
    )


def profile(people: Pictured) -> tuple[list[str], list[int], Floats, Floats] | None:
    """Measures, ids, standardised means and medians (segments x measures; NaN: unknown); None where nothing differs."""
    rows = people.rows
    if len(rows) < FEWEST:
        return None
    known = {n: numbers(rows, n) for n in MEASURES if n in RULE_COLUMNS}
    names = [n for n, values in known.items() if not np.isnan(values).all()]
    space = Space.fit("profile", {n: MEASURES[n][1] for n in names}, rows, price_per_item(rows))
    points = space.transform(rows)
    ids = [i for i in people.champion.ids if (people.segments == i).any()]
    # The space fills what is unknown, so that everybody has a place; a mean of the known says more here.
    points[np.isnan(np.column_stack([known[n] for n in names]))] = np.nan
    means = np.array([[_of_known(column, np.mean) for column in points[people.segments == i].T] for i in ids])
    if not np.nan_to_num(np.abs(means)).max() > 1e-9:
        return None
    medians = np.array([[_of_known(known[n][people.segments == i], np.median) for n in names] for i in ids])
    return names, ids, means, medians


def _of_known(values: Floats, figure: Callable[[Floats], Any]) -> float:
    known = values[~np.isnan(values)]
    return float(figure(known)) if len(known) else math.nan


def _signed(value: float) -> str:
    if math.isnan(value):
        return "–"
    return "0.0" if abs(value) < 0.05 else f"{value:+.1f}"


def _plain(value: float) -> str:
    if math.isnan(value):
        return "unknown"
    return f"{value:,.0f}" if abs(value) >= 10 or value == round(value) else number(value)

"""Pictures of the champion's segments: sizes, what they are like, where they lie, and how clearly."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from hm_assets.explore.words import number, percent
from hm_assets.segments import quality, verdict
from hm_assets.segments.called import Row, candidate
from hm_assets.segments.entries import LARGEST_SHARE, SMALLEST_SHARE
from hm_assets.segments.people import price_per_item
from hm_assets.segments.pictured import Pictured, principal
from hm_assets.segments.scorecard import RULE_COLUMNS
from hm_assets.segments.space import Floats, Ints, Kind, Space, numbers
from hm_assets.warehouse.charts import LESS_AND_MORE, SERIES, SYMBOLS, Block, Chart, NotEnough, axes, label
from hm_assets.warehouse.pictures import BLUE, GREY, VERMILION

CHAMPION = ("segments/champion", "features/customer_features")
COLOURS = SERIES[:-1]
SYMBOLS_3D = ("circle", "square", "diamond", "cross", "circle-open", "square-open", "diamond-open", "x")
FEWEST = 10
MOST_IN_3D = 800
CAMERA = {"eye": {"x": 1.5, "y": 1.4, "z": 0.7}, "center": {"x": 0, "y": 0, "z": -0.15}}
LESS_THAN = "the customers differ along fewer than {} directions, or there are fewer than 10"
REFERENCES = ("kmeans 4 rfm", "kmeans 5 rfm")
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
        "segment's median in its own unit (spend: price index).",
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


def plane(people: Pictured) -> Block:
    """The customers along the two widest directions, with centroids."""
    found = _components(people, 2)
    if found is None:
        return NotEnough("pca_2d", "Customers in two dimensions", LESS_THAN.format("two"))
    places, shares, words = found
    data: list[dict[str, Any]] = []
    centroids = []
    for n, i in enumerate(people.champion.ids):
        mine = places[people.segments == i]
        if not len(mine):
            continue
        centroids.append((i, mine.mean(axis=0)))
        marker = {
            "color": COLOURS[n % len(COLOURS)],
            "symbol": SYMBOLS[n % len(SYMBOLS)],
            "size": 5,
            "opacity": 0.55,
        }
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": f"segment {i}",
                "x": _short(mine[:, 0]),
                "y": _short(mine[:, 1]),
                "marker": marker,
                "hoverinfo": "name",
            }
        )
    data.append(
        {
            "type": "scatter",
            "mode": "markers+text",
            "name": "centroids",
            "x": _short(np.array([c[0] for _, c in centroids])),
            "y": _short(np.array([c[1] for _, c in centroids])),
            "text": [f"<b>{i}</b>" for i, _ in centroids],
            "textfont": {"size": 13, "color": "#000000"},
            "marker": {
                "size": 22,
                "color": "rgba(255,255,255,0.88)",
                "line": {"color": "#000000", "width": 1.5},
            },
            "hoverinfo": "text",
        }
    )
    lost = _elsewhere(places, people.segments)
    return Chart(
        "pca_2d",
        f"Two directions hold {percent(float(shares.sum()))} of the differences; seen along them {percent(lost)} of "
        "the customers lie nearer to another segment’s centroid than to their own",
        data,
        axes(_direction(1, shares[0]), _direction(2, shares[1]), showlegend=True),
        CHAMPION,
        f"n = {len(places):,} customers in the space {people.champion.space.name}",
        f"How to read it: circles with a number are centroids. {words}",
        height=520,
        wide=True,
    )


def cube(people: Pictured) -> Block:
    """The customers along the three widest directions, to turn."""
    found = _components(people, 3)
    if found is None:
        return NotEnough("pca_3d", "Customers in three dimensions", LESS_THAN.format("three"))
    places, shares, words = found
    step = max(1, -(-len(places) // MOST_IN_3D))
    shown, segments = places[::step], people.segments[::step]
    data = []
    for n, i in enumerate(people.champion.ids):
        mine = shown[segments == i]
        if len(mine):
            marker = {
                "color": COLOURS[n % len(COLOURS)],
                "symbol": SYMBOLS_3D[n % len(SYMBOLS_3D)],
                "size": 3,
                "opacity": 0.75,
            }
            data.append(
                {
                    "type": "scatter3d",
                    "mode": "markers",
                    "name": f"segment {i}",
                    **{axis: _short(mine[:, d]) for d, axis in enumerate("xyz")},
                    "marker": marker,
                    "hoverinfo": "name",
                }
            )
    lost = _elsewhere(places, people.segments)
    scene = {
        f"{axis}axis": {
            "title": {"text": f"Direction {d + 1} ({percent(float(shares[d]))})"},
            "gridcolor": "#c3cad2",
        }
        for d, axis in enumerate("xyz")
    }
    return Chart(
        "pca_3d",
        f"In three dimensions, {percent(float(shares.sum()))} of the differences, {percent(lost)} of the customers lie "
        "nearer to another segment’s centroid than to their own",
        data,
        {
            "scene": {
                **scene,
                "camera": {"eye": {"x": 1.5, "y": 1.4, "z": 0.7}, "center": {"x": 0, "y": 0, "z": -0.15}},
                "aspectmode": "cube",
            },
            "showlegend": True,
            "margin": {"l": 0, "r": 0, "t": 16, "b": 0},
        },
        CHAMPION,
        f"n = {len(shown):,} customers in the space {people.champion.space.name}",
        "How to read it: drag to turn; a segment that stays a cloud of its own from every side is clear. Percent: of "
        f"the variance. {words}",
        height=540,
        wide=True,
    )


def silhouettes(people: Pictured, rows: Sequence[Row]) -> list[Block]:
    """Silhouette plots of the champion, the runner-up, and k-means with four and five segments."""
    decision = people.champion.decision
    wanted = dict.fromkeys((decision["candidate"], decision["runner_up"], *REFERENCES))
    found: list[Block] = []
    for position, name in enumerate(wanted):
        row = verdict.of(rows, name)
        if row is None or row.get("model") is None:
            continue
        points, labels = people.points, people.segments
        if name != decision["candidate"]:
            points, labels = people.placed(row)
            labels = labels + 1
        found.append(_silhouette(f"silhouette_{position}", row, points, labels, people.seed))
    return found


def _silhouette(name: str, row: Row, points: Floats, labels: Ints, seed: int) -> Block:
    own, values = quality.silhouette_values(points, labels, seed, rows=1_000)
    words = candidate(row)
    if not len(values):
        return NotEnough(name, f"Silhouette plot of {words}", "a silhouette takes two segments")
    data, top, ticks = [], 0, []
    ids = np.unique(own)
    gap = max(2, len(values) // 60)
    for n, i in enumerate(ids):
        mine = values[own == i]
        y = np.arange(top, top + len(mine))
        ticks.append((float(y.mean()), f"{i}"))
        colour = COLOURS[n % len(COLOURS)]
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "fill": "tozerox",
                "name": f"segment {i}",
                "x": [0, *_short(mine), 0],
                "y": [int(y[0]), *y.tolist(), int(y[-1])],
                "line": {"width": 0.5, "color": colour},
                "fillcolor": colour,
                "hoverinfo": "name+x",
            }
        )
        top += len(mine) + gap
    mean, worst = float(values.mean()), float((values < 0).mean())
    return Chart(
        name,
        f"{words}: mean silhouette {mean:.2f}, and {percent(worst)} of the customers lie nearer to another segment",
        data,
        axes(
            "Silhouette (-1 to 1)",
            "Customers, by segment",
            xaxis={
                "range": [min(-0.3, float(values.min()) - 0.02), 1],
                "zeroline": True,
                "zerolinecolor": GREY,
            },
            yaxis={
                "tickvals": [t for t, _ in ticks],
                "ticktext": [t for _, t in ticks],
                "range": [top, -gap],
                "showgrid": False,
            },
            shapes=[
                {
                    "type": "line",
                    "yref": "paper",
                    "y0": 0,
                    "y1": 1,
                    "x0": mean,
                    "x1": mean,
                    "line": {"color": VERMILION, "dash": "dash", "width": 1.5},
                }
            ],
        ),
        ("segments/candidates", "features/customer_features"),
        f"n = {len(values):,} customers, each segment with its share; in the space {row['space']}",
        "How to read it: each segment's customers from the clearest down. Blades that end beyond the dashed mean are "
        "clear segments; parts left of 0 are customers who fit another one better.",
    )


def _components(people: Pictured, wanted: int) -> tuple[Floats, Floats, str] | None:
    if len(people.rows) < FEWEST:
        return None
    places, shares, directions = principal(people.points, wanted)
    if len(shares) < wanted:
        return None
    return places, shares, " ".join(_loadings(people, d, directions[d]) for d in range(wanted))


def _loadings(people: Pictured, d: int, direction: Floats) -> str:
    coordinates = people.champion.space.coordinates
    strongest = sorted(range(len(direction)), key=lambda i: (-abs(direction[i]), i))[:3]
    parts = []
    for i in strongest:
        if abs(direction[i]) > 0.3:
            of = coordinates[i]
            parts.append(
                f"{'more' if direction[i] > 0 else 'less'} {of.column}{'' if of.level is None else f' {of.level}'}"
            )
    return f"Direction {d + 1}: {', '.join(parts) or 'a little of many columns'}."


def _direction(d: int, share: float) -> str:
    return f"Direction {d} ({percent(float(share))} of the variance)"


def _elsewhere(places: Floats, segments: Ints) -> float:
    """Share of the points whose nearest centroid is not that of their own segment."""
    ids = np.unique(segments)
    centroids = np.array([places[segments == i].mean(axis=0) for i in ids])
    distances = ((places[:, None] - centroids[None]) ** 2).sum(axis=2)
    return float((ids[distances.argmin(axis=1)] != segments).mean())


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


def _short(values: Floats) -> list[float]:
    """Three places are more than a screen shows."""
    return [float(v) for v in np.round(values, 3)]

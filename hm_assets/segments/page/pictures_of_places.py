"""Pictures of where the customers lie: principal components with centroids, and silhouette plots."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hm_assets.explore.words import percent
from hm_assets.segments.measures import quality
from hm_assets.segments.page import verdict
from hm_assets.segments.page.called import Row, candidate
from hm_assets.segments.page.pictured import Pictured, principal, rounded
from hm_assets.segments.page.pictures_of_segments import CHAMPION, COLOURS, FEWEST, MEASURES
from hm_assets.segments.space import Floats, Ints
from hm_assets.warehouse.charts import SYMBOLS, Block, Chart, NotEnough, axes
from hm_assets.warehouse.pictures import GREY, VERMILION

SYMBOLS_3D = ("circle", "square", "diamond", "cross", "circle-open", "square-open", "diamond-open", "x")
MOST_IN_3D = 800
LESS_THAN = "the customers differ along fewer than {} directions, or there are fewer than 10"
REFERENCES = ("kmeans 4 rfm", "kmeans 5 rfm")


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
                "x": rounded(mine[:, 0]),
                "y": rounded(mine[:, 1]),
                "marker": marker,
                "hoverinfo": "name",
            }
        )
    data.append(
        {
            "type": "scatter",
            "mode": "markers+text",
            "name": "centroids",
            "x": rounded(np.array([c[0] for _, c in centroids])),
            "y": rounded(np.array([c[1] for _, c in centroids])),
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
                    **{axis: rounded(mine[:, d]) for d, axis in enumerate("xyz")},
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
        narrow={
            "scene.camera.eye": {"x": 1.9, "y": 1.75, "z": 0.9},
            **{f"scene.{axis}axis.showticklabels": False for axis in "xyz"},
            **{
                f"scene.{axis}axis.title.text": f"{d + 1} ({percent(float(shares[d]))})"
                for d, axis in enumerate("xyz")
            },
        },
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
                "x": [0, *rounded(mine), 0],
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
        "How to read it: each segment’s customers from the clearest down. Blades that end beyond the dashed mean are "
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
            level = "" if of.level is None else f" {of.level}"
            parts.append(f"{'more' if direction[i] > 0 else 'less'} {_named(of.column)}{level}")
    return f"Direction {d + 1}: {', '.join(parts) or 'a little of many columns'}."


def _named(column: str) -> str:
    """A column as people say it."""
    return MEASURES[column][0].lower() if column in MEASURES else column.replace("_", " ")


def _direction(d: int, share: float) -> str:
    return f"Direction {d} ({percent(float(share))} of the variance)"


def _elsewhere(places: Floats, segments: Ints) -> float:
    """Share of the points whose nearest centroid is not that of their own segment."""
    ids = np.unique(segments)
    centroids = np.array([places[segments == i].mean(axis=0) for i in ids])
    distances = ((places[:, None] - centroids[None]) ** 2).sum(axis=2)
    return float((ids[distances.argmin(axis=1)] != segments).mean())

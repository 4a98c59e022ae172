"""Pictures of crowds: Ward's tree, the k-distance curve, DBSCAN's grid, and who is left out as noise."""

import math
from typing import Any

import numpy as np

from hm_assets.explore.words import percent
from hm_assets.segments.algorithms import density
from hm_assets.segments.algorithms.hierarchical import ward_linkage
from hm_assets.segments.fitting import NOISE, CannotFit, Data
from hm_assets.segments.page.pictured import Pictured, principal, rounded
from hm_assets.segments.page.pictures_of_segments import COLOURS
from hm_assets.segments.space import Floats, Ints
from hm_assets.warehouse.charts import INK, MORE_IS_DARKER, SYMBOLS, Block, Chart, NotEnough, axes
from hm_assets.warehouse.pictures import BLUE, GREY, VERMILION

SOURCE = ("features/customer_features",)
FEWEST = 20
LEAVES = 30
CUTS = range(2, 11)


def dendrogram(people: Pictured) -> Block:
    """Ward's tree, its last merges only."""
    points = people.few
    if not _enough(points):
        return NotEnough("dendrogram", "Ward’s tree", _why(points))
    from scipy.cluster.hierarchy import dendrogram as drawn

    merges = ward_linkage(points)
    heights = merges[:, 2]
    tree = drawn(merges, p=LEAVES, truncate_mode="lastp", no_plot=True)
    # Cut into k where the next merge costs the most times the one before; the last merges are longest in any data.
    steps = {k: _times(heights[-(k - 1)], heights[-k]) for k in CUTS if k < len(heights)}
    k = max(sorted(steps), key=lambda k: steps[k])
    cut = float(heights[-(k - 1)] + heights[-k]) / 2
    xs: list[float | None] = []
    ys: list[float | None] = []
    for x, y in zip(tree["icoord"], tree["dcoord"], strict=True):
        xs += [*(float(v) for v in x), None]
        ys += [*(round(float(v), 4) for v in y), None]
    return Chart(
        "dendrogram",
        f"The largest step from one merge of Ward’s tree to the next, as a ratio, is at {k} groups: from "
        f"{heights[-k]:.1f} to {heights[-(k - 1)]:.1f}",
        [{"type": "scatter", "mode": "lines", "x": xs, "y": ys, "line": {"color": BLUE}, "hoverinfo": "y"}],
        axes(
            "Groups (number of customers in each)",
            "Height of the merge (Ward)",
            xaxis={
                "tickvals": [5.0 + 10 * i for i in range(len(tree["ivl"]))],
                "ticktext": [_members(leaf) for leaf in tree["ivl"]],
                "tickangle": -90,
                "tickfont": {"size": 10},
                "showgrid": False,
            },
            yaxis={"rangemode": "tozero"},
            shapes=[_across(cut)],
            annotations=[_note(1, cut, f"{k} groups")],
        ),
        SOURCE,
        f"n = {len(points):,} customers in the space rfm; the last {len(tree['ivl'])} branches",
        "How to read it: from below, the two most alike groups merge at each step. Where the next merge "
        "costs many times the one before, at the dashed line, there may be as many groups as the line crosses.",
        height=420,
        wide=True,
    )


def _times(height: float, before: float) -> float:
    """The one over the other; customers who are all alike merge at 0."""
    return float(height / before) if before > 0 else math.inf if height > 0 else 1.0


def k_distance(people: Pictured) -> Block:
    """The distance to the fifth neighbour of each customer, with its knee."""
    points = people.few
    if not _enough(points):
        return NotEnough("k_distance", "k-distance curve", _why(points))
    curve = density.k_distances(points)
    bend = density.knee(curve)
    beyond = float((curve > bend).mean())
    step = max(1, len(curve) // 400)
    shown = sorted({*range(0, len(curve), step), len(curve) - 1})
    return Chart(
        "k_distance",
        f"The k-distance curve bends at {bend:.2f}: {percent(beyond)} of the customers have their "
        f"{density.NEIGHBOURS}th neighbour farther away",
        [
            {
                "type": "scatter",
                "mode": "lines",
                "x": [i + 1 for i in shown],
                "y": [round(float(curve[i]), 4) for i in shown],
                "line": {"color": BLUE, "width": 2},
            }
        ],
        axes(
            "Customers, by distance",
            f"Distance to the {density.NEIGHBOURS}th neighbour",
            shapes=[_across(bend)],
            annotations=[_note(0, bend, f"knee: {bend:.2f}")],
        ),
        SOURCE,
        f"n = {len(points):,} customers in the space rfm",
        "How to read it: left of the bend lie the crowds, right of it the loners. The knee is a distance for DBSCAN.",
    )


def grid(people: Pictured) -> Block:
    """Every DBSCAN of the grid: clusters, noise, and silhouette without noise."""
    points = people.few
    if not _enough(points):
        return NotEnough("dbscan_grid", "DBSCAN’s grid", _why(points))
    cells = density.grid(points)
    distances = sorted({c.eps for c in cells})
    least = list(density.MIN_SAMPLES)
    at = {(c.eps, c.min_samples): c for c in cells}
    usable = [c for c in cells if c.reasonable]
    single = sum(c.clusters <= 1 for c in cells)
    names = [f"{e:g}" if e in density.DISTANCES else f"{e:.2f} (knee)" for e in distances]
    rows = [[at[e, m] for e in distances] for m in least]
    return Chart(
        "dbscan_grid",
        f"{len(usable)} of {len(cells)} settings of DBSCAN give a segmentation; {single} see one crowd or none",
        [
            {
                "type": "heatmap",
                "x": names,
                "y": [str(m) for m in least],
                "z": [
                    [None if math.isnan(c.silhouette) else round(c.silhouette, 3) for c in line]
                    for line in rows
                ],
                "text": [[_cell(c) for c in line] for line in rows],
                "hovertext": [[_cell(c) for c in line] for line in rows],
                "texttemplate": "%{text}",
                "textfont": {"size": 11},
                "hovertemplate": "eps %{x}, min_samples %{y}: %{hovertext}<extra></extra>",
                "hoverongaps": True,
                "colorscale": MORE_IS_DARKER,
                "zmin": 0,
                "zmax": 1,
                "xgap": 2,
                "ygap": 2,
                "colorbar": {"title": {"text": "silhouette"}, "thickness": 12},
            }
        ],
        axes(
            "eps: distance within which customers are neighbours",
            "min_samples",
            xaxis={"type": "category", "showgrid": False},
            yaxis={"type": "category", "showgrid": False},
        ),
        SOURCE,
        f"n = {len(points):,} customers in the space rfm",
        f"How to read it: clusters, noise, silhouette without noise. A segmentation has {density.FEWEST} to "
        f"{density.MOST} clusters and at most {percent(density.MOST_NOISE)} noise; a high silhouette beside much noise "
        "says nothing.",
        height=400,
        wide=True,
    )


def clusters(people: Pictured) -> Block:
    """DBSCAN's crowds on the density of the customers, noise in grey."""
    points = people.few
    if not _enough(points):
        return NotEnough("noise", "Crowds and noise", _why(points))
    places, shares, _ = principal(points, 2)
    if len(shares) < 2:
        return NotEnough("noise", "Crowds and noise", "the customers differ along one direction only")
    labels, how, core = _labels(points, people.seed)
    noise = labels == NOISE
    found = int(labels.max()) + 1
    data: list[dict[str, Any]] = [
        {
            "type": "histogram2dcontour",
            "x": rounded(places[:, 0]),
            "y": rounded(places[:, 1]),
            "nbinsx": 24,
            "nbinsy": 24,
            "colorscale": [[0, "rgba(255,255,255,0)"], [1, "#6f8fab"]],
            "ncontours": 8,
            "showscale": False,
            "line": {"width": 0.6, "color": "#b8c4cf"},
            "hoverinfo": "skip",
            "name": "density",
        }
    ]
    for i in range(min(found, len(COLOURS))):
        data.append(_points(places[labels == i], f"crowd {i + 1}", COLOURS[i], SYMBOLS[i], 5))
    if found > len(COLOURS):
        data.append(_points(places[labels >= len(COLOURS)], "smaller crowds", INK, "cross-thin-open", 5))
    if noise.any():
        data.append(_points(places[noise], "noise", GREY, "x-thin-open", 6))
    spend = _usual(people, noise)
    inner, outer = core / len(points), 1 - core / len(points) - float(noise.mean())
    return Chart(
        "noise",
        f"DBSCAN {how} sees {found} crowd{'s' if found != 1 else ''} and leaves {percent(float(noise.mean()))} of the "
        "customers out",
        data,
        axes(
            f"Direction 1 ({percent(float(shares[0]))} of the variance)",
            f"Direction 2 ({percent(float(shares[1]))} of the variance)",
            showlegend=True,
        ),
        SOURCE,
        f"n = {len(points):,} customers in the space rfm",
        f"How to read it: the darker the ground, the more customers; grey crosses belong to no crowd. {percent(inner)} "
        f"are in the middle of one (core), {percent(max(outer, 0.0))} at its border. {spend}",
        height=480,
        wide=True,
    )


def _labels(points: Floats, seed: int) -> tuple[Ints, str, int]:
    """DBSCAN's labels with the best setting of its grid, else at the knee; which it was; how many are core points."""
    try:
        best = density.dbscan(Data(points), 0, seed)
    except CannotFit:
        from sklearn.cluster import DBSCAN

        eps = density.knee(density.k_distances(points)) or min(density.DISTANCES)
        found = DBSCAN(eps=eps, min_samples=density.NEIGHBOURS).fit(points)
        labels = np.asarray(found.labels_, dtype=np.int64)
        return labels, f"at the knee ({eps:.2f})", len(found.core_sample_indices_)
    assert best.own is not None
    eps, least, core = (best.facts[name] for name in ("eps", "min_samples", "core"))
    return best.own, f"with its best setting (eps {eps:.2f}, {least:.0f} neighbours)", int(core)


def _usual(people: Pictured, noise: Any) -> str:
    """Whether those left out are the big ones or the small ones."""
    if not noise.any() or noise.all():
        return ""
    spend = people.few[:, 2]
    difference = float(np.median(spend[noise]) - np.median(spend[~noise]))
    if abs(difference) < 0.25:
        return "Those left out spend much as the others do."
    much = "more" if difference > 0 else "less"
    return f"The median of those left out spends {much} than the others’, by {abs(difference):.1f} standard deviations."


def _points(places: Floats, name: str, colour: str, symbol: str, size: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": rounded(places[:, 0]),
        "y": rounded(places[:, 1]),
        "marker": {"color": colour, "symbol": symbol, "size": size, "opacity": 0.8},
        "hoverinfo": "name",
    }


def _cell(cell: density.Cell) -> str:
    clear = "" if math.isnan(cell.silhouette) else f"<br>{cell.silhouette:.2f}"
    return f"{cell.clusters}<br>{percent(cell.noise_share)} noise{clear}"


def _members(leaf: str) -> str:
    """SciPy writes a branch as `(its members)` and a single point as its row."""
    return leaf.strip("()") if leaf.startswith("(") else "1"


def _across(y: float) -> dict[str, Any]:
    line = {"color": VERMILION, "width": 1.5, "dash": "dash"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line}


def _note(x: float, y: float, text: str) -> dict[str, Any]:
    return {
        "xref": "paper",
        "x": x,
        "xanchor": "right" if x else "left",
        "y": y,
        "yanchor": "bottom",
        "showarrow": False,
        "text": text,
        "font": {"color": VERMILION, "size": 12},
    }


def _enough(points: Floats) -> bool:
    return len(points) >= FEWEST and len(np.unique(points, axis=0)) > density.NEIGHBOURS


def _why(points: Floats) -> str:
    different = len(np.unique(points, axis=0))
    return f"there are {different} different customers among {len(points)}, too few for a tree or a density"

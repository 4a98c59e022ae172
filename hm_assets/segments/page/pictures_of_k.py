"""Pictures of how many segments: each index over k = 2 to 10, for the algorithms that are told k, in the space rfm."""

from collections.abc import Sequence
from typing import Any

from hm_assets.explore.words import number, percent
from hm_assets.segments.algorithms.names import algorithm
from hm_assets.segments.measures.gap import GapRow, at_maximum, by_one_se
from hm_assets.segments.page.called import Row
from hm_assets.warehouse.charts import DASHES, INK, SERIES, SYMBOLS, Block, Chart, NotEnough, axes, interval
from hm_assets.warehouse.pictures import BLUE, GREY, ORANGE, VERMILION

FAMILY = ("kmeans", "minibatch_kmeans", "bisecting_kmeans", "gaussian_mixture", "ward")
SOURCE = ("segments/candidates",)
FEWEST = 3
GOOD_SILHOUETTE = 0.4


def curves(rows: Sequence[Row]) -> list[Block]:
    """Elbow, silhouette, Calinski-Harabasz, Davies-Bouldin, gap, and BIC and AIC, of `segments/candidates`."""
    return [
        elbow(rows),
        silhouette(rows),
        _index(rows, "silhouette", "Silhouette (-1 to 1)", "highest", max),
        _index(rows, "ch", "Calinski-Harabasz index", "highest", max),
        _index(rows, "db", "Davies-Bouldin index (0 = best)", "lowest", min),
        gap(rows),
        criteria(rows),
    ]


def by_k(rows: Sequence[Row], name: str, *needed: str) -> list[Row]:
    """The candidates of an algorithm in the space rfm that have these figures, by k."""
    mine = [r for r in rows if r["algorithm"] == name and r["space"] == "rfm" and r["k"]]
    return sorted((r for r in mine if all(r.get(n) is not None for n in needed)), key=lambda r: r["k"])


def bend(ks: Sequence[int], values: Sequence[float]) -> int:
    """The k at which a falling curve lies farthest below the line from its first to its last point."""
    width, fall = ks[-1] - ks[0], values[0] - values[-1]
    if fall <= 0:
        return ks[0]
    below = [1 - (k - ks[0]) / width - (v - values[-1]) / fall for k, v in zip(ks, values, strict=True)]
    return ks[below.index(max(below))]


def elbow(rows: Sequence[Row]) -> Block:
    """Inertia over k, with the bend of k-means."""
    own = by_k(rows, "kmeans", "inertia")
    if len(own) < FEWEST or own[0]["inertia"] <= 0:
        return NotEnough("elbow", "Elbow", _too_few(own))
    ks, values = [r["k"] for r in own], [r["inertia"] for r in own]
    at = bend(ks, values)
    left = values[ks.index(at)] / values[0]
    return Chart(
        "elbow",
        f"The inertia of k-means bends the most at k = {at}, where {percent(left)} of that at k = {ks[0]} is left",
        [*_family(rows, "inertia"), _marked([at], [values[ks.index(at)]], f"bend: k = {at}")],
        _over_k("Inertia (sum of squared distances)", yaxis={"rangemode": "tozero"}),
        SOURCE,
        _who(own),
        "How to read it: a bend means that one more segment adds little. It always falls, with segments or without.",
    )


def silhouette(rows: Sequence[Row]) -> Block:
    """Silhouette of k-means with its interval, and by centroids beside data without segments."""
    own = by_k(rows, "kmeans", "silhouette", "silhouette_low", "silhouette_high")
    if len(own) < FEWEST:
        return NotEnough("silhouette_null", "Silhouette beside its null", _too_few(own))
    best = max(own, key=lambda r: (r["silhouette"], -r["k"]))
    over = {r["k"]: r["centroid_silhouette"] - r["null_silhouette"] for r in own if _has_null(r)}
    values = [r["silhouette"] for r in own]
    traces: list[dict[str, Any]] = [
        {
            **_line([r["k"] for r in own], values, "silhouette, 95 % interval", BLUE, "solid", "circle"),
            "error_y": interval(
                values, [r["silhouette_low"] for r in own], [r["silhouette_high"] for r in own]
            ),
        }
    ]
    known = [r for r in own if _has_null(r)]
    for column, words, colour, dash, symbol in (
        ("centroid_silhouette", "by centroids", ORANGE, "dash", "square"),
        ("null_silhouette", "by centroids, without segments", GREY, "dot", "x"),
    ):
        traces.append(_line([r["k"] for r in known], [r[column] for r in known], words, colour, dash, symbol))
    title = f"The silhouette of k-means is highest at k = {best['k']}: {best['silhouette']:.2f}"
    if over:
        ahead = max(sorted(over), key=lambda k: over[k])
        far = abs(over[ahead])
        title += f"; by centroids it is at most {far:.2f} "
        title += f"{'above' if over[ahead] > 0 else 'below'} data without segments"
    return Chart(
        "silhouette_null",
        title,
        traces if known else traces[:1],
        _over_k(
            "Silhouette (-1 to 1)", shapes=[_level(GOOD_SILHOUETTE)], yaxis={"range": _with_level(traces)}
        ),
        SOURCE,
        _who(own),
        "How to read it: compare the orange line with the grey one; only what lies above it speaks for segments. "
        f"Dashed: {GOOD_SILHOUETTE}, the level that is asked for of the blue line.",
    )


def gap(rows: Sequence[Row]) -> Block:
    """The gap statistic with its standard errors, the maximum and the 1-SE rule."""
    own = by_k(rows, "kmeans", "gap", "gap_se", "gap_of_one", "gap_of_one_se")
    if len(own) < FEWEST:
        return NotEnough("gap", "Gap statistic", _too_few(own))
    points = [GapRow(1, own[0]["gap_of_one"], own[0]["gap_of_one_se"])]
    points += [GapRow(r["k"], r["gap"], r["gap_se"]) for r in own]
    ks, gaps, errors = [p.k for p in points], [p.gap for p in points], [p.se for p in points]
    largest, ruled = at_maximum(points), by_one_se(points)
    title = f"The gap is largest at k = {largest}; the 1-SE rule takes k = {ruled}"
    return Chart(
        "gap",
        title if largest != ruled else f"The largest gap and the 1-SE rule both take k = {ruled}",
        [
            {
                **_line(ks, gaps, "gap ± s.e.", BLUE, "solid", "circle"),
                "error_y": {"type": "data", "array": errors, "color": INK, "thickness": 1.2, "width": 4},
            },
            _marked([largest], [max(gaps)], f"maximum: {largest}", "star", ORANGE, 15),
            _marked([ruled], [gaps[ks.index(ruled)]], f"1-SE rule: {ruled}", "diamond-open", VERMILION, 17),
        ],
        _over_k("Gap (log inertia)"),
        SOURCE,
        _who(own),
        "How to read it: how much tighter k segments are than in a uniform cloud of the same width. The rule takes the "
        "smallest k that the next one does not beat by a standard error (k = 1: no segments), and stops too early "
        "where two segments cut through the middle of a third; the maximum takes too many.",
    )


def criteria(rows: Sequence[Row]) -> Block:
    """BIC and AIC of the mixture."""
    own = by_k(rows, "gaussian_mixture", "bic", "aic")
    if len(own) < FEWEST:
        return NotEnough("criteria", "BIC and AIC of the mixture", _too_few(own))
    ks = [r["k"] for r in own]
    bic, aic = [r["bic"] for r in own], [r["aic"] for r in own]
    best = {name: ks[values.index(min(values))] for name, values in (("BIC", bic), ("AIC", aic))}
    edge = " and would take more" if best["BIC"] == ks[-1] else ""
    return Chart(
        "criteria",
        f"BIC is lowest at {best['BIC']} Gaussians{edge}, AIC at {best['AIC']}",
        [
            _line(ks, bic, "BIC", BLUE, "solid", "circle"),
            _line(ks, aic, "AIC", ORANGE, "dash", "square"),
            _marked([best["BIC"]], [min(bic)], "lowest BIC", "star", VERMILION, 14),
        ],
        _over_k("BIC, AIC (lower is better)"),
        SOURCE,
        _who(own),
        "How to read it: the likelihood less a price per parameter. Skewed columns want many Gaussians, which need not "
        "be segments.",
    )


def _index(rows: Sequence[Row], column: str, words: str, most: str, best: Any) -> Block:
    found = [r for name in FAMILY for r in by_k(rows, name, column)]
    if len(by_k(rows, "kmeans", column)) < FEWEST:
        return NotEnough(f"k_{column}", words, _too_few(by_k(rows, "kmeans", column)))
    value = best(r[column] for r in found)
    first = next(r for r in found if r[column] == value)
    short = words.split(" (", maxsplit=1)[0]
    return Chart(
        f"k_{column}",
        f"{short}: {most} for {algorithm(first['algorithm'])} with {first['k']} segments, {number(value)}",
        _family(rows, column),
        _over_k(words),
        SOURCE,
        _who(found),
        "How to read it: all in the one space rfm, so the lines may be compared. Where they agree on a k, it owes "
        "nothing to the algorithm.",
    )


def _family(rows: Sequence[Row], column: str) -> list[dict[str, Any]]:
    """A line per algorithm, k-means thick."""
    found = []
    for i, name in enumerate(FAMILY):
        if mine := by_k(rows, name, column):
            ks, values = [r["k"] for r in mine], [r[column] for r in mine]
            found.append(
                _line(ks, values, algorithm(name), SERIES[i], DASHES[i], SYMBOLS[i], 3 if i == 0 else 1.5)
            )
    return found


def _line(
    x: list[Any], y: list[Any], name: str, colour: str, dash: str, symbol: str, width: float = 2
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": x,
        "y": y,
        "line": {"color": colour, "dash": dash, "width": width},
        "marker": {"symbol": symbol, "size": 7},
    }


def _marked(
    x: list[Any],
    y: list[Any],
    name: str,
    symbol: str = "circle-open",
    colour: str = VERMILION,
    size: int = 16,
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": x,
        "y": y,
        "marker": {"symbol": symbol, "size": size, "color": colour, "line": {"width": 2.5}},
    }


def _over_k(y: str, **more: Any) -> dict[str, Any]:
    return axes("Number of segments, k", y, **{"xaxis": {"dtick": 1}, "showlegend": True, **more})


def _level(y: float) -> dict[str, Any]:
    line = {"color": GREY, "width": 1, "dash": "dash"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line}


def _with_level(traces: Sequence[dict[str, Any]]) -> list[float]:
    """A range that holds all points and the level."""
    values = [GOOD_SILHOUETTE, *(y for trace in traces for y in trace["y"])]
    return [min(values) - 0.05, max(values) + 0.05]


def _has_null(row: Row) -> bool:
    return row.get("centroid_silhouette") is not None and row.get("null_silhouette") is not None


def _who(rows: Sequence[Row]) -> str:
    most = max((r["customers"] for r in rows), default=0)
    return f"n = {most:,} customers in the space rfm"


def _too_few(rows: Sequence[Row]) -> str:
    return f"{len(rows)} numbers of segments could be measured, and a curve takes {FEWEST}"

"""What the UI shows of the lab besides its tables: pictures of curves, stability, and the champion's segments."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hm_assets.explore.words import percent
from hm_assets.segments.fitting import LARGEST_SHARE, SMALLEST_SHARE
from hm_assets.segments.page.called import Row, beyond_chance, candidate, key
from hm_assets.segments.page.pictured import Pictured, principal
from hm_assets.segments.page.pictures_of_k import GOOD_SILHOUETTE, bend, by_k
from hm_assets.segments.page.pictures_of_segments import MEASURES, profile
from hm_assets.warehouse import pictures

NOTHING = "Not enough data for a picture."
PANELS = (
    ("inertia", "inertia"),
    ("silhouette", "silhouette"),
    ("ch", "Calinski-Harabasz"),
    ("db", "Davies-Bouldin"),
    ("gap", "gap ± s.e."),
    ("bic", "BIC of the mixture"),
)
MARKERS = "osDX^Pv*"


def curves(rows: Sequence[Row]) -> str:
    """Each index of k-means over k, the silhouette beside its null, and BIC of the mixture."""
    own = by_k(rows, "kmeans", "inertia")
    if len(own) < 3:
        return NOTHING
    at = bend([r["k"] for r in own], [r["inertia"] for r in own])
    sharp = max(
        (r for r in own if r.get("silhouette") is not None), key=lambda r: r["silhouette"], default=None
    )
    title = f"The inertia of k-means bends the most at k = {at}"
    if sharp is not None:
        title += f"; its silhouette is highest at k = {sharp['k']}: {sharp['silhouette']:.2f}"
    with pictures.figure(3, 2, width=10, height=5.6) as (drawn, axes):
        for panel, (column, words) in zip(axes.flat, PANELS, strict=True):
            mine = by_k(rows, "gaussian_mixture" if column == "bic" else "kmeans", column)
            ks, values = [r["k"] for r in mine], [r[column] for r in mine]
            errors = [r.get("gap_se") or 0.0 for r in mine] if column == "gap" else None
            panel.errorbar(ks, values, yerr=errors, marker="o", markersize=4, capsize=2, label=words)
            panel.set(xlabel="k", ylabel=words)
            panel.xaxis.get_major_locator().set_params(integer=True)
            if column == "silhouette":
                _null(panel, own)
        drawn.suptitle(title, x=0.01, ha="left", fontsize=11)
        return pictures.markdown(drawn, title)


def stability(rows: Sequence[Row], most: int = 25) -> str:
    """Bootstrap Jaccard beside what data without segments reach, of those that are farthest above it."""
    known = [r for r in rows if r.get("stability") is not None and r.get("null_stability") is not None]
    if not known:
        return NOTHING
    known.sort(key=lambda r: (r["null_stability"] - r["stability"], key(r)))
    title = beyond_chance(rows)
    label = f"the {most} farthest above" if len(known) > most else "candidate"
    known = known[:most][::-1]
    places = range(len(known))
    with pictures.figure(height=1.2 + 0.24 * len(known)) as (drawn, axes):
        nulls = [r["null_stability"] for r in known]
        ends = [max(n, r.get("null_stability_high") or n) for n, r in zip(nulls, known, strict=True)]
        axes.hlines(places, nulls, ends, color=pictures.GREY, linewidth=4, alpha=0.5)
        axes.plot(
            nulls,
            places,
            "|",
            color=pictures.GREY,
            markersize=9,
            label="without segments: mean to 95 % limit",
        )
        axes.plot([r["stability"] for r in known], places, "o", color=pictures.BLUE, label="on the customers")
        axes.set(title=title, xlabel="bootstrap Jaccard (1 = the same again)", ylabel=label, yticks=places)
        axes.set_yticklabels([candidate(r) for r in known])
        axes.grid(axis="x", color="#d9dee4")
        drawn.legend(loc="outside lower right", ncols=2)
        return pictures.markdown(drawn, title)


def sizes(people: Pictured) -> str:
    """Share of the customers in each segment, with the limits."""
    total = sum(people.sizes.values())
    if not total:
        return NOTHING
    ids = list(people.champion.ids)
    shares = [people.sizes.get(i, 0) / total for i in ids]
    title = f"Segments hold {percent(min(shares))} to {percent(max(shares))} of {total:,} customers; asked: 5 to 60 %"
    with pictures.figure() as (drawn, axes):
        bars = axes.bar([str(i) for i in ids], [100 * share for share in shares], color=pictures.BLUE)
        axes.bar_label(bars, [percent(share) for share in shares])
        for limit in (SMALLEST_SHARE, LARGEST_SHARE):
            axes.axhline(100 * limit, color=pictures.VERMILION, linestyle="--", linewidth=1)
        axes.set(title=title, xlabel="segment", ylabel="customers (%)", ylim=(0, max(66, 110 * max(shares))))
        return pictures.markdown(drawn, title)


def plane(people: Pictured) -> str:
    """The customers along the two widest directions, by segment, with centroids."""
    places, shares, _ = principal(people.points, 2)
    if len(shares) < 2:
        return NOTHING
    title = (
        f"{len(places):,} customers along two directions: {percent(float(shares.sum()))} of the differences"
    )
    with pictures.figure(height=5.0) as (drawn, axes):
        for n, i in enumerate(people.champion.ids):
            mine = places[people.segments == i]
            if len(mine):
                marker = MARKERS[n % len(MARKERS)]
                axes.scatter(
                    mine[:, 0], mine[:, 1], s=9, marker=marker, alpha=0.5, linewidths=0, label=f"segment {i}"
                )
                axes.annotate(
                    str(i),
                    mine.mean(axis=0),
                    ha="center",
                    va="center",
                    bbox={"boxstyle": "circle,pad=0.25", "facecolor": "white", "alpha": 0.9},
                )
        first, second = (percent(float(share)) for share in shares)
        axes.set(
            title=title, xlabel=f"direction 1 ({first} of the variance)", ylabel=f"direction 2 ({second})"
        )
        drawn.legend(loc="outside right upper", markerscale=2)
        return pictures.markdown(drawn, title)


def heat_map(people: Pictured) -> str:
    """Standardised means of what people can check, by segment."""
    found = profile(people)
    if found is None:
        return NOTHING
    names, ids, means, _ = found
    row, column = np.unravel_index(np.nan_to_num(np.abs(means)).argmax(), means.shape)
    value = float(means[row, column])
    title = (
        f"Segment {ids[row]} stands out the most: {MEASURES[names[column]][0].lower()} {abs(value):.1f} standard "
        f"deviations {'above' if value > 0 else 'below'} the mean"
    )
    top = float(np.nanmax(np.abs(means)))
    with pictures.figure(height=1.2 + 0.36 * len(names)) as (drawn, axes):
        shown = axes.imshow(means.T, cmap=_less_and_more(), vmin=-top, vmax=top, aspect="auto")
        drawn.suptitle(title, x=0.01, ha="left", fontsize=11)
        axes.set(xlabel="segment", xticks=range(len(ids)), yticks=range(len(names)))
        axes.set_xticklabels([str(i) for i in ids])
        axes.set_yticklabels([MEASURES[n][0] for n in names])
        for (r, c), z in np.ndenumerate(means):
            axes.text(
                r,
                c,
                "–" if np.isnan(z) else f"{z:+.1f}",
                ha="center",
                va="center",
                color="white" if abs(z) > 0.75 * top else "black",
            )
        drawn.colorbar(shown, label="standard deviations")
        return pictures.markdown(drawn, title)


def _null(panel: Any, own: Sequence[Row]) -> None:
    known = [
        r for r in own if r.get("centroid_silhouette") is not None and r.get("null_silhouette") is not None
    ]
    ks = [r["k"] for r in known]
    panel.plot(ks, [r["centroid_silhouette"] for r in known], "--s", markersize=4, label="by centroids")
    panel.plot(
        ks,
        [r["null_silhouette"] for r in known],
        ":x",
        color=pictures.GREY,
        markersize=4,
        label="same, no segments",
    )
    panel.axhline(GOOD_SILHOUETTE, color=pictures.GREY, linewidth=0.8)
    low, high = panel.get_ylim()
    panel.set_ylim(low, high + 0.45 * (high - low))
    panel.legend(fontsize=7, loc="upper left")


def _less_and_more() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("less_and_more", [pictures.VERMILION, "#ffffff", pictures.BLUE])

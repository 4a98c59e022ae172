"""Which columns of `features/customer_features` a model may take: named sets, and a written reason for each column.

Three sets, each inside the next: *basic* (recency, frequency, monetary value), *behavioural* (windows, rhythm, channel
and time) and *comprehensive* (tastes too). A column is dropped where it hardly varies (variance below 0.01 after
scaling to 0-1 by its 1st and 99th percentile), or where it says nearly the same as another one (|r| > 0.9): then the
one that the business knows better stays, by the order of the columns. What is kept is also offered as principal
components that explain 90 % of the variance. The numbers of every usual scaling stand beside, so that a model can be
repeated.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hm_assets.features import tables
from hm_assets.features.windows import WINDOWS
from hm_assets.warehouse import pictures
from hm_assets.warehouse.schema import Column

Floats = npt.NDArray[np.float64]

LEAST_VARIANCE, MOST_ALIKE, EXPLAINED = 0.01, 0.9, 0.9
MOST_CUSTOMERS = 100_000
NUMBERS = ("int8", "int16", "int32", "int64", "float32", "float64")
BASIC = ("recency_days", "purchase_days", "spend")


def eligible() -> dict[str, str]:
    """The columns that are numbers, with the smallest set that each is in, those known best first."""

    def names(columns: Sequence[Column]) -> list[str]:
        return [column.name for column in columns if column.type in NUMBERS]

    behavioural = [
        *names(tables.HISTORY),
        *(name for days in reversed(WINDOWS) for name in names(tables.window_columns(days))),
        *names(tables.RHYTHM),
        *names(tables.CHANNELS_AND_TIMES),
    ]
    found = dict.fromkeys(BASIC, "basic")
    found |= {name: "behavioural" for name in behavioural if name not in found}
    return found | dict.fromkeys(
        names((*tables.DIVERSITY, *tables.COMPOSITION, *tables.TOPIC_MIX)), "comprehensive"
    )


def fit(values: Floats) -> list[dict[str, Any]]:
    """The rows of `features/feature_sets` but for `trained_as_of` and `recipe`.

    Parameters
    ----------
    values
        Customers x features in the order of `eligible`, NaN where empty.

    Raises
    ------
    ValueError
        There is no customer.
    """
    if not len(values):
        raise ValueError("there is no customer with a purchase to choose features on")
    names, sets = list(eligible()), eligible()
    known = ~np.isnan(values)
    medians = np.array([np.median(c[k]) if k.any() else 0.0 for c, k in zip(values.T, known.T, strict=True)])
    whole = np.where(known, values, medians)
    mean, sd = whole.mean(axis=0), whole.std(axis=0)
    standard = (whole - mean) / np.where(sd > 0, sd, 1.0)
    correlations = standard.T @ standard / len(values)
    variances = _scaled_variances(whole)
    quartiles = np.quantile(whole, [0.25, 0.75], axis=0)
    kept: list[int] = []
    rows = []
    for i, name in enumerate(names):
        like = max(kept, key=lambda j: abs(correlations[i, j])) if kept else None
        r = None if like is None else float(correlations[i, like])
        stays, reason = _judged(float(variances[i]), r, None if like is None else names[like])
        if stays:
            kept.append(i)
        rows.append(
            {
                "position": i + 1,
                "feature": name,
                "smallest_set": sets[name],
                "kept": stays,
                "reason": reason,
                "scaled_variance": float(variances[i]),
                "most_like": None if like is None else names[like],
                "correlation": r,
                "share_empty": float(1 - known[:, i].mean()),
                "median": float(medians[i]),
                "mean": float(mean[i]),
                "sd": float(sd[i]),
                "minimum": float(whole[:, i].min()),
                "maximum": float(whole[:, i].max()),
                "lower_quartile": float(quartiles[0, i]),
                "upper_quartile": float(quartiles[1, i]),
            }
        )
    loadings, _ = components(standard[:, kept])
    for row, i in zip(rows, range(len(names)), strict=True):
        row["loadings"] = loadings[:, kept.index(i)].tolist() if i in kept else []
    return rows


def _scaled_variances(whole: Floats) -> Floats:
    low, high = np.quantile(whole, [0.01, 0.99], axis=0)
    width = np.where(high > low, high - low, 1.0)
    variances: Floats = np.clip((whole - low) / width, 0, 1).var(axis=0)
    return variances


def _judged(variance: float, r: float | None, like: str | None) -> tuple[bool, str]:
    if variance < LEAST_VARIANCE:
        return False, f"dropped: hardly varies (variance {variance:.4f} on a scale of 0-1)"
    if r is not None and abs(r) > MOST_ALIKE:
        return False, f"dropped: says nearly the same as {like} (r = {r:.2f}), which is better known"
    return True, "kept: varies, and no kept column says the same"


def components(standard: Floats) -> tuple[Floats, Floats]:
    """Principal components (components x features) that explain 90 % together, and the shares of all of them.

    The sign of a component is that of its heaviest feature.
    """
    sizes, vectors = np.linalg.eigh(standard.T @ standard / max(1, len(standard)))
    order = np.argsort(-sizes, kind="stable")
    sizes, vectors = np.maximum(sizes[order], 0), vectors[:, order]
    shares = sizes / sizes.sum() if sizes.sum() > 0 else sizes
    number = int(np.searchsorted(np.cumsum(shares), EXPLAINED - 1e-12) + 1)
    loadings = vectors[:, :number].T
    heaviest = loadings[np.arange(len(loadings)), np.abs(loadings).argmax(axis=1)]
    return loadings * np.sign(heaviest)[:, None], shares


def scree(values: Floats, rows: Sequence[dict[str, Any]]) -> str:
    """The scree plot of the kept columns, for the UI."""
    kept = [i for i, row in enumerate(rows) if row["kept"]]
    centre, scale = (np.array([rows[i][name] for i in kept]) for name in ("mean", "sd"))
    medians = np.array([rows[i]["median"] for i in kept])
    part = values[:, kept]
    loadings, shares = components((np.where(np.isnan(part), medians, part) - centre) / scale)
    title = f"{len(loadings)} components hold {EXPLAINED:.0%} of what {len(kept)} columns say"
    with pictures.figure() as (drawn, axes):
        numbers = np.arange(1, len(shares) + 1)
        axes.bar(numbers, shares, color=pictures.SKY, label="share of the variance")
        axes.plot(numbers, np.cumsum(shares), color=pictures.BLUE, label="added up")
        axes.axhline(EXPLAINED, color=pictures.GREY, linestyle="--", linewidth=1)
        axes.set(title=title, xlabel="component", ylabel="share of the variance", ylim=(0, 1.02))
        axes.legend(loc="center right")
        return pictures.markdown(drawn, title)

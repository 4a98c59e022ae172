"""`profiles/segment_stability`: what the same model makes of consecutive months, and what a refit would make of one."""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hm_assets.profiles.movement.refits import Refit
from hm_assets.segments.measures.stability import adjusted_rand_of
from hm_assets.segments.space import Floats, Ints
from hm_assets.segments.tables import NO_PURCHASE

ALL = "all"


def normalised_mutual_information(both: Floats) -> float:
    """Mutual information over the mean of the two entropies, from counts of rows by label and other label.

    1 where both put everybody together (Vinh, Epps and Bailey 2010, Journal of Machine Learning Research 11, NMI_sum).
    """

    def entropy(counts: Floats) -> float:
        shares = counts[counts > 0] / both.sum()
        return float(-(shares * np.log(shares)).sum())

    mean = (entropy(both.sum(axis=1)) + entropy(both.sum(axis=0))) / 2
    if mean == 0:
        return 1.0
    # Rounding may leave equal placements a hair above 1, and unrelated ones below 0.
    return min(1.0, max(0.0, (2 * mean - entropy(both.ravel())) / mean))


def frozen(ids: Sequence[int], pairs: Ints, months: Sequence[dt.date]) -> list[dict[str, Any]]:
    """Rows of the table for the champion, of each two consecutive months; without `as_of` and `month`.

    Parameters
    ----------
    ids, pairs
        `past.crossings` of the months.
    months
        n consecutive months that the champion placed (`past.months_of_model`).
    """
    bought = np.array([i != NO_PURCHASE for i in ids])
    rows: list[dict[str, Any]] = []
    for earlier, later, counts in zip(months, months[1:], pairs, strict=False):
        inside = counts[np.ix_(bought, bought)].astype(np.float64)
        head = {"model": "frozen", "from_month": earlier, "to_month": later, "note": None}
        known = inside.sum() > 0
        rows.append(
            {
                **head,
                "segment": ALL,
                **_flow(counts[bought].sum(), counts[:, bought].sum()),
                "kept": _share(np.trace(inside), inside.sum()),
                "ari": adjusted_rand_of(inside) if known else None,
                "nmi": normalised_mutual_information(inside) if known else None,
            }
        )
        for place, segment in enumerate(ids):
            if segment == NO_PURCHASE:
                continue
            before, after = counts[place].sum(), counts[:, place].sum()
            stayed = _share(counts[place, place], before)
            rows.append({**head, "segment": str(segment), **_flow(before, after), "kept": stayed})
    return rows


def refitted(refit: Refit) -> list[dict[str, Any]]:
    """Rows of the table for a refit beside the champion, matched (Kuhn 1955); without `as_of` and `month`."""
    from scipy.optimize import linear_sum_assignment

    head = {
        "model": "refit",
        "from_month": refit.fitted_on,
        "to_month": refit.fitted_on,
        "note": refit.refused,
    }
    both = refit.both.astype(np.float64)
    if refit.refused is not None or not both.sum():
        return [{**head, "segment": ALL, **_flow(0, 0)}]
    rows, columns = linear_sum_assignment(both, maximize=True)
    total = both.sum()
    found: list[dict[str, Any]] = [
        {
            **head,
            "segment": ALL,
            **_flow(total, total),
            "kept": _share(both[rows, columns].sum(), total),
            "ari": adjusted_rand_of(both),
            "nmi": normalised_mutual_information(both),
        }
    ]
    matched = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    for place, segment in enumerate(refit.ids):
        before = both[place].sum()
        column = matched.get(place)
        after = 0.0 if column is None else both[:, column].sum()
        stayed = 0.0 if column is None else both[place, column]
        found.append(
            {**head, "segment": str(segment), **_flow(before, after), "kept": _share(stayed, before)}
        )
    return found


def headline(rows: Sequence[dict[str, Any]]) -> str:
    """What the latest pair of months and the refits say, in a sentence."""
    pairs = [
        row for row in rows if row["model"] == "frozen" and row["segment"] == ALL and row["kept"] is not None
    ]
    again = [
        row
        for row in rows
        if row["model"] == "refit" and row["segment"] == ALL and row.get("ari") is not None
    ]
    if not pairs:
        return "There is no earlier month of this champion to compare with"
    latest = pairs[-1]
    text = f"{latest['kept']:.0%} kept their segment since the month before".replace("%", " %")
    if not again:
        return f"{text}; no refit could be made"
    lowest = min(row["ari"] for row in again)
    return f"{text}; refits on {len(again)} past months agree with the champion to an ARI of {lowest:.2f} or more"


def _flow(before: float, after: float) -> dict[str, int]:
    return {
        "customers_before": int(before),
        "customers_after": int(after),
        "net_flow": int(after) - int(before),
    }


def _share(part: float, whole: float) -> float | None:
    return None if not whole or math.isnan(whole) else float(part) / float(whole)

"""Complements for the UI and the docs, in Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hm_assets.recommendations.complements.back_test import (
    ALL_WEEKS,
    BESTSELLERS,
    SAME_TYPE,
    TOGETHER,
    over_weeks,
)

NOTHING = "There is nothing to tell of."


def scores(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows of `recommendations/complement_scores` of a month, and what they come to."""
    if not rows:
        return NOTHING
    lines = [
        "| week | list | articles asked for | hit | over popular in the product type |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        hit = f"{row['share']:.1%} ({row['low']:.1%} to {row['high']:.1%})"
        over = f"{row['over_baseline']:+.1%} ({row['over_baseline_low']:+.1%} to {row['over_baseline_high']:+.1%})"
        asked = f"{row['articles']:,} ({row['with_list']:.0%})"
        lines.append(
            f"| {row['week']} | {row['list']} | {asked} | {hit} | {over if row['list'] != SAME_TYPE else '-'} |"
        )
    return "\n".join([*lines, "", verdict(rows)])


def verdict(rows: Sequence[Mapping[str, Any]]) -> str:
    """What the mean of the weeks says, in a sentence; of a single week nothing is concluded."""
    whole = {row["list"]: row for row in rows if row["week"] == ALL_WEEKS}
    if not whole:
        return "One week or none could be judged: nothing is concluded."
    mine, best = whole[TOGETHER], whole[BESTSELLERS]
    if mine["over_baseline_low"] > 0:
        first = "Lists of what is bought together hold more of later baskets than what is popular in the product type"
    elif mine["over_baseline_high"] < 0:
        first = "Lists of what is bought together hold less of later baskets than what is popular in the product type"
    else:
        first = "No difference to what is popular in the product type"
    weekly = {
        name: np.array([row["share"] for row in rows if row["list"] == name and row["week"] != ALL_WEEKS])
        for name in (BESTSELLERS, TOGETHER)
    }
    _, low, high = over_weeks(weekly[BESTSELLERS] - weekly[TOGETHER])
    if high < 0:
        return f"{first}."
    shares = f"({best['share']:.1%} against {mine['share']:.1%})"
    if low <= 0:
        return f"{first}. No difference to five bestsellers of all {shares}."
    return f"{first}. Five bestsellers of all hold more {shares}: they are in many baskets, whatever else is in them."


def rules(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of `recommendations/rules`, a line each."""
    if not rows:
        return NOTHING
    lines = ["| bought | with | baskets | confidence | adjusted lift |", "|---|---|---|---|---|"]
    for row in rows:
        between = f"{row['adjusted_lift']:.1f} ({row['low']:.1f} to {row['high']:.1f})"
        lines.append(
            f"| {row['antecedent']} | {row['consequent']} | {row['baskets']:,} | {row['confidence']:.1%} | {between} |"
        )
    return "\n".join(lines)


def cross_sell(rows: Sequence[Mapping[str, Any]]) -> str:
    """The first three rows of each segment of `recommendations/cross_sell`."""
    if not rows:
        return NOTHING
    lines = ["| segment | have | lack | they | others | gap |", "|---|---|---|---|---|---|"]
    for row in rows:
        if row["rank"] <= 3:
            gap = f"{row['gap']:+.1%} ({row['low']:+.1%} to {row['high']:+.1%})"
            shares = f"{row['share']:.1%} | {row['share_of_others']:.1%}"
            lines.append(f"| {row['segment_id']} | {row['have']} | {row['lack']} | {shares} | {gap} |")
    return "\n".join(lines)

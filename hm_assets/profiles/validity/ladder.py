"""The ladder: construction, held-out and later facts of the same segments of the same day, in one table."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy.typing as npt

from hm_assets.profiles.statistics import multiple
from hm_assets.profiles.validity import construction, differences, words
from hm_assets.profiles.validity.calibration import Calibrated
from hm_assets.profiles.validity.differences import LEADING, Row
from hm_assets.profiles.validity.effort import Effort
from hm_assets.profiles.validity.facts import BY_NAME, CONSTRUCTION, FACTS, LATER, Fact, tier_of
from hm_assets.profiles.validity.past import Past

LIFTED = "later_spend"
OMNIBUS = (*LEADING, "anova", "kruskal_wallis")


def rows(
    past: Past, values: Mapping[str, npt.NDArray[Any]], effort: Effort, facts: Sequence[Fact] = FACTS
) -> list[Row]:
    """The rows of `profiles/validity` but for `month`.

    Parameters
    ----------
    past
        The segments of the judged day.
    values
        Fact -> values of its customers, as `reading.facts_of` gives them.
    effort
        How often things are drawn anew.
    facts
        What is compared.
    """
    found = [{**row, "tier": CONSTRUCTION} for row in construction.rows(past, values, effort, facts)]
    space = past.people.space
    for fact in facts:
        tier = tier_of(fact, space)
        if tier == CONSTRUCTION:
            continue
        test = differences.categorical if fact.kind == "category" else differences.numeric
        own = test(fact, past.groups, values[fact.name], past.ids, effort, past.seed)
        if fact.name == LIFTED:
            own += differences.lifts(fact, past.groups, values[fact.name], past.ids)
        found += [{**row, "tier": tier} for row in own]
    as_of = past.people.as_of
    return [{**row, "as_of": as_of} for row in _across_facts(found)]


def _across_facts(found: Sequence[Row]) -> list[Row]:
    """With the omnibus tests adjusted across facts, those that lead together, each of the others among its own kind."""
    families = [LEADING, *((test,) for test in OMNIBUS if test not in LEADING)]
    adjusted: dict[int, float | None] = {}
    for family in families:
        places = [i for i, row in enumerate(found) if row["test"] in family]
        known = multiple.benjamini_hochberg([found[i].get("p") for i in places])
        adjusted |= dict(zip(places, known, strict=True))
    return [_with(row, adjusted[i]) if i in adjusted else dict(row) for i, row in enumerate(found)]


def _with(row: Row, p: float | None) -> Row:
    null, shown = None, row.get("low") is not None and row["low"] > 0
    if row.get("null_runs"):
        null = Calibrated(row["null_rejected"], row["null_runs"], row["null_effect"])
    return {**row, "p_adjusted": p, "verdict": row["verdict"] + words.sure(p, row["n"], null, shown)}


def omnibus(found: Sequence[Row]) -> list[Row]:
    """The rows that lead: one per fact."""
    leading = (*LEADING, construction.TEST)
    return [row for row in found if row["test"] in leading and row["subject"] == differences.ALL]


def headline(found: Sequence[Row]) -> str:
    """What the ladder says in a sentence: how far later facts differ, of all rungs the one that matters."""
    later = [
        row for row in omnibus(found) if row["tier"] == LATER and row.get("effect_name") == "omega_squared"
    ]
    if not later:
        return "What happened later could not be compared"
    best = max(later, key=lambda row: (row["effect"], row["fact"]))
    if best["low"] <= 0:
        return "The segments tell nothing of what happened later"
    size = words.size(best["effect"], words.EXPLAINED)
    share = words.percent(best["effect"])
    return f"The segments tell {share} of the variance of {BY_NAME[best['fact']].words}: a {size} effect"

"""From the rows of `segments/candidates` to the champion: entries for the choice, its verdicts, the model that won."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.segments import models
from hm_assets.segments.algorithms.names import HELD
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.choice import words as choice_words
from hm_assets.segments.choice.choose import Choice, choose
from hm_assets.segments.choice.entries import Entry
from hm_assets.segments.space import Space
from hm_assets.warehouse import artifacts

Row = Mapping[str, Any]

FALLBACK = "merged_rfm_grid"
EXPLAINED = "log_spend"
STRUCTURE, UNTESTED = "structure", "not tested"


def later_value(values: Sequence[Row], row: Row, outcome: str = EXPLAINED) -> dict[str, float]:
    """Mean of a candidate's later values over past months, with an interval; empty where there is none.

    Parameters
    ----------
    values
        Rows of `segments/later_values`.
    row
        The candidate: `algorithm`, `space`, `k`.
    outcome
        Of `segments/later_values`.
    """
    named = ("algorithm", "space", "k")
    mine = [v for v in values if v["outcome"] == outcome and all(v[name] == row[name] for name in named)]
    if not mine:
        return {}
    n, value = len(mine), sum(v["value"] for v in mine) / len(mine)
    # Errors of months apart are taken for independent, so their squares add up.
    below = math.sqrt(sum((v["value"] - v["low"]) ** 2 for v in mine)) / n
    above = math.sqrt(sum((v["high"] - v["value"]) ** 2 for v in mine)) / n
    return {"later_value": value, "later_low": value - below, "later_high": value + above}


def entry(row: Row) -> Entry:
    """A candidate as the choice sees it."""

    def number(name: str) -> float:
        value = row.get(name)
        return math.nan if value is None else float(value)

    fitted = row.get("model") is not None
    return Entry(
        algorithm=row["algorithm"],
        k=row["k"],
        space=row["space"],
        segments=row["segments"],
        smallest_share=number("min_share"),
        largest_share=number("max_share"),
        stability=number("stability"),
        stability_excess=number("stability") - number("null_stability"),
        separation=number("centroid_silhouette") - number("null_silhouette"),
        later_value=number("later_value"),
        later_low=number("later_low"),
        later_high=number("later_high"),
        fidelity=number("fidelity"),
        refused=None if fitted else row["verdict"] or "it was not fitted",
    )


def decide(rows: Sequence[Row], structure: Mapping[str, bool], override: str | None = None) -> Choice:
    """Choose among the candidates; see `choice.choose`.

    Parameters
    ----------
    rows
        Of `segments/candidates`.
    structure
        Of each space that was tested whether there is structure in it; the first of all is `rfm`.
    override
        Whom a person asks for.

    Raises
    ------
    ValueError
        The fallback is needed and could not be fitted, or an override that cannot be followed.
    """
    entries = [entry(row) for row in rows]
    grid = next((e for e in entries if e.algorithm == FALLBACK), None)
    if grid is None:
        raise ValueError(f"{FALLBACK} is not among the candidates; it must be, for data without structure")
    continua = [space for space, found in structure.items() if not found and space != choice_words.TESTED]
    found = choose(
        [e for e in entries if e != grid],
        grid,
        structure.get(choice_words.TESTED, False),
        override,
        continua=continua,
    )
    if found.champion.refused is not None:
        raise ValueError(
            f"nothing can be used: {found.champion.name} neither, because {found.champion.refused}"
        )
    return found


def with_verdicts(rows: Sequence[Row], chosen: Choice) -> list[dict[str, Any]]:
    """The rows with what became of each."""
    said = choice_words.verdicts(chosen)
    return [
        {
            **row,
            "verdict": said.get(entry(row).name)
            or ("chosen" if entry(row) == chosen.champion else "stands by"),
        }
        for row in rows
    ]


def with_structure(rows: Sequence[Row], words: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows with what is known of structure in their space; where it was not tested they say so, and tell of `rfm`.

    Parameters
    ----------
    rows
        Of `segments/candidates`.
    words
        Of each space that was tested, `rfm` among them: `structure in ...` or `no structure found in ...`.
    """
    rfm = words[choice_words.TESTED]
    return [
        {**row, "structure": words.get(row["space"], f"{UNTESTED} in {HELD[row['space']]}; {rfm}")}
        for row in rows
    ]


def has_structure(rows: Sequence[Row]) -> dict[str, bool]:
    """Of each space that the lab tested whether there is structure in it, from its stored rows."""
    tested = [row for row in rows if not row["structure"].startswith(UNTESTED)]
    return {row["space"]: row["structure"].startswith(STRUCTURE) for row in tested}


def champion(rows: Sequence[Row], chosen: Choice, override: str | None) -> Champion:
    """The model that won, with its reasons; its ids are not settled yet (`champion.crowned`)."""
    (row,) = [row for row in rows if entry(row) == chosen.champion]
    stored = json.loads(row["model"])
    model = models.from_json(stored["model"])
    return Champion(
        algorithm=row["algorithm"],
        space=Space.from_json(stored["space"]),
        model=model,
        ids=tuple(range(1, model.k + 1)),
        last_id=model.k,
        trained_as_of=row["trained_as_of"],
        seed=stored["seed"],
        decision={
            "headline": choice_words.headline(chosen),
            "reasons": choice_words.reasons(chosen),
            "override": override,
            "candidate": chosen.champion.name,
            "fit": artifacts.recipe(row["model"], row.get("recipe")),
            "runner_up": chosen.runner_up and chosen.runner_up.name,
            "structure": chosen.structure,
            "evidence": row["structure"],
        },
    )

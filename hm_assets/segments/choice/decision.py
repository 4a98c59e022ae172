"""From the rows of `segments/candidates` to the champion: entries for the choice, its verdicts, the model that won."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.segments import models
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.choice import words as choice_words
from hm_assets.segments.choice.choose import Choice, choose
from hm_assets.segments.choice.entries import Entry
from hm_assets.segments.space import Space
from hm_assets.warehouse import artifacts

Row = Mapping[str, Any]

FALLBACK = "merged_rfm_grid"
EXPLAINED = "log_spend"
STRUCTURE = "structure:"


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


def decide(rows: Sequence[Row], structure: bool, override: str | None = None) -> Choice:
    """Choose among the candidates; see `choice.choose`.

    Raises
    ------
    ValueError
        The fallback is needed and could not be fitted, or an override that cannot be followed.
    """
    entries = [entry(row) for row in rows]
    grid = next((e for e in entries if e.algorithm == FALLBACK), None)
    if grid is None:
        raise ValueError(f"{FALLBACK} is not among the candidates; it must be, for data without structure")
    found = choose([e for e in entries if e != grid], grid, structure, override)
    if found.champion.refused is not None:
        raise ValueError(
            f"nothing can be used: {found.champion.name} neither, because {found.champion.refused}"
        )
    return found


def with_verdicts(rows: Sequence[dict[str, Any]], chosen: Choice, structure: str) -> list[dict[str, Any]]:
    """The rows with what became of each, and the words on whether there is structure at all."""
    said = choice_words.verdicts(chosen)
    return [
        {
            **row,
            "structure": structure,
            "verdict": said.get(entry(row).name)
            or ("chosen" if entry(row) == chosen.champion else "stands by"),
        }
        for row in rows
    ]


def has_structure(rows: Sequence[Row]) -> bool:
    """What the lab found, from its stored rows."""
    return any(row["structure"].startswith(STRUCTURE) for row in rows)


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

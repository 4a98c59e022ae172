"""From the rows of `segments/candidates` to the champion: entries for the choice, its verdicts, the model that won."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.segments import models
from hm_assets.segments.algorithms.catalogue import EVERY
from hm_assets.segments.algorithms.names import HELD
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.choice import words as choice_words
from hm_assets.segments.choice.choose import Choice, choose
from hm_assets.segments.choice.entries import Entry, name_of
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
    mine = [v for v in values if v["outcome"] == outcome and name(v) == name(row)]
    if not mine:
        return {}
    # Many customers are there in each month, so their errors go together: averaged, they are never too small for it.
    value, low, high = (sum(v[what] for v in mine) / len(mine) for what in ("value", "low", "high"))
    return {"later_value": value, "later_low": low, "later_high": high}


def name(row: Row) -> str:
    """A row's candidate as it is asked for."""
    return name_of(row["algorithm"], row["k"], row["space"])


def entries(rows: Sequence[Row]) -> list[Entry]:
    """The candidates as the choice sees them, in the order of the rows.

    Stability and separation are held against what any of the candidates reaches on data without segments, in the same
    space with the same number of segments: the highest of their means. Against its own, an algorithm that cuts noise
    into something else each time would be ahead of one that cuts it well, and most of these means rest on a few data
    sets. The grid that stands in is no candidate: its cuts are fixed, and it has only its own.
    """
    return [
        _entry(row, _bar(rows, row, "null_stability"), _bar(rows, row, "null_silhouette")) for row in rows
    ]


def _bar(rows: Sequence[Row], row: Row, column: str) -> float:
    alike = [r for r in rows if all(r[what] == row[what] for what in ("space", "segments"))]
    peers = [row] if row["algorithm"] == FALLBACK else [r for r in alike if r["algorithm"] != FALLBACK]
    return max((value for r in peers if (value := r.get(column)) is not None), default=math.nan)


def _entry(row: Row, null_stability: float, null_silhouette: float) -> Entry:
    def number(column: str) -> float:
        value = row.get(column)
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
        stability_excess=number("stability") - null_stability,
        separation=number("centroid_silhouette") - null_silhouette,
        later_value=number("later_value"),
        later_low=number("later_low"),
        later_high=number("later_high"),
        fidelity=number("fidelity"),
        refused=None if fitted else row["verdict"] or "it was not fitted",
        noise_share=row["noise_share"],
        customers=row["customers"],
        most_rows=next(
            (a.most_rows for a in EVERY if (a.name, a.space) == (row["algorithm"], row["space"])), None
        ),
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
    known = entries(rows)
    grid = next((e for e in known if e.algorithm == FALLBACK), None)
    if grid is None:
        raise ValueError(f"{FALLBACK} is not among the candidates; it must be, for data without structure")
    continua = [space for space, found in structure.items() if not found and space != choice_words.TESTED]
    found = choose(
        [e for e in known if e != grid],
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
            "verdict": said.get(name(row))
            or ("chosen" if name(row) == chosen.champion.name else "stands by"),
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
    (row,) = [row for row in rows if name(row) == chosen.champion.name]
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

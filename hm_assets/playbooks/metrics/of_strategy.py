"""Figures of the strategies: those that the lines print, what somebody assumed, and the steps of the journey."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from hm_assets.playbooks.metrics.figure import Figure, Sentence, from_json
from hm_assets.playbooks.strategy.figures import of_journey

Row = Mapping[str, Any]
Key = tuple[str, str, str, str, str]


def line(row: Row) -> Sentence:
    """The line of a row, its figures apart."""
    return from_json(json.loads(row["pieces"]))


def of_strategy(rows: Iterable[Row]) -> Iterator[Figure]:
    """Every figure that a line prints, as it prints it."""
    for row in rows:
        yield from (piece for piece in line(row) if isinstance(piece, Figure))


def of_steps(rows: Iterable[Row]) -> Iterator[Figure]:
    """Of `playbooks/journey`: who went on from order to order, which the playbooks draw instead of saying it."""
    yield from (of_journey(row) for row in rows if row["kind"] == "step")


def said_otherwise(figures: Iterable[Figure], known: Mapping[Key, Figure]) -> Iterator[Figure]:
    """Those whose text is not the one that the store has of them, under the text as a name of their own."""
    for figure in figures:
        other = known.get(figure.key)
        if other is not None and other.text != figure.text:
            yield replace(figure, field=f"{figure.field} as “{figure.text}”")

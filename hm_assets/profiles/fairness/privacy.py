"""What leaves the platform says nothing about fewer than twenty people (k-anonymity of cells, k = 20).

A cell is a fact of a segment, and the same fact of the whole base. It is small where it rests on fewer than twenty
customers, or, for a share of persons, where the share or its rest is of fewer than twenty of them. Numbers of
customers are told, so a cell that is withheld alone comes back by subtraction: from the base and the other segments,
or from the other parts of a whole (age bands, club levels). There the next smallest cell is withheld with it, and
another one, until what is withheld together is not small either, and no small one follows from several sums
(secondary suppression: Hundepool et al. 2012, Statistical Disclosure Control, chapter 4). That leaves bounds, and what
several months tell together.
"""

import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from hm_assets.profiles.ages import BANDS
from hm_assets.profiles.members import CLUB
from hm_assets.profiles.taste.counts import KINDS as TASTES
from hm_assets.profiles.words.pieces import Piece
from hm_assets.segments.tables import NO_PURCHASE

K = 20
# Facts that are shares of persons: both the part and the rest of the group are cells.
PERSONS = ("demographic", "engagement")
OF_PERSONS = ("bought_365d", "bought_once")
# Everybody is in exactly one of these.
PARTITIONS = (tuple(BANDS), tuple(CLUB))
NUMBERS = ("customers", "share_of_customers")
FIGURES = ("value", "low", "high", "base", "index_to_base", "effect")
SAME = 1e-9
EVERYBODY = -1
"""Stands for the base where a segment's id is asked for."""

Row = Mapping[str, Any]
Cell = tuple[int, str, str]
"""segment_id, kind, fact"""
Part = TypeVar("Part", Cell, int)


@dataclass(frozen=True)
class Amount:
    """The customers that a cell rests on; of a share of persons also those who are the part."""

    customers: float
    part: float | None = None

    def is_small(self, k: int = K) -> bool:
        """Whether it is about somebody, and about fewer than `k`."""
        rest = None if self.part is None else self.customers - self.part
        return any(0 < round(n) < k for n in (self.customers, self.part, rest) if n is not None)

    @property
    def smallest(self) -> float:
        """The fewest that it is about; nobody is no number of people."""
        rest = None if self.part is None else self.customers - self.part
        return min(
            (n for n in (self.customers, self.part, rest) if n is not None and round(n)), default=math.inf
        )


def cell(row: Row) -> Cell:
    """The cell of a row of `profiles/segment_profiles`."""
    return row["segment_id"], row["kind"], row["fact"]


def withheld(rows: Sequence[Row], k: int = K) -> set[Cell]:
    """The cells of `profiles/segment_profiles` (one month) that are small, and those that would give them away.

    A segment of fewer than `k` customers keeps its size and nothing else. A fact that is small in the whole base is
    withheld of all segments. Tastes rest on at least thirty buyers, and too few of them are told to subtract from.
    """
    sizes = {row["segment_id"]: row["value"] for row in rows if row["fact"] == "customers"}
    told = [row for row in rows if row["kind"] != "size" or row["fact"] not in NUMBERS]
    of_few = {cell(row) for row in told if sizes.get(row["segment_id"], 0.0) < k}
    facts = {cell(row): _amount(row, sizes) for row in told if row["kind"] not in TASTES}
    facts |= _of_everybody(told, facts)
    hidden = of_few | {each for each, amount in facts.items() if amount.is_small(k)}
    sums = list(_sums(facts))
    before = -1
    while len(hidden) > before:
        before = len(hidden)
        of_nobody = {each[1:] for each in hidden if each[0] == EVERYBODY}
        hidden |= {each for each in facts if each[1:] in of_nobody}
        hidden = _without_subtraction(facts, hidden, [parts for _, parts in sums], k)
        hidden |= _out_of_reach(facts, hidden, sums, k)
    return {each for each in hidden if each[0] != EVERYBODY}


def segments_withheld(sizes: Mapping[int, int], k: int = K) -> set[int]:
    """The segments of which a whole chart tells nothing: those that are small, and those that would give them away."""
    facts = {i: Amount(size) for i, size in sizes.items()}
    return _without_subtraction(facts, {i for i in facts if facts[i].is_small(k)}, [list(facts)], k)


def rounded(customers: int, k: int = K) -> int | None:
    """A number of customers to the nearest multiple of `k`; None for fewer than `k`, and for nobody alike.

    For a table whose sums are told and most of whose cells are small, as that of who moved where: to withhold cells
    there until no sum gives one away takes nearly all of them, and those that a sum names with zeros come back even so.
    Rounded cells leave each small one a range (rounding to a base: Hundepool et al. 2012, chapter 4).
    """
    return k * ((customers + k // 2) // k) if customers >= k else None


def without(rows: Sequence[Row], cells: set[Cell]) -> list[dict[str, Any]]:
    """The same rows with the figures of these cells empty, and `withheld` true for them."""
    found = []
    for row in rows:
        small = cell(row) in cells
        empty = {name: None for name in FIGURES if name in row} if small else {}
        found.append({**row, **empty, "withheld": small})
    return found


def sayable(words: Iterable[Row], cells: set[Cell]) -> list[Row]:
    """The rows of `profiles/segment_words` that rest on none of these cells."""

    def rests_on(row: Row) -> set[Cell]:
        pieces = (Piece.from_json(piece) for piece in json.loads(row["pieces"]))
        return {(row["segment_id"], piece.kind, piece.fact) for piece in pieces if piece.kind and piece.fact}

    return [row for row in words if not rests_on(row) & cells]


def _amount(row: Row, sizes: Mapping[int, float], figure: str = "value") -> Amount:
    rests_on = row.get("customers")
    customers = sizes.get(row["segment_id"], 0.0) if rests_on is None else rests_on
    of_persons = row["kind"] in PERSONS or row["fact"] in OF_PERSONS
    if row["unit"] != "share" or not of_persons or row[figure] is None:
        return Amount(customers)
    return Amount(customers, row[figure] * customers)


def _of_everybody(rows: Iterable[Row], facts: Mapping[Cell, Amount]) -> dict[Cell, Amount]:
    """What the base rests on: all segments of those who bought."""
    customers: dict[tuple[str, str], float] = defaultdict(float)
    for (i, kind, fact), amount in facts.items():
        customers[kind, fact] += amount.customers if i != NO_PURCHASE else 0.0
    return {
        (EVERYBODY, *cell(row)[1:]): _amount({**row, "customers": customers[cell(row)[1:]]}, {}, "base")
        for row in rows
        if cell(row) in facts and row.get("base") is not None
    }


def _sums(facts: Mapping[Cell, Amount]) -> Iterator[tuple[Cell | None, list[Cell]]]:
    """Cells and the cell that is their sum: a fact of all segments and the base, where there is one.

    None for the parts of a whole of a segment, which sum up to its number of customers.
    """
    for base in sorted(each for each in facts if each[0] == EVERYBODY):
        parts = [each for each in facts if each[1:] == base[1:]]
        yield base, [each for each in parts if each[0] not in (NO_PURCHASE, EVERYBODY)]
    for i in sorted({each[0] for each in facts}):
        for names in PARTITIONS:
            yield None, [each for each in facts if each[0] == i and each[2] in names]


def _without_subtraction(
    facts: Mapping[Part, Amount], hidden: set[Part], sums: Collection[Collection[Part]], k: int
) -> set[Part]:
    """What is withheld, and what else has to be for none of it to come back from these sums."""
    before = -1
    while len(hidden) > before:
        before = len(hidden)
        for parts in sums:
            hidden = hidden | _as_well({each: facts[each] for each in parts}, hidden, k)
    return hidden


def _out_of_reach(
    facts: Mapping[Cell, Amount], hidden: set[Cell], sums: Sequence[tuple[Cell | None, list[Cell]]], k: int
) -> set[Cell]:
    """The cell to withhold next where several sums together name a small one that none of them names alone.

    They do where no change of what is withheld leaves all sums as they are and changes that cell (Gusfield 1988). A
    base is told beside each figure of it, so one is unknown where all of these are withheld.
    """
    told = {each[1:] for each in facts if each[0] != EVERYBODY and each not in hidden}
    cells = sorted(
        {each for each in facts if (each[0] == EVERYBODY and each[1:] not in told) or each in hidden}
    )
    if not cells:
        return set()
    place = {each: i for i, each in enumerate(cells)}
    known = np.zeros((len(sums), len(cells)))
    for row, (base, parts) in zip(known, sums, strict=True):
        row[[place[each] for each in parts if each in place]] = 1
        if base in place:
            row[place[base]] = -1
    _, sizes, ways = np.linalg.svd(known)
    changes = np.abs(ways[int((sizes > SAME).sum()) :]).sum(axis=0)
    named = {each for each in cells if changes[place[each]] < SAME and facts[each].is_small(k)}
    beside = {each for _, parts in sums if named & set(parts) for each in parts} - hidden
    return {min(beside, key=lambda each: (facts[each].smallest, each))} if beside else set()


def _as_well(parts: Mapping[Part, Amount], hidden: set[Part], k: int) -> set[Part]:
    """The parts that are withheld, with the smallest others, as long as their sum would tell of too few."""
    found = parts.keys() & hidden
    others = sorted(parts.keys() - hidden, key=lambda each: (parts[each].smallest, each))
    while found and others and (len(found) == 1 or _together([parts[each] for each in found]).is_small(k)):
        found.add(others.pop(0))
    return found


def _together(amounts: Sequence[Amount]) -> Amount:
    parts = [amount.part for amount in amounts if amount.part is not None]
    return Amount(sum(amount.customers for amount in amounts), sum(parts) if parts else None)

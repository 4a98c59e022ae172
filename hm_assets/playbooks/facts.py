"""The facts of a segment as the documents read them: the rows of `profiles/segment_profiles` in words.

A fact never appears without its meaning: its label and style are those of `profiles/wording.py`.
Spend is a price index, never money (the source hides the currency).
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from hm_assets.profiles.taste.counts import KINDS as TASTES
from hm_assets.profiles.wording import WORDINGS, Style, Wording, write_number
from hm_assets.warehouse.errors import ContractError

ASSET: Final = "profiles/segment_profiles"
NO_PURCHASE: Final = 0  # segment_id of the customers who have not bought yet
ABOUT_THE_SAME: Final = 0.03  # with many customers a difference can be clear and yet too small to matter
CATEGORY: Final = "category"
COLUMNS: Final = (
    "segment_id",
    "segment_name",
    "fact",
    "kind",
    "unit",
    "value",
    "low",
    "high",
    "base",
    "index_to_base",
    "as_of",
)

Field = Literal["value", "low", "high", "base", "index_to_base"]


@dataclass(frozen=True)
class Fact:
    """One figure of one segment, with its 95 % interval and the same figure over all who have bought.

    For a kind of taste (category, colour, ...), `low` and `high` bound the index, not the value.
    """

    segment_id: int
    name: str
    kind: str
    unit: str | None
    value: float
    low: float | None = None
    high: float | None = None
    base: float | None = None
    index_to_base: float | None = None

    @property
    def wording(self) -> Wording:
        """The label and style, for a taste its own name."""
        if self.kind not in TASTES and self.name in WORDINGS:
            return WORDINGS[self.name]
        style: Style = "share" if self.kind in TASTES or self.unit == "share" else "number"
        return Wording(self.name, style)

    @property
    def index_interval(self) -> tuple[float, float] | None:
        """The interval on the scale of the index (100 = as the base)."""
        if self.low is None or self.high is None:
            return None
        if self.kind in TASTES:
            return self.low, self.high
        if not self.base or self.index_to_base is None:
            return None
        return 100 * self.low / self.base, 100 * self.high / self.base

    @property
    def direction(self) -> Literal["more", "less", "same"]:
        """Against the base; a difference whose interval touches the base is none."""
        if self.index_to_base is None or self.index_to_base == 100:
            return "same"
        low, high = self.index_interval or (self.index_to_base, self.index_to_base)
        if self.index_to_base > 100:
            return "more" if low > 100 else "same"
        return "less" if high < 100 else "same"

    @property
    def stands_out(self) -> bool:
        """The difference from the base is clear and large enough to matter."""
        index = 100 if self.index_to_base is None else self.index_to_base
        return self.direction != "same" and abs(index / 100 - 1) >= ABOUT_THE_SAME

    @property
    def distance(self) -> float:
        """How far from the base, in doublings or halvings."""
        if self.index_to_base is None:
            return 0.0
        return abs(math.log2(max(self.index_to_base, 1.0) / 100))

    def number(self, which: Field) -> float | None:
        """One of the figures by its column name."""
        number: float | None = getattr(self, which)
        return number

    def written(self, which: Field = "value") -> str:
        """A figure for people."""
        number = self.number(which)
        if number is None:
            return "not in data"
        if which == "index_to_base":
            return f"{number:,.0f}"
        if self.wording.style == "share" and 0 < number < 0.0005:
            return "under 0.1 %"
        return write_number(number, self.wording.style)

    def interval(self) -> tuple[str, str] | None:
        """Both bounds for people, with the decimals needed to tell them apart; a unit stands at the end."""
        if self.low is None or self.high is None:
            return None
        style = _bound_style(self)
        precision = 0
        while precision < 4 and write_number(self.low, style, precision) == write_number(
            self.high, style, precision
        ):
            precision += 1
        if precision == 4 or self.low == self.high:
            precision = 0
        high = write_number(self.high, style, precision)
        return write_number(self.low, style, precision).removesuffix(" %"), high

    def sentence(self) -> str:
        """The fact as text: `Last order: 212 days (208–216), all customers 85 days`."""
        interval = self.interval()
        bounds = f" ({interval[0]}–{interval[1]})" if interval else ""
        if self.kind in TASTES:
            return f"{self.name}: index {self.written('index_to_base')}{bounds}"
        base = (
            f", all customers {self.written('base')}"
            if self.base is not None and self.index_to_base is not None
            else ""
        )
        return f"{self.wording.label}: {self.written()}{bounds}{base}"


@dataclass(frozen=True)
class Profile:
    """A segment with its facts by name, its over-indexed categories and other tastes, best first.

    `withheld` names the facts that are known and rest on too few customers to be told.
    """

    segment_id: int
    name: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    categories: tuple[Fact, ...] = ()
    tastes: tuple[Fact, ...] = ()
    withheld: frozenset[str] = frozenset()

    @property
    def has_bought(self) -> bool:
        """False for the group without a purchase, which has no behaviour to speak of."""
        return self.segment_id != NO_PURCHASE

    def get(self, name: str) -> Fact | None:
        """The fact, or None where the data does not hold it."""
        return self.facts.get(name)

    def value(self, name: str) -> float | None:
        """The figure of a fact, or None."""
        fact = self.facts.get(name)
        return None if fact is None else fact.value


def read_profiles(rows: Iterable[Mapping[str, Any]]) -> list[Profile]:
    """The rows by segment, the largest first and the group without a purchase last; their order does not matter.

    A row without a value is left out: to the documents it is not in the data. So is an engagement that nobody at all
    has: the source does not record it (its missing values were taken for "no"). Of the categories only those stay
    whose interval lies above the base, the highest index first.

    Raises
    ------
    ContractError
        A row lacks a column, or a segment has two names.
    """
    names: dict[int, str] = {}
    facts: dict[int, list[Fact]] = {}
    withheld: dict[int, set[str]] = {}
    for row in rows:
        missing = [column for column in COLUMNS if column not in row]
        if missing:
            raise ContractError(f"A row of {ASSET} lacks {', '.join(missing)}; materialise {ASSET} again")
        segment_id, name = int(row["segment_id"]), str(row["segment_name"])
        if names.setdefault(segment_id, name) != name:
            raise ContractError(
                f"{ASSET} calls segment {segment_id} both {names[segment_id]!r} and {name!r}; "
                "materialise it again"
            )
        fact = _fact(segment_id, row)
        facts.setdefault(segment_id, [])
        if row.get("withheld"):
            withheld.setdefault(segment_id, set()).add(str(row["fact"]))
        if fact is not None:
            facts[segment_id].append(fact)
    profiles = [
        Profile(
            segment_id,
            names[segment_id],
            {fact.name: fact for fact in found if fact.kind not in TASTES},
            _over_indexed(found, CATEGORY),
            tuple(fact for kind in TASTES if kind != CATEGORY for fact in _over_indexed(found, kind)),
            frozenset(withheld.get(segment_id, ())),
        )
        for segment_id, found in facts.items()
    ]
    return sorted(profiles, key=lambda p: (not p.has_bought, -(p.value("customers") or 0), p.segment_id))


def facts_of(segment_id: int, rows: Iterable[Mapping[str, Any]]) -> list[Fact]:
    """All facts of a segment, whatever a page shows of them."""
    mine = (row for row in rows if int(row["segment_id"]) == segment_id)
    return [fact for row in mine if (fact := _fact(segment_id, row)) is not None]


def dates_of(rows: Iterable[Mapping[str, Any]]) -> set[dt.date]:
    """The as-of dates that the rows carry."""
    return {row["as_of"] for row in rows}


def _over_indexed(facts: list[Fact], kind: str) -> tuple[Fact, ...]:
    clear = [fact for fact in facts if fact.kind == kind and fact.direction == "more"]
    return tuple(sorted(clear, key=lambda fact: (-(fact.index_to_base or 0), fact.name)))


def _bound_style(fact: Fact) -> Style:
    """Bounds of a taste are indexes; days stand after the figure, not again after its bounds."""
    if fact.kind in TASTES:
        return "count"
    return "number" if fact.wording.style == "days" else fact.wording.style


def _fact(segment_id: int, row: Mapping[str, Any]) -> Fact | None:
    value = _finite(row["value"])
    if value is None or (row["kind"] == "engagement" and value == 0 and row["base"] == 0):
        return None
    unit = None if row["unit"] is None else str(row["unit"])
    bounds = (_finite(row[column]) for column in ("low", "high", "base", "index_to_base"))
    return Fact(segment_id, str(row["fact"]), str(row["kind"]), unit, value, *bounds)


def _finite(number: Any) -> float | None:
    return None if number is None or not math.isfinite(number) else float(number)

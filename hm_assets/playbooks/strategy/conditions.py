"""When a rule applies: lines that a marketer can read, parsed into tests of a segment's facts.

A line is terms joined by `and`; of several lines one has to hold. A term is

    has bought · has not bought · over-buys a category
    recency_days >= 60              the segment's own figure (also: <)
    recency_days index >= 150       against all customers (100 = the same; also: <=)

An index counts only where the 95 % interval keeps clear of everybody's figure: a rule never fires on chance. What is
not in the data holds nowhere.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.playbooks.facts import Profile
from hm_assets.profiles.wording import WORDINGS

MEASURES: Final = (
    *(f"ordering_{days}d" for days in HORIZONS),
    *("leaving_90d", "next_order_days", "value_90d", "value_12m", "past_cadence", "past_90_days"),
)
"""Measures of `forecasts/segments` that a condition may name."""
WORDS: Final[Mapping[str, Callable[[Profile], bool]]] = {
    "has bought": lambda profile: profile.has_bought,
    "has not bought": lambda profile: not profile.has_bought,
    "over-buys a category": lambda profile: bool(profile.categories),
}
OWN: Final = re.compile(r"(\w+) (>=|<) (\d+(?:\.\d+)?)")
AGAINST_ALL: Final = re.compile(r"(\w+) index (>=|<=) (\d+(?:\.\d+)?)")
EXAMPLE: Final = "recency_days >= 60"


@dataclass(frozen=True)
class Known:
    """What conditions are tested on: the facts of a segment, and the measures of its forecast where there is one."""

    profile: Profile
    measures: Mapping[str, float] = field(default_factory=dict)

    def value(self, name: str) -> float | None:
        """A figure by its name."""
        return self.measures.get(name) if name in MEASURES else self.profile.value(name)


Test = Callable[[Known], bool]


def parse(line: str) -> Test:
    """A line of a rule as a test.

    Raises
    ------
    ValueError
        A term cannot be read, or names a fact that there is none of.
    """
    tests = [_term(term.strip()) for term in line.split(" and ")]
    return lambda known: all(test(known) for test in tests)


def fact_named(name: str) -> str:
    """The name, where there is such a fact.

    Raises
    ------
    ValueError
        There is none.
    """
    if name not in WORDINGS:
        raise ValueError(_unknown(name, tuple(WORDINGS)))
    return name


def _term(term: str) -> Test:
    if term in WORDS:
        test = WORDS[term]
        return lambda known: test(known.profile)
    if found := AGAINST_ALL.fullmatch(term):
        return _against_all(fact_named(found[1]), found[2], float(found[3]))
    if found := OWN.fullmatch(term):
        if found[1] not in MEASURES and found[1] not in WORDINGS:
            raise ValueError(_unknown(found[1], (*WORDINGS, *MEASURES)))
        return _own(found[1], found[2], float(found[3]))
    words = ", ".join(f"“{word}”" for word in WORDS)
    raise ValueError(
        f"“{term}” cannot be read; write {words}, or a fact as “{EXAMPLE}” or “orders index <= 75”"
    )


def _own(name: str, sign: str, bound: float) -> Test:
    def test(known: Known) -> bool:
        value = known.value(name)
        return value is not None and (value >= bound if sign == ">=" else value < bound)

    return test


def _against_all(name: str, sign: str, bound: float) -> Test:
    def test(known: Known) -> bool:
        fact = known.profile.get(name)
        if fact is None or fact.index_to_base is None:
            return False
        if sign == ">=":
            return fact.direction == "more" and fact.index_to_base >= bound
        return fact.direction == "less" and fact.index_to_base <= bound

    return test


def _unknown(name: str, names: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    way_out = f"is it {' or '.join(near)}?" if near else f"take one of {', '.join(names)}"
    return f"there is no fact “{name}”; {way_out}"

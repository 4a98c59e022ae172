"""What one month's page shows: rows of tables, and how its segments are called, coloured and put in order."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hm_assets.profiles.taste.counts import KINDS as TASTES
from hm_assets.segments.page.pictures_of_segments import COLOURS
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.charts import DASHES, SYMBOLS, label

Row = Mapping[str, Any]
Rows = Sequence[Row]


@dataclass(frozen=True)
class Month:
    """One month's rows, in any order.

    Attributes
    ----------
    profiles, words, prices, transitions, forecasts, criteria
        Of `profiles/segment_profiles`, `segment_words`, `price_curves`, `transitions`, `size_forecast` and
        `passport_criteria`; at least one row of the first.
    spread, sample, bought, history
        Of `reading`.
    validity
        Of `profiles/validity`; empty where the month has none.
    """

    profiles: Rows
    words: Rows = ()
    prices: Rows = ()
    transitions: Rows = ()
    forecasts: Rows = ()
    criteria: Rows = ()
    spread: Rows = ()
    sample: Rows = ()
    bought: Rows = ()
    history: Rows = ()
    validity: Rows = ()

    @property
    def as_of(self) -> dt.date:
        """The day on which all of this is true."""
        day: dt.date = self.profiles[0]["as_of"]
        return day

    @cached_property
    def facts(self) -> dict[tuple[int, str], Row]:
        """(segment, fact) -> its row; tastes are left out."""
        return {(row["segment_id"], row["fact"]): row for row in self.profiles if row["kind"] not in TASTES}

    @cached_property
    def names(self) -> dict[int, str]:
        """Every segment's name, customers without a purchase included."""
        return {row["segment_id"]: row["segment_name"] for row in self.profiles}

    @cached_property
    def ids(self) -> list[int]:
        """The segments of those who bought: who brings the most spend comes first."""
        return sorted(
            (i for i in self.names if i != NO_PURCHASE),
            key=lambda i: (-(self.value(i, "share_of_spend_365d") or 0.0), i),
        )

    def value(self, segment: int, fact: str) -> float | None:
        """A figure, or None where it is not in the data."""
        row = self.facts.get((segment, fact))
        return None if row is None else float(row["value"])

    @property
    def customers(self) -> int:
        """Customers with a purchase."""
        return int(sum(self.value(i, "customers") or 0 for i in self.ids))

    def short(self, segment: int) -> str:
        """The name without its adjectives; of namesakes, with those that tell them apart."""
        if segment == NO_PURCHASE:
            return "No purchase yet"
        return self._short.get(segment, f"Segment {segment} (now empty)")

    @cached_property
    def _short(self) -> dict[int, str]:
        found = {}
        for i in self.ids:
            head, _, said = self.names[i].partition(": ")
            others = [
                name.partition(": ")[2].split(", ")
                for n, name in self.names.items()
                if self._are_namesakes(n, i)
            ]
            own = [word for word in said.split(", ") if not all(word in words for words in others)]
            found[i] = f"{head}: {', '.join(own)}" if others and own else head
        alike = list(found.values())
        return {i: short if alike.count(short) == 1 else self.names[i] for i, short in found.items()}

    def _are_namesakes(self, one: int, other: int) -> bool:
        heads = [self.names[i].partition(": ")[0] for i in (one, other)]
        return one != other and NO_PURCHASE not in (one, other) and heads[0] == heads[1]

    def tick(self, segment: int, width: int = 16) -> str:
        """The same as a label of a chart."""
        return label(self.short(segment), width)

    def place(self, segment: int) -> int:
        """The segment's place by its id, which colour, dash and symbol follow: they stay when shares change."""
        known = sorted({*self.names, *(row["segment_id"] for row in self.history)} - {NO_PURCHASE})
        return known.index(segment) if segment in known else len(known)

    def colour(self, segment: int) -> str:
        """Told apart with any kind of colour vision, for seven segments; then they come again."""
        return "#9aa3ad" if segment == NO_PURCHASE else COLOURS[self.place(segment) % len(COLOURS)]

    def dash(self, segment: int) -> str:
        """Of its lines."""
        return DASHES[self.place(segment) % len(DASHES)]

    def symbol(self, segment: int) -> str:
        """Of its points."""
        return SYMBOLS[self.place(segment) % len(SYMBOLS)]

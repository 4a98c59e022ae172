"""All figures of a month, to be looked up: what documents print comes from here and from nowhere else."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hm_assets.playbooks.facts import ASSET as PROFILES
from hm_assets.playbooks.metrics.figure import ALL, Figure
from hm_assets.warehouse.errors import ContractError


@dataclass(frozen=True)
class Store:
    """The figures of a month.

    Attributes
    ----------
    month, as_of
        The month, and the day that its figures describe.
    names
        Of the segments, the largest first; who has not bought comes last.
    figures
        By key.
    versions
        Of the tables that they stand in.
    """

    month: dt.date
    as_of: dt.date
    names: Mapping[str, str]
    figures: Mapping[tuple[str, str, str, str, str], Figure]
    versions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        month: dt.date,
        as_of: dt.date,
        names: Mapping[str, str],
        figures: Iterable[Figure],
        versions: Mapping[str, str],
    ) -> "Store":
        """A store of these figures.

        Raises
        ------
        ContractError
            Two of them have the same key and differ.
        """
        found: dict[tuple[str, str, str, str, str], Figure] = {}
        for figure in figures:
            other = found.setdefault(figure.key, figure)
            if other.value != figure.value:
                raise ContractError(
                    f"{'/'.join(figure.key)} is both {other.value} and {figure.value} for {month:%Y-%m}; "
                    f"materialise {figure.asset} again"
                )
        return cls(month, as_of, names, found, versions)

    @cached_property
    def by_segment(self) -> Mapping[str, Mapping[tuple[str, str], Figure]]:
        """Figures of each segment by fact and field; of facts of the same name, the one of the profiles.

        Other tables tell of the same fact of another time: `playbooks/journey` of a month ago.
        """
        found: dict[str, dict[tuple[str, str], Figure]] = {}
        for figure in sorted(self.figures.values(), key=lambda figure: figure.asset != PROFILES):
            found.setdefault(figure.segment, {}).setdefault((figure.fact, figure.field), figure)
        return found

    def get(self, segment: str, fact: str, field: str = "value") -> Figure | None:
        """A figure, or None where it is not in the data."""
        return self.by_segment.get(segment, {}).get((fact, field))

    def value(self, segment: str, fact: str, field: str = "value") -> float | None:
        """The same as a number."""
        figure = self.get(segment, fact, field)
        return None if figure is None else figure.value

    def rows(self) -> list[dict[str, Any]]:
        """As rows of `playbooks/metrics`."""
        return [
            {
                **figure.as_json(),
                "as_of": self.as_of,
                "month": self.month,
                "version": self.versions.get(figure.asset, "unknown"),
                "segment_name": "all customers" if figure.segment == ALL else self.names[figure.segment],
            }
            for figure in self.figures.values()
        ]

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> "Store | None":
        """The inverse, of a month's rows in any order; None where there are none."""
        rows = list(rows)
        if not rows:
            return None
        kept = ("asset", "segment", "kind", "fact", "field", "value", "text", "label", "assumption")
        figures = [Figure(**{name: row[name] for name in kept}) for row in rows]
        sizes = {
            f.segment: f.value
            for f in figures
            if (f.asset, f.fact, f.field) == (PROFILES, "customers", "value")
        }
        named = {row["segment"]: row["segment_name"] for row in rows if row["segment"] != ALL}
        order = sorted(named, key=lambda s: (s == "0", -sizes.get(s, 0), s))
        return cls.of(
            rows[0]["month"],
            rows[0]["as_of"],
            {segment: named[segment] for segment in order},
            sorted(figures, key=lambda figure: figure.key),
            {row["asset"]: row["version"] for row in rows},
        )

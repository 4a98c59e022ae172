"""What one month's page of the forecasts shows: rows of tables, and how segments are called and coloured."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from hm_assets.forecasts.by_segment.tables import ALL
from hm_assets.forecasts.why.shapley import Explained
from hm_assets.profiles.fairness.privacy import K
from hm_assets.profiles.page.month import Month

Row = Mapping[str, Any]
Rows = Sequence[Row]
NO_MODEL = "the files are too short to learn from: it takes a day with 90 days after it, and enough before it"
FROM_MODEL = ("forecasts/segments",)


@dataclass(frozen=True)
class Outlook:
    """One month's rows, in any order. Segments of fewer than twenty customers are in none of them.

    Attributes
    ----------
    names
        The segments: names, colours, order. Their `as_of` is that of the page.
    segments, segment_scores, warning_scores, timing, rules, value_scores, scoreboard, importance, reasons, thresholds,
    profit, budgets, demand, demand_scores
        Of the tables of `assets.ROWS`.
    periods, windows, warned
        Of `reading`.
    explained
        Customers of the month by SHAP; None where nothing can be explained.
    hidden
        How many segments are withheld.
    """

    names: Month
    segments: Rows = ()
    segment_scores: Rows = ()
    warning_scores: Rows = ()
    timing: Rows = ()
    rules: Rows = ()
    value_scores: Rows = ()
    scoreboard: Rows = ()
    importance: Rows = ()
    reasons: Rows = ()
    thresholds: Rows = ()
    profit: Rows = ()
    budgets: Rows = ()
    demand: Rows = ()
    demand_scores: Rows = ()
    periods: Rows = ()
    windows: Rows = ()
    warned: Rows = ()
    explained: Explained | None = None
    hidden: int = 0

    def in_order(self) -> "Outlook":
        """The same with rows in an order that does not depend on the one they came in."""
        tables = {each.name: getattr(self, each.name) for each in fields(self)}
        ordered: dict[str, Any] = {
            name: sorted(rows, key=lambda row: [str(row[column]) for column in sorted(row)])
            for name, rows in tables.items()
            if isinstance(rows, list | tuple)
        }
        return replace(self, **ordered)

    @property
    def as_of(self) -> dt.date:
        """The day on which all of this is true."""
        return self.names.as_of

    @cached_property
    def _told(self) -> dict[tuple[str, str], Row]:
        return {
            (row["segment"], row["measure"]): row
            for row in self.segments
            if row["value"] is not None and row["customers"] >= K
        }

    def told(self, measure: str, segment: str = ALL) -> Row | None:
        """A measure of `forecasts/segments`, or None where it is not known, or of fewer than twenty customers."""
        return self._told.get((segment, measure))

    def of_segments(self, measure: str) -> list[tuple[int, Row]]:
        """The segments that have it, the largest value first."""
        found = [(i, row) for i in self.names.ids if (row := self.told(measure, str(i)))]
        return sorted(found, key=lambda pair: (-pair[1]["value"], pair[0]))

    @property
    def left_out(self) -> str:
        """A sentence on the segments that are withheld, if any."""
        if not self.hidden:
            return ""
        who = "1 segment is" if self.hidden == 1 else f"{self.hidden} segments are"
        return f" {who} left out: figures would tell of fewer than 20 customers."


def where(rows: Rows, **wanted: Any) -> Iterator[Row]:
    """The rows that have these values."""
    return (row for row in rows if all(row[name] == value for name, value in wanted.items()))


def days_of(rows: Rows) -> list[dt.date]:
    """Their days, the earliest first."""
    return sorted({row["as_of"] for row in rows})

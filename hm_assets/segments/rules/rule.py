"""A segment as a marketer can rebuild it elsewhere: few conditions in words and in SQL, with how good they are.

The words and the SQL are made from the same numbers that were measured, so none of them can say something else.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hm_assets.explore.words import percent
from hm_assets.features.tables import CUSTOMER_FEATURES
from hm_assets.segments.space import numbers

Dialect = Literal["duckdb", "bigquery", "snowflake"]
DIALECTS: tuple[Dialect, ...] = ("duckdb", "bigquery", "snowflake")
GOOD, POOR = 0.8, 0.6

PHRASES = {
    "recency_days": "last purchase {} days ago",
    "tenure_days": "first purchase {} days ago",
    "purchase_days": "{} purchase days",
    "orders": "{} orders",
    "items": "{} units bought",
    "spend": "spent {} in total (price index)",
    "length_days": "{} days from the first to the last purchase",
    "mean_gap_days": "{} days between purchase days on average",
    "usual_gap_days": "usually {} days between purchase days",
    "overdue_days": "{} days overdue",
}
# Of columns such as spend_90d.
WINDOW_PHRASES = {
    "purchase_days": "{} purchase days in the last N days",
    "orders": "{} orders in the last N days",
    "items": "{} units in the last N days",
    "spend": "spent {} in the last N days (price index)",
    "basket": "spent {} per order in the last N days (price index)",
    "online_orders": "{} online orders in the last N days",
    "online_share": "online share of the units of the last N days {}",
}


@dataclass(frozen=True)
class Condition:
    """`above < column <= up_to`; None leaves that side open. An empty value does not meet it.

    `single` marks a column of 32-bit floats, which engines compare as what their literals are unless they are told.
    """

    column: str
    above: float | None = None
    up_to: float | None = None
    single: bool = False

    def holds(self, columns: pa.Table) -> npt.NDArray[np.bool_]:
        """For which of n rows it is true (n)."""
        values = numbers(columns, self.column)
        found = ~np.isnan(values)
        if self.above is not None:
            found &= values > self.above
        if self.up_to is not None:
            found &= values <= self.up_to
        return np.asarray(found)

    @property
    def words(self) -> str:
        """As it is read: `last purchase at most 34 days ago`."""
        sides = []
        if self.above is not None:
            sides.append(f"more than {_written(self.above)}")
        if self.up_to is not None:
            sides.append(f"at most {_written(self.up_to)}")
        return _phrase(self.column).replace("{}", " and ".join(sides))

    @property
    def duckdb(self) -> str:
        """As DuckDB reads it."""
        column = f"CAST({self.column} AS DOUBLE)" if self.single else self.column
        sides = []
        if self.above is not None:
            sides.append(f"{column} > {_written(self.above)}")
        if self.up_to is not None:
            sides.append(f"{column} <= {_written(self.up_to)}")
        return " AND ".join(sides)


@dataclass(frozen=True)
class Rule:
    """A conjunction of conditions, and what it did on customers it was not found on; without any it selects everybody.

    Attributes
    ----------
    segment
        Its label.
    conditions
        At most three, each on another column.
    customers, members, selected, hits
        Held-out customers; those in the segment; those whom the rule selects; those both in it and selected.
    """

    segment: int
    conditions: tuple[Condition, ...]
    customers: int
    members: int
    selected: int
    hits: int

    @property
    def precision(self) -> float:
        """Share of the selected who are in the segment; 0 where it selects nobody."""
        return self.hits / self.selected if self.selected else 0.0

    @property
    def recall(self) -> float:
        """Share of the segment that is selected; 0 where nobody of it was held out."""
        return self.hits / self.members if self.members else 0.0

    @property
    def coverage(self) -> float:
        """Share of all customers that is selected."""
        return self.selected / self.customers if self.customers else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0-1."""
        both = self.selected + self.members
        return 2 * self.hits / both if both else 0.0

    @property
    def words(self) -> str:
        """The conditions as they are read."""
        return ", ".join(condition.words for condition in self.conditions) or "everybody"

    @property
    def verdict(self) -> str:
        """How far the rule can stand in for the segment."""
        precision, recall = percent(self.precision), percent(self.recall)
        found = f"{precision} of those it selects belong to the segment, and it finds {recall} of it"
        if not self.conditions:
            return "No condition tells this segment from the others: use the assignments instead."
        if self.f1 >= GOOD:
            return f"A good stand-in: {found}."
        if self.f1 >= POOR:
            return f"A rough stand-in: {found}."
        return f"A poor stand-in, use the assignments instead: only {found}."

    def selects(self, columns: pa.Table) -> npt.NDArray[np.bool_]:
        """Whom of n rows it selects (n)."""
        found = np.ones(len(columns), dtype=bool)
        for condition in self.conditions:
            found &= condition.holds(columns)
        return found

    def sql(self, dialect: Dialect) -> str:
        """The condition for a WHERE."""
        import sqlglot

        condition = " AND ".join(condition.duckdb for condition in self.conditions) or "TRUE"
        return sqlglot.parse_one(condition, read="duckdb").sql(dialect=dialect)

    def row(self) -> dict[str, Any]:
        """What the table shows of it."""
        figures = {name: getattr(self, name) for name in ("precision", "recall", "coverage")}
        texts = {"words": self.words, "verdict": self.verdict}
        return {"segment_id": self.segment, **texts, **{d: self.sql(d) for d in DIALECTS}, **figures}


def _phrase(column: str) -> str:
    if column in PHRASES:
        return PHRASES[column]
    window = re.fullmatch(r"(\w+)_(\d+)d", column)
    if window and window[1] in WINDOW_PHRASES:
        return WINDOW_PHRASES[window[1]].replace("N days", f"{window[2]} days")
    known = {entry.name: entry for entry in CUSTOMER_FEATURES.columns}.get(column)
    if known is None:
        return f"{column.replace('_', ' ')} {{}}"
    unit = f" {known.unit}" if known.unit else ""
    return f"{known.description}: {{}}{unit}"


def _written(value: float) -> str:
    return np.format_float_positional(value, trim="-")

"""Quoting for the SQL that is written by hand (DuckDB's CSV reader, delta-rs predicates)."""

import datetime as dt
from collections.abc import Iterable


def literal(text: str) -> str:
    """A text literal.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A column or table name."""
    return '"' + name.replace('"', '""') + '"'


def dates(days: Iterable[dt.date]) -> str:
    """Date literals for an IN list; NULL, which matches nothing, where there is none."""
    return ", ".join(f"DATE '{day}'" for day in days) or "NULL"

"""What is missing from the customer file, apart from what only looks missing, and what is done about each column.

An empty FN or Active means no: it is structural and no gap. Everything else that is empty, impossible (an age of 5) or
a placeholder is unknown. For every column

    known + unknown = rows of the file        unknown = empty + refused - structural

and the rule that a column with more than 40 % unknown is not used is asked after the recoding, never before it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import ibis

from hm_assets.customers.encoding import LIMIT_UNKNOWN
from hm_assets.customers.mechanism import GAPS, MAR, MNAR
from hm_assets.warehouse import markdown

FILE_FLAGS = {"FN": "fn", "Active": "active"}
COLUMNS = (*FILE_FLAGS, *GAPS)
NOTHING = "nothing unknown"

STRUCTURAL = "Structural: the file holds 1 or nothing, and nothing means no"
STRUCTURAL_AND_ZERO = (
    "The file holds 1, 0 and nothing: nothing is taken as no too, which the file does not prove"
)
NEVER_YES = "Nobody has a 1: the file lacks the column, so an empty value is unknown"
UNTESTABLE = "Whether it depends on the value itself (MNAR) cannot be tested"
PLACEHOLDER = "One code stands on far more customers than any other and is no place"

RECODED = "Recoded: empty is 0; never imputed"
COMPLETED = "Stays unknown in the table; where a model needs a value, MICE completes it in several draws"
NO_PLACE = "Stays unknown, never imputed; used for no statement about places"
NOT_IN_DATA = "Not used: not in data"
OVER_LIMIT = (
    "Stays unknown, and no other column is filled by it: more than {limit:.0%} unknown after recoding"
)
NOTHING_TO_DO = "Nothing to do: every value is known"

Row = dict[str, Any]


def by_column(raw: ibis.Table, customers: ibis.Table, tests: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Counts, evidence and decision for each column of the customer file.

    Parameters
    ----------
    raw
        `raw/customers`, as delivered.
    customers
        `customers/customers`, recoded.
    tests
        Rows of `customers/missingness_tests`.
    """
    delivered = raw.agg(rows=raw.count(), **_delivered(raw)).to_pyarrow().to_pylist()[0]
    unknown = customers.agg(
        **{name: customers[name].isnull().sum() for name in GAPS},
        **{flag: customers[flag].max() for flag in FILE_FLAGS.values()},
    )
    recoded = unknown.to_pyarrow().to_pylist()[0]
    tests = list(tests)
    found = []
    for position, name in enumerate(COLUMNS, start=1):
        empty = delivered[f"{name}_empty"] or 0
        if name in FILE_FLAGS:
            refused = delivered[f"{name}_refused"] or 0
            # A flag that nobody has set is a column that the file lacks: then nothing says no either.
            structural = empty + refused if recoded[FILE_FLAGS[name]] else 0
            gaps = empty + refused - structural
        else:
            gaps, structural = recoded[name] or 0, 0
            refused = gaps - empty
        row = _column_row(position, name, delivered["rows"], empty, structural, refused, gaps)
        zeros = delivered.get(f"{name}_zero") or 0
        found.append({**row, "mechanism": _mechanism(name, structural, gaps, zeros, tests)})
    return found


def _delivered(raw: ibis.Table) -> dict[str, ibis.Value]:
    """Per column how many values are empty, and for flags how many say neither yes nor no."""
    counts = {}
    for name in COLUMNS:
        text = raw[name].strip().nullif("")
        counts[f"{name}_empty"] = text.isnull().sum()
        if name in FILE_FLAGS:
            said = text.try_cast("float64").isin([0.0, 1.0]).fill_null(False)
            counts[f"{name}_refused"] = (text.notnull() & ~said).sum()
            counts[f"{name}_zero"] = (text.try_cast("float64") == 0).fill_null(False).sum()
    return counts


def _column_row(
    position: int,
    name: str,
    rows: int,
    empty: int,
    structural: int,
    refused: int,
    unknown: int,
) -> Row:
    share = unknown / rows if rows else 0.0
    return {
        "position": position,
        "column": name,
        "rows": rows,
        "empty": empty,
        "structural": structural,
        "refused": refused,
        "known": rows - unknown,
        "unknown": unknown,
        "share_unknown": share,
        "over_limit": share > LIMIT_UNKNOWN,
        "decision": decision(name, unknown, share),
    }


def _mechanism(
    name: str, structural: int, unknown: int, zeros: int, tests: Sequence[Mapping[str, Any]]
) -> str:
    if name in FILE_FLAGS:
        if unknown and not structural:
            return NEVER_YES
        return STRUCTURAL_AND_ZERO if zeros else STRUCTURAL
    (tested,) = (row["finding"] for row in tests if row["test"] == MAR and row["column"] == name)
    if not unknown:
        return str(tested)
    parts = [tested, UNTESTABLE]
    if name == "postal_code":
        parts.insert(0, PLACEHOLDER)
    widest = max(
        (row for row in tests if row["test"] == MNAR), key=lambda row: row["assumed_years"], default=None
    )
    if name == "age" and widest:
        parts[-1] += (
            f": {widest['assumed_years']} years more or less would move the mean age by {widest['effect']:.2f}"
        )
    return ". ".join(parts)


def decision(name: str, unknown: int, share: float) -> str:
    """What is done about a column, in words."""
    if name in FILE_FLAGS:
        return RECODED if not unknown else NOT_IN_DATA
    if share > LIMIT_UNKNOWN:
        return OVER_LIMIT.format(limit=LIMIT_UNKNOWN)
    if name == "postal_code":
        return NO_PLACE
    return COMPLETED if unknown else NOTHING_TO_DO


def patterns(customers: ibis.Table) -> list[Row]:
    """Which attributes are unknown together, the most frequent pattern first; the customers add up to all."""
    marked = customers.select(**{f"{name}_unknown": customers[name].isnull() for name in GAPS})
    marks = list(marked.columns)
    counted = marked.group_by(marks).agg(customers=ibis._.count()).to_pyarrow().to_pylist()
    total = sum(row["customers"] for row in counted)
    rows = []
    for row in sorted(counted, key=lambda row: (-row["customers"], [row[mark] for mark in marks])):
        names = [name for name in GAPS if row[f"{name}_unknown"]]
        pattern = {"pattern": " + ".join(names) or NOTHING, "columns_unknown": len(names)}
        rows.append({**pattern, **row, "share": row["customers"] / total})
    return rows


def as_markdown(rows: Iterable[Mapping[str, Any]]) -> str:
    """The columns as a short table for the UI."""
    headings = ("column", "empty", "means no", "refused", "unknown", "share", "decision")
    counts = ("empty", "structural", "refused", "unknown")
    return markdown.table(
        headings,
        [
            [
                row["column"],
                *(f"{row[name]:,}" for name in counts),
                f"{row['share_unknown']:.2%}",
                row["decision"],
            ]
            for row in rows
        ],
    )

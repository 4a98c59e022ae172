"""The refused rows, each with its line, column, value and reason: a second, slower look at the files that have any."""

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa

from hm_assets.raw import ingestion, lines, rules
from hm_assets.raw.ingestion import Connection
from hm_assets.raw.landed import LandedFile
from hm_assets.raw.reading import Reading
from hm_assets.warehouse import sql

SHOWN_CHARACTERS = 1_000


def explain(connection: Connection, suspects: Mapping[LandedFile, Iterable[dt.date]], spill: Path) -> None:
    """Make the temporary table `rejects` (columns of `raw/rejects`) from the files that have refused rows.

    Parameters
    ----------
    connection
        Holds the known ids as the temporary tables `customers` and `articles`.
    suspects
        Each file with the months whose rows are not judged: another file replaced them, or they are not
        ingested yet.
    spill
        Folder to unpack archives into.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE rejects "
        '(file VARCHAR, line BIGINT, "column" VARCHAR, value VARCHAR, reason VARCHAR)'
    )
    connection.execute("SET preserve_insertion_order = true")
    try:
        for landed, hidden in suspects.items():
            with ingestion.opened(connection, landed, spill) as view:
                _collect_refused(connection, landed, view, hidden)
                _append(connection, landed, view)
    finally:
        connection.execute("SET preserve_insertion_order = false")


def _collect_refused(
    connection: Connection, landed: LandedFile, view: Reading, hidden: Iterable[dt.date]
) -> None:
    """The temporary table `marked`: refused rows with their value, and rows that take several lines."""
    kind = landed.file.kind
    extra = f"row, line_breaks, {rules.refused_value(rules.RULES[kind])} AS value,"
    if kind == "transactions":
        numbered = f"(SELECT row_number() OVER () AS row, * FROM {view.relation})"
        query = ingestion.transactions_sql(numbered, landed, extra)
        refusal = f"CASE WHEN month IN ({sql.dates(hidden)}) THEN 0 ELSE refusal END"
    else:
        of_kind = {"customers": ingestion.customers_sql, "articles": ingestion.articles_sql}[kind]
        query, refusal = of_kind(view.relation, extra), "refusal"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE marked AS SELECT row, line_breaks, value, {refusal} AS refusal FROM ({query}) "
        "WHERE refusal > 0 OR line_breaks > 0"
    )


def _append(connection: Connection, landed: LandedFile, view: Reading) -> None:
    """Find the lines of the refused and of the broken rows."""
    # Taken out before the text is cut: half an id would not be known again.
    broken = connection.execute(
        f"SELECT position, height, left(without_forgotten(text), {SHOWN_CHARACTERS}) AS text, reason "
        f"FROM {view.broken} ORDER BY position"
    ).to_arrow_table()
    tall = connection.execute(
        "SELECT row, line_breaks FROM marked WHERE line_breaks > 0 ORDER BY row"
    ).fetchall()
    blank = lines.blank_lines(view.plain) if landed.blank_lines else []
    broken_lines = lines.lines_at(view.plain, broken["position"].to_pylist(), blank)
    runs = lines.runs(tall, zip(broken_lines, broken["height"].to_pylist(), strict=True), blank)
    firsts, starts = zip(*runs, strict=True)
    connection.register("line_runs", pa.table({"row": firsts, "line": starts}))
    connection.register("broken_rows", broken.append_column("line", pa.array(broken_lines, pa.int64())))
    numbered = list(enumerate(rules.RULES[landed.file.kind], 1))
    column = " ".join(f"WHEN {number} THEN {sql.literal(rule.column)}" for number, rule in numbered)
    reason = " ".join(f"WHEN {number} THEN {sql.literal(rule.reason)}" for number, rule in numbered)
    connection.execute(
        f"""
        INSERT INTO rejects
        SELECT {sql.literal(landed.name)}, runs.line + marked.row - runs.row,
               CASE refusal {column} END, without_forgotten(value), CASE refusal {reason} END
        FROM (FROM marked WHERE refusal > 0) marked ASOF JOIN line_runs runs ON marked.row >= runs.row
        UNION ALL
        SELECT {sql.literal(landed.name)}, line, '', text, reason FROM broken_rows
        """
    )
    connection.unregister("line_runs")
    connection.unregister("broken_rows")
    connection.execute("DROP TABLE marked")

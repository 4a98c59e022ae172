"""The refused rows, each with its line, column, value and reason: a second, slower look at the files that have any."""

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path

from hm_assets.raw import ingestion, rules
from hm_assets.raw.ingestion import Connection
from hm_assets.raw.landing import LandedFile
from hm_assets.raw.reading import Reading
from hm_assets.raw.rules import Rule
from hm_assets.sources import contract
from hm_assets.warehouse import sql


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


def _rules(landed: LandedFile) -> tuple[Rule, ...]:
    by_kind = {"customers": rules.CUSTOMERS, "articles": rules.ARTICLES, "transactions": rules.TRANSACTIONS}
    return by_kind[landed.file.kind]


def _collect_refused(
    connection: Connection, landed: LandedFile, view: Reading, hidden: Iterable[dt.date]
) -> None:
    """Refused rows with their tentative line: what it would be if no row were broken."""
    names = view.columns
    breaks = " + ".join(f'coalesce(length("{n}") - length(replace("{n}", chr(10), \'\')), 0)' for n in names)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE read_rows AS SELECT row_number() OVER () AS row, {breaks} AS breaks, * "
        f"FROM {view.relation}"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE tentative AS SELECT row, 1 + row + coalesce(sum(breaks) OVER "
        "(ORDER BY row ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::BIGINT AS line FROM read_rows"
    )
    if landed.file is contract.TRANSACTIONS:
        query = ingestion.transactions_sql("read_rows", landed, "row,")
        keep = f"AND coalesce(month NOT IN ({sql.dates(hidden)}), true)"
    else:
        of_kind = {"customers": ingestion.customers_sql, "articles": ingestion.articles_sql}[landed.file.kind]
        query, keep = of_kind("(SELECT * EXCLUDE (row) FROM read_rows)"), ""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE refused AS SELECT row, refusal FROM ({query}) WHERE refusal > 0 {keep}"
    )


def _append(connection: Connection, landed: LandedFile, view: Reading) -> None:
    """A broken row shifts the lines below it by its height; those that lie above a row are found by an ASOF join."""
    numbered = list(enumerate(_rules(landed), 1))
    column = " ".join(f"WHEN {number} THEN '{rule.column}'" for number, rule in numbered)
    value = " ".join(f'WHEN {number} THEN "{rule.column}"' for number, rule in numbered)
    reason = " ".join(f"WHEN {number} THEN {sql.literal(rule.reason)}" for number, rule in numbered)
    connection.execute(
        f"""
        INSERT INTO rejects
        WITH shifts AS (
            SELECT line - coalesce(sum(height) OVER (ORDER BY line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
                       AS from_line,
                   sum(height) OVER (ORDER BY line ROWS UNBOUNDED PRECEDING)::BIGINT AS shift
            FROM {view.broken}
        ), found AS (
            SELECT t.line, f.refusal, r.* FROM refused f JOIN tentative t USING (row) JOIN read_rows r USING (row)
        )
        SELECT ?, found.line + coalesce(s.shift, 0), CASE refusal {column} END, CASE refusal {value} END,
               CASE refusal {reason} END
        FROM found
        ASOF LEFT JOIN (SELECT from_line::BIGINT AS from_line, max(shift) AS shift FROM shifts GROUP BY ALL) s
          ON found.line >= s.from_line
        UNION ALL
        SELECT ?, line, '', text, reason FROM {view.broken}
        """,
        [landed.name, landed.name],
    )
    connection.execute("DROP TABLE read_rows; DROP TABLE tentative; DROP TABLE refused")

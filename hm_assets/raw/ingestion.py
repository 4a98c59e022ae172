"""From a delivered file to accepted rows: one pass over the file, the refused rows counted beside it."""

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from hm_assets.raw import files, rules
from hm_assets.raw.landing import LandedFile
from hm_assets.raw.reading import Reading, reading, refuse_other_encodings
from hm_assets.sources import contract
from hm_assets.warehouse import sql
from hm_assets.warehouse.errors import ContractError
from hm_assets.warehouse.keys import ARTICLE_DIGITS, customer_key_sql

Connection = duckdb.DuckDBPyConnection


@dataclass
class Account:
    """What became of the rows of one file, or of some months of it."""

    file: LandedFile
    expected: int
    accepted: int = 0
    refused: int = 0
    repaired: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether every row is accounted for."""
        return self.expected == self.accepted + self.refused


@dataclass
class Accounts:
    """The accounts of a step."""

    entries: list[Account] = field(default_factory=list)

    @property
    def missing(self) -> list[Account]:
        """The accounts that do not add up."""
        return [account for account in self.entries if not account.adds_up]

    @property
    def refused_share(self) -> float:
        """Refused rows over all rows."""
        rows = sum(account.expected for account in self.entries)
        return sum(account.refused for account in self.entries) / rows if rows else 0.0


@contextlib.contextmanager
def opened(connection: Connection, landed: LandedFile, spill: Path) -> Iterator[Reading]:
    """A landed file, unpacked where needed, as a view on this connection."""
    with (
        files.plain(landed.path, spill, landed.mixed_endings) as plain,
        reading(connection, plain, landed.path, landed.file) as view,
    ):
        yield view
        refuse_other_encodings(connection, view, landed.path)


def read_customers(connection: Connection, landed: LandedFile, spill: Path) -> Account:
    """Make the temporary table `customers` (customer_key and the columns as delivered).

    Raises
    ------
    ContractError
        Two customer ids have the same key.
    """
    with opened(connection, landed, spill) as view:
        account = _read_unique(connection, landed, view, customers_sql(view.relation))
    clash = connection.execute(
        "SELECT min(customer_id), max(customer_id) FROM customers GROUP BY customer_key HAVING count(*) > 1 LIMIT 1"
    ).fetchone()
    if clash:
        raise ContractError(
            f"{landed.name}: customers {clash[0]} and {clash[1]} have the same key; rename one"
        )
    return account


def read_articles(connection: Connection, landed: LandedFile, spill: Path) -> Account:
    """Make the temporary table `articles` (article_key and the columns as delivered, ids with 10 digits)."""
    with opened(connection, landed, spill) as view:
        account = _read_unique(connection, landed, view, articles_sql(view.relation))
        counted = connection.execute(
            f"SELECT count(*) FROM {view.relation} WHERE length(article_id) < {ARTICLE_DIGITS}"
        ).fetchone()
    account.repaired = counted[0] if counted else 0
    return account


def _read_unique(connection: Connection, landed: LandedFile, view: Reading, query: str) -> Account:
    kind = landed.file.kind
    # Which of two rows comes first is a matter of the file's order.
    connection.execute("SET preserve_insertion_order = true")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE all_rows AS {query}")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {kind} AS SELECT * EXCLUDE (row, copy, refusal) FROM all_rows WHERE refusal = 0"
    )
    counts = connection.execute("SELECT count(*), count(*) FILTER (refusal = 0) FROM all_rows").fetchone()
    broken = connection.execute(f"SELECT count(*) FROM {view.broken}").fetchone()
    connection.execute("DROP TABLE all_rows")
    assert counts and broken
    return Account(landed, landed.rows, accepted=counts[1], refused=counts[0] - counts[1] + broken[0])


def customers_sql(relation: str) -> str:
    """All well-formed rows of a customers file in the file's order, each with its refusal."""
    columns = ", ".join(f'"{name}"' for name in contract.CUSTOMERS.names)
    return f"""
        WITH numbered AS (SELECT row_number() OVER () AS row, * FROM {relation}),
        copies AS (SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY row) AS copy FROM numbered)
        SELECT row, copy, {rules.refusal(rules.CUSTOMERS)} AS refusal,
               {customer_key_sql("customer_id")} AS customer_key, {columns} FROM copies"""


def articles_sql(relation: str) -> str:
    """All well-formed rows of an articles file in the file's order, each with its refusal."""
    columns = ", ".join(f'"{name}"' for name in contract.ARTICLES.names if name != "article_id")
    return f"""
        WITH numbered AS (SELECT row_number() OVER () AS row, * FROM {relation}),
        copies AS (SELECT *, try_cast(article_id AS BIGINT) AS article_key,
                          row_number() OVER (PARTITION BY try_cast(article_id AS BIGINT), article_id IS NULL
                                             ORDER BY row) AS copy FROM numbered)
        SELECT row, copy, {rules.refusal(rules.ARTICLES)} AS refusal, article_key,
               lpad(article_id, {ARTICLE_DIGITS}, '0') AS article_id, {columns} FROM copies"""


def transactions_sql(relation: str, landed: LandedFile, extra: str = "") -> str:
    """All well-formed rows of a transactions file with day, keys, price, channel and refusal.

    The temporary tables `customers` and `articles` hold the known ids. `extra` names further columns to keep.
    """
    month = f"DATE '{landed.replaced_month}'" if landed.replaced_month else "NULL"
    outside = f"date_trunc('month', d) <> {month}" if landed.replaced_month else "false"
    return f"""
        WITH typed AS (SELECT *, try_cast(t_dat AS DATE) AS d, try_cast(price AS DOUBLE) AS p FROM {relation}),
        known AS (
            SELECT t.*, {outside} AS outside_its_month, c.customer_key, a.article_key
            FROM typed t
            LEFT JOIN customers c ON c.customer_id = t.customer_id
            LEFT JOIN articles a ON a.article_id = lpad(t.article_id, {ARTICLE_DIGITS}, '0')
        )
        SELECT {extra} d AS t_dat, customer_key, article_key, p AS price,
               try_cast(left(trim(sales_channel_id), 1) AS TINYINT) AS sales_channel_id,
               date_trunc('month', d)::DATE AS month, length(article_id) < {ARTICLE_DIGITS} AS repaired,
               {rules.refusal(rules.TRANSACTIONS)} AS refusal
        FROM known"""


def read_transactions(
    connection: Connection, landed: Iterable[LandedFile], months: Sequence[dt.date], spill: Path
) -> Accounts:
    """Make the temporary table `transactions` with the accepted rows of these months from these files.

    Each file is read once. The temporary tables `customers` and `articles` must be there.
    """
    accounts = Accounts()
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE transactions (t_dat DATE, customer_key BIGINT, article_key BIGINT, "
        "price DOUBLE, sales_channel_id TINYINT, month DATE, source_file VARCHAR, repaired BOOLEAN, refusal TINYINT)"
    )
    for file in landed:
        with opened(connection, file, spill) as view:
            # Refused rows keep no value here: they are few, and `rejects.py` reads them again with their lines.
            connection.execute(
                f"INSERT INTO transactions SELECT t_dat, customer_key, article_key, price, sales_channel_id, month, "
                f"{sql.literal(file.name)}, repaired, refusal FROM ({transactions_sql(view.relation, file)}) "
                f"WHERE month IN ({sql.dates(months)})"
            )
        accounts.entries.append(_account(connection, file, months))
    connection.execute("DELETE FROM transactions WHERE refusal > 0")
    return accounts


def _account(connection: Connection, file: LandedFile, months: Sequence[dt.date]) -> Account:
    counted = connection.execute(
        "SELECT count(*) FILTER (refusal = 0), count(*) FILTER (refusal > 0), count(*) FILTER (repaired) "
        "FROM transactions WHERE source_file = ?",
        [file.name],
    ).fetchone()
    assert counted
    expected = sum(file.months.get(month, 0) for month in months)
    return Account(file, expected, accepted=counted[0], refused=counted[1], repaired=counted[2])

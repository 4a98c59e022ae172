"""From a delivered file to accepted rows: one pass over the file, the refused rows counted beside it."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from hm_assets.raw import files, rules
from hm_assets.raw.landed import LandedFile
from hm_assets.raw.reading import Reading, reading
from hm_assets.sources import contract
from hm_assets.warehouse import sql
from hm_assets.warehouse.errors import ContractError
from hm_assets.warehouse.keys import ARTICLE_DIGITS, customer_key_sql

Connection = duckdb.DuckDBPyConnection


@dataclass
class Account:
    """What became of the rows of one file, or of some months of it.

    `misplaced` rows belong to no month. They are refused, and among `expected` and `refused`, whichever months
    were asked for.
    """

    file: LandedFile
    expected: int
    accepted: int = 0
    refused: int = 0
    repaired: int = 0
    misplaced: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether every row is accounted for."""
        return self.expected == self.accepted + self.refused

    @property
    def refused_share(self) -> float:
        """Refused rows over all; of the misplaced ones the months that were asked for bear their part."""
        misplaced = self.misplaced / self.file.rows
        placed = self.expected - self.misplaced
        others = (self.refused - self.misplaced) / placed if placed else 0.0
        return misplaced + (1 - misplaced) * others


@dataclass
class Accounts:
    """The accounts of a step."""

    entries: list[Account] = field(default_factory=list)

    @property
    def missing(self) -> list[Account]:
        """The accounts that do not add up."""
        return [account for account in self.entries if not account.adds_up]


@contextlib.contextmanager
def opened(connection: Connection, landed: LandedFile, spill: Path) -> Iterator[Reading]:
    """A landed file, unpacked where needed, as a view on this connection."""
    with (
        files.plain(landed.path, spill, landed.mixed_endings) as plain,
        reading(connection, plain, landed.path, landed.file) as view,
    ):
        yield view


def read_customers(connection: Connection, landed: LandedFile, spill: Path) -> Account:
    """Make the temporary table `customers` (customer_key and the columns as delivered).

    Raises
    ------
    ContractError
        Two customer ids have the same key.
    """
    account = _read_unique(connection, landed, spill, customers_sql)
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
    return _read_unique(connection, landed, spill, articles_sql)


def _read_unique(
    connection: Connection, landed: LandedFile, spill: Path, query: Callable[[str], str]
) -> Account:
    kind = landed.file.kind
    with opened(connection, landed, spill) as view:
        # Which of two rows comes first is a matter of the file's order.
        connection.execute("SET preserve_insertion_order = true")
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {kind} AS {query(view.relation)}")
        connection.execute("SET preserve_insertion_order = false")
        account = Account(landed, landed.rows, *_counts(connection, kind))
        account.refused += _broken(connection, view)
    connection.execute(f"DELETE FROM {kind} WHERE refusal > 0")
    for column in ("refusal", "repaired"):
        connection.execute(f"ALTER TABLE {kind} DROP COLUMN {column}")
    return account


def _counts(connection: Connection, table: str, source_file: str | None = None) -> tuple[int, int, int]:
    """Accepted and refused rows, and accepted rows whose article_id was repaired."""
    where = f"WHERE source_file = {sql.literal(source_file)}" if source_file else ""
    row = connection.execute(
        "SELECT count(*) FILTER (refusal = 0), count(*) FILTER (refusal > 0), "
        f"count(*) FILTER (refusal = 0 AND repaired) FROM {table} {where}"
    ).fetchone()
    assert row
    return row[0], row[1], row[2]


def _broken(connection: Connection, view: Reading) -> int:
    row = connection.execute(f"SELECT count(*) FROM {view.broken}").fetchone()
    assert row
    return int(row[0])


def customers_sql(relation: str, extra: str = "") -> str:
    """All well-formed rows of a customers file in the file's order, each with its refusal.

    `extra` names further columns to keep: `row`, the number of the row, or `line_breaks`.
    """
    columns = ", ".join(f'"{name}"' for name in contract.CUSTOMERS.names)
    return f"""
        WITH numbered AS (SELECT row_number() OVER () AS row, * FROM {relation}),
        copies AS (SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY row) AS copy FROM numbered)
        SELECT {extra} {rules.refusal(rules.CUSTOMERS)} AS refusal, false AS repaired,
               {customer_key_sql("customer_id")} AS customer_key, {columns} FROM copies"""


def articles_sql(relation: str, extra: str = "") -> str:
    """All well-formed rows of an articles file in the file's order, each with its refusal; see `customers_sql`."""
    columns = ", ".join(f'"{name}"' for name in contract.ARTICLES.names if name != "article_id")
    full_id = f"CASE WHEN {rules.IS_ARTICLE_ID} THEN {_padded('article_id')} END"
    return f"""
        WITH numbered AS (SELECT row_number() OVER () AS row, {full_id} AS full_id, * FROM {relation}),
        copies AS (SELECT *, row_number() OVER (PARTITION BY full_id ORDER BY row) AS copy FROM numbered)
        SELECT {extra} {rules.refusal(rules.ARTICLES)} AS refusal,
               length(article_id) < {ARTICLE_DIGITS} AS repaired, try_cast(full_id AS BIGINT) AS article_key,
               full_id AS article_id, {columns} FROM copies"""


def _padded(article_id: str) -> str:
    """The id with its leading zeros; lpad alone would cut a longer one off, and make it another article's."""
    filled = f"lpad({article_id}, {ARTICLE_DIGITS}, '0')"
    return f"CASE WHEN length({article_id}) < {ARTICLE_DIGITS} THEN {filled} ELSE {article_id} END"


def transactions_sql(relation: str, landed: LandedFile, extra: str = "") -> str:
    """All well-formed rows of a transactions file with day, keys, price, channel and refusal.

    `month` is null where a row belongs to no month that the file may give rows to.
    The temporary tables `customers` and `articles` hold the known ids. `extra` names further columns to keep.
    """
    own = landed.replaced_month
    outside = f"date_trunc('month', d) <> DATE '{own}'" if own else "false"
    return f"""
        WITH typed AS (SELECT *, {rules.DAY} AS d, try_cast(price AS DOUBLE) AS p FROM {relation}),
        known AS (
            SELECT t.*, {outside} AS outside_its_month, c.customer_key, a.article_key
            FROM typed t
            LEFT JOIN customers c ON c.customer_id = t.customer_id
            LEFT JOIN articles a ON a.article_id = {_padded("t.article_id")}
        )
        SELECT {extra} d AS t_dat, customer_key, article_key, p AS price,
               try_cast(left(trim(sales_channel_id), 1) AS TINYINT) AS sales_channel_id,
               CASE WHEN NOT outside_its_month THEN date_trunc('month', d)::DATE END AS month,
               length(article_id) < {ARTICLE_DIGITS} AS repaired, {rules.refusal(rules.TRANSACTIONS)} AS refusal
        FROM known"""


def read_transactions(
    connection: Connection, landed: Mapping[LandedFile, Sequence[dt.date]], spill: Path
) -> Accounts:
    """Make the temporary table `transactions` with the accepted rows of these files in these months of theirs.

    Each file is read once. The temporary tables `customers` and `articles` must be there.
    """
    accounts = Accounts()
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE transactions (t_dat DATE, customer_key BIGINT, article_key BIGINT, "
        "price DOUBLE, sales_channel_id TINYINT, month DATE, source_file VARCHAR, repaired BOOLEAN, refusal TINYINT)"
    )
    for file, months in landed.items():
        with opened(connection, file, spill) as view:
            # Refused rows keep no value here: they are few, and `rejects.py` reads them again with their lines.
            connection.execute(
                f"INSERT INTO transactions SELECT t_dat, customer_key, article_key, price, sales_channel_id, month, "
                f"{sql.literal(file.name)}, repaired, refusal FROM ({transactions_sql(view.relation, file)}) "
                f"WHERE month IS NULL OR month IN ({sql.dates(months)})"
            )
            expected = sum(file.own_months.get(month, 0) for month in months) + file.misplaced
            account = Account(file, expected, *_counts(connection, "transactions", file.name))
            account.misplaced = file.misplaced
            account.refused += _broken(connection, view)
        accounts.entries.append(account)
    connection.execute("DELETE FROM transactions WHERE refusal > 0")
    return accounts

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
from hm_assets.warehouse import forgotten, sql
from hm_assets.warehouse.errors import ContractError, LandingError
from hm_assets.warehouse.keys import ARTICLE_DIGITS, customer_key_sql

Connection = duckdb.DuckDBPyConnection


@dataclass
class Account:
    """What became of the rows of one file, or of some months of it.

    `misplaced` rows belong to no month. They are refused, and among `expected` and `refused`, whichever months
    were asked for. So are `forgotten` rows, of people who asked for it: they say nothing of how good the file is.
    """

    file: LandedFile
    expected: int
    accepted: int = 0
    refused: int = 0
    repaired: int = 0
    misplaced: int = 0
    forgotten: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def adds_up(self) -> bool:
        """Whether every row is accounted for."""
        return self.expected == self.accepted + self.refused

    @property
    def refused_share(self) -> float:
        """Refused rows over all, forgotten ones aside; of the misplaced ones the months asked for bear their part."""
        misplaced = self.misplaced / self.file.rows
        placed = self.expected - self.misplaced
        # Somebody who was forgotten may be misplaced too.
        broken = max(self.refused - self.misplaced - self.forgotten, 0)
        others = broken / placed if placed else 0.0
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
    """A landed file, unpacked where needed, as a view on this connection, which learns who was forgotten.

    Raises
    ------
    LandingError
        It is held back, because it is being written or cannot be read.
    """
    if landed.held:
        raise LandingError(f"{landed.held} What it holds is made when it is whole.")
    forgotten.install(connection, spill)
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
    keys, rows = _one(connection, "SELECT count(DISTINCT customer_key), count(*) FROM customers")
    if keys < rows:
        clash = connection.execute(
            "SELECT min(customer_id), max(customer_id) FROM customers GROUP BY customer_key HAVING count(*) > 1"
        ).fetchone()
        assert clash
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
        accepted, refused, repaired = _one(
            connection,
            "SELECT count(*) FILTER (refusal = 0), count(*) FILTER (refusal > 0), "
            f"count(*) FILTER (refusal = 0 AND repaired) FROM {kind}",
        )
        account = Account(landed, landed.rows, accepted, refused, repaired)
        numbers = [
            number for number, rule in enumerate(rules.RULES[kind], 1) if rule.reason == rules.FORGOTTEN
        ]
        for number in numbers:
            (account.forgotten,) = _one(connection, f"SELECT count(*) FROM {kind} WHERE refusal = {number}")
        account.refused += _broken(connection, view)
    connection.execute(f"DELETE FROM {kind} WHERE refusal > 0")
    for column in ("refusal", "repaired"):
        connection.execute(f"ALTER TABLE {kind} DROP COLUMN {column}")
    return account


def _one(connection: Connection, query: str) -> tuple[int, ...]:
    row = connection.execute(query).fetchone()
    assert row
    return row


def _broken(connection: Connection, view: Reading) -> int:
    return _one(connection, f"SELECT count(*) FROM {view.broken}")[0]


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
    full_id = f"CASE WHEN {rules.IS_ARTICLE_ID} THEN lpad(article_id, {ARTICLE_DIGITS}, '0') END"
    return f"""
        WITH numbered AS (SELECT row_number() OVER () AS row, {full_id} AS full_id, * FROM {relation}),
        copies AS (SELECT *, row_number() OVER (PARTITION BY full_id ORDER BY row) AS copy FROM numbered)
        SELECT {extra} {rules.refusal(rules.ARTICLES)} AS refusal,
               length(article_id) < {ARTICLE_DIGITS} AS repaired, try_cast(full_id AS BIGINT) AS article_key,
               full_id AS article_id, {columns} FROM copies"""


# Each id as it may be written: with its leading zeros, or some or none of them. Joining these is quicker than padding
# 31 million ids, and an id that is too long stays unknown.
SPELLINGS = f"""
    (SELECT substr(article_id, n + 1) AS spelling, article_key FROM articles, range({ARTICLE_DIGITS}) AS dropped(n)
     WHERE left(article_id, n) = repeat('0', n))"""


def transactions_sql(relation: str, landed: LandedFile, extra: str = "") -> str:
    """All well-formed rows of a transactions file with day, keys, price, channel and refusal.

    `month` is null where a row belongs to no month that the file may give rows to.
    The temporary tables `customers` and `articles` hold the known ids. `extra` names further columns to keep.
    """
    own = landed.replaced_month
    outside = f"date_trunc('month', d) <> DATE '{own}'" if own else "false"
    return f"""
        WITH typed AS (SELECT *, {rules.DAY} AS d, {rules.PRICE} AS p FROM {relation}),
        known AS (
            SELECT t.*, {outside} AS outside_its_month, c.customer_key, a.article_key
            FROM typed t
            LEFT JOIN customers c ON c.customer_id = t.customer_id
            LEFT JOIN {SPELLINGS} a ON a.spelling = t.article_id
        )
        SELECT {extra} d AS t_dat, customer_key, article_key, p AS price,
               {_CHANNEL} AS sales_channel_id,
               CASE WHEN NOT outside_its_month THEN date_trunc('month', d)::DATE END AS month,
               length(article_id) < {ARTICLE_DIGITS} AS repaired,
               {rules.refusal(rules.TRANSACTIONS, rules.SURELY_GOOD)} AS refusal
        FROM known"""


def read_transactions(
    connection: Connection, landed: Mapping[LandedFile, Sequence[dt.date]], spill: Path
) -> Accounts:
    """Make the temporary view `transactions` with the accepted rows of these files in these months of theirs.

    Each file is read once, and a second time only where rows are missing, to count the refused ones.
    The temporary tables `customers` and `articles` must be there.
    """
    accounts, parts = Accounts(), [_NO_LINES]
    for number, (file, months) in enumerate(landed.items()):
        with opened(connection, file, spill) as view:
            whole = set(file.own_months) <= set(months)
            rows = transactions_sql(view.relation, file)
            wanted = "true" if whole else f"month IS NULL OR month IN ({sql.dates(months)})"
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE lines_{number} AS SELECT {_LINE}, repaired FROM ({rows}) "
                f"WHERE refusal = 0 AND ({wanted})"
            )
            parts.append(f"SELECT {_LINE}, {sql.literal(file.name)} AS source_file FROM lines_{number}")
            expected = sum(file.own_months.get(month, 0) for month in months) + file.misplaced
            account = Account(file, expected, misplaced=file.misplaced)
            account.accepted, account.repaired = _one(
                connection, f"SELECT count(*), count(*) FILTER (repaired) FROM lines_{number}"
            )
            if not account.adds_up:
                refused = f"SELECT refusal, count(*) FROM ({rows}) WHERE refusal > 0 AND ({wanted}) GROUP BY refusal"
                for number_of_rule, count in sorted(connection.execute(refused).fetchall()):
                    rule = rules.TRANSACTIONS[number_of_rule - 1]
                    account.reasons[f"{rule.column} {rule.reason}"] = count
                    account.forgotten += count if rule.reason == rules.FORGOTTEN else 0
                if broken := _broken(connection, view):
                    account.reasons["too few or too many columns"] = broken
                account.refused = sum(account.reasons.values())
        accounts.entries.append(account)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW transactions AS {' UNION ALL '.join(parts)}")
    return accounts


# The two plain spellings first: they are nearly all, and quicker than a cast.
_PLAIN = " ".join(f"WHEN '{channel}' THEN {channel}" for channel in (contract.ONLINE, contract.STORE))
_CHANNEL = (
    f"(CASE sales_channel_id {_PLAIN} ELSE try_cast(left(trim(sales_channel_id), 1) AS TINYINT) END)::TINYINT"
)
_LINE = "t_dat, customer_key, article_key, price, sales_channel_id, month"
_NO_LINES = (
    "SELECT NULL::DATE AS t_dat, NULL::BIGINT AS customer_key, NULL::BIGINT AS article_key, NULL::DOUBLE AS price, "
    "NULL::TINYINT AS sales_channel_id, NULL::DATE AS month, NULL::VARCHAR AS source_file WHERE false"
)

"""Small deliveries that a test changes in one place, and the raw stage on them without Dagster."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from hm_assets.raw import deliveries, ingestion, landing, rejects
from hm_assets.sources import contract
from hm_assets.warehouse.calendar import months_between

BASE = "transactions_train.csv"
LINE_HEADER = "t_dat,customer_id,article_id,price,sales_channel_id"
CUSTOMERS = """customer_id,FN,Active,club_member_status,fashion_news_frequency,age,postal_code
anna,1,1,ACTIVE,Regularly,34,p1
bert,,,ACTIVE,NONE,,p0
cleo,,,PRE-CREATE,None,51,p0
dora,1,,,,28,p0
"""
ARTICLE_HEADER = ",".join(contract.ARTICLES.names)
LINES = f"""{LINE_HEADER}
2018-09-20,anna,0108775015,0.05,2
2018-09-20,anna,0108775015,0.05,2
2018-10-02,bert,0108775044,0.03,1
2018-11-30,cleo,0108775015,0.01,1
2018-12-01,anna,0111586001,0.02,2
"""


def article(article_id: str, **values: str) -> str:
    """A line of articles.csv."""
    row = {"article_id": article_id, "product_code": article_id[:7], "prod_name": "Strap top", **values}
    return ",".join(row.get(name, "") for name in contract.ARTICLES.names)


ARTICLES = (
    "\n".join([ARTICLE_HEADER, *map(article, ("0108775015", "0108775044", "0111586001", "0999999999"))])
    + "\n"
)


def line(
    day: str = "2018-09-20",
    customer: str = "anna",
    article_id: str = "0108775015",
    price: str = "0.05",
    channel: str = "2",
) -> str:
    """A line of a transactions file, without its end."""
    return f"{day},{customer},{article_id},{price},{channel}"


def deliver(raw: Path, **changed: str | bytes) -> Path:
    """Put the three files there; `customers`, `articles` and `lines` replace what they hold."""
    raw.mkdir(parents=True, exist_ok=True)
    files = {"customers": "customers.csv", "articles": "articles.csv", "lines": BASE}
    for part, content in {"customers": CUSTOMERS, "articles": ARTICLES, "lines": LINES, **changed}.items():
        data = content if isinstance(content, bytes) else content.encode()
        (raw / files[part]).write_bytes(data)
    return raw


def more(raw: Path, name: str, *lines: str) -> Path:
    """A further transactions file of these lines."""
    path = raw / name
    path.write_text("\n".join([LINE_HEADER, *lines, ""]), encoding="utf-8", newline="")
    return path


@dataclass
class Ingested:
    """What the stage makes of a landing zone."""

    landed: landing.Landing
    customers: list[dict[str, Any]]
    articles: list[dict[str, Any]]
    transactions: list[dict[str, Any]]
    rejects: list[dict[str, Any]]
    deliveries: list[dict[str, Any]]
    accounts: ingestion.Accounts
    unique: dict[str, ingestion.Account]

    @property
    def refused(self) -> list[tuple[str, int, str, str | None, str]]:
        """The rejects as (file, line, column, value, reason), sorted."""
        return sorted(tuple(row.values()) for row in self.rejects)

    @property
    def lines(self) -> list[tuple[dt.date, str, float]]:
        """Accepted lines as (day, file, price), sorted."""
        return sorted((row["t_dat"], row["source_file"], row["price"]) for row in self.transactions)

    def prove(self) -> None:
        """Rows = accepted + refused + superseded + pending, everywhere, and each refused row is explained once."""
        assert not self.accounts.missing
        assert all(account.adds_up for account in self.unique.values())
        for row in self.deliveries:
            parts = [row[name] for name in ("accepted", "refused", "superseded", "pending")]
            assert row["rows"] == sum(parts)
            assert min(parts) >= 0
        for file in self.landed.all_files:
            mine = [row for row in self.deliveries if row["file"] == file.name]
            explained = [row["line"] for row in self.rejects if row["file"] == file.name]
            assert sum(row["rows"] for row in mine) == file.rows
            assert sum(row["refused"] for row in mine) == len(explained)
            assert len(set(explained)) == len(explained)
        said = sum(row["accepted"] for row in self.deliveries if row["role"] in ("base", "month", "addition"))
        assert said == len(self.transactions)


def ingest(raw: Path, warehouse: Path, months: Iterable[dt.date] | None = None) -> Ingested:
    """Survey, read and explain, as the assets do; `months` are those that transactions is asked for (default: all)."""
    warehouse.mkdir(parents=True, exist_ok=True)
    landed = landing.survey(raw, warehouse)
    months = list(months_between(landed.first_day, landed.last_day) if months is None else months)
    with duckdb.connect(config={"preserve_insertion_order": "false"}) as connection:
        unique = {
            "customers": ingestion.read_customers(connection, landed.customers, warehouse),
            "articles": ingestion.read_articles(connection, landed.articles, warehouse),
        }
        accounts = ingestion.read_transactions(connection, landed.months_by_file(months), warehouse)
        rows = {
            name: _rows(connection, f"FROM {name} ORDER BY ALL")
            for name in ("customers", "articles", "transactions")
        }
        ids = {name: len(rows[name]) for name in ("customers", "articles")}
        accepted = counted(rows["transactions"])
        rejects.explain(connection, deliveries.suspects(landed, accepted, ids, months), warehouse)
        refused = _rows(connection, "FROM rejects ORDER BY ALL")
    delivered = deliveries.deliveries_of(landed, accepted, ids, months)
    return Ingested(landed, **rows, rejects=refused, deliveries=delivered, accounts=accounts, unique=unique)


def counted(transactions: Iterable[Mapping[str, Any]]) -> dict[tuple[str, dt.date], int]:
    """Rows by file and month."""
    found: dict[tuple[str, dt.date], int] = {}
    for row in transactions:
        key = (row["source_file"], row["month"])
        found[key] = found.get(key, 0) + 1
    return found


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    return connection.execute(query).to_arrow_table().to_pylist()

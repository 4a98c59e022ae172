"""`hm lookalikes`: the customers who are most like a given set of customers, as a file, with a manifest beside it."""

import csv
import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.articles.tables import ARTICLES
from hm_assets.customers.tables import CUSTOMERS
from hm_assets.features.tables import CUSTOMER_FEATURES
from hm_assets.raw.tables import TRANSACTIONS
from hm_assets.recommendations.lookalikes import people
from hm_assets.recommendations.lookalikes.back_test import DAYS, bought
from hm_assets.recommendations.lookalikes.nearness import KINDS, MOST, NEIGHBOURS, nearness, points, ranked
from hm_assets.segments.tables import ASSIGNMENTS
from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.calendar import of_month
from hm_assets.warehouse.engine import DuckDBEngine, open_duckdb
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.keys import customer_key
from hm_assets.warehouse.schema import Table

LEFT = "LEFT CLUB"


@dataclass(frozen=True)
class Seed:
    """Whom the audience shall be like: exactly one of a file of customer ids, a segment, a product type or article."""

    file: Path | None = None
    segment: int | None = None
    bought: str | None = None

    def __post_init__(self) -> None:
        given = [value for value in (self.file, self.segment, self.bought) if value is not None]
        if len(given) != 1:
            raise HmAssetsError(
                "name one seed: --seed FILE, --segment ID, or --bought PRODUCT_TYPE_OR_ARTICLE"
            )

    @property
    def words(self) -> str:
        """As the manifest says it."""
        if self.file is not None:
            return f"customers of {self.file.name}"
        if self.segment is not None:
            return f"segment {self.segment}"
        return f"bought {self.bought} in the last {DAYS} days"


def write(settings: Settings, seed: Seed, count: int, to: Path) -> dict[str, Any]:
    """Write the audience, and `<to>.manifest.json`; returns the manifest.

    The file has `customer_id` and `rank`, best first. Of the seed, and of who left the club, nobody is in it.

    Raises
    ------
    HmAssetsError
        The warehouse lacks a table, the seed is unknown or too small, or `count` is below 1.
    """
    if count < 1:
        raise HmAssetsError(f"--count {count}: an audience has one customer or more")
    with open_duckdb(settings) as engine:

        def table(which: Table) -> ibis.Table:
            return _read(engine, settings.warehouse, which)

        features = table(CUSTOMER_FEATURES)
        latest = features.filter(features.recency_days == 0).month.max().to_pyarrow().as_py()
        if latest is None:
            raise HmAssetsError("no customer has a purchase, so nobody is like anybody: see raw/deliveries")
        rows = people.read(of_month(features, latest))
        as_of = rows["as_of"][0].as_py()
        keys = rows["customer_key"].to_numpy()
        members = np.isin(keys, _members(seed, table, latest, as_of))
        try:
            scores = nearness(points(rows), members)
        except ValueError as error:
            raise HmAssetsError(f"{seed.words}: {error}") from error
        left = table(CUSTOMERS).filter(lambda t: t.club_member_status == LEFT)
        gone = np.isin(keys, left.customer_key.to_pyarrow().to_numpy())
        taken = keys[ranked(scores, np.flatnonzero(~members & ~gone))[:count]]
        ids = _ids(table(CUSTOMERS), taken)
    digest = _write(to, ids)
    manifest = {
        "file": to.name,
        "as_of": as_of.isoformat(),
        "seed": seed.words,
        "seed_customers": int(members.sum()),
        "asked_for": count,
        "count": len(ids),
        "left_out": {"seed": int(members.sum()), "left_club": int((gone & ~members).sum())},
        "rule": f"ratio of densities by the {NEIGHBOURS} nearest neighbours, samples of {MOST}, {len(KINDS)} columns",
        "version": artifacts.recipe(
            list(KINDS.items()), NEIGHBOURS, MOST, _table_version(settings.warehouse)
        ),
        "sha256": digest,
    }
    artifacts.write_json(to.with_name(f"{to.name}.manifest.json"), manifest)
    return manifest


def _table_version(warehouse: Path) -> int:
    """Version of the table that scores are made from."""
    stored = delta.open_table(warehouse, CUSTOMER_FEATURES)
    return -1 if stored is None else stored.version()


def _members(seed: Seed, table: Callable[[Table], ibis.Table], month: dt.date, as_of: dt.date) -> Any:
    """Keys of the seed."""
    if seed.file is not None:
        return np.array([customer_key(name) for name in _ids_of(seed.file)], dtype=np.int64)
    if seed.segment is not None:
        placed = of_month(table(ASSIGNMENTS), month)
        mine = placed.filter(placed.segment_id == seed.segment).customer_key.to_pyarrow().to_numpy()
        if not len(mine):
            there = sorted(placed.segment_id.to_pyarrow().unique().to_pylist())
            raise HmAssetsError(f"nobody is in segment {seed.segment} on {as_of}; there are {there}")
        return mine
    lines, articles, what = table(TRANSACTIONS), table(ARTICLES), str(seed.bought)
    of_types = bought(lines, articles, as_of)
    if what in of_types:
        return of_types[what]
    one = articles.filter(articles.article_id == what)
    if not one.count().to_pyarrow().as_py():
        near = [name for name in sorted(of_types) if what.lower() in name.lower()][:5] or sorted(of_types)[:5]
        raise HmAssetsError(
            f"{what!r} is no article, and no product type that was bought in the {DAYS} days up to {as_of}; "
            f"product types are like {', '.join(near) or 'none'}"
        )
    first = ibis.literal(as_of - dt.timedelta(days=DAYS), "date")
    recent = lines.filter(
        (lines.t_dat > first) & (lines.t_dat <= ibis.literal(as_of, "date")) & (lines.price > 0)
    )
    return recent.semi_join(one, "article_key").customer_key.to_pyarrow().to_numpy()


def _ids_of(file: Path) -> list[str]:
    """Customer ids of a file: the column `customer_id` of a CSV file, or one id a line."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.reader(stream) if row]
    except (OSError, UnicodeDecodeError) as error:
        raise HmAssetsError(f"{file} cannot be read as text: {error}") from error
    head = [name.strip() for name in rows[0]] if rows else []
    if "customer_id" in head:
        column = head.index("customer_id")
        return [row[column].strip() for row in rows[1:] if len(row) > column]
    if any(len(row) > 1 for row in rows):
        raise HmAssetsError(
            f"{file} has several columns and none is called customer_id; its first are {head[:5]}"
        )
    return [row[0].strip() for row in rows]


def _read(engine: DuckDBEngine, warehouse: Path, table: Table) -> ibis.Table:
    stored = delta.open_table(warehouse, table)
    if stored is None:
        raise HmAssetsError(f"{warehouse} holds no {table.path}; `hm run` makes it")
    return engine.read(table, delta.files_of(stored))


def _ids(customers: ibis.Table, keys: Any) -> list[str]:
    """Ids of customers (keys), in their order."""
    wanted = ibis.memtable(pa.table({"customer_key": keys, "place": np.arange(len(keys))}))
    found = customers.join(wanted, "customer_key").order_by("place")
    return [str(name) for name in found.customer_id.to_pyarrow().to_pylist()]


def _write(to: Path, ids: list[str]) -> str:
    """Write ids with their ranks, line by line; returns the SHA-256 of the file."""
    digest = hashlib.sha256()
    to.parent.mkdir(parents=True, exist_ok=True)
    temporary = to.with_name(f".{to.name}.tmp")
    with temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("customer_id", "rank"))
        writer.writerows((name, i) for i, name in enumerate(ids, 1))
    with temporary.open("rb") as written:
        while block := written.read(1 << 20):
            digest.update(block)
    temporary.replace(to)
    return digest.hexdigest()

"""`hm launch`: for garments without sales, whom they are for, what they resemble, and their customers as a file."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from hm_assets.articles.tables import ARTICLES, EMBEDDINGS, VOCABULARY
from hm_assets.articles.vectorising import Vectoriser
from hm_assets.customers.tables import CUSTOMERS
from hm_assets.playbooks.cells import inert
from hm_assets.profiles.summary import segments_of
from hm_assets.raw.tables import TRANSACTIONS
from hm_assets.recommendations.launch import back_test, document, garments
from hm_assets.recommendations.launch.matcher import Matcher
from hm_assets.recommendations.launch.new import NewGarment, read_garments, with_price_note
from hm_assets.recommendations.launch.reasons import reasons
from hm_assets.recommendations.launch.tables import LAUNCH_SCORES
from hm_assets.recommendations.launch.telling import Ground, Told, ground
from hm_assets.segments.tables import ASSIGNMENTS
from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts, delta, identity
from hm_assets.warehouse.calendar import month_of, parse_month
from hm_assets.warehouse.engine import DuckDBEngine, open_duckdb
from hm_assets.warehouse.errors import HmAssetsError, WarehouseError
from hm_assets.warehouse.schema import Table

MODEL = ("recommendations", "launch_model")
HOW = "make it with `hm run --select +key:recommendations/launch_model`"
COLUMNS = ("rank", "customer_id", "score", "segment_id", "reason")
OF_SEGMENTS = (
    "segment",
    "members",
    "buyers per 1,000 in 28 days (80 %)",
    "against all",
    "against usual launches",
)
OF_SIMILAR = ("similar launch", "first sold", "similarity", "units, 28 days", "buyers", "at a discount")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Written:
    """A garment, what was told of it as it is printed, and the files."""

    garment: NewGarment
    size: str
    segments: list[dict[str, str]]
    similar: list[dict[str, str]]
    audience: Path
    page: Path


def launch(
    settings: Settings, file: Path, to: Path, customers: int, say: Say, back: str = ""
) -> Iterator[Written]:
    """Tell of each garment of the file, and write `launch_<id>.csv` and `launch_<id>.html` to a folder.

    `back` is where the page leads back to; empty: nowhere, as a file of its own.

    Raises
    ------
    HmAssetsError
        The file is not as it must be, or the warehouse lacks what this rests on.
    """
    if customers < 1:
        raise HmAssetsError(f"--customers {customers}: a list has at least one customer")
    warehouse = settings.warehouse
    source = identity.of(warehouse).source
    stored = artifacts.path_of(warehouse, MODEL)
    if not stored.exists():
        raise HmAssetsError(f"{warehouse} holds no recommendations/launch_model; {HOW}")
    matcher = Matcher.from_json(artifacts.read_json(stored))
    if matcher.without_price is None:
        raise HmAssetsError(
            f"the lines of {warehouse} are too short to learn from past launches: that takes articles first sold at "
            "least 60 days after the first line and 60 days before the last one"
        )
    with open_duckdb(settings) as engine:
        articles = _table(engine, warehouse, ARTICLES).to_pyarrow()
        wanted = read_garments(file, garments.Levels.of(articles))
        names = _file_names(wanted)
        say(f"Reading what was bought up to the last day of {warehouse}")
        known = _ground(engine, warehouse, articles)
        vectoriser = Vectoriser.from_table(_table(engine, warehouse, VOCABULARY).to_pyarrow())
        new = garments.new([each.values for each in wanted], vectoriser, known.range.levels)
        ids = _table(engine, warehouse, CUSTOMERS).select("customer_key", "customer_id")
        segment_names = {
            int(row["segment_id"]): str(row["segment_name"])
            for row in segments_of(warehouse, month_of(known.as_of))
        }
        called = dict(
            zip(articles["article_key"].to_pylist(), articles["prod_name"].to_pylist(), strict=True)
        )
        trust, usual = _trust(engine, warehouse), known.usual_shares(matcher)
        for place, (given, name) in enumerate(zip(wanted, names, strict=True)):
            say(f"{given.id}: {place + 1} of {len(wanted)}")
            garment = with_price_note(given, known.known.usual_price(int(new.codes[place][0])))
            told = known.tell(matcher, new.vectors[place], new.codes[place], usual, garment.price)
            first = back_test.first(customers, told.scores)
            said = reasons(known.known, first, new.vectors[place], new.codes[place], called)
            listed = artifacts.write_text(to / f"{name}.csv", _audience(known, told, first, said, ids))
            html = document.page(
                garment,
                told,
                known,
                segment_names,
                called,
                len(first),
                listed.name,
                matcher.trained_as_of,
                source,
                trust,
                back,
            )
            yield Written(
                garment,
                document.size_in_words(told),
                document.segments_in_words(told, segment_names),
                document.similar_in_words(told, known, called),
                listed,
                artifacts.write_text(to / f"{name}.html", html),
            )


def _ground(engine: DuckDBEngine, warehouse: Path, articles: pa.Table) -> Ground:
    lines = _table(engine, warehouse, TRANSACTIONS)
    as_of = lines.t_dat.max().to_pyarrow().as_py()
    if as_of is None:
        raise HmAssetsError("no customer has a purchase, so nobody can be ranked: see raw/deliveries")
    stored = delta.open_table(warehouse, ASSIGNMENTS)
    placed = None
    if stored is not None and month_of(as_of) in {
        parse_month(partition["month"]) for partition in stored.partitions()
    }:
        rows = engine.read(ASSIGNMENTS, delta.files_of(stored, [month_of(as_of)]))
        placed = rows.select("customer_key", "segment_id").to_pyarrow()
    embeddings = _table(engine, warehouse, EMBEDDINGS).to_pyarrow()
    return ground(lines, articles, embeddings, placed, as_of)


def _trust(engine: DuckDBEngine, warehouse: Path) -> str:
    stored = delta.open_table(warehouse, LAUNCH_SCORES)
    if stored is None:
        return document.NOT_JUDGED
    rows = engine.read(LAUNCH_SCORES, delta.files_of(stored)).to_pyarrow().to_pylist()
    latest = max((row["month"] for row in rows), default=None)
    rows = [row for row in rows if row["month"] == latest]
    return document.trust(rows, back_test.finding(rows))


def _audience(known: Ground, told: Told, first: Any, said: Sequence[str], ids: ibis.Table) -> str:
    """The customers as CSV, the likeliest first."""
    keys = known.known.keys[first]
    found = ids.inner_join(ibis.memtable(pa.table({"customer_key": keys})), "customer_key").to_pyarrow()
    by_key = dict(zip(found["customer_key"].to_pylist(), found["customer_id"].to_pylist(), strict=True))
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(COLUMNS)
    for rank, (row, key, reason) in enumerate(zip(first, keys.tolist(), said, strict=True), 1):
        segment = int(known.segments[row])
        writer.writerow(
            [
                rank,
                inert(by_key[key]),
                f"{told.scores[row]:.6g}",
                segment if segment in known.members else "",
                inert(reason),
            ]
        )
    return sheet.getvalue()


def _file_names(wanted: Sequence[NewGarment]) -> list[str]:
    """A name for each garment's files: what may stand in one, and a number where two would share it."""
    names: list[str] = []
    for garment in wanted:
        plain = re.sub(r"[^\w-]+", "_", garment.id).strip("_")[:80] or "garment"
        name, number = f"launch_{plain}", 2
        while name.lower() in {taken.lower() for taken in names}:
            name, number = f"launch_{plain}_{number}", number + 1
        names.append(name)
    return names


def _table(engine: DuckDBEngine, warehouse: Path, table: Table) -> ibis.Table:
    stored = delta.open_table(warehouse, table)
    if stored is None:
        raise WarehouseError(f"{table.path} is not in {warehouse}; run `hm run` first")
    return engine.read(table, delta.files_of(stored))

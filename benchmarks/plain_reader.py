"""The three files read row by row in plain Python, slowly and by the letter: what ingestion is held against.

It shares no code with `hm_assets.raw`, only the rules that the documentation states. A file that it cannot make sense
of as a whole gives `None`.
"""

import datetime as dt
import gzip
import hashlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hm_assets.sources import contract

Row = Mapping[str, str | None]
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
DAY = re.compile(
    r"\s*(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?)?\s*", re.ASCII
)
LONGEST_ROW = 16_000_000


@dataclass(frozen=True)
class Kept:
    """What is kept of a delivery: customers and articles by id, lines with how often each occurs; and how many rows.

    `rows` is None where a quotation mark stands astray: where such a row ends is a matter of taste.
    """

    customers: dict[str, Row]
    articles: dict[str, Row]
    lines: Counter[tuple[Any, ...]]
    rows: int | None


def read(delivery: Mapping[str, bytes]) -> Kept | None:
    """What should be kept of a delivery (file name -> content)."""
    tables = {name.split(".")[0]: _table(name, content) for name, content in delivery.items()}
    if any(table is None for table in tables.values()):
        return None
    customers, articles = _unique(tables["customers"], _text_id), _unique(tables["articles"], _article_id)
    lines: Counter[tuple[Any, ...]] = Counter()
    for row in tables["transactions_train"] or ():
        line = row and _line(row, customers, articles)
        if line:
            lines[line] += 1
    astray = any(row is None for table in tables.values() for row in table or ())
    return Kept(
        customers, articles, lines, None if astray else sum(len(table or ()) for table in tables.values())
    )


def _table(name: str, content: bytes) -> list[Row | None] | None:
    """The rows of a file by column name; None where there is no table.

    A row is empty where it has another number of columns, None where a quotation mark stands astray.
    """
    file = next(file for file in contract.INPUT_FILES if file.stem == name.split(".", maxsplit=1)[0])
    try:
        if name.endswith(".parquet"):
            header, rows = _of_parquet(content)
        else:
            header, rows = _of_csv(_unpacked(name, content).decode("utf-8-sig"))
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, pa.ArrowException):
        return None
    header = [name.strip() for name in header]
    if any(header.count(name) != 1 for name in file.names):
        return None
    places = {name: header.index(name) for name in file.names}
    return [None if row is None else _named(row, len(header), places) for row in rows]


def _named(row: list[str | None], columns: int, places: Mapping[str, int]) -> Row:
    if len(row) == columns + 1 and not row[-1]:
        row = row[:-1]  # a comma at the end of the line
    return {name: row[place] or None for name, place in places.items()} if len(row) == columns else {}


def _unpacked(name: str, content: bytes) -> bytes:
    if name.endswith(".gz"):
        return gzip.decompress(content)
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            (member,) = archive.namelist()
            return archive.read(member)
    return content


def _of_parquet(content: bytes) -> tuple[list[str], list[list[str | None] | None]]:
    table = pq.read_table(io.BytesIO(content))
    columns = [[_text(value) for value in column.to_pylist()] for column in table.columns]
    return table.column_names, [list(row) for row in zip(*columns, strict=True)]


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and abs(value) < 1e15 and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)


def _of_csv(text: str) -> tuple[list[str], list[list[str | None] | None]]:
    """Header and rows; None for a row with a stray quotation mark or one that is too long."""
    windows, feeds, returns = text.count("\r\n"), text.count("\n"), text.count("\r")
    if returns > windows or 0 < windows < feeds:
        # Line ends of several kinds are made one; a carriage return elsewhere is a blank.
        text = re.sub(r"\r+(?=\n)", "", text).replace("\r", " ")
    header, *rows = list(_rows(text))
    return [str(name) for name in header or ()], rows


def _rows(text: str) -> Iterator[list[str | None] | None]:
    at = 0
    while at < len(text):
        start = at
        row, at = _row(text, at)
        if row is not None and len(text[start:at].encode()) > LONGEST_ROW:
            row = None
        if row != [""]:
            yield row  # type: ignore[misc]


def _row(text: str, at: int) -> tuple[list[str] | None, int]:
    """One row from this place on, and the place behind it; a quoted value may hold line ends and doubled marks."""
    row: list[str] = []
    broken = False
    while True:
        if text[at : at + 1] == '"':
            value = ""
            while True:
                end = text.find('"', at + 1)
                if end < 0:
                    return None, len(text)
                value += text[at + 1 : end]
                at = end + 1
                if text[at : at + 1] != '"':
                    break
                value += '"'
            if text[at : at + 1] not in (",", "\n", "\r", ""):
                broken = True
                at = min(found for found in (text.find("\n", at), len(text)) if found >= 0)
        else:
            end = min(place for place in (text.find(",", at), text.find("\n", at), len(text)) if place >= 0)
            value, at = text[at:end], end
            if text[at : at + 1] != ",":
                value = value.rstrip("\r")
        row.append(value)
        while text[at : at + 1] == "\r":
            at += 1
        if text[at : at + 1] != ",":
            return (None if broken else row), at + 1
        at += 1


def _text_id(row: Row) -> str | None:
    return row["customer_id"]


def _article_id(row: Row) -> str | None:
    text = row["article_id"] or ""
    return text.zfill(10) if re.fullmatch("[0-9]{1,10}", text) else None


def _unique(rows: Sequence[Row | None] | None, id_of: Any) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for row in rows or ():
        key = row and id_of(row)
        if row and key:
            found.setdefault(key, row)
    return found


def _line(row: Row, customers: Mapping[str, Row], articles: Mapping[str, Row]) -> tuple[Any, ...] | None:
    day, price = _day(row["t_dat"] or ""), _price(row["price"] or "")
    channel = {"1": 1, "2": 2, "1.0": 1, "2.0": 2}.get((row["sales_channel_id"] or "").strip(" "))
    article = _article_id(row)
    if day is None or price is None or channel is None or row["customer_id"] not in customers:
        return None
    if article not in articles:
        return None
    digest = hashlib.md5((row["customer_id"] or "").encode(), usedforsecurity=False).hexdigest()
    return day, int(digest[:15], 16), int(article or ""), price, channel


def _day(text: str) -> dt.date | None:
    found = DAY.fullmatch(text)
    try:
        day = dt.date(int(found[1]), int(found[3]), int(found[4])) if found else None
    except ValueError:
        return None
    return day if day and 1990 <= day.year <= 2099 else None


def _price(text: str) -> float | None:
    price = float(text) if NUMBER.fullmatch(text) else -1.0
    return price if 0 <= price < 1e9 else None

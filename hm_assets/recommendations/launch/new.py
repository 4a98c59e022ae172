"""New garments from a CSV file in the layout of articles.csv: what is known of each, and what is not, said so."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hm_assets.articles.facts import UNKNOWN
from hm_assets.recommendations.launch.garments import ATTRIBUTES, TYPE, Levels
from hm_assets.warehouse.errors import ContractError

ID, DESCRIPTION, NAME, PRICE = "article_id", "detail_desc", "prod_name", "price"
NEEDED = (ID, TYPE, DESCRIPTION)
MOST = 1_000
"""Garments of one file: more are a range, not a launch."""
FAR = 20.0
"""Times the usual price of its type, beyond which a price is in another unit."""


@dataclass(frozen=True)
class NewGarment:
    """A garment of the file.

    Attributes
    ----------
    id
        Any text.
    values
        Columns of `articles/articles`; None where unknown.
    price
        In the price index; None where not given.
    notes
        What is not known of it, and what follows.
    """

    id: str
    values: Mapping[str, str | None]
    price: float | None
    notes: tuple[str, ...]

    @property
    def title(self) -> str:
        """Its name, else its id."""
        return self.values[NAME] or self.id


def read_garments(path: Path, levels: Levels) -> list[NewGarment]:
    """The garments of a file, in its order.

    Parameters
    ----------
    path
        A CSV file with a header, in UTF-8; `article_id`, `product_type_name` and `detail_desc` are needed, further
        columns of articles.csv and `price` are read where they are there, others are left out.
    levels
        Of the range.

    Raises
    ------
    ContractError
        What is wrong, with file, line and column.
    """
    rows = _rows(path)
    if not rows:
        raise ContractError(f"{path} has no garment: it needs a line for each below the header")
    if len(rows) > MOST:
        raise ContractError(f"{path} has {len(rows):,} garments; give at most {MOST:,} at a time")
    found: list[NewGarment] = []
    seen: dict[str, int] = {}
    for line, row in rows:
        garment = _garment(path, line, row, levels)
        if garment.id in seen:
            raise ContractError(
                f"{path}, line {line}: {ID} {garment.id!r} stands in line {seen[garment.id]} too"
            )
        seen[garment.id] = line
        found.append(garment)
    return found


def with_price_note(garment: NewGarment, usual: float) -> NewGarment:
    """The same, with a note where its price cannot be in the unit of the usual price of its type."""
    if garment.price is None or not usual > 0 or usual / FAR <= garment.price <= usual * FAR:
        return garment
    ratio = garment.price / usual
    far = f"{ratio:,.0f} times" if ratio > 1 else f"1/{1 / ratio:,.0f} of"
    note = (
        f"Its price {garment.price:g} is {far} what is usually paid for such a garment, {usual:.4f} in the price "
        "index: give it in the price index, or leave it empty; the list rests on it."
    )
    return replace(garment, notes=(*garment.notes, note))


def _rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = [name.strip() for name in reader.fieldnames or ()]
            missing = [name for name in NEEDED if name not in columns]
            if missing:
                raise ContractError(
                    f"{path} lacks {', '.join(missing)}; its columns are {', '.join(columns) or 'none'}. It takes the "
                    "columns of articles.csv, with commas between them, and price where it is known"
                )
            reader.fieldnames = columns
            rows = []
            for row in reader:
                if None in row or None in row.values():
                    raise ContractError(
                        f"{path}, line {reader.line_num}: more or fewer values than the {len(columns)} columns; put a "
                        "text with commas between double quotes"
                    )
                rows.append((reader.line_num, row))
            return rows
    except FileNotFoundError as error:
        raise ContractError(f"{path} does not exist") from error
    except (IsADirectoryError, PermissionError, csv.Error) as error:
        raise ContractError(f"{path} cannot be read as CSV: {error}") from error
    except UnicodeDecodeError as error:
        raise ContractError(f"{path} is not UTF-8 (byte {error.start}); save it as CSV in UTF-8") from error


def _garment(path: Path, line: int, row: Mapping[str, str], levels: Levels) -> NewGarment:
    name = row[ID].strip()
    if not name:
        raise ContractError(f"{path}, line {line}: {ID} is empty; any text will do")
    values = {column: _known(row.get(column)) for column in (DESCRIPTION, NAME, *ATTRIBUTES)}
    if not any(values.values()):
        raise ContractError(
            f"{path}, line {line}: of {name!r} neither a text nor an attribute is known, so it resembles nothing"
        )
    notes = []
    if values[DESCRIPTION] is None:
        notes.append("No description: its text is its name and its attributes only.")
    for column, meaning in ATTRIBUTES.items():
        value = values[column]
        if value is None and column == TYPE:
            notes.append("Product type unknown: no purchase counts as of its type.")
        elif value is not None and value not in levels.names[column]:
            notes.append(
                f"The range has no {meaning} {value!r}: it counts as unknown there, and only in the text."
            )
    return NewGarment(name, values, _price(path, line, row.get(PRICE)), tuple(notes))


def _known(value: str | None) -> str | None:
    trimmed = (value or "").strip()
    return None if trimmed.lower() in UNKNOWN else trimmed


def _price(path: Path, line: int, value: str | None) -> float | None:
    if not (value or "").strip():
        return None
    try:
        # Python reads 1_000 as a thousand; a file that says so means something else.
        price = math.nan if "_" in str(value) else float(str(value))
    except ValueError:
        price = math.nan
    if not (math.isfinite(price) and price > 0):
        raise ContractError(
            f"{path}, line {line}: {PRICE} {value!r} is no number above 0; leave it empty if it is not known"
        )
    return price

"""Reading `campaign_results.csv`: every row is checked, and the first fault is told with line, column and value.

Nothing is mended here: a result that was guessed at is worse than none. The file may be `.csv`, `.csv.gz`, `.csv.zip`
or `.parquet`, in the landing zone beside the others. Files that describe campaigns which this warehouse did not assign
(those of Complete Journey) are read too; nothing can be measured of them.
"""

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hm_assets.raw import files, plugins
from hm_assets.settings import named
from hm_assets.sources.contract import CAMPAIGN_RESULTS
from hm_assets.warehouse.errors import LandingError

OUTCOMES: Final = ("ordered", "spend")
REQUIRED: Final = ("campaign", "customer_id")
# Names that other files give to the same columns.
OTHER_NAMES: Final = {"campaign_id": "campaign", "received": "sent"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the file says of a customer in a campaign: None where it lacks the column."""

    sent: float | None
    ordered: float | None
    spend: float | None

    def of(self, outcome: str) -> float | None:
        """An outcome by its name."""
        return self.ordered if outcome == "ordered" else self.spend


Answers = dict[str, dict[str, Answer]]
"""By campaign, then by customer id."""


def find(raw: Path) -> Path | None:
    """The file in a landing zone, or None.

    Raises
    ------
    LandingError
        There are two of them.
    """
    found = plugins.found(raw, CAMPAIGN_RESULTS)
    if len(found) > 1:
        raise LandingError(f"{named(found[0])} and {found[1].name} are both there; keep one of them")
    return found[0] if found else None


def read(path: Path, spill: Path) -> Answers:
    """All rows of the file.

    Parameters
    ----------
    path
        The file.
    spill
        Folder for an unpacked copy, removed afterwards.

    Raises
    ------
    LandingError
        A column is missing, or a row is not what the contract says; the message names line, column and value.
    """
    answers: Answers = {}
    lines: dict[tuple[str, str], int] = {}
    with files.plain(path, spill) as plain:
        for line, row in _rows(plain, path):
            campaign, customer = (_filled(row, name, path, line) for name in REQUIRED)
            before = lines.setdefault((campaign, customer), line)
            if before != line:
                raise _fault(
                    path,
                    line,
                    "customer_id",
                    customer,
                    f"the campaign has it in line {before} already; give one row per customer, their orders added up",
                )
            answers.setdefault(campaign, {})[customer] = Answer(
                _number(row, "sent", path, line, _is_flag, "write 1 where something was sent, else 0"),
                _number(row, "ordered", path, line, _is_flag, "write 1 for who ordered, 0 for who did not"),
                _number(
                    row,
                    "spend",
                    path,
                    line,
                    lambda value: value >= 0,
                    "write a plain number, 12.5; 0 for who bought nothing",
                ),
            )
    return answers


def _rows(plain: Path, path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Line number and values by column; of Parquet the number of the row."""
    if files.suffix_of(path) == ".parquet":
        yield from _rows_of_parquet(plain, path)
        return
    with plain.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            names = _columns(next(reader, []), path)
            for values in reader:
                if not values:
                    continue  # a blank line, as editors leave at the end
                if len(values) != len(names):
                    raise LandingError(
                        f"{path}, line {reader.line_num}: {len(values)} values under {len(names)} columns; "
                        "put text with commas in quotation marks"
                    )
                yield reader.line_num, dict(zip(names, values, strict=True))
        except UnicodeDecodeError as error:
            raise LandingError(f"{path} is not UTF-8 ({error.reason}); save it as CSV UTF-8") from error
        except csv.Error as error:
            raise LandingError(f"{path}, line {reader.line_num}: {error}; export the file again") from error


def _rows_of_parquet(plain: Path, path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(plain)
    except (pa.ArrowException, OSError) as error:
        raise LandingError(f"{path} is no Parquet file ({error}); export it again") from error
    names = _columns(table.column_names, path)
    for number, values in enumerate(zip(*(column.to_pylist() for column in table.columns), strict=True), 1):
        yield number, {name: _text(value) for name, value in zip(names, values, strict=True)}


def _text(value: Any) -> str:
    return "" if value is None else str(int(value)) if isinstance(value, bool) else str(value)


def _columns(header: Iterable[str], path: Path) -> list[str]:
    names = [OTHER_NAMES.get(name.strip(), name.strip()) for name in header]
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise LandingError(
            f"{path} has no column {' and no column '.join(missing)}; its first line must name "
            f"{', '.join(REQUIRED)}, and {' or '.join(OUTCOMES)}; it names {', '.join(names) or 'nothing'}"
        )
    twice = sorted({name for name in names if name in CAMPAIGN_RESULTS.names and names.count(name) > 1})
    if twice:
        raise LandingError(f"{path} has the column {twice[0]} twice; keep one of them")
    return names


def _filled(row: Mapping[str, str], name: str, path: Path, line: int) -> str:
    value = row[name].strip()
    if not value:
        raise _fault(path, line, name, value, "fill it in, or take the line out")
    return value


def _number(
    row: Mapping[str, str], name: str, path: Path, line: int, holds: Callable[[float], bool], way_out: str
) -> float | None:
    if name not in row:
        return None
    try:
        value = float(row[name].replace("_", "?"))  # to Python 1_0 is ten
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or not holds(value):
        raise _fault(path, line, name, row[name], way_out)
    return value


def _is_flag(value: float) -> bool:
    return value in (0, 1)


def _fault(path: Path, line: int, column: str, value: str, way_out: str) -> LandingError:
    said = repr(value[:80]) if value else "empty"
    return LandingError(f"{path}, line {line}, column {column}: {said}; {way_out}")

"""From arrays to CSV or Parquet: lines go through one bucket a month on disk, and come out sorted by date.

Text of CSV is laid out in fixed-width byte tables with NUL as padding, which is dropped as the rows are written:
plain numpy, nothing that depends on the order of threads.
"""

import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hm_assets.sources.synthetic import truth
from hm_assets.sources.synthetic.arrays import Array
from hm_assets.sources.synthetic.customers import CLUB, NEWS, Attributes
from hm_assets.sources.synthetic.presets import DAYS, FIRST_DAY, PRICE_DIVISOR
from hm_assets.sources.synthetic.purchases import Lines
from hm_assets.sources.synthetic.seasons import buckets

CHUNK_ROWS: Final = 131_072
GROUP_ROWS: Final = 1_048_576
WHOLE: Final = "transactions_train.csv"
THREADS: Final = 2
Write = Callable[..., None]
"""`write_transactions` or `write_months`."""
_Result = TypeVar("_Result")
_PACKED: Final = np.dtype(
    [("day", "<i2"), ("customer", "<i4"), ("article", "<i4"), ("cents", "<i4"), ("channel", "i1")]
)


def byte_table(texts: Sequence[str]) -> Array:
    """Return the texts as (n, width) ASCII bytes, padded with NUL."""
    table = np.array([text.encode("ascii") for text in texts])
    width = max(1, table.dtype.itemsize)
    return table.astype(f"S{width}").view(np.uint8).reshape(len(texts), width)


def rows(columns: Sequence[Array]) -> bytes:
    """Join (n, width) byte columns into CSV rows with line feeds; NUL padding is dropped."""
    width = sum(column.shape[1] + 1 for column in columns)
    page = np.full((len(columns[0]), width), ord(","), dtype=np.uint8)
    left = 0
    for column in columns:
        page[:, left : left + column.shape[1]] = column
        left += column.shape[1] + 1
    page[:, -1] = ord("\n")
    return bytes(page[page != 0].tobytes())


def in_order(
    pool: ThreadPoolExecutor, calls: Iterator[Callable[[], _Result]], ahead: int = THREADS + 1
) -> Iterator[_Result]:
    """Run calls on the pool, a few ahead, and yield their results in the order of the calls."""
    waiting: deque[Future[_Result]] = deque()
    try:
        for call in calls:
            waiting.append(pool.submit(call))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


class Buckets:
    """Lines kept on disk by month, in the order they were added."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True)

    def _path(self, month: int) -> Path:
        return self._folder / f"month-{month:02d}.bin"

    def add(self, lines: Lines) -> None:
        """Append lines ordered by customer, day and place in the basket."""
        packed = np.empty(len(lines.day), dtype=_PACKED)
        for name in _PACKED.names or ():
            packed[name] = getattr(lines, name)
        month = buckets()[lines.day].astype(np.int8)
        packed = packed[np.argsort(month, kind="stable")]
        edges = np.cumsum(np.bincount(month, minlength=int(buckets()[-1]) + 1))
        for number, part in enumerate(np.split(packed, edges[:-1])):
            if len(part):
                with self._path(number).open("ab") as file:
                    part.tofile(file)

    def months(self) -> Iterator[Lines]:
        """Yield the lines of each month, ordered by day, customer and place in the basket."""
        for number in range(int(buckets()[-1]) + 1):
            path = self._path(number)
            if not path.exists():
                continue
            packed = np.fromfile(path, dtype=_PACKED)
            path.unlink()
            # Stable: within a day the lines stay in the order of customers, which is the order of their ids.
            packed = packed[np.argsort(packed["day"], kind="stable")]
            yield Lines(*(np.ascontiguousarray(packed[name]) for name in _PACKED.names or ()))
        shutil.rmtree(self._folder)


def write_transactions(
    folder: Path,
    months: Iterator[Lines],
    customer_ids: Array,
    article_ids: Sequence[str],
    *,
    cents: Array,
    pool: ThreadPoolExecutor,
) -> None:
    """Write the lines as one CSV file; ``cents`` lists every price that occurs, ascending."""
    dates = byte_table([(FIRST_DAY + timedelta(days=day)).isoformat() for day in range(DAYS)])
    articles = byte_table(article_ids)
    prices = byte_table([repr(value / PRICE_DIVISOR) for value in cents.tolist()])
    channels = byte_table(["", "1", "2"])

    def text(part: Lines, low: int) -> bytes:
        cut = slice(low, low + CHUNK_ROWS)
        price = prices[np.searchsorted(cents, part.cents[cut])]
        who = (dates[part.day[cut]], customer_ids[part.customer[cut]])
        return rows((*who, articles[part.article[cut]], price, channels[part.channel[cut]]))

    def calls() -> Iterator[Callable[[], bytes]]:
        for part in months:
            for low in range(0, len(part.day), CHUNK_ROWS):
                yield lambda part=part, low=low: text(part, low)  # type: ignore[misc]

    with (folder / WHOLE).open("wb") as file:
        file.write(b"t_dat,customer_id,article_id,price,sales_channel_id\n")
        for chunk in in_order(pool, calls()):
            file.write(chunk)


def month_files() -> list[str]:
    """The names of the files that ``write_months`` may write, by month."""
    first = np.datetime64(FIRST_DAY, "M")
    return [f"transactions_{first + number}.parquet" for number in range(int(buckets()[-1]) + 1)]


def write_months(
    folder: Path,
    months: Iterator[Lines],
    customer_ids: Array,
    article_ids: Sequence[str],
    *,
    cents: Array,
    pool: ThreadPoolExecutor,
) -> None:
    """Write the lines of each month as a Parquet file of its own: the values of the CSV file, typed but for the ids."""
    articles, prices = pa.array(article_ids), cents / PRICE_DIVISOR
    names = month_files()

    def group(part: Lines, low: int) -> pa.Table:
        cut = slice(low, low + GROUP_ROWS)
        return pa.table(
            {
                "t_dat": truth.dates(part.day[cut]),
                "customer_id": truth.fixed_text(customer_ids[part.customer[cut]]),
                "article_id": articles.take(pa.array(part.article[cut])),
                "price": prices[np.searchsorted(cents, part.cents[cut])],
                "sales_channel_id": pa.array(part.channel[cut], mask=part.channel[cut] == 0),
            }
        )

    for part in months:
        path = folder / names[int(buckets()[part.day[0]])]
        groups = in_order(pool, (partial(group, part, low) for low in range(0, len(part.day), GROUP_ROWS)))
        first = next(groups)
        with pq.ParquetWriter(path, first.schema, compression="zstd") as file:
            file.write_table(first)
            for table in groups:
                file.write_table(table)


def write_customers(path: Path, people: Attributes) -> None:
    """Write customers.csv in the order of customer_id; a gap is an empty field."""
    flags = byte_table(["", "1.0"])
    club = byte_table([*CLUB, ""])
    news = byte_table([*NEWS, ""])
    ages = byte_table([*(str(age) for age in range(100)), ""])
    with path.open("wb") as file:
        file.write(b"customer_id,FN,Active,club_member_status,fashion_news_frequency,age,postal_code\n")
        for low in range(0, len(people.age), CHUNK_ROWS):
            cut = slice(low, low + CHUNK_ROWS)
            said = (flags[people.fn[cut].astype(np.int8)], flags[people.active[cut].astype(np.int8)])
            known = (club[people.club[cut]], news[people.news[cut]], ages[people.age[cut]])
            file.write(rows((people.customer_id[cut], *said, *known, people.postal_code[cut])))

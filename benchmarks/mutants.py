"""Corrupted deliveries, made from a sound one by a seed and a number, and what is wrong with what came of them.

Each must end in rejects that add up, with the rows kept that a plain reader keeps (`benchmarks/plain_reader.py`), or in
one error of ours in one sentence that names the file.
"""

import csv
import gzip
import io
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import plain_reader
from hm_assets.sources import contract
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets_tests.raw.examples import Ingested, ingest

Delivery = dict[str, bytes]
Table = list[list[str]]
NAMES = ("customers.csv", "articles.csv", "transactions_train.csv")
# A clear error, or rows that add up.
ERROR, ROWS = "error", "rows"


def sound(seed: int, customers: int = 40, articles: int = 25, lines: int = 400) -> Delivery:
    """A small delivery without fault, with names that are hard to read: quotes, commas, line breaks, other scripts."""
    rng = np.random.default_rng(seed)
    words = [
        "Vest top",
        'The "best" one',
        "Été, blanc",
        "två\nrader",
        "黒い帽子",
        "🛍 bag",
        " x ",
        "O'Neill",
        "",
    ]
    people = [
        [
            f"{number:064x}",
            *rng.choice(["1", ""], 2),
            "ACTIVE",
            "NONE",
            str(rng.integers(16, 90)),
            f"p{number % 7}",
        ]
        for number in range(customers)
    ]
    ids = [f"0{100000000 + 37 * number}" for number in range(articles)]
    names = contract.ARTICLES.names
    range_ = [
        [{"article_id": each, "product_code": each[:7]}.get(name, str(rng.choice(words))) for name in names]
        for each in ids
    ]
    days = np.datetime64("2018-09-01") + rng.integers(0, 120, lines)
    bought = [
        [
            str(day),
            people[rng.integers(customers)][0],
            ids[rng.integers(articles)],
            f"{rng.uniform(0.001, 0.5):.17g}",
            str(rng.integers(1, 3)),
        ]
        for day in np.sort(days)
    ]
    tables = ([list(contract.CUSTOMERS.names), *people], [list(names), *range_])
    lines_ = [list(contract.TRANSACTIONS.names), *bought]
    return dict(zip(NAMES, map(text_of, (*tables, lines_)), strict=True))


def text_of(table: Table, quoting: int = csv.QUOTE_MINIMAL, end: str = "\n") -> bytes:
    """A table as CSV."""
    sink = io.StringIO(newline="")
    csv.writer(sink, quoting=quoting, lineterminator=end).writerows(table)  # type: ignore[arg-type]
    return sink.getvalue().encode()


def table_of(content: bytes) -> Table:
    """CSV as a table."""
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@dataclass
class Draw:
    """One mutation: the delivery, the file that is chosen, and where chance comes from."""

    files: Delivery
    name: str
    rng: np.random.Generator

    @property
    def bytes(self) -> bytes:
        """Content of the chosen file."""
        return self.files[self.name]

    @bytes.setter
    def bytes(self, content: bytes) -> None:
        self.files[self.name] = content

    @property
    def table(self) -> Table:
        """The same as a table."""
        return table_of(self.bytes)

    @table.setter
    def table(self, table: Table) -> None:
        self.bytes = text_of(table)

    def row(self) -> int:
        """Any row below the header."""
        return int(self.rng.integers(1, len(self.table)))

    def place(self) -> int:
        """Any byte below the header."""
        header = self.bytes.index(b"\n") + 1
        return int(self.rng.integers(header, len(self.bytes)))

    def put(self, text: bytes) -> None:
        """Put bytes somewhere below the header."""
        at = self.place()
        self.bytes = self.bytes[:at] + text + self.bytes[at:]

    def change(self, column: str, *values: str) -> None:
        """Write one of these values into a column of some lines."""
        self.name = NAMES[2]
        table = self.table
        place = table[0].index(column)
        for row in self.rng.choice(np.arange(1, len(table)), 12, replace=False):
            table[row][place] = str(self.rng.choice(values))
        self.table = table

    def column(self) -> int:
        """Any column."""
        return int(self.rng.integers(len(self.table[0])))

    def repack(self, suffix: str, content: bytes) -> None:
        """Deliver it as another kind of file."""
        del self.files[self.name]
        self.name += suffix
        self.files[self.name] = content


def _drop_column(draw: Draw) -> None:
    place = draw.column()
    draw.table = [[value for at, value in enumerate(row) if at != place] for row in draw.table]


def _double_column(draw: Draw) -> None:
    place = draw.column()
    draw.table = [[*row, row[place]] for row in draw.table]


def _rename_column(draw: Draw) -> None:
    header, *rows = draw.table
    header[draw.column()] = str(draw.rng.choice(["date", "", "ARTICLE_ID", "customer id", "x" * 500]))
    draw.table = [header, *rows]


def _reorder_columns(draw: Draw) -> None:
    order = draw.rng.permutation(len(draw.table[0]))
    draw.table = [[row[place] for place in order] for row in draw.table]


def _further_column(draw: Draw) -> None:
    place, name = draw.column(), str(draw.rng.choice(["note", "", "größe", "a,b", 'the "x"', "extra_0"]))
    values = ["", "two\nlines", "7", "a,b"]
    draw.table = [
        [*row[:place], name if not number else str(draw.rng.choice(values)), *row[place:]]
        for number, row in enumerate(draw.table)
    ]


def _blank_around_names(draw: Draw) -> None:
    header, *rows = draw.table
    draw.table = [[f" {name} " for name in header], *rows]


def _rows_too_short(draw: Draw) -> None:
    table = draw.table
    for _ in range(5):
        row = table[draw.row()]
        del row[-int(draw.rng.integers(1, max(2, len(row)))) :]
    draw.table = table


def _rows_too_long(draw: Draw) -> None:
    table = draw.table
    for _ in range(5):
        table[draw.row()] += ["more"] * int(draw.rng.integers(1, 4))
    draw.table = table


def _blank_lines(draw: Draw) -> None:
    table = draw.table
    for _ in range(6):
        table.insert(draw.row(), [])
    draw.table = table


def _shuffled_rows(draw: Draw) -> None:
    header, *rows = draw.table
    draw.table = [header, *(rows[place] for place in draw.rng.permutation(len(rows)))]


def _bad_byte(draw: Draw) -> None:
    draw.put(bytes([int(draw.rng.integers(0x80, 0x100))]))


def _null_byte(draw: Draw) -> None:
    draw.put(b"\x00")


def _control_byte(draw: Draw) -> None:
    draw.put(bytes([int(draw.rng.choice([1, 7, 8, 11, 12, 26, 27, 127]))]))


def _byte_order_mark(draw: Draw) -> None:
    draw.bytes = b"\xef\xbb\xbf" + draw.bytes


def _mark_in_the_middle(draw: Draw) -> None:
    draw.put(b"\xef\xbb\xbf")


def _other_encoding(draw: Draw) -> None:
    name = str(draw.rng.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32"]))
    draw.bytes = draw.bytes.decode().encode(name)


def _western(draw: Draw) -> None:
    draw.bytes = draw.bytes.decode().encode("latin-1", "replace") + "ö".encode("latin-1")


def _windows_ends(draw: Draw) -> None:
    draw.bytes = text_of(draw.table, end="\r\n")


def _mixed_ends(draw: Draw) -> None:
    lines = draw.bytes.split(b"\n")
    draw.bytes = b"".join(line + draw.rng.choice([b"\n", b"\r\n"]) for line in lines if line)


def _old_mac_ends(draw: Draw) -> None:
    draw.bytes = text_of(draw.table, end="\r")


def _lone_return(draw: Draw) -> None:
    draw.put(b"\r")


def _all_quoted(draw: Draw) -> None:
    draw.bytes = text_of(draw.table, quoting=csv.QUOTE_ALL)


def _quotation_mark(draw: Draw) -> None:
    draw.put(b'"')


def _two_quotation_marks(draw: Draw) -> None:
    draw.put(b'"')
    draw.put(b'"')


def _line_feed(draw: Draw) -> None:
    draw.put(b"\n")


def _comma(draw: Draw) -> None:
    draw.put(b",")


def _line_breaks_in_values(draw: Draw) -> None:
    table = draw.table
    for _ in range(4):
        table[draw.row()][draw.column()] += "\n\nmore"
    draw.table = table


def _other_delimiter(draw: Draw) -> None:
    delimiter = str(draw.rng.choice([";", "\t", "|"]))
    sink = io.StringIO(newline="")
    csv.writer(sink, delimiter=delimiter, lineterminator="\n").writerows(draw.table)
    draw.bytes = sink.getvalue().encode()


def _cut_off(draw: Draw) -> None:
    draw.bytes = draw.bytes[: draw.place()]


def _cut_in_front(draw: Draw) -> None:
    draw.bytes = draw.bytes[draw.place() :]


def _flipped_bit(draw: Draw) -> None:
    at = draw.place()
    flipped = draw.bytes[at] ^ (1 << int(draw.rng.integers(7)))
    draw.bytes = draw.bytes[:at] + bytes([flipped]) + draw.bytes[at + 1 :]


def _a_block_twice(draw: Draw) -> None:
    start, end = sorted((draw.place(), draw.place()))
    draw.bytes = draw.bytes[:end] + draw.bytes[start:]


def _empty(draw: Draw) -> None:
    draw.bytes = bytes(draw.rng.choice([b"", b"\n", b"\xef\xbb\xbf", b" \r\n"]))


def _header_only(draw: Draw) -> None:
    draw.table = draw.table[:1]


def _no_header(draw: Draw) -> None:
    draw.table = draw.table[1:]


def _header_twice(draw: Draw) -> None:
    table = draw.table
    table.insert(draw.row(), table[0])
    draw.table = table


def _prices(draw: Draw) -> None:
    odd = "nan NaN inf -inf Infinity -0.01 -0 1e9 1e400 1e-400 999999999.99 0,05 5% €1 $2 0x10 "
    odd += "1_000 1e5_0 +0.5 .5 5. abc - ٣"
    draw.change("price", "", " ", "1 000", *odd.split())


def _days(draw: Draw) -> None:
    odd = (
        "20.09.2018 09/20/2018 20180920 2018-9-2 18-09-20 2018-02-30 2018-13-01 2018-00-10 1918-09-20 2118-09-20 "
        "0001-01-01 9999-12-31 12018-09-20 2018-09 2018 2018-09-20T10:00:00 2018/09/20 43363 1537401600 today now "
        "epoch infinity -infinity 2018-09-20x 2018-09-2x 2018-09-20T -2018-09-20 2018.09.20"
    )
    draw.change("t_dat", "", "2018-09-20 10:00:00", "Sep 20 2018", *odd.split())


def _customers(draw: Draw) -> None:
    draw.change(
        "customer_id",
        "",
        " ",
        "0",
        "nobody",
        "f" * 64,
        "f" * 63,
        "0" * 64 + " ",
        "NULL",
        "'; DROP TABLE x; --",
    )


def _articles(draw: Draw) -> None:
    draw.change(
        "article_id",
        "",
        "100000000",
        "00100000000",
        "0100000000.0",
        "1e8",
        "0999999999",
        "-100000000",
        " 0100000000",
    )


def _channels(draw: Draw) -> None:
    draw.change(
        "sales_channel_id", "", "0", "3", "1.0", "2.0", "1.5", "12", "one", " 1", "-1", "01", "1e0", "²"
    )


def _ids_without_zeros(draw: Draw) -> None:
    for name in NAMES[1:]:
        draw.name = name
        table = draw.table
        place = table[0].index("article_id")
        draw.table = [
            table[0],
            *([*row[:place], row[place].lstrip("0"), *row[place + 1 :]] for row in table[1:]),
        ]


def _repeated_with_other_values(draw: Draw) -> None:
    draw.name = str(draw.rng.choice(NAMES[:2]))
    table = draw.table
    for _ in range(5):
        copy = list(table[draw.row()])
        copy[-1] = "other"
        table.insert(draw.row(), copy)
    draw.table = table


def _ids_of_ids(draw: Draw) -> None:
    draw.name = str(draw.rng.choice(NAMES[:2]))
    table = draw.table
    for value in ("", " ", "abc", "1" * 11, "0", "NULL"):
        table[draw.row()][0] = value
    draw.table = table


def _swapped(draw: Draw) -> None:
    one, other = draw.rng.choice(NAMES, 2, replace=False)
    draw.files[one], draw.files[other] = draw.files[other], draw.files[one]


def _no_gzip(draw: Draw) -> None:
    draw.repack(".gz", draw.bytes)


def _gzip(draw: Draw) -> None:
    draw.repack(".gz", gzip.compress(draw.bytes, mtime=0))


def _cut_gzip(draw: Draw) -> None:
    packed = gzip.compress(draw.bytes, mtime=0)
    draw.repack(".gz", packed[: int(draw.rng.integers(len(packed)))])


def _zip_of(*contents: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number}.csv", content)
    return sink.getvalue()


def _zip(draw: Draw) -> None:
    draw.repack(".zip", _zip_of(draw.bytes))


def _zip_of_two(draw: Draw) -> None:
    draw.repack(".zip", _zip_of(draw.bytes, draw.bytes))


def _damaged_zip(draw: Draw) -> None:
    packed = bytearray(_zip_of(draw.bytes))
    packed[int(draw.rng.integers(30, len(packed) - 60))] ^= 0x55
    draw.repack(".zip", bytes(packed))


def _parquet(draw: Draw, types: dict[str, pa.DataType]) -> None:
    header, *rows = draw.table
    columns = []
    for name, values in zip(header, zip(*rows, strict=True), strict=True):
        text = pa.array([value or None for value in values], pa.string())
        columns.append(text.cast(types[name]) if name in types else text)
    sink = io.BytesIO()
    pq.write_table(pa.table(columns, names=header), sink)
    draw.name, old = draw.name.replace(".csv", ".parquet"), draw.name
    del draw.files[old]
    draw.files[draw.name] = sink.getvalue()


def _typed_parquet(draw: Draw) -> None:
    numbers = [pa.int64(), pa.float64(), pa.int32(), pa.decimal128(12, 2)]
    days = [pa.date32(), pa.timestamp("us"), pa.timestamp("ns"), pa.date64()]
    one_of = draw.rng.integers
    types = {
        "t_dat": days[one_of(4)],
        "article_id": numbers[one_of(2)],
        "price": [pa.float64(), pa.float32()][one_of(2)],
        "sales_channel_id": [pa.int8(), pa.float64(), pa.int64()][one_of(3)],
        "age": numbers[one_of(4)],
        "FN": pa.float64(),
        "customer_id": [pa.string(), pa.large_string()][one_of(2)],
    }
    _parquet(draw, types)


def _damaged_parquet(draw: Draw) -> None:
    _parquet(draw, {})
    content = bytearray(draw.bytes)
    for _ in range(8):
        content[int(draw.rng.integers(4, len(content) - 4))] ^= 0x55
    draw.bytes = bytes(content)


def _cut_parquet(draw: Draw) -> None:
    _parquet(draw, {})
    draw.bytes = draw.bytes[: int(draw.rng.integers(len(draw.bytes)))]


def _long_row(draw: Draw) -> None:
    table = draw.table
    table[draw.row()][draw.column()] = "x" * int(draw.rng.choice([10_000_000, 17_000_000]))
    draw.table = table


# How each may end: in rows that add up (the file is readable as a whole), in an error, or in either.
KINDS: tuple[tuple[Callable[[Draw], None], frozenset[str]], ...] = (
    *(
        (kind, frozenset({ROWS}))
        for kind in (
            _reorder_columns,
            _further_column,
            _blank_around_names,
            _rows_too_short,
            _rows_too_long,
            _blank_lines,
            _shuffled_rows,
            _byte_order_mark,
            _windows_ends,
            _all_quoted,
            _line_breaks_in_values,
            _header_twice,
            _prices,
            _days,
            _customers,
            _articles,
            _channels,
            _ids_without_zeros,
            _repeated_with_other_values,
            _ids_of_ids,
            _gzip,
            _zip,
            _typed_parquet,
        )
    ),
    *(
        (kind, frozenset({ERROR}))
        for kind in (
            _drop_column,
            _double_column,
            _rename_column,
            _other_encoding,
            _western,
            _old_mac_ends,
            _other_delimiter,
            _cut_in_front,
            _empty,
            _header_only,
            _no_header,
            _swapped,
            _no_gzip,
            _cut_gzip,
            _zip_of_two,
            _cut_parquet,
        )
    ),
    *(
        (kind, frozenset({ROWS, ERROR}))
        for kind in (
            _bad_byte,
            _null_byte,
            _control_byte,
            _mark_in_the_middle,
            _mixed_ends,
            _lone_return,
            _quotation_mark,
            _two_quotation_marks,
            _line_feed,
            _comma,
            _cut_off,
            _flipped_bit,
            _a_block_twice,
            _damaged_zip,
            _damaged_parquet,
            _long_row,
        )
    ),
)


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: its kind, how it ended, the error or the counts, and what is wrong with that."""

    number: int
    kind: str
    file: str
    ended: str
    said: str
    wrong: str = ""


def mutant(seed: int, number: int) -> tuple[Delivery, str, str, frozenset[str]]:
    """The delivery of this number, the name of its mutation, the file that was changed and how it may end."""
    rng = np.random.default_rng([seed, number])
    kind, ends = KINDS[number % len(KINDS)]
    draw = Draw(sound(seed), str(rng.choice(NAMES)), rng)
    kind(draw)
    return draw.files, kind.__name__.strip("_"), draw.name, ends


def judge(seed: int, number: int, folder: Path) -> Verdict:
    """Ingest a mutant and hold what comes out against the plain reader."""
    delivery, kind, file, ends = mutant(seed, number)
    raw = folder / "raw"
    raw.mkdir(parents=True)
    for name, content in delivery.items():
        (raw / name).write_bytes(content)
    try:
        found = ingest(raw, folder / "warehouse")
    except HmAssetsError as error:
        return Verdict(number, kind, file, ERROR, str(error), _of_error(str(error), raw, ends))
    refused = sum(row["refused"] for row in found.deliveries)
    said = f"{len(found.transactions)} lines kept, {refused} rows refused"
    return Verdict(number, kind, file, ROWS, said, _of_rows(found, delivery, ends))


def _of_error(message: str, raw: Path, ends: frozenset[str]) -> str:
    if ERROR not in ends:
        return "refused as a whole, though it can be read"
    if not any(path.name in message for path in raw.iterdir()) and str(raw) not in message:
        return "the error does not name the file"
    if "\n" in message or "Traceback" in message or len(message) > 1500:
        return "the error is not one sentence"
    return ""


def _of_rows(found: Ingested, delivery: Delivery, ends: frozenset[str]) -> str:
    kept = plain_reader.read(delivery)
    if kept is None:
        return "read, though the plain reader finds no table in it"
    if ROWS not in ends:
        return "read, though it should have been refused as a whole"
    try:
        found.prove()
    except AssertionError as error:
        return f"does not add up: {error}"
    return _compared(found, kept)


def _compared(found: Ingested, kept: plain_reader.Kept) -> str:
    lines = Counter(
        (row["t_dat"], row["customer_key"], row["article_key"], row["price"], row["sales_channel_id"])
        for row in found.transactions
    )
    if lines != kept.lines:
        return f"other lines: {list((lines - kept.lines).items())[:2]} for {list((kept.lines - lines).items())[:2]}"
    for key, mine, theirs in (
        ("customer_id", found.customers, kept.customers),
        ("article_id", found.articles, kept.articles),
    ):
        surrogate = key.replace("_id", "_key")
        rows = {row[key]: {name: value for name, value in row.items() if name != surrogate} for row in mine}
        wanted = {value: {**row, key: value} for value, row in theirs.items()}
        if rows != wanted:
            return f"other values by {key}: {sorted(rows.keys() ^ wanted.keys())[:3]}"
    counted = sum(file.rows for file in found.landed.all_files)
    return (
        "" if kept.rows in (None, counted) else f"{counted} rows counted, and {kept.rows} by the plain reader"
    )

"""Every refused row with its line, column, value and reason; nothing lost, whatever the files hold."""

import random
import shutil
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.warehouse.errors import HmAssetsError
from hm_assets_tests.raw.examples import (
    ARTICLES,
    BASE,
    CUSTOMERS,
    LINE_HEADER,
    LINES,
    article,
    deliver,
    ingest,
    line,
    more,
)

NO_DATE = "no date (YYYY-MM-DD) between 1990 and 2099"
TOO_HIGH = "1,000,000,000 or more: no price of an item"
FEW, MANY, QUOTE = "too few columns", "too many columns", "a quotation mark that is not closed or not alone"


@pytest.fixture
def refused(tmp_path: Path):
    """What is refused of files that are as usual but for what a test changes."""

    def run(**changed):
        found = ingest(deliver(tmp_path / "raw", **changed), tmp_path / "warehouse")
        found.prove()
        return found.refused

    return run


@pytest.mark.parametrize(
    ("changed", "column", "value", "reason"),
    [
        *(
            ({"day": day}, "t_dat", day or None, NO_DATE)
            for day in ("20.09.2018", "2018-02-30", "x", "", "1989-12-31", "2100-01-01", "infinity")
        ),
        *(
            ({"price": price}, "price", price or None, "no number")
            for price in ("x", "", "0;5", "5 EUR", "\x00")
        ),
        *(({"price": price}, "price", price, "negative") for price in ("-0.01", "-1e-9")),
        *(({"price": price}, "price", price, TOO_HIGH) for price in ("1000000000", "1e300")),
        *(
            ({"price": price}, "price", price, "not a finite number")
            for price in ("nan", "NaN", "inf", "-inf", "1e999")
        ),
        *(
            ({"channel": channel}, "sales_channel_id", channel or None, "neither 1 (store) nor 2 (online)")
            for channel in ("3", "0", "", "12", "web", "2.5", "-1")
        ),
        ({"customer": "nobody"}, "customer_id", "nobody", "not in the customers file"),
        ({"customer": "Anna"}, "customer_id", "Anna", "not in the customers file"),
        ({"customer": ""}, "customer_id", None, "empty"),
        ({"article_id": "0123456789"}, "article_id", "0123456789", "not in the articles file"),
        ({"article_id": "01087750159"}, "article_id", "01087750159", "not in the articles file"),
        ({"article_id": ""}, "article_id", None, "empty"),
        ({"day": "x", "price": "x", "channel": "x"}, "t_dat", "x", NO_DATE),
    ],
)
def test_a_line_is_refused_with_its_first_fault(refused, changed, column, value, reason):
    assert refused(lines=LINES + line(**changed) + "\n") == [(BASE, 7, column, value, reason)]


def test_customers_are_refused_with_their_fault(refused):
    found = refused(customers=CUSTOMERS + ",1,,,,,\nanna,,,,,,\n,,,,,,\nanna,,,,,,\n")
    repeated = "repeated; the first row with it is kept"
    assert found == [
        ("customers.csv", 6, "customer_id", None, "empty"),
        ("customers.csv", 7, "customer_id", "anna", repeated),
        ("customers.csv", 8, "customer_id", None, "empty"),
        ("customers.csv", 9, "customer_id", "anna", repeated),
    ]


def test_articles_are_refused_with_their_fault(refused):
    found = refused(
        articles=ARTICLES + "".join(article(x) + "\n" for x in ("", "108775015", "12345678901", "A1", "1.0"))
    )
    assert [(row[1], row[3], row[4].split(";")[0]) for row in found] == [
        (6, None, "empty"),
        (7, "108775015", "repeated"),
        (8, "12345678901", "not a whole number of at most 10 digits"),
        (9, "A1", "not a whole number of at most 10 digits"),
        (10, "1.0", "not a whole number of at most 10 digits"),
    ]


def test_a_row_of_another_month_in_a_month_file_is_refused(tmp_path):
    raw = deliver(tmp_path / "raw")
    more(
        raw, "transactions_2018-10.csv", line("2018-10-05"), line("2018-11-05"), line("2018-09-05", price="x")
    )
    found = ingest(raw, tmp_path / "warehouse")
    found.prove()
    assert [row[1:] for row in found.refused] == [
        (3, "t_dat", "2018-11-05", "outside the month that the file's name says"),
        (4, "price", "x", "no number"),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "bom"])
@pytest.mark.parametrize("last", ["", "END"], ids=["no_last_newline", "newline"])
def test_the_line_is_right_below_everything_that_shifts_it(refused, end, mark, last):
    bad = line(price="x")
    rows = [
        LINE_HEADER + ",note",
        line() + ",",
        line() + ',"a note',  # 3-5: line breaks in a column that is left out
        "",
        'in three lines"',
        bad + ",",  # 6
        "",
        "2018-09-20,anna",  # 8
        '2018-09-20,"a',  # 9-10
        'b",1',
        "",
        "",
        bad + ",",  # 13
        line() + ",,x",  # 14
        '"2018"-09-20,1,2,3,4,5',  # 15
        '2018-09-20,"no',  # 16-17
        'body",0108775015,1,1,',
        "2018-09-20",  # 18
        bad + ",",  # 19
    ]
    text = mark + end.join(rows) + last.replace("END", end)
    assert [(number, reason) for _, number, _, _, reason in refused(lines=text)] == [
        (6, "no number"),
        (8, FEW),
        (9, FEW),
        (13, "no number"),
        (14, MANY),
        (15, QUOTE),
        (16, "not in the customers file"),
        (18, FEW),
        (19, "no number"),
    ]


def test_the_line_is_right_where_line_ends_are_mixed(refused):
    text = (
        LINES.replace("\n", "\r\n", 3)
        + "\r\n"
        + "broken\r\n"
        + line(price="a\rb")
        + "\n"
        + line(price="x")
        + "\r\n"
    )
    assert [row[1:4] for row in refused(lines=text)] == [
        (8, "", "broken"),
        (9, "price", "a b"),
        (10, "price", "x"),
    ]


def test_a_parquet_file_counts_rows_from_two(tmp_path):
    raw = deliver(tmp_path / "raw")
    (raw / "customers.csv").unlink()
    names = CUSTOMERS.split("\n", 1)[0].split(",")
    ids = ["anna", "two\nlines", "anna", None, "bert", "cleo"]
    pq.write_table(
        pa.table({n: ids if n == "customer_id" else ["x"] * 6 for n in names}), raw / "customers.parquet"
    )
    found = ingest(raw, tmp_path / "warehouse")
    found.prove()
    assert [row[1:4] for row in found.refused] == [(4, "customer_id", "anna"), (5, "customer_id", None)]


GOOD = st.just(("good", line()))
BAD = st.sampled_from(
    [
        line("yesterday"),
        line(price="-1"),
        line(channel="3"),
        line(customer="nobody"),
        line(article_id="7"),
        line(customer='"no\n\nbody"'),
    ]
).map(lambda text: ("bad", text))
BROKEN = st.sampled_from(["x", line() + ",x", '2018-09-20,"a\nb",c', 'a,"b"c,d', "a,b,c,d,e,f,g,h"]).map(
    lambda text: ("bad", text)
)
OTHER_MONTHS = st.sampled_from(["2018-10-01", "2018-11-30", "2019-01-01"]).map(
    lambda day: ("good", line(day))
)
ROWS = st.lists(st.one_of(GOOD, BAD, BROKEN, OTHER_MONTHS, st.just(("blank", ""))), max_size=25)


@pytest.mark.slow
@settings(max_examples=40)
@given(base=ROWS, added=ROWS, end=st.sampled_from(["\n", "\r\n"]))
def test_whatever_is_delivered_adds_up_and_every_refused_row_is_explained_once(base, added, end):
    folder = Path(tempfile.mkdtemp())
    try:
        raw, expected = deliver(folder / "raw"), {}
        for name, rows in (
            (BASE, [("good", line()), *base]),
            ("transactions_web.csv", [*added, ("good", line("2018-12-03"))]),
        ):
            texts = [LINE_HEADER, *(text.replace("\n", end) for _, text in rows), ""]
            (raw / name).write_bytes(end.join(texts).encode())
            at = 2
            for kind, text in rows:
                if kind == "bad":
                    expected.setdefault(name, []).append(at)
                at += 1 + text.count("\n")
        found = ingest(raw, folder / "warehouse")
        found.prove()
        good = sum(kind == "good" for kind, _ in [*base, *added]) + 2
        assert len(found.transactions) == good
        lines = {name: [row[1] for row in found.refused if row[0] == name] for name in expected}
        assert lines == expected
    finally:
        shutil.rmtree(folder)


def corrupted(rng: random.Random, data: bytes) -> bytes:
    """The data after one to four random accidents."""
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(data)) if data else 0
        end = place + rng.randint(1, 30)
        rows = data.splitlines(keepends=True) or [b""]
        data = rng.choice(
            [
                data[:place] + bytes([rng.randrange(256)]) + data[place + 1 :],
                data[:place] + data[end:],
                b"".join([*rows, rng.choice(rows)]),
                *(
                    data[:place] + b + data[place:]
                    for b in (b'"', b"\x00", b",", b"\n", b"\r\n\r\n", b"\r", b"\xc3\xa9")
                ),
                data[:place] if rng.random() < 0.3 else data,
            ]
        )
    return data


@pytest.mark.parametrize(
    "seed", [*range(8), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(8, 40))]
)
def test_corrupted_files_end_in_an_expected_fault_or_add_up(tmp_path, seed):
    rng = random.Random(seed)
    raw = deliver(tmp_path / "raw", lines=LINES * 3)
    for name in rng.sample(["customers.csv", "articles.csv", BASE], rng.randint(1, 3)):
        head, _, body = (raw / name).read_bytes().partition(b"\n")
        spared = rng.random() < 0.8
        (raw / name).write_bytes(
            head + b"\n" + corrupted(rng, body) if spared else corrupted(rng, head + b"\n" + body)
        )
    try:
        ingest(raw, tmp_path / "warehouse").prove()
    except HmAssetsError as error:
        assert str(raw) in str(error) or ".csv" in str(error)

import datetime as dt
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hm_assets.raw.reading import reading
from hm_assets.sources import contract
from hm_assets.warehouse.errors import LandingError
from hm_assets_tests.raw.examples import CUSTOMERS, LINE_HEADER, LINES, line


def read(path: Path, file=contract.TRANSACTIONS) -> tuple[list[tuple], list[tuple]]:
    """Well-formed rows (with their line breaks last) and broken ones (position, height, text, reason)."""
    with duckdb.connect() as connection, reading(connection, path, path, file) as opened:
        rows = connection.execute(f"FROM {opened.relation}").fetchall()
        return rows, connection.execute(f"FROM {opened.broken} ORDER BY position").fetchall()


def written(path: Path, text: str, newline: str = "") -> Path:
    path.write_text(text, encoding="utf-8", newline=newline)
    return path


def test_every_value_is_text_and_empty_is_null(tmp_path):
    rows, broken = read(written(tmp_path / "customers.csv", CUSTOMERS), contract.CUSTOMERS)
    assert rows[1] == ("bert", None, None, "ACTIVE", "NONE", None, "p0", 0)
    assert rows[2][4] == "None"
    assert broken == []


def test_columns_are_found_by_name_and_the_rest_is_left_out(tmp_path):
    path = written(
        tmp_path / "a.csv",
        'Price,price,,sales_channel_id,article_id,"it\'s ""odd""",customer_id,,t_dat\n'
        "x,0.1,y,2,0108775015,z,anna,w,2018-09-20\n",
    )
    with duckdb.connect() as connection, reading(connection, path, path, contract.TRANSACTIONS) as opened:
        assert connection.execute(f"FROM {opened.relation}").fetchall() == [
            ("2018-09-20", "anna", "0108775015", "0.1", "2", 0)
        ]
        assert opened.ignored == ("Price", "", 'it\'s "odd"', "")


def test_quotes_commas_and_line_breaks_inside_values_are_kept(tmp_path):
    path = written(tmp_path / "customers.csv", CUSTOMERS + '"a ""b"", c",,,"two\n\nlines",,,x\n')
    rows, _ = read(path, contract.CUSTOMERS)
    assert rows[-1] == ('a "b", c', None, None, "two\n\nlines", None, None, "x", 2)


def test_line_breaks_in_left_out_columns_count_too(tmp_path):
    path = written(tmp_path / "a.csv", f'note,{LINE_HEADER}\n"a\nb",{line()}\n')
    assert read(path)[0][0][-1] == 1


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_with_other_numbers_of_columns_are_broken_each_once(tmp_path, end):
    broken = ["2018-09-20,anna", line() + ",x,y,z", '2018-09-20,"anna"x,1,2,3', '2018-09-20,"an\nna",1']
    rows, found = read(written(tmp_path / "a.csv", end.join([LINE_HEADER, line(), *broken, line(), ""])))
    assert len(rows) == 2
    assert [(text, height) for _, height, text, _ in found] == [
        (text, 1 + text.count("\n")) for text in broken
    ]
    assert [reason for *_, reason in found] == [
        "too few columns",
        "too many columns",
        "a quotation mark that is not closed or not alone",
        "too few columns",
    ]


def test_a_quote_that_is_never_closed_takes_the_lines_below_it(tmp_path):
    rows, found = read(written(tmp_path / "a.csv", LINES + '2018-09-20,"anna,1,2,3\n' + (line() + "\n") * 3))
    assert len(rows) == 5
    assert [height for _, height, _, _ in found] == [4]


def test_a_file_name_may_hold_quotes_and_blanks(tmp_path):
    rows, _ = read(written(tmp_path / 'it\'s "a" file;.csv', LINES))
    assert len(rows) == 5


def test_typed_parquet_reads_as_the_text_that_a_csv_file_would_hold(tmp_path):
    path = tmp_path / "a.parquet"
    table = {
        "t_dat": pa.array([dt.date(2018, 9, 20), None]),
        "customer_id": pa.array(["anna", ""]).dictionary_encode(),
        "article_id": pa.array([108775015.0, None]),
        "price": pa.array([0.05, 1.0], pa.float32()),
        "sales_channel_id": pa.array([2, 1], pa.int8()),
    }
    pq.write_table(pa.table(table), path)
    assert read(path)[0] == [
        ("2018-09-20", "anna", "108775015", "0.05", "2", 0),
        (None, None, None, "1", "1", 0),
    ]


def test_parquet_flags_read_as_one_and_zero(tmp_path):
    names = contract.CUSTOMERS.names
    columns = {name: pa.array(["x"]) for name in names} | {
        "FN": pa.array([True]),
        "Active": pa.array([False]),
    }
    pq.write_table(pa.table(columns), tmp_path / "customers.parquet")
    assert read(tmp_path / "customers.parquet", contract.CUSTOMERS)[0][0][1:3] == ("1", "0")


def test_what_duckdb_cannot_read_is_an_expected_fault_and_leaves_no_view(tmp_path):
    path = written(tmp_path / "a.csv", LINES.replace("anna", "anna\r"))
    with duckdb.connect() as connection:
        with (
            pytest.raises(
                LandingError, match=r"a\.csv cannot be read: .*stray quotation mark or carriage return"
            ),
            reading(connection, path, path, contract.TRANSACTIONS) as opened,
        ):
            connection.execute(f"FROM {opened.relation}").fetchall()
        assert connection.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchone() == (0,)

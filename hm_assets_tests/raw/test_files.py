import gzip
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hm_assets.raw import files
from hm_assets.sources import contract
from hm_assets.warehouse.errors import LandingError
from hm_assets_tests.raw.examples import CUSTOMERS, LINE_HEADER, LINES


def header(path: Path, file=contract.TRANSACTIONS) -> list[str]:
    return files.header(path, path, file)


def written(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.csv.zip", "a.parquet"])
def test_a_known_suffix_is_recognised(name):
    assert files.suffix_of(Path(name)) == name[1:]


@pytest.mark.parametrize("name", ["a.txt", "a.gz", "a.csv.bz2", "a.csv.tmp", "csv"])
def test_another_suffix_is_none(name):
    assert files.suffix_of(Path(name)) is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (LINES.encode("utf-16"), "is UTF-16, not UTF-8"),
        (LINES.encode("utf-16-le"), "is UTF-16, not UTF-8"),
        ("t_dat,größe\n".encode("latin-1"), "line 1: not UTF-8"),
        (LINES.replace("\n", "\r"), "carriage returns only"),
        ("\n" + LINES, "first line is not a header"),
        ('t_dat,"a\nb",price\n', "first line is not a header"),
        (LINES.replace(",", ";"), "separated by semicolons (';')"),
        (LINES.replace(",", "\t"), "separated by tabs"),
        (LINES.replace(",", "|"), "separated by vertical bars ('|')"),
        (
            "t_dat,customer_id,article_id,price\n",
            "lacks the column sales_channel_id. Found: t_dat, customer_id",
        ),
        ("t_dat,price\n", "lacks the columns customer_id, article_id, sales_channel_id"),
        (LINE_HEADER + ",price\n", "has the column price more than once"),
    ],
)
def test_a_file_that_is_not_the_csv_is_named_with_its_fault(tmp_path, data, message):
    path = written(tmp_path / "transactions_train.csv", data)
    with pytest.raises(LandingError) as error:
        header(path)
    assert message in str(error.value)
    assert str(path) in str(error.value)


def test_columns_come_in_any_order_with_others_between(tmp_path):
    path = written(tmp_path / "a.csv", 'price,"note, long",,,article_id,t_dat,sales_channel_id,customer_id\n')
    assert header(path)[:3] == ["price", "note, long", ""]


def test_a_byte_order_mark_and_blanks_around_names_do_not_hide_a_column(tmp_path):
    path = written(tmp_path / "a.csv", b"\xef\xbb\xbf" + LINES.replace("price", " price ").encode())
    assert header(path) == LINE_HEADER.split(",")


@pytest.mark.parametrize("data", [b"", b"PAR1 no parquet PAR1"])
def test_a_damaged_parquet_file_is_named(tmp_path, data):
    with pytest.raises(LandingError, match=r"a\.parquet cannot be read as Parquet"):
        header(written(tmp_path / "a.parquet", data))


def test_a_parquet_file_without_a_column_says_which_are_there(tmp_path):
    pq.write_table(pa.table({"t_dat": ["2018-09-20"]}), tmp_path / "a.parquet")
    with pytest.raises(LandingError, match=r"lacks the columns .*Found: t_dat\."):
        header(tmp_path / "a.parquet")


def test_archives_unpack_to_the_same_bytes_and_leave_nothing_behind(tmp_path):
    spill = tmp_path / "spill"
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(LINES.encode()))
    with zipfile.ZipFile(tmp_path / "a.csv.zip", "w") as archive:
        archive.writestr("folder/", "")
        archive.writestr("__MACOSX/._a.csv", "not this one")
        archive.writestr("folder/a.csv", LINES)
    for name in ("a.csv.gz", "a.csv.zip"):
        with files.plain(tmp_path / name, spill) as plain:
            assert plain.read_text() == LINES
    assert list(spill.iterdir()) == []


def damaged_archives() -> dict[str, bytes]:
    packed = gzip.compress(LINES.encode() * 50)
    return {
        "cut.csv.gz": packed[:-20],
        "header_only.csv.gz": packed[:8],
        "flipped.csv.gz": packed[:40] + bytes([packed[40] ^ 255]) + packed[41:],
        "no_gzip.csv.gz": LINES.encode(),
        "no_zip.csv.zip": LINES.encode(),
    }


@pytest.mark.parametrize("name", damaged_archives())
def test_a_damaged_archive_is_named(tmp_path, name):
    path = written(tmp_path / name, damaged_archives()[name])
    with (
        pytest.raises(LandingError, match="cut off or damaged") as error,
        files.plain(path, tmp_path / "spill"),
    ):
        pass
    assert str(path) in str(error.value)


def test_a_zip_that_is_cut_off_or_damaged_anywhere_is_named(tmp_path):
    path = tmp_path / "a.csv.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", LINES)
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        for data in (whole[:place], whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :]):
            path.write_bytes(data)
            try:
                with files.plain(path, tmp_path / "spill") as plain:
                    assert plain.read_text() == LINES  # a byte that nobody reads, such as the date
            except LandingError as error:
                assert "a.csv.zip" in str(error)


def test_a_zip_with_two_files_is_ambiguous(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.csv.zip", "w") as archive:
        archive.writestr("a.csv", LINES)
        archive.writestr("b.csv", LINES)
    with (
        pytest.raises(LandingError, match=r"holds 2 files \(a.csv, b.csv\)"),
        files.plain(tmp_path / "a.csv.zip", tmp_path),
    ):
        pass


def test_line_ends_are_mended_to_lf_and_lone_returns_to_blanks(tmp_path):
    path = written(tmp_path / "a.csv", b"a\r\nb\r\r\nc\rd\n\r\n\re")
    with files.plain(path, tmp_path, mend_endings=True) as plain:
        assert plain.read_bytes() == b"a\nb\nc d\n\n e"


@pytest.mark.parametrize(
    ("data", "lines", "blank", "mend"),
    [
        ("h\n1\n2\n", 2, 0, False),
        ("h\n1\n2", 2, 0, False),
        ("h", 0, 0, False),
        ("h\r\n1\r\n2", 2, 0, False),
        ("h\r\n1\n2\n", 2, 0, True),
        ("h\n1\r2\n", 1, 0, True),
        ("h\n\n1\n\n\n2\n\n", 6, 4, False),
        ("h\r\n\r\n1\r\n\r\n\r\n", 4, 3, False),
        ("h\n\r\r\n1\n", 2, 1, True),
    ],
)
@pytest.mark.parametrize("chunk", [1, 2, 3, 1 << 22])
def test_lines_are_counted_from_the_bytes_whatever_the_chunks(
    tmp_path, monkeypatch, data, lines, blank, mend, chunk
):
    monkeypatch.setattr(files, "CHUNK", chunk)
    path = written(tmp_path / "a.csv", data)
    found = files.read_bytes(path, path)
    assert (found.lines, found.blank_lines, found.mixed_endings) == (lines, blank, mend)


def test_the_hash_is_of_the_content_so_that_packing_changes_nothing(tmp_path):
    path = written(tmp_path / "a.csv", CUSTOMERS)
    packed = written(tmp_path / "a.csv.gz", gzip.compress(CUSTOMERS.encode(), mtime=1))
    with files.plain(packed, tmp_path) as plain:
        assert files.read_bytes(packed, plain) == files.read_bytes(path, path)


@pytest.mark.parametrize("chunk", [1, 5, 1 << 22])
def test_another_encoding_is_refused_with_its_line(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(files, "CHUNK", chunk)
    data = CUSTOMERS.replace("bert", "zoë").encode() + "noël,,,,,,\n".encode("latin-1")
    path = written(tmp_path / "customers.csv", data)
    with pytest.raises(LandingError, match="line 6: not UTF-8"):
        files.read_bytes(path, path)

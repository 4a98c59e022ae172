"""One delivered file: is it whole, is it text with the right columns, and what is in it, byte by byte.

Nothing here interprets a row. The count of lines comes from the bytes, not from the CSV reader, so that the
conservation check compares two independent counts.
"""

import contextlib
import csv
import gzip
import hashlib
import io
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyarrow.parquet as pq

from hm_assets.sources.contract import SUFFIXES, InputFile
from hm_assets.warehouse.errors import LandingError

CHUNK = 1 << 22
HEADER_BYTES = 1 << 16
OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


@dataclass(frozen=True)
class Bytes:
    """What the bytes of a file say: content hash, data lines (header left out), blank lines, mixed endings."""

    sha256: str
    lines: int
    blank_lines: int
    mixed_endings: bool


def suffix_of(path: Path) -> str | None:
    """The accepted suffix of a file, or None."""
    return next((suffix for suffix in SUFFIXES if path.name.endswith(suffix)), None)


@contextlib.contextmanager
def plain(path: Path, spill: Path, mend_endings: bool = False) -> Iterator[Path]:
    """The file as a reader may split it: itself where it can be, else unpacked into the spill folder.

    Parameters
    ----------
    path
        The delivered file.
    spill
        Folder for the unpacked copy, removed afterwards.
    mend_endings
        Write a copy with LF endings only (a file that mixes them confuses a parallel reader).

    Raises
    ------
    LandingError
        The archive is cut off or damaged, or holds not exactly one file.
    """
    suffix = suffix_of(path)
    if suffix == ".parquet" or (suffix == ".csv" and not mend_endings):
        yield path
        return
    spill.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=spill) as folder:
        target = Path(folder) / "plain.csv"
        with _opened(path) as source, target.open("wb") as sink:
            try:
                for chunk in _chunks(source, mend_endings):
                    sink.write(chunk)
            except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
                raise LandingError(
                    f"{path} is cut off or damaged ({error}). Copy it again, to the end."
                ) from error
        yield target


def _chunks(source: IO[bytes], mend_endings: bool) -> Iterator[bytes]:
    held = b""
    while chunk := source.read(CHUNK):
        if mend_endings:
            chunk = held + chunk
            held = b"\r" if chunk.endswith(b"\r") else b""
            chunk = chunk[: len(chunk) - len(held)].replace(b"\r\n", b"\n")
        yield chunk
    yield held


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    suffix = suffix_of(path)
    if suffix == ".csv.gz":
        with gzip.open(path, "rb") as file:
            yield file  # type: ignore[misc]
    elif suffix == ".csv.zip":
        try:
            archive = zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            raise LandingError(f"{path} is cut off or no zip archive ({error}). Copy it again.") from error
        with archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            if len(names) != 1:
                raise LandingError(
                    f"{path} holds {len(names)} files ({', '.join(names[:5])}); it must hold one CSV"
                )
            with archive.open(names[0]) as member:
                yield member
    else:
        with path.open("rb") as file:
            yield file


def header(path: Path, source: Path, file: InputFile) -> list[str]:
    """The column names of a plain CSV or Parquet file, checked against the contract.

    Parameters
    ----------
    path
        The plain file.
    source
        The delivered file, for messages.
    file
        What it should be.

    Raises
    ------
    LandingError
        The file is empty, not UTF-8, separated by something else than commas, or lacks a column.
    """
    if suffix_of(source) == ".parquet":
        try:
            names = list(pq.read_schema(path).names)
        except Exception as error:
            raise LandingError(f"{source} cannot be read as Parquet ({error}). Export it again.") from error
        return _checked_names(names, "", source, file)
    head = path.open("rb").read(HEADER_BYTES)
    if not head.strip():
        raise LandingError(f"{source} is empty. Export it again, with its header line.")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head.split(b"\n", 1)[0]:
        raise LandingError(
            f"{source} is UTF-16, not UTF-8. Save it as UTF-8, e.g. `iconv -f UTF-16 -t UTF-8`."
        )
    first = head.removeprefix(b"\xef\xbb\xbf").splitlines()[0]
    try:
        text = first.decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_utf8(source, 1) from error
    return _checked_names(next(csv.reader(io.StringIO(text))), text, source, file)


def not_utf8(source: Path, line: int) -> LandingError:
    """The error for text in another encoding."""
    return LandingError(
        f"{source}, line {line}: not UTF-8. Convert the file, e.g. `iconv -f ISO-8859-1 -t UTF-8 {source.name}`."
    )


def _checked_names(names: list[str], text: str, source: Path, file: InputFile) -> list[str]:
    names = [name.strip() for name in names]
    missing = [name for name in file.names if name not in names]
    if missing:
        for delimiter, plural in OTHER_DELIMITERS.items():
            if delimiter in text and file.names[0] in [part.strip(' "') for part in text.split(delimiter)]:
                raise LandingError(
                    f"{source} is separated by {plural} ({delimiter!r}), not by commas. Export it with commas."
                )
        raise LandingError(
            f"{source} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}. "
            f"Found: {', '.join(names)}. Needed: {', '.join(file.names)}."
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise LandingError(f"{source} has the column {', '.join(twice)} more than once. Keep one.")
    return names


def read_bytes(path: Path, plain_path: Path) -> Bytes:
    """Hash the delivered file and count the lines of its plain form, in one pass where they are the same."""
    if suffix_of(path) == ".parquet":
        return Bytes(_sha256(path), pq.read_metadata(path).num_rows, 0, False)
    digest, newlines, with_cr, blank = hashlib.sha256(), 0, 0, 0
    last = b"\n"
    with plain_path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            joined = last + chunk
            newlines += chunk.count(b"\n")
            with_cr += joined.count(b"\r\n")
            if b"\n\n" in joined or b"\n\r\n" in joined:
                blank += len(re.findall(rb"\n(?=\r?\n)", joined))
            last = chunk[-1:]
    lines = newlines + (last != b"\n") - 1
    sha256 = digest.hexdigest() if plain_path == path else _sha256(path)
    return Bytes(sha256, lines, blank, 0 < with_cr < newlines)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""One delivered file: is it whole, is it text with the right columns, and what is in it, byte by byte.

Nothing here interprets a row. The count of lines comes from the bytes, not from the CSV reader, so that the
conservation check compares two independent counts.
"""

import contextlib
import csv
import gzip
import hashlib
import re
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow.parquet as pq

from hm_assets.sources.contract import SUFFIXES, InputFile
from hm_assets.warehouse.errors import LandingError
from hm_assets.warehouse.spill import spill_folder

CHUNK = 1 << 19
LINE_FEED = 10
MAX_ROW_BYTES = 16_000_000
HEADER_BYTES = 1 << 16
BLANK_LINE = re.compile(rb"^\r*\n", re.MULTILINE)
STRAY_RETURNS = re.compile(rb"\r+(?=\n)")
OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


@dataclass(frozen=True)
class Bytes:
    """What the bytes of a file say: hash of the unpacked content, lines below the header, blank ones, mixed endings."""

    sha256: str
    lines: int
    blank_lines: int
    mixed_endings: bool


def suffix_of(path: Path) -> str | None:
    """The accepted suffix of a file, or None."""
    return next((suffix for suffix in SUFFIXES if path.name.endswith(suffix)), None)


def stem_of(path: Path) -> str:
    """The name of a file without its accepted suffix; empty where it has none."""
    suffix = suffix_of(path)
    return path.name.removesuffix(suffix) if suffix else ""


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
        Write a copy with LF endings only, other carriage returns as spaces (both confuse the reader).

    Raises
    ------
    LandingError
        The archive is cut off or damaged, or holds not exactly one file.
    """
    suffix = suffix_of(path)
    if suffix == ".parquet" or (suffix == ".csv" and not mend_endings):
        yield path
        return
    with spill_folder(spill) as folder:
        target = folder / "plain.csv"
        with target.open("wb") as sink:
            for chunk in _unpacked(path):
                mended = STRAY_RETURNS.sub(b"", chunk).replace(b"\r", b" ") if mend_endings else chunk
                sink.write(mended)
        yield target


def _unpacked(path: Path) -> Iterator[bytes]:
    """The content of an archive, or of a plain file, in chunks of whole lines."""
    try:
        with _opened(path) as source:
            while chunk := source.read(CHUNK) + source.readline(MAX_ROW_BYTES):
                yield chunk
    except LandingError:
        raise
    except Exception as error:  # the archive modules raise a dozen types for one thing
        raise LandingError(f"{path} is cut off or damaged ({error}). Copy it again, to the end.") from error


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    suffix = suffix_of(path)
    if suffix == ".csv.gz":
        with gzip.open(path, "rb") as file:
            yield file  # type: ignore[misc]
    elif suffix == ".csv.zip":
        with zipfile.ZipFile(path) as archive:
            names = [
                name for name in archive.namelist() if not name.endswith("/") and "__MACOSX/" not in name
            ]
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
            reason = str(error).splitlines()[0]
            raise LandingError(f"{source} cannot be read as Parquet ({reason}). Export it again.") from error
        return _checked_names(names, "", source, file)
    with path.open("rb") as opened:
        head = opened.read(HEADER_BYTES)
    if not head.strip():
        raise LandingError(f"{source} is empty. Export it again, with its header line.")
    first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].removesuffix(b"\r")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in first:
        raise LandingError(
            f"{source} is UTF-16, not UTF-8. Save it as UTF-8, e.g. `iconv -f UTF-16 -t UTF-8`."
        )
    try:
        text = first.decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_utf8(source, 1) from error
    if "\r" in text:
        raise LandingError(f"{source} ends its lines with carriage returns only. Save it with LF line ends.")
    if not text.strip() or text.count('"') % 2:
        raise LandingError(f"{source}: the first line is not a header in one line: {text[:80]!r}. Mend it.")
    return _checked_names(next(csv.reader([text])), text, source, file)


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
    twice = [name for name in file.names if names.count(name) > 1]
    if twice:
        raise LandingError(f"{source} has the column {', '.join(twice)} more than once. Keep one.")
    return names


def read_bytes(path: Path, plain_path: Path) -> Bytes:
    """Hash the content of a file (unpacked) and count its lines, in one pass over its plain form.

    Raises
    ------
    LandingError
        A line is not UTF-8: half-read names are worse than a clear no.
    """
    if suffix_of(path) == ".parquet":
        with path.open("rb") as file:
            return Bytes(
                hashlib.file_digest(file, "sha256").hexdigest(), pq.read_metadata(path).num_rows, 0, False
            )
    digest, newlines, with_cr, all_returns, blank, ended = hashlib.sha256(), 0, 0, 0, 0, True
    # Hashing and counting are half of the work each, and both let the other run.
    with plain_path.open("rb") as file, ThreadPoolExecutor(1) as pool:
        # Chunks of whole lines, so that nothing that is looked for lies across two of them.
        while chunk := file.read(CHUNK) + file.readline(MAX_ROW_BYTES):
            hashed = pool.submit(digest.update, chunk)
            if not chunk.isascii():
                _refuse_other_encodings(chunk, path, newlines + 1)
            ends = np.frombuffer(chunk, np.uint8) == LINE_FEED
            returns = chunk.count(b"\r") if b"\r" in chunk else 0
            if (
                chunk.startswith((b"\n", b"\r"))
                or (ends[1:] & ends[:-1]).any()
                or (returns and b"\n\r" in chunk)
            ):
                blank += len(BLANK_LINE.findall(chunk))
            with_cr += chunk.count(b"\r\n") if returns else 0
            newlines += int(np.count_nonzero(ends))
            all_returns += returns
            ended = chunk.endswith(b"\n")
            hashed.result()
    return Bytes(
        digest.hexdigest(), newlines + (not ended) - 1, blank, all_returns > with_cr or 0 < with_cr < newlines
    )


def _refuse_other_encodings(chunk: bytes, source: Path, line: int) -> None:
    try:
        chunk.decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_utf8(source, line + chunk.count(b"\n", 0, error.start)) from error

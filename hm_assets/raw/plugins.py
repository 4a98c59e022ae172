"""Files that may lie beside the three input files, and of which nothing becomes rows of `raw`."""

import hashlib
from pathlib import Path

from hm_assets.sources.contract import SUFFIXES, InputFile


def found(raw: Path, file: InputFile) -> list[Path]:
    """Where the file lies in a landing zone: nowhere, in one place, or by mistake in several."""
    return [path for suffix in SUFFIXES if (path := raw / f"{file.stem}{suffix}").is_file()]


def version(paths: list[Path]) -> str:
    """A hash of what lies there; of no file `none`."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode())
        with path.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()[:16] if paths else "none"

"""The manifest of a month's documents: what lies in the folder, from which table version, with size and hash.

It is written last, so a folder with a manifest is whole. The portal serves what it lists, nothing else. Each asset that
writes documents has a manifest of its own, so that two of them never write the same file.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Literal

from hm_assets.warehouse import artifacts
from hm_assets.warehouse.errors import WarehouseError

MANIFEST: Final = "manifest.json"
EDA_MANIFEST: Final = "eda-manifest.json"
LAB_MANIFEST: Final = "lab-manifest.json"
PASSPORT_MANIFEST: Final = "passport-manifest.json"
SEGMENTS_MANIFEST: Final = "segments-manifest.json"
FORECASTS_MANIFEST: Final = "forecasts-manifest.json"
DASHBOARD_MANIFEST: Final = "dashboard-manifest.json"
EXPERIMENTS_MANIFEST: Final = "experiments-manifest.json"
PDF_MANIFEST: Final = "pdf-manifest.json"
DECK_MANIFEST: Final = "deck-manifest.json"
WORKBOOK_MANIFEST: Final = "workbook-manifest.json"
MANIFESTS: Final = (
    MANIFEST,
    EDA_MANIFEST,
    LAB_MANIFEST,
    PASSPORT_MANIFEST,
    SEGMENTS_MANIFEST,
    FORECASTS_MANIFEST,
    DASHBOARD_MANIFEST,
    EXPERIMENTS_MANIFEST,
    PDF_MANIFEST,
    DECK_MANIFEST,
    WORKBOOK_MANIFEST,
)
MONTH_PATTERN: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
NAME_PATTERN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

Kind = Literal[
    "playbook",
    "overview",
    "facts",
    "eda",
    "lab",
    "passport",
    "segments",
    "forecasts",
    "dashboard",
    "matrix",
    "calendar",
    "experiments",
    "arm",
    "pdf",
    "deck",
    "workbook",
]
# Pages of charts: their own policy names the scripts that may run.
SCRIPTED_KINDS: Final = ("eda", "lab", "segments", "forecasts", "dashboard")


@dataclass(frozen=True)
class FileEntry:
    """One document: its plain file name, what it is, its size and hash, and its finding in a sentence."""

    name: str
    title: str
    kind: str
    bytes: int
    sha256: str
    summary: str


@dataclass(frozen=True)
class Manifest:
    """What one month's folder holds and where its figures come from."""

    month: str
    as_of: dt.date
    source: str
    versions: Mapping[str, str]
    files: tuple[FileEntry, ...]

    def entry(self, name: str) -> FileEntry | None:
        """The document of that name, or None where the manifest does not list it."""
        return next((entry for entry in self.files if entry.name == name), None)


def describe(path: Path, title: str, kind: Kind, summary: str) -> FileEntry:
    """The entry of a document as it lies on disk."""
    content = path.read_bytes()
    return FileEntry(path.name, title, kind, len(content), hashlib.sha256(content).hexdigest(), summary)


def write_manifest(folder: Path, manifest: Manifest, name: str = MANIFEST) -> Path:
    """Write the manifest beside the documents it lists."""
    return artifacts.write_json(
        folder / name,
        {**asdict(manifest), "as_of": manifest.as_of.isoformat(), "files": _files(manifest)},
    )


def publish(folder: Path, manifest: Manifest, name: str = MANIFEST) -> None:
    """Remove what only the last manifest of that name lists, then write this one; other people's files stay."""
    try:
        previous = read_manifest(folder, name)
    except WarehouseError:
        previous = None  # a broken manifest vouches for nothing
    for entry in previous.files if previous else ():
        if manifest.entry(entry.name) is None:
            (folder / entry.name).unlink(missing_ok=True)
    write_manifest(folder, manifest, name)


def read_all(folder: Path) -> Manifest | None:
    """All manifests of a folder as one, or None where it has none.

    Raises
    ------
    WarehouseError
        As `read_manifest`.
    """
    found = [manifest for name in MANIFESTS if (manifest := read_manifest(folder, name)) is not None]
    if not found:
        return None
    versions = {asset: version for manifest in found for asset, version in manifest.versions.items()}
    files = tuple(entry for manifest in found for entry in manifest.files)
    return replace(found[0], versions=versions, files=files)


def read_manifest(folder: Path, name: str = MANIFEST) -> Manifest | None:
    """The manifest of a folder, or None where it has none.

    Raises
    ------
    WarehouseError
        It cannot be read, or it lists something that is not a plain file name.
    """
    path = folder / name
    if not path.is_file():
        return None
    value = artifacts.read_json(path)
    try:
        files = tuple(FileEntry(**entry) for entry in value["files"])
        manifest = Manifest(
            str(value["month"]),
            dt.date.fromisoformat(value["as_of"]),
            str(value["source"]),
            {str(asset): str(version) for asset, version in value["versions"].items()},
            files,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise WarehouseError(
            f"{path} is not a manifest ({error}); materialise what writes it again"
        ) from error
    for entry in files:
        if not isinstance(entry.name, str) or not NAME_PATTERN.fullmatch(entry.name):
            raise WarehouseError(f"{path} lists {entry.name!r}, which is not a plain file name")
    return manifest


def _files(manifest: Manifest) -> list[dict[str, object]]:
    return [asdict(entry) for entry in manifest.files]

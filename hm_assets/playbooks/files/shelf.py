"""Writes the files of a month into its folder, with a manifest for each kind: names, titles and what each is for."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hm_assets.playbooks.files import books, deck, dictionary, guides, segment, words, workbook
from hm_assets.playbooks.files.contents import Contents
from hm_assets.playbooks.files.pdf import pdf
from hm_assets.playbooks.files.text import written
from hm_assets.profiles.page import links
from hm_assets.warehouse import artifacts, manifest
from hm_assets.warehouse.manifest import FileEntry, Kind, Manifest, describe, publish

DECK: Final = links.DECK
WORKBOOK: Final = links.WORKBOOK
PLAYBOOK: Final = links.PLAYBOOK_PDF
DICTIONARY: Final = "data-dictionary.pdf"
WITH_DICTIONARY: Final = (DICTIONARY, WORKBOOK)


@dataclass(frozen=True)
class File:
    """A file that is to be written: its name, title, what it is for, and its content."""

    name: str
    title: str
    summary: str
    content: bytes


def pdf_files(c: Contents) -> Iterator[File]:
    """All PDF files of a month."""
    yield File(
        PLAYBOOK,
        "The marketing playbook (PDF)",
        written(words.finding(c)),
        pdf(c, "Marketing playbook", books.playbook(c), cover=True),
    )
    yield File(
        "executive-summary.pdf",
        "Executive summary (PDF)",
        "What was found, how far to trust it and what comes next, on a page.",
        pdf(c, "Executive summary", books.summary(c), one_page=True),
    )
    for each in c.segments:
        size = words.size(c, each)
        yield File(
            page_of(c, each),
            f"{c.name(each)}: one page (PDF)",
            written(size) if size else "",
            pdf(c, "Segment one-pager", segment.one_pager(c, each), one_page=True),
        )
    others = (
        ("segment-cards.pdf", "Segment cards", "A card for each segment, to cut out.", books.segment_cards),
        ("methodology.pdf", "Methodology", "How it was made, and what it cannot say.", guides.methodology),
        (
            "implementation-guide.pdf",
            "Implementation guide",
            "Three phases, who does what, and what can go wrong.",
            guides.implementation,
        ),
        ("user-guide.pdf", "User guide", "How to read a segment, and what people ask.", guides.user_guide),
        (
            "data-dictionary.pdf",
            "Data dictionary",
            "What every table and column means.",
            dictionary.dictionary,
        ),
    )
    for name, title, summary, blocks in others:
        yield File(name, f"{title} (PDF)", summary, pdf(c, title, blocks(c)))


def deck_files(c: Contents) -> Iterator[File]:
    """The deck."""
    summary = "The presentation: native charts that can be edited, and speaker notes."
    yield File(DECK, "Presentation (PowerPoint)", summary, deck.deck(c))


def workbook_files(c: Contents) -> Iterator[File]:
    """The workbook."""
    summary = "All figures as numbers, the strategy line by line, sources and the data dictionary."
    yield File(WORKBOOK, "Workbook (Excel)", summary, workbook.workbook(c))


@dataclass(frozen=True)
class Shelf:
    """A kind of files: what makes them, and the manifest that lists them."""

    kind: Kind
    manifest: str
    files: Callable[[Contents], Iterator[File]]


SHELVES: Final[Mapping[str, Shelf]] = {
    "pdf": Shelf("pdf", manifest.PDF_MANIFEST, pdf_files),
    "deck": Shelf("deck", manifest.DECK_MANIFEST, deck_files),
    "workbook": Shelf("workbook", manifest.WORKBOOK_MANIFEST, workbook_files),
}


def page_of(c: Contents, each: str) -> str:
    """The file name of a segment's one-pager: that of its playbook."""
    return links.playbook(int(each), c.store.names[each]).removesuffix(".html") + ".pdf"


def write(c: Contents, shelf: Shelf, reports: Path, versions: Mapping[str, str]) -> list[FileEntry]:
    """Write a kind of files to `<reports>/<YYYY-MM>/`, remove what only its last manifest lists, and list them."""
    folder = reports / c.month
    entries = []
    for file in shelf.files(c):
        path = artifacts.write_bytes(folder / file.name, file.content)
        entries.append(describe(path, file.title, shelf.kind, file.summary))
    publish(
        folder,
        Manifest(c.month, c.store.as_of, c.source, dict(sorted(versions.items())), tuple(entries)),
        shelf.manifest,
    )
    return entries


def digest(entries: list[FileEntry]) -> str:
    """Of all these files: equal files, equal digest."""
    text = "\n".join(f"{entry.name} {entry.sha256}" for entry in entries)
    return hashlib.sha256(text.encode()).hexdigest()[:16]

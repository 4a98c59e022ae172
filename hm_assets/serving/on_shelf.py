"""What the home page lists of a month: pages, what to take along, the segments, and everything else by its format."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hm_assets.profiles.page import links
from hm_assets.serving.published import Published
from hm_assets.warehouse.manifest import FileEntry, Manifest

FORMATS: Final[Mapping[str, tuple[str, str]]] = {
    ".html": ("Page", "text/html; charset=utf-8"),
    ".pdf": ("PDF", "application/pdf"),
    ".pptx": ("PowerPoint", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ".xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".csv": ("CSV", "text/csv; charset=utf-8"),
    ".ics": ("Calendar", "text/calendar; charset=utf-8"),
    ".json": ("JSON", "application/json"),
    ".zip": ("ZIP", "application/zip"),
    ".md": ("Text", "text/markdown; charset=utf-8"),
    ".parquet": ("Parquet", "application/vnd.apache.parquet"),
}
"""Suffix -> what people call it, and its content type; in the order of the downloads."""
PAGES: Final[Mapping[str, str]] = {
    "overview": "Compare all segments",
    "dashboard": "Explore the dashboard",
    "experiments": "Test a campaign",
    "segments": "Who the segments are",
    "forecasts": "What customers will do",
    "eda": "What the data say",
    "lab": "How the segments were chosen",
}
"""What a button to the one page of a kind says; a page of another kind is called by its title."""
TO_TAKE: Final[Mapping[str, str]] = {
    links.PLAYBOOK_PDF: "Playbook (PDF)",
    links.DECK: "Slides (PowerPoint)",
    links.WORKBOOK: "Workbook (Excel)",
    links.CALENDAR: "Campaign calendar (ICS)",
}
"""What a button to a download says; the others are in the table below."""
OF_A_SEGMENT: Final = ("playbook", "passport")
LIST: Final = "arm"


@dataclass(frozen=True)
class OfSegment:
    """A segment's documents: its playbook, its passport and page as PDF where they are, its number and size."""

    playbook: FileEntry
    passport: FileEntry | None
    one_page: FileEntry | None
    number: int | None
    customers: int | None


Form = tuple[FileEntry, str]
"""A file, and what people call its format."""


@dataclass(frozen=True)
class OnShelf:
    """A month's documents as the home page lists them.

    `pages` are (entry, what the button says), `take` the same of downloads; `downloads` is everything else that is no
    page, by format, and `lists` the customers of the campaign.
    """

    manifest: Manifest
    pages: tuple[tuple[FileEntry, str], ...]
    take: tuple[tuple[FileEntry, str], ...]
    segments: tuple[OfSegment, ...]
    downloads: tuple[Form, ...]
    lists: tuple[Form, ...]

    @classmethod
    def of(cls, manifest: Manifest, published: Published | None) -> "OnShelf":
        """Sort the entries of a manifest; sizes are those of the published month, where it is this one."""
        same = published is not None and f"{published.month:%Y-%m}" == manifest.month
        sizes = {i: s.customers for i, s in published.segments.items()} if published and same else {}
        html = [entry for entry in manifest.files if entry.name.endswith(".html")]
        rank = list(PAGES)
        buttons = sorted(
            (entry for entry in html if entry.kind not in OF_A_SEGMENT),
            key=lambda e: (rank.index(e.kind) if e.kind in rank else 0, e.title),
        )
        passports = {number_of(e): e for e in html if e.kind == "passport"}
        one_pages: dict[int | None, FileEntry] = {
            number: entry
            for entry in manifest.files
            if entry.kind == "pdf" and (number := number_of(entry)) is not None
        }
        books = [(e, number_of(e)) for e in html if e.kind == "playbook"]
        shown = {e.name for e in (*html, *one_pages.values())}
        rest = [_form(e) for e in manifest.files if e.name not in shown]
        suffixes = list(FORMATS)
        # Those of a format stay in the order of their manifest, which begins with what most people want.
        rest.sort(key=lambda each: suffixes.index(s) if (s := Path(each[0].name).suffix) in suffixes else 99)
        return cls(
            manifest,
            tuple((entry, PAGES.get(entry.kind, entry.title)) for entry in buttons),
            tuple((e, says) for name, says in TO_TAKE.items() if (e := manifest.entry(name)) is not None),
            tuple(
                OfSegment(e, passports.get(n), one_pages.get(n), n, None if n is None else sizes.get(n))
                for e, n in books
            ),
            tuple(each for each in rest if each[0].kind != LIST),
            tuple(each for each in rest if each[0].kind == LIST),
        )


def _form(entry: FileEntry) -> Form:
    suffix = Path(entry.name).suffix
    return entry, FORMATS[suffix][0] if suffix in FORMATS else suffix.lstrip(".").upper() or "File"


def number_of(entry: FileEntry) -> int | None:
    """The segment that a document is about, by its name: 3 of `segment-3-recent.html` and of `passport-3.html`."""
    parts = Path(entry.name).stem.split("-")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() else None

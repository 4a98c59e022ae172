"""Blocks to PDF with typst: the same blocks give the same bytes.

Fonts are those of matplotlib (DejaVu Sans), which every installation has: system fonts differ between machines.
"""

import datetime as dt
import io
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hm_assets.playbooks.files.blocks import Block
from hm_assets.playbooks.files.contents import Contents
from hm_assets.playbooks.files.text import short

if TYPE_CHECKING:
    import typst

TEMPLATE: Final = Path(__file__).parent / "templates" / "look.typ"
# What does not fit on its page is set smaller, down to what can still be read (8.6 points times this).
SCALES: Final = ("1", "0.94", "0.88", "0.82", "0.77")


def pdf(
    c: Contents, title: str, blocks: list[Block], *, one_page: bool = False, cover: bool = False
) -> bytes:
    """A PDF file of these blocks.

    Parameters
    ----------
    title
        Of the document; it stands at the head of its pages.
    one_page
        Whether all has to fit on one page.
    cover
        Whether its first page has no head.

    Raises
    ------
    typst.TypstError
        The template and the blocks do not fit together.
    """
    data = json.dumps(
        {
            "title": f"{short(title, 80)} {c.month}",
            "running": short(title, 80),
            "month": c.month,
            "footer": footer(c),
            "cover": cover,
            "blocks": blocks,
        },
        ensure_ascii=False,
    )
    made = b""
    for scale in SCALES:
        made = _compiled(c, data, scale)
        if not one_page or _pages(made) == 1:
            break
    return made


def footer(c: Contents) -> str:
    """What stands at the foot of every page: of which day, from what, by which version of the figures."""
    said = f"As of {c.as_of}. Source: {c.source}. Figures: playbooks/metrics, version {c.version}."
    return short(f"{said} Spend is a price index, never money.", 220)


@cache
def _fonts() -> "typst.Fonts":
    """Read once: looking for them takes longer than a page."""
    import matplotlib as mpl
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[Path(mpl.get_data_path()) / "fonts" / "ttf"])


def _compiled(c: Contents, data: str, scale: str) -> bytes:
    import typst

    made: bytes = typst.compile(
        TEMPLATE,
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"data": data, "scale": scale},
        timestamp=dt.datetime.combine(c.store.as_of, dt.time(), dt.UTC),
    )
    return made


def _pages(made: bytes) -> int:
    from pypdf import PdfReader

    return len(PdfReader(io.BytesIO(made)).pages)

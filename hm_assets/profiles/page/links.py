"""The files of a month that point at one another, by name."""

import re
import unicodedata
from typing import Final

REPORT: Final = "segments.html"
FORECASTS: Final = "forecasts.html"
DASHBOARD: Final = "dashboard.html"
EXPERIMENTS: Final = "experiments.html"
PLAYBOOK_PDF: Final = "playbook.pdf"
DECK: Final = "playbook.pptx"
WORKBOOK: Final = "segments.xlsx"
CALENDAR: Final = "campaign-calendar.ics"


def playbook(segment_id: int, name: str) -> str:
    """The file name of a segment's playbook: plain ASCII, whatever the segment is called."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    return f"segment-{segment_id}-{slug or 'unnamed'}.html"


def passport(segment_id: int) -> str:
    """The file name of a segment's passport."""
    return f"passport-{segment_id}.html"

"""One look for all pages of the portal: its templates, what they may call, and where the places at the top lead."""

import datetime as dt
from typing import Any, Final

from jinja2 import Environment

from hm_assets.warehouse import pages

PLACES: Final = (
    ("/", "Playbooks"),
    ("/segments", "Segments"),
    ("/customers", "Customers"),
    ("/audiences", "Audiences"),
    ("/launch", "Launch matcher"),
    ("/docs", "API"),
)


def environment() -> Environment:
    """Templates of `serving/templates` on top of the page that all share."""
    found = pages.environment("hm_assets.serving")
    found.filters |= {"size": size, "day": day}
    found.globals |= {"places": PLACES}
    return found


def render(template: str, **values: Any) -> str:
    """A page of the portal as HTML; whatever comes from data is escaped."""
    return environment().get_template(template).render(**values)


def size(count: int) -> str:
    """Bytes for people.

    >>> size(999), size(12_345), size(3_456_789)
    ('999 bytes', '12 kB', '3.5 MB')
    """
    if count < 1000:
        return f"{count:,} bytes"
    return f"{count / 1000:,.0f} kB" if count < 1_000_000 else f"{count / 1e6:,.1f} MB"


def day(date: dt.date) -> str:
    """A day for people.

    >>> day(dt.date(2020, 9, 2))
    '2 September 2020'
    """
    return f"{date.day} {date:%B %Y}"

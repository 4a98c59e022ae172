"""What only the asset sees to: a month is judged by nothing that came after it."""

import datetime as dt

import dagster as dg
import ibis
import pyarrow as pa

from hm_assets.profiles.validity import assets, past
from hm_assets.segments.fitting import CannotFit
from hm_assets_tests.profiles.movement.histories import World
from hm_assets_tests.profiles.movement.histories import lines as histories


class Known:
    """A warehouse of this depth."""

    depth = "quick"


def judged(month: dt.date, lines: list) -> tuple[str, list[dt.date]]:
    """What the asset notes of a month, and which months it would judge."""
    raise NotImplementedError

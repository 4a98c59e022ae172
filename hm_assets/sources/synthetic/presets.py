"""What can be generated: presets, difficulties, and the published facts the shape follows.

Sources of the facts: the public H&M Kaggle data (31,788,324 lines, 1,371,980 customers, 105,542 articles), as
counted in public notebooks and data-quality reports. Money is ``price = cents / 59000``.
"""

import math
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

PresetName = Literal["demo", "survey", "coop", "hm"]
Difficulty = Literal["easy", "medium", "hard"]

FIRST_DAY: Final = date(2018, 9, 20)
LAST_DAY: Final = date(2020, 9, 22)
DAYS: Final = (LAST_DAY - FIRST_DAY).days + 1  # 734
WEEKS: Final = -(-DAYS // 7)
LAST_YEAR_FROM: Final = (date(2019, 9, 23) - FIRST_DAY).days  # day index of the first of the last 366 days
PRICE_DIVISOR: Final = 59_000

NEVER_BUY_SHARE: Final = 9_699 / 1_371_980
REPEATED_LINE_SHARE: Final = 2_974_905 / 31_788_324
NEVER_SOLD_SHARE: Final = 995 / 105_542
EMPTY_TEXT_SHARE: Final = 416 / 105_542
COLOURWAYS_PER_PRODUCT: Final = 105_542 / 47_224
ONLINE_LINE_SHARE: Final = 0.704
CATEGORY_LOYALTY: Final = 0.30
MISSING_SHARE: Final = {
    "FN": 0.6524,
    "Active": 0.6615,
    "club_member_status": 0.0044,
    "fashion_news_frequency": 0.0117,
    "age": 0.0116,
}
PLACEHOLDER_POSTAL_SHARE: Final = 0.085

# How far the planted segments are drawn to their common mean: 0 leaves them apart, 1 is the noise switch.
BLEND: Final[dict[Difficulty, float]] = {"easy": 0.0, "medium": 0.06, "hard": 0.2}


@dataclass(frozen=True)
class Preset:
    """The size of a data set and which planted population it has.

    ``profile`` is ``separable`` (segments that a plain k-means finds on ``easy``; the published quartiles are
    then out of reach), ``published`` (quartiles of recency, lines and spend as published; segments overlap)
    or ``survey`` (the small five-category shop). ``cadence_factor`` scales the planted days between orders.
    """

    customers: int
    articles: int
    lines: int
    profile: Literal["separable", "published", "survey"]
    cadence_factor: float = 1.0
    events: int = 0

    def scaled(self, scale: float) -> "Preset":
        """Return the preset with all its counts multiplied, at least a handful of each."""

        def times(count: int, least: int) -> int:
            return max(least, round(count * scale))

        customers = times(self.customers, 12)
        return Preset(
            customers=customers,
            articles=times(self.articles, 25),
            lines=max(times(self.lines, 60), 2 * customers),
            profile=self.profile,
            cadence_factor=self.cadence_factor,
            events=times(self.events, 20) if self.events else 0,
        )


PRESETS: Final[dict[PresetName, Preset]] = {
    "demo": Preset(4_000, 2_500, 120_000, "separable"),
    "survey": Preset(500, 50, 30_000, "survey"),
    "coop": Preset(10_000, 5_000, 811_465, "separable", cadence_factor=0.6, events=50_000),
    "hm": Preset(1_371_980, 105_542, 31_788_324, "published"),
}


def checked(preset: str, scale: float, difficulty: str, seed: int) -> tuple[Preset, float]:
    """Check the arguments of ``generate`` and return the scaled preset and the blend.

    Raises ValueError naming the argument, its value and the choices.
    """
    if preset not in get_args(PresetName):
        raise ValueError(f"preset={preset!r} is not known; choose one of {', '.join(get_args(PresetName))}")
    if difficulty not in get_args(Difficulty):
        choices = ", ".join(get_args(Difficulty))
        raise ValueError(f"difficulty={difficulty!r} is not known; choose one of {choices}")
    if not (math.isfinite(scale) and scale > 0):
        raise ValueError(f"scale={scale!r} must be a number above 0, such as 0.1 or 2")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(f"seed={seed!r} must be a whole number of 0 or more")
    return PRESETS[preset].scaled(scale), BLEND[difficulty]  # type: ignore[index]

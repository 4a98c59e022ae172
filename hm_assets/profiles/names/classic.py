"""The classic names of RFM segmentation, each with its definition: one table, where every cell has exactly one name.

The scores are those of `words.reading`, of a segment's median member. Published tables leave cells without a name or
give them two; here the boxes of the definitions fill the 125 cells without overlap, and a test counts them.
"""

from collections.abc import Mapping
from itertools import product

from hm_assets.profiles.names import words
from hm_assets.profiles.names.words import LIMIT_DAYS, NEW_DAYS, RECENT_DAYS, Reading

Cell = tuple[int, int, int]
Box = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]

ALL, LITTLE, SOME, MUCH = (1, 2, 3, 4, 5), (1, 2), (3, 4, 5), (4, 5)
RECENT, QUIETER = (4, 5), (3,)

# Name -> recency, frequency and spend scores that it holds for.
BOXES: Mapping[str, tuple[Box, ...]] = {
    "VIP Champions": ((RECENT, MUCH, (5,)),),
    "Loyal Customers": ((RECENT, MUCH, (3, 4)), (RECENT, (3,), MUCH)),
    "Potential Loyalists": ((RECENT, (3,), (3,)), (RECENT, LITTLE, SOME)),
    "Value Seekers": (((3, 4, 5), SOME, LITTLE),),
    "Occasional Buyers": ((RECENT, LITTLE, LITTLE), (QUIETER, LITTLE, ALL)),
    "Need Attention": ((QUIETER, SOME, SOME),),
    "At-Risk VIPs": (((1, 2), MUCH, (5,)),),
    "At Risk": (((1, 2), MUCH, (3, 4)), ((1, 2), (3,), SOME), ((2,), SOME, LITTLE)),
    "About to Sleep": (((2,), LITTLE, ALL),),
    "Dormant": (((1,), SOME, LITTLE), ((1,), LITTLE, ALL)),
}
# Where the median member first bought within `NEW_DAYS`, this stands in for the names of these cells.
NEW, NEW_CELLS = "New Customers", (RECENT, LITTLE, ALL)
MEANINGS: Mapping[str, str] = {
    "VIP Champions": "bought lately, often, and for as much as the top fifth",
    "Loyal Customers": "bought lately, at a middling rate or oftener, and often or for much",
    "Potential Loyalists": "bought lately, at least at a middling rate or for a middling sum",
    "New Customers": f"first bought within {NEW_DAYS} days, and few times so far",
    "Value Seekers": "buy at a middling rate or oftener, for little in the year",
    "Occasional Buyers": "buy seldom, and have not left",
    "Need Attention": "buy at a middling rate or oftener and for at least a middling sum, but not within "
    f"{RECENT_DAYS} days",
    "At-Risk VIPs": f"bought often and for as much as the top fifth, and not for more than {LIMIT_DAYS} days",
    "At Risk": f"bought at a middling rate or oftener, and not for more than {LIMIT_DAYS} days",
    "About to Sleep": f"bought seldom, and not for more than {LIMIT_DAYS} days",
    "Dormant": "the longest away: bought seldom, or for little in the year",
}
NAMES = tuple(MEANINGS)


def definitions() -> str:
    """All that decides a name, in a line: names that were given under other definitions are looked at anew."""
    tables = (BOXES, NEW_CELLS, words.RECENCY, words.FREQUENCY, words.SPEND)
    limits = (RECENT_DAYS, LIMIT_DAYS, NEW_DAYS, words.MOST_OF_LITTLE)
    return repr((tables, words.TOP, limits, words.SLACK, words.SLACK_DAYS))


def inside(cell: Cell, box: Box) -> bool:
    """Whether the three scores are in the box."""
    return all(value in allowed for value, allowed in zip(cell, box, strict=True))


def names_of_cell(cell: Cell, new: bool) -> list[str]:
    """The names whose definition holds for a cell, of new customers or of others: always one (see the test)."""
    if new and inside(cell, NEW_CELLS):
        return [NEW]
    return [name for name, boxes in BOXES.items() for box in boxes if inside(cell, box)]


def cells() -> list[Cell]:
    """All 125 cells."""
    return list(product(ALL, ALL, ALL))


def classic(reading: Reading) -> str:
    """The classic name of a reading."""
    (name,) = names_of_cell(reading.cell, reading.new)
    return name

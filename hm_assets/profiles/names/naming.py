"""The names of a month's segments: a classic name and three words, each a statement that holds on the data.

"VIP Champions: recent, frequent, top-spend". Segments with one classic name and the same words are told apart by a
comparison among all that have the classic name, else by a figure: "Dormant (larger baskets)". So names are unique, none
depends on the number of a segment, and none is longer than 60 characters.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hm_assets.profiles.members import Columns
from hm_assets.profiles.names.apart import suffixes
from hm_assets.profiles.names.classic import classic
from hm_assets.profiles.names.words import Middle, Words, middles, words
from hm_assets.segments.tables import NO_PURCHASE

NO_PURCHASE_NAME = "No purchase yet"


@dataclass(frozen=True)
class Given:
    """What a segment was called: its classic name and its three words."""

    classic: str
    words: Words

    @classmethod
    def of(cls, middle: Middle, before: "Given | None" = None) -> "Given":
        """What it is called now; what it was called before stays as far as it nearly holds."""
        return cls(
            classic(middle, before.classic if before else None),
            words(middle, before.words if before else None),
        )

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"classic": self.classic, "words": list(self.words)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Given":
        """The inverse of `as_json`."""
        recency, frequency, spend = value["words"]
        return cls(value["classic"], (recency, frequency, spend))


def names_of(columns: Columns, before: Mapping[int, Given] | None = None) -> dict[int, str]:
    """A unique name for each segment that has members, by segment id.

    Parameters
    ----------
    columns
        `members.members` of the month.
    before
        What segments were called when they were trained (`anchor.py`).
    """
    found = middles(columns)
    names = named(found, before or {})
    return names | ({NO_PURCHASE: NO_PURCHASE_NAME} if (columns["segment_id"] == NO_PURCHASE).any() else {})


def named(found: Mapping[int, Middle], before: Mapping[int, Given]) -> dict[int, str]:
    """The same for the middles of the segments of buyers."""
    alike: dict[str, dict[int, Given]] = defaultdict(dict)
    for i, middle in found.items():
        given = Given.of(middle, before.get(i))
        alike[given.classic][i] = given
    names: dict[int, str] = {}
    for title, group in alike.items():
        if len({given.words for given in group.values()}) == len(group):
            names |= {i: f"{title}: {', '.join(given.words)}" for i, given in group.items()}
        else:
            names |= {
                i: f"{title} ({suffix})" for i, suffix in suffixes({i: found[i] for i in group}).items()
            }
    return names

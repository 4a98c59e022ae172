"""The names of a month's segments: a classic name and three words, each a statement that holds on the data.

A name that was given before is kept as far as it nearly holds: then a word holds within the slack of `words.SLACK` and
`words.SLACK_DAYS`, not strictly. Classic name and words are read off one set of scores, so none denies another.

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
from hm_assets.profiles.names.words import Middle, Reading, Words, middles, near, reading
from hm_assets.segments.tables import NO_PURCHASE

NO_PURCHASE_NAME = "No purchase yet"


@dataclass(frozen=True)
class Given:
    """What a segment was called: its classic name and its three words."""

    classic: str
    words: Words

    @classmethod
    def of(cls, middle: Middle, before: "Given | None" = None) -> "Given":
        """What it is called now: what strictly holds, or the most of what it was called before that nearly holds.

        Of the readings within the slack, those count whose every statement strictly holds or was given; the one that
        keeps most of the name wins, the classic name first.
        """
        holds = cls._read(reading(middle))
        if before is None:
            return holds
        possible = {
            name
            for name in map(cls._read, near(middle))
            if all(
                said in (true, was)
                for said, true, was in zip(name.said, holds.said, before.said, strict=True)
            )
        }
        return max(
            possible, key=lambda name: [said == was for said, was in zip(name.said, before.said, strict=True)]
        )

    @classmethod
    def _read(cls, scores: Reading) -> "Given":
        return cls(classic(scores), scores.words)

    @property
    def said(self) -> tuple[str, ...]:
        """The classic name and the words."""
        return self.classic, *self.words

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

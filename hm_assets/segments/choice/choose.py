"""Which candidate becomes the champion.

No single index says which segmentation is good: the stable ones are coarse, the telling ones hard to explain. So shares
within 5-60 % are a condition, and four criteria make a Pareto front. From the front go those that explain the later
spend less than the best one beyond both intervals; of the rest the most stable is taken, of equally stable ones the
best separated, then the one that simple rules repeat best. Where nothing beats data without segments, or nothing can be
used, the merged RFM grid stands in. A person may decide otherwise. `words` says all of this.
"""

import itertools
import math
from collections.abc import Collection
from dataclasses import dataclass

from hm_assets.segments.choice.entries import Entry, pareto_front


@dataclass(frozen=True)
class Choice:
    """What was decided.

    Attributes
    ----------
    champion
        The one to place customers with.
    by_lab
        What the rule says; another one than `champion` only if a person decided.
    by_person
        Whether a person decided, even for the same one.
    runner_up
        What the rule would say without the champion; a person's choice stands against the lab's.
    entries
        All candidates, by name.
    front
        The Pareto front of those that can be used, in the order of `Entry.rank`.
    behind
        Those of the front that explain the later spend less than the best of it.
    structure
        Whether k-means in recency, frequency and spend beats data without segments.
    continua
        Other spaces that were tested, and that k-means does not beat them in: candidates there are set aside.
    """

    champion: Entry
    by_lab: Entry
    by_person: bool
    runner_up: Entry | None
    entries: tuple[Entry, ...]
    front: tuple[Entry, ...]
    behind: tuple[Entry, ...]
    structure: bool
    continua: tuple[str, ...] = ()

    @property
    def usable(self) -> tuple[Entry, ...]:
        """Those that can be placed and whose shares lie within 5-60 %."""
        return tuple(entry for entry in self.entries if usable(entry))

    @property
    def stands_in(self) -> bool:
        """Whether the grid was taken because the lab has nothing better, and not by a person."""
        return not self.by_person and (not self.structure or self.by_lab not in self.front)


def choose(
    entries: Collection[Entry],
    grid: Entry,
    structure: bool = True,
    override: str | None = None,
    continua: Collection[str] = (),
) -> Choice:
    """The champion, whatever the order of the entries.

    Parameters
    ----------
    entries
        The candidates; no two with the same name.
    grid
        The merged RFM grid, which stands in where there is no structure or nothing can be used.
    structure
        Whether any candidate beats data without segments, all of them taken together.
    override
        A person's choice, `kmeans 5` or `kmeans 5 rfm`.

    Raises
    ------
    ValueError
        Two entries of one name; an override that names none or several, or one that cannot be placed.
    """
    known = sorted(entries, key=lambda entry: entry.name)
    for one, other in itertools.pairwise(known):
        if one.name == other.name:
            raise ValueError(f"two candidates are called {one.name}")
    candidates = [entry for entry in known if usable(entry) and entry.space not in continua]
    front = pareto_front(candidates)
    behind = _behind(front)
    by_lab = _first(front, behind) if structure else None
    runner_up = None
    if by_lab is not None:
        others = pareto_front([entry for entry in candidates if entry != by_lab])
        runner_up = _first(others, _behind(others))
    by_lab = by_lab or grid
    champion = by_lab if override is None else _named(override, known, grid)
    if champion != by_lab:
        runner_up = by_lab
    return Choice(
        champion=champion,
        by_lab=by_lab,
        by_person=override is not None,
        runner_up=runner_up,
        entries=tuple(known),
        front=tuple(front),
        behind=tuple(behind),
        structure=structure,
        continua=tuple(sorted(continua)),
    )


def usable(entry: Entry) -> bool:
    """Whether the lab may choose it."""
    return entry.refused is None and entry.outside is None


def best_later(front: Collection[Entry]) -> Entry:
    """The one that explains the later spend best, of equals the highest ranked."""
    return min(front, key=lambda entry: (-entry.criteria[2], entry.rank))


def _behind(front: list[Entry]) -> list[Entry]:
    if not front:
        return []
    best = best_later(front)
    return [entry for entry in front if entry != best and _explains_less(best, entry)]


def _explains_less(best: Entry, entry: Entry) -> bool:
    if math.isnan(entry.later_value) or math.isnan(best.later_value):
        return not math.isnan(best.later_value)
    # The best is as unsure as the others; that both were measured on the same customers only makes this careful.
    unsure = math.hypot(best.later_value - best.later_low, entry.later_high - entry.later_value)
    return best.later_value - entry.later_value > unsure


def _first(front: list[Entry], behind: list[Entry]) -> Entry | None:
    return next((entry for entry in front if entry not in behind), None)


def _named(wanted: str, known: list[Entry], grid: Entry) -> Entry:
    everybody = known if grid in known else [*known, grid]
    found = [e for e in everybody if " ".join(wanted.split()) in (e.name, f"{e.algorithm} {e.k}")]
    if len(found) != 1:
        names = ", ".join(entry.name for entry in found or everybody)
        several = "several candidates are" if found else "no candidate is"
        raise ValueError(f"{several} called {wanted}; say one of: {names}")
    (entry,) = found
    if entry.refused is not None:
        raise ValueError(f"{entry.name} was asked for, but cannot be used: {entry.refused}")
    return entry

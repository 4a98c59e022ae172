"""Every champion there was, as files beside the present one: what a lost file, a choice taken back and new ids need.

A model that comes back, because a person's choice was taken back, comes back with its ids. Ids are never used twice,
even where the present champion's file is lost.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hm_assets.segments.champion.appointments import BY
from hm_assets.segments.champion.champion import Champion
from hm_assets.warehouse import artifacts

# What a champion must share with another to be the same choice: the fit, and whether a person made it.
SAME = ("fit", "override")


def known(present: Path, folder: Path) -> list[Champion]:
    """All champions, the last one last.

    Parameters
    ----------
    present
        The file of the present champion, which may be missing.
    folder
        Where all of them are kept, by number.
    """
    values = [artifacts.read_json(path) for path in sorted(folder.glob("*.json"))]
    if present.exists() and (now := artifacts.read_json(present)) not in values[-1:]:
        values.append(now)
    # A file from before there were several kinds of models names no segment of this one.
    return [Champion.from_json(value) for value in values if "model" in value]


def same_choice(champions: Sequence[Champion], wanted: Champion) -> Champion | None:
    """The last champion of the same fit, chosen in the same way, with the highest id of all; none by appointment."""
    chosen = [c for c in champions if BY not in c.decision]
    same = [c for c in chosen if all(c.decision.get(what) == wanted.decision[what] for what in SAME)]
    return replace(same[-1], last_id=highest_id(champions)) if same else None


def highest_id(champions: Sequence[Champion]) -> int:
    """The highest id that any of them used."""
    return max(champion.last_id for champion in champions)


def keep(folder: Path, champion: Champion) -> None:
    """Write it beside the others, unless it is the last of them."""
    paths = sorted(folder.glob("*.json"))
    if paths and artifacts.read_json(paths[-1]) == champion.as_json():
        return
    number = int(paths[-1].name.partition("-")[0]) + 1 if paths else 1
    artifacts.write_json(folder / f"{number:04d}-{champion.version}.json", champion.as_json())


def drop_oldest(folder: Path, keep: int) -> int:
    """Delete all but the last `keep`; returns how many. The last one holds the highest id, so none is given twice."""
    old = sorted(folder.glob("*.json"))[:-keep]
    for path in old:
        path.unlink()
    return len(old)

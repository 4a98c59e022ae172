"""Which recommender makes the lists."""

from hm_assets.recommendations.ladder.catalogue import DECAYED, RUNGS
from hm_assets.recommendations.ladder.rung import Rung

SHIPPED = DECAYED


def rung_named(name: str) -> Rung:
    """The recommender of this name.

    Raises
    ------
    ValueError
        There is none.
    """
    found = {rung.name: rung for rung in RUNGS}
    if name not in found:
        raise ValueError(f"there is no recommender {name!r}; there are {', '.join(found)}")
    return found[name]

"""Every recommender that is judged at a depth, and the one of a name as it makes lists."""

from collections.abc import Mapping
from typing import Any

from hm_assets.recommendations.chance import RANDOM
from hm_assets.recommendations.ladder.catalogue import FIRST_TIME, RUNGS
from hm_assets.recommendations.ladder.rung import Rung
from hm_assets.recommendations.ranker import ranking
from hm_assets.recommendations.ranker.plan import NEXT, PLANS


def tried(depth: str, ahead: ranking.Ahead | None = None) -> tuple[Rung, ...]:
    """All of them, simplest first, and lists drawn at random before them; rankers as learned ahead, else anew."""
    return (RANDOM, *RUNGS, *ranking.rungs(PLANS[depth], ahead), *FIRST_TIME)


def making(name: str, ranker: Mapping[str, Any]) -> Rung:
    """The recommender of this name; the ranker is the kept one (`recommendations/ranker`), never a new fit.

    Raises
    ------
    ValueError
        There is none.
    """
    found = {rung.name: rung for rung in RUNGS}
    if name == NEXT.name:
        return Rung(NEXT.name, ranking.kept(ranker))
    if name not in found:
        raise ValueError(f"there is no recommender {name!r}; there are {', '.join([*found, NEXT.name])}")
    return found[name]

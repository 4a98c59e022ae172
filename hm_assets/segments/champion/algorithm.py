"""The algorithm that made a champion, to be fitted again on customers of another day."""

from dataclasses import replace

from hm_assets.segments.algorithms.catalogue import EVERY, FINDS_K_ITSELF, Algorithm
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.fitting import CannotFit


def algorithm_of(champion: Champion) -> Algorithm:
    """The entry of the catalogue that made the champion, for its number of segments alone.

    Raises
    ------
    CannotFit
        There is no such entry any more.
    """
    for algorithm in EVERY:
        if (algorithm.name, algorithm.space) == (champion.algorithm, champion.space.name):
            ks = FINDS_K_ITSELF if algorithm.ks == FINDS_K_ITSELF else (champion.model.k,)
            return replace(algorithm, ks=ks)
    raise CannotFit(f"{champion.algorithm} in {champion.space.name} is not in the lab any more")

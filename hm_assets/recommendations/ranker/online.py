"""One customer at a time, or a request that brings the features with it: the same order as in the batch, or a refusal.

A feature that is missing is never filled in: a constant in its place changes most lists without anybody noticing.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from hm_assets.recommendations.back_test import AS_IS, OWNED_LEFT_OUT, setting
from hm_assets.recommendations.ranker.features import FEATURES, NAMES
from hm_assets.recommendations.ranker.model import Model
from hm_assets.recommendations.ranker.ranking import Ranker
from hm_assets.segments.space import Floats, Ints
from hm_assets.warehouse.errors import HmAssetsError


def recommend_one(ranker: Ranker, key: int) -> Ints:
    """The list of one customer (article keys, best first; -1: none), with the bestsellers of the week in free places.

    Parameters
    ----------
    ranker
        Fitted or kept; what it looks things up in is made by the first request and used by all later ones.
    key
        `customer_key`; of a stranger the list is made of what sells.
    """
    known = ranker.ready.known
    keys = np.array([key], dtype=np.int64)
    new = ranker.task.only_new
    made = setting(known.purchases, keys, OWNED_LEFT_OUT if new else AS_IS)
    found: Ints = made.lists(ranker.scores(keys), fill=not new)[0]
    return found


def score(model: Model, candidates: Sequence[Mapping[str, float]], threads: int = 1) -> Floats:
    """Scores in (0, 1) of candidates of one customer that come with their features.

    Parameters
    ----------
    model
        The kept one.
    candidates
        Per candidate a value for each of `FEATURES`.

    Raises
    ------
    HmAssetsError
        The model has no trees, or a feature is missing, no finite number, or unknown.
    """
    if model.text is None:
        raise HmAssetsError(
            "the ranker has learned nothing, as the history was too short: there is no order that features decide"
        )
    for place, candidate in enumerate(candidates):
        _refuse(place, candidate)
    rows = [[candidate[name] for name in NAMES] for candidate in candidates]
    return model.predict(np.array(rows, dtype=np.float32).reshape(len(rows), len(NAMES)), threads)


def _refuse(place: int, candidate: Mapping[str, float]) -> None:
    for feature in FEATURES:
        value = candidate.get(feature.name)
        if isinstance(value, int | float | np.number) and math.isfinite(value):
            continue
        said = "is missing" if feature.name not in candidate else f"is {value!r}, not a finite number"
        raise HmAssetsError(
            f"candidate {place}: the feature `{feature.name}` ({feature.unit}) {said}. It is not filled in: "
            f"send what it stands for. {feature.meaning}."
        )
    unknown = sorted(set(candidate) - set(NAMES))
    if unknown:
        raise HmAssetsError(
            f"candidate {place}: {', '.join(unknown)}: no such feature; they are {', '.join(NAMES)}"
        )

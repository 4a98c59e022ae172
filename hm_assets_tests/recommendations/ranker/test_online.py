"""One customer has the list of the batch, and a request without a feature is refused."""

import numpy as np
import pytest

from hm_assets.recommendations.back_test import AS_IS, OWNED_LEFT_OUT, setting
from hm_assets.recommendations.ranker.features import NAMES
from hm_assets.recommendations.ranker.online import recommend_one, score
from hm_assets.recommendations.ranker.plan import NEXT, TASKS
from hm_assets.recommendations.ranker.ranking import Ranker
from hm_assets.recommendations.ranker.ready import Ready
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets_tests.recommendations.ranker.shop import KEYS, known_on, models

READY = Ready(known_on())
EVERYBODY = np.append(5, KEYS)


@pytest.fixture(scope="module")
def candidates():
    found = READY.candidates(KEYS[:1], NEXT)
    return [dict(zip(NAMES, row.tolist(), strict=True)) for row in READY.table(KEYS[:1], found)]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_list_of_one_is_that_of_the_batch_for_everybody_and_for_a_stranger(task):
    ranker = Ranker(READY, models()[task.name], task)
    of = setting(READY.known.purchases, EVERYBODY, OWNED_LEFT_OUT if task.only_new else AS_IS)
    batch = of.lists(ranker.scores(EVERYBODY), fill=not task.only_new)
    assert np.array_equal(batch, [recommend_one(ranker, key) for key in EVERYBODY.tolist()])


def test_a_request_is_scored_as_the_batch_is(candidates):
    ranker = Ranker(READY, models()[NEXT.name], NEXT)
    row = ranker.scores(KEYS[:1])
    assert np.array_equal(score(ranker.model, candidates), row.data)


@pytest.mark.parametrize("name", NAMES)
def test_a_request_without_a_feature_is_refused_and_names_it(name, candidates):
    model, first = models()[NEXT.name], candidates[0]
    for value in (None, float("nan"), float("inf"), "3"):
        with pytest.raises(HmAssetsError, match=rf"candidate 1: the feature `{name}` .* not a finite number"):
            score(model, [first, {**first, name: value}])
    with pytest.raises(HmAssetsError, match=rf"candidate 0: the feature `{name}` .* is missing"):
        score(model, [{other: value for other, value in first.items() if other != name}])


def test_a_request_with_what_is_no_feature_is_refused(candidates):
    with pytest.raises(HmAssetsError, match="shoe_size: no such feature"):
        score(models()[NEXT.name], [{**candidates[0], "shoe_size": 38.0}])

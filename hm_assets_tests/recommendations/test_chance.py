"""Lists drawn at random: of what is sold, the same again, and not by who else is asked for."""

import numpy as np

from hm_assets.recommendations import chance
from hm_assets.recommendations.ladder.rung import Known
from hm_assets.recommendations.lists import NONE, top
from hm_assets.recommendations.measures.variety import RECENT
from hm_assets.recommendations.purchases import purchases
from hm_assets_tests.recommendations.baskets import LAST, as_ibis, lines
from hm_assets_tests.recommendations.test_slices import known


def fitted(bought, seed=1):
    return chance.fit(Known(bought, None, None, seed, 1))


def test_lists_are_random_of_what_is_sold_and_each_customer_s_own():
    bought = purchases(as_ibis(lines()), LAST)
    keys = np.arange(1000, 1400)
    found = top(fitted(bought).scores(keys)).articles
    assert all(len(set(row[row != NONE])) == 12 for row in found)
    sold = set(bought.article[bought.ago < RECENT].tolist())
    assert set(found.ravel().tolist()) <= sold
    share = np.bincount(found.ravel(), minlength=len(bought.articles))[sorted(sold)] / len(keys)
    assert share.min() > 0.5 * 12 / len(sold) and share.max() < 2 * 12 / len(sold), "none is preferred"
    alone = top(fitted(bought).scores(keys[7:8])).articles
    assert np.array_equal(alone[0], found[7])
    assert not np.array_equal(top(fitted(bought, 2).scores(keys)).articles, found)


def test_nothing_sold_lately_gives_empty_lists():
    assert (top(fitted(known([(1, 10, 200)])).scores(np.array([1, 2]))).articles == NONE).all()

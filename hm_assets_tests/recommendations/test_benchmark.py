"""The benchmark beside peers judges whom the back-test judges, and fills a peer's lists as ours are."""

import numpy as np

from benchmarks.recommendations import export, filled, judged_on
from hm_assets.recommendations.back_test import judge
from hm_assets.recommendations.ladder.catalogue import BESTSELLERS, RUNGS
from hm_assets.recommendations.purchases import purchases
from hm_assets_tests.recommendations.baskets import LAST, as_ibis
from hm_assets_tests.recommendations.test_back_test import DAY, NO_CATALOGUE, PEOPLE, ROWS


def test_peers_are_judged_on_the_same_customers_and_lists_are_filled_alike(tmp_path):
    whole = purchases(as_ibis(ROWS), LAST)
    ours = judge(whole, DAY, RUNGS[:1], PEOPLE, NO_CATALOGUE, 1, 1, 20)
    customers, bought = judged_on(whole, DAY, 20)
    assert np.array_equal(customers, ours.customers) and len(customers) == 20
    assert all(np.array_equal(*both) for both in zip(bought, ours.bought, strict=True))
    known, asked, _ = export(whole, DAY, 20, tmp_path)
    with np.load(tmp_path / f"{DAY}.npz") as stored:
        assert known.as_of == DAY and np.array_equal(known.customers[stored["asked"]], asked)
        assert stored["days"].sum() == len(known.customer), "every purchase day is there, and none after"
    nothing = np.full((len(asked), 12), -1)
    assert np.array_equal(filled(known, asked, nothing), ours.said[BESTSELLERS].lists)

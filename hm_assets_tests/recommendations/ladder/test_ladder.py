"""Every rung on a small shop whose customers have one of four tastes, and on too little to learn from."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.recommendations.ladder.catalogue import BESTSELLERS, COLD_START, FIRST_TIME, REPURCHASE, RUNGS
from hm_assets.recommendations.ladder.rung import Content, Known
from hm_assets.recommendations.lists import owned, top
from hm_assets.recommendations.purchases import purchases
from hm_assets_tests.recommendations.baskets import FIRST, LAST, as_ibis, key, lines

ARTICLES, CUSTOMERS = 60, 80
TASTE = np.arange(ARTICLES) % 4
# What a customer likes is what texts and topics tell apart; noise makes articles of a taste alike, not the same.
NOISE = np.random.default_rng(3).normal(0, 0.2, (ARTICLES, 4))
VECTORS = np.eye(4)[TASTE] + NOISE
CONTENT = Content(key(np.arange(ARTICLES)), VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True))
PEOPLE = pa.table(
    {
        "customer_key": 1000 + np.arange(CUSTOMERS),
        "age": pa.array([None if i % 3 else 20.0 + i % 40 for i in range(CUSTOMERS)], pa.float64()),
        "segment_id": pa.array(1 + np.arange(CUSTOMERS) % 4, pa.int32()),
    }
)
LESS_OWN = {COLD_START, "item_item", "item_item_bm25", "svd_plus_plus"}
STRANGER = 7
FOR_EVERYBODY = {BESTSELLERS, COLD_START, "hybrid"}
BOTH = [*RUNGS, *FIRST_TIME]
# Bestsellers are the same for everybody, whatever their taste.
OF_TASTE = [rung for rung in RUNGS if rung.name != BESTSELLERS]


def known(rows: pa.Table, last: dt.date = LAST, people: pa.Table = PEOPLE) -> Known:
    return Known(purchases(as_ibis(rows), last), people, pa.table({"article_key": []}), 1, 1, CONTENT)


SHOP = known(lines())


@pytest.mark.parametrize("rung", OF_TASTE, ids=lambda rung: rung.name)
def test_a_rung_ranks_the_taste_of_a_customer_above_what_is_in_fashion(rung):
    keys = SHOP.purchases.customers
    found = top(rung.fit(SHOP).scores(keys), 5).articles
    what = (SHOP.purchases.articles[found] - key(np.array([0]))) // 1000
    share = np.mean((what % 4 == ((keys - 1000) % 4)[:, None])[found >= 0])
    # A fourth of all articles are of anybody's taste: what is said without a look at own purchases is nearer to it.
    assert share > (0.35 if rung.name in LESS_OWN else 0.6), rung.name


@pytest.mark.parametrize("rung", BOTH, ids=lambda rung: rung.name)
def test_scores_are_the_same_again_and_whoever_else_is_scored(rung):
    keys = np.append(SHOP.purchases.customers, STRANGER)
    model = rung.fit(SHOP)
    whole = model.scores(keys).toarray()
    assert np.array_equal(whole, rung.fit(SHOP).scores(keys).toarray())
    alone = np.vstack([model.scores(keys[[i]]).toarray() for i in (0, 11, len(keys) - 1)])
    assert np.array_equal(alone, whole[[0, 11, -1]])
    assert np.isfinite(whole).all() and (whole >= 0).all()
    stranger = (model.scores(np.array([STRANGER])) > 0).nnz
    assert bool(stranger) == (rung.name in FOR_EVERYBODY)


@pytest.mark.parametrize("rung", BOTH, ids=lambda rung: rung.name)
@pytest.mark.parametrize("case", ["nothing", "one line", "one day", "all the same"])
def test_too_little_to_learn_from_gives_few_candidates_and_no_error(rung, case):
    rows = lines(customers=12)
    if case == "all the same":
        rows = rows.set_column(2, "article_key", pa.array([key(np.array([1]))[0]] * rows.num_rows))
    if case == "one day":
        rows = rows.filter(pa.compute.equal(rows["t_dat"], pa.compute.max(rows["t_dat"])))
    little = known(rows.slice(0, {"nothing": 0, "one line": 1}.get(case, rows.num_rows)))
    scores = rung.fit(little).scores(np.arange(1000, 1012))
    assert scores.shape == (12, len(little.purchases.articles))
    assert np.isfinite(scores.data).all()


@pytest.mark.parametrize("rung", FIRST_TIME, ids=lambda rung: rung.name)
def test_without_what_is_owned_nothing_owned_is_a_candidate(rung):
    keys = SHOP.purchases.customers
    scores = rung.fit(SHOP).scores(keys)
    assert scores.nnz
    assert not (scores * (owned(SHOP.purchases, np.arange(len(keys))) > 0)).nnz


def test_the_ladder_has_words_for_every_rung_and_no_name_twice():
    names = [rung.name for rung in RUNGS]
    assert len(set(names)) == len(names) and names[0] == BESTSELLERS and REPURCHASE in names
    assert all(rung.words for rung in RUNGS)


def test_a_month_of_history_is_enough_for_a_hybrid_and_a_week_gives_it_equal_weights():
    hybrid = RUNGS[-1]
    early = known(lines(), FIRST + dt.timedelta(days=3))
    assert set(hybrid.fit(early).weights) == {1.0}
    later = hybrid.fit(known(lines(), FIRST + dt.timedelta(days=30)))
    assert later.weights[0] == 1

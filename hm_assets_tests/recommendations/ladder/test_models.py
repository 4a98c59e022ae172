"""Each model against numbers worked out by hand, or a truth that was planted."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from scipy import sparse
from threadpoolctl import threadpool_limits

from hm_assets.recommendations.ladder.als import Als
from hm_assets.recommendations.ladder.cold_start import ColdStart
from hm_assets.recommendations.ladder.content import content
from hm_assets.recommendations.ladder.factors import amounts
from hm_assets.recommendations.ladder.hybrid import mixed, places, searched
from hm_assets.recommendations.ladder.item_item import ItemItem
from hm_assets.recommendations.ladder.linear import ease, in_season
from hm_assets.recommendations.ladder.neighbours import Neighbours
from hm_assets.recommendations.ladder.rung import Known
from hm_assets.recommendations.ladder.svd_plus_plus import SvdPlusPlus
from hm_assets.recommendations.purchases import Purchases, of_rows

DAY = dt.date(2020, 3, 31)


def bought(*rows: tuple[int, int, int, float]) -> Purchases:
    """Of rows (customer, article, days ago, price)."""
    who, what, ago, price = zip(*sorted(rows), strict=True)
    return of_rows(
        pa.table(
            {
                "customer_key": who,
                "article_key": what,
                "t_dat": pa.array([DAY - dt.timedelta(days=days) for days in ago], pa.date32()),
                "units": [1] * len(who),
                "spend": price,
            }
        ),
        DAY,
    )


def known(purchases: Purchases, people: dict | None = None) -> Known:
    nobody = {"customer_key": pa.array([], pa.int64()), "age": pa.array([], pa.float64())}
    return Known(purchases, pa.table(people or nobody), pa.table({"article_key": []}), 1, 1)


def test_ease_is_the_linear_regression_of_each_article_on_all_others():
    """The closed form against ridge regression without the article itself, which is what it solves."""
    rng = np.random.default_rng(0)
    x = (rng.random((30, 4)) < [0.9, 0.5, 0.2, 0.4]).astype(float)
    x[:, 3] = x[:, 2]
    found = ease(x.T @ x, 2.0)
    for j in range(4):
        others = [i for i in range(4) if i != j]
        part = x[:, others]
        expected = np.linalg.solve(part.T @ part + 2.0 * np.eye(3), part.T @ x[:, j])
        assert found[others, j] == pytest.approx(expected)
        assert found[j, j] == 0
    # Transposed it is something else: the regression of one on the other is not symmetric.
    assert not np.allclose(found, found.T)
    with pytest.raises(ValueError, match="ridge"):
        ease(x.T @ x, 0.0)


def test_a_neighbour_s_purchases_count_by_their_age_and_similarity():
    # 1 and 2 share an article, 3 shares none with them; article 30 is what 2 bought besides, a half-life ago.
    shop = bought((1, 10, 0, 1.0), (2, 10, 0, 1.0), (2, 30, 90, 1.0), (3, 40, 0, 1.0))
    model = Neighbours(others=1.0, half_life=90)(known(shop))
    scores = model.scores(np.array([1, 3])).toarray()
    # Own 1 and the neighbour's 1 for article 10, the neighbour's half for 30; nobody is near to 3.
    assert scores == pytest.approx(np.array([[2.0, 0.5, 0.0], [0.0, 0.0, 1.0]]))
    new = Neighbours(others=1.0, half_life=90, owned=False)(known(shop))
    assert new.scores(np.array([1, 3])).toarray() == pytest.approx(np.array([[0.0, 0.5, 0.0], [0, 0, 0]]))


def test_articles_of_too_few_buyers_are_similar_to_nothing():
    rows = [(who, what, 0, 1.0) for who in range(10) for what in (10, 20)] + [(1, 30, 0, 1.0)]
    scores = ItemItem(buyers=5)(known(bought(*rows))).scores(np.array([1])).toarray()
    # 10 and 20 have the same buyers, so each counts once for itself and once for the other.
    assert scores == pytest.approx(np.array([[2.0, 2.0, 0.0]]))


def test_amounts_are_in_parts_of_the_usual_price_so_that_the_logarithm_bends():
    cheap = bought((1, 10, 0, 0.01), (1, 20, 0, 0.03), (2, 20, 0, 0.09))
    dear = bought((1, 10, 0, 10.0), (1, 20, 0, 30.0), (2, 20, 0, 90.0))
    assert amounts(cheap).data == pytest.approx(amounts(dear).data)
    assert amounts(cheap).data == pytest.approx(np.log1p([5.0, 15.0, 45.0]))


def test_svd_plus_plus_learns_the_amounts():
    rng = np.random.default_rng(0)
    rows = [
        (who, 10 + what, 0, 1.0 + 9.0 * ((who + what) % 2))
        for who in range(60)
        for what in range(12)
        if rng.random() < 0.7
    ]
    shop = bought(*rows)
    model = SvdPlusPlus(passes=400)(known(shop))
    spent = amounts(shop).toarray()
    seen = spent > 0
    scores = model.scores(shop.customers).toarray()
    # Half of the articles cost a customer ten times as much as the other half, and which half that is differs.
    assert np.corrcoef(scores[seen], spent[seen])[0, 1] > 0.8


def test_cold_start_knows_the_group_and_draws_small_ones_to_everybody():
    rows = [(who, 10, 1, 1.0) for who in range(100)] + [(who, 20, 1, 1.0) for who in range(100, 200)]
    people = {"customer_key": np.arange(300), "age": [20.0] * 100 + [60.0] * 100 + [20.0] * 50 + [60.0] * 50}
    model = ColdStart(prior=100)(known(bought(*rows), people))
    young, old, stranger = model.scores(np.array([200, 299, 999])).toarray()
    # (100 + 100 / 2) / 200 of the young buy article 10; the unknown segment is everybody, half and half.
    assert young == pytest.approx([(0.75 + 0.5) / 2, (0.25 + 0.5) / 2])
    assert old == pytest.approx(young[::-1]) and stranger == pytest.approx([0.5, 0.5])


def test_segments_count_where_they_are_known_and_nobody_s_segment_is_everybody():
    rows = [(who, 10, 1, 1.0) for who in range(50)] + [(who, 20, 1, 1.0) for who in range(50, 100)]
    people = {
        "customer_key": np.arange(103),
        "age": pa.nulls(103, pa.float64()),
        "segment_id": pa.array([1] * 50 + [2] * 50 + [1, 0, None], pa.int32()),
    }
    scores = ColdStart(prior=50)(known(bought(*rows), people)).scores(np.array([100, 101, 102])).toarray()
    assert scores[0, 0] > scores[0, 1]
    assert scores[1] == pytest.approx([0.5, 0.5]) and scores[2] == pytest.approx([0.5, 0.5])


def test_the_similarity_of_articles_is_the_mean_of_two_cosines():
    topics = pa.table(
        {
            "article_key": [3, 1, 2],
            "product_code": ["b", "a", "a"],
            "topic_1": [1.0, 0.5, 0.5],
            "topic_2": [0.0, 0.5, 0.5],
            "topic_3": pa.nulls(3, pa.float64()),
        }
    )
    products = pa.table({"product_code": ["b", "a"], "vector": [[0.6, 0.8], [1.0, 0.0]]})
    found = content(topics, products)
    assert found.articles.tolist() == [1, 2, 3]
    alike = found.vectors @ found.vectors.T
    assert alike[0] == pytest.approx([1.0, 1.0, (0.6 + np.sqrt(0.5)) / 2])
    with pytest.raises(ValueError, match=r"product b .* no embedding"):
        content(topics, products.slice(1))


def test_weights_find_the_part_that_was_right_and_places_count_less_downwards():
    right = sparse.csr_array(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    wrong = sparse.csr_array(np.array([[0.0, 2.0, 0.0], [0.0, 2.0, 0.0]]))
    assert places(sparse.csr_array([[0.0, 3.0, 5.0]]), 2).toarray() == pytest.approx(
        np.array([[0, 1 / 22, 1 / 21]])
    )
    ranks = [places(wrong, 3), places(right, 3)]
    keys = np.array([10, 20, 30])
    weights = searched(ranks, keys, [np.array([10]), np.array([30])], 1)
    assert weights[1] > weights[0]
    assert mixed(ranks, weights).toarray()[0].argmax() == 0


def test_what_sells_more_than_it_used_to_is_in_season():
    # Article 1 once in each of four weeks; 2 this week only, twice; 3 long ago, twice.
    rows = [(who, 1, 7 * who, 1.0) for who in range(4)] + [(1, 2, 3, 1.0), (2, 2, 6, 1.0)]
    rows += [(1, 3, 27, 1.0), (2, 3, 24, 1.0)]
    steady, now, then = in_season(bought(*rows), 1.0)
    assert steady == pytest.approx((2 / 7) / (4 / 28 + 1 / 7)) == pytest.approx(1.0)
    assert now == pytest.approx((3 / 7) / (2 / 28 + 1 / 7)) == pytest.approx(2.0)
    assert then == pytest.approx((1 / 7) / (2 / 28 + 1 / 7)) == pytest.approx(2 / 3)
    assert in_season(bought(*rows), 0.0).tolist() == [1.0, 1.0, 1.0]


def test_ease_has_the_same_bytes_on_any_number_of_threads():
    rng = np.random.default_rng(0)
    x = (rng.random((2000, 700)) < 0.05).astype(float)
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads, "blas"):
            found.append(ease(x.T @ x, 20.0).tobytes())
    assert found[0] == found[1]


def test_ease_of_no_article_is_empty_and_lapack_has_nothing_to_complain_of(capfd):
    assert ease(np.zeros((0, 0)), 20.0).shape == (0, 0)
    assert not any(capfd.readouterr())


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rung", [Als(factors=4), ItemItem(buyers=1), ItemItem("bm25", buyers=1)])
def test_who_runs_it_is_not_warned_of_what_a_library_does_inside(rung, monkeypatch):
    from implicit import utils

    # It warns of BLAS's threads once in a process, and the tests before this one have made it look.
    monkeypatch.setattr(utils, "_checked_blas_config", False)
    with threadpool_limits(2):
        found = rung(known(bought((1, 10, 3, 1.0), (1, 20, 3, 1.0), (2, 10, 2, 1.0), (2, 20, 1, 1.0))))
    assert found.scores(np.array([1])).shape == (1, 2)

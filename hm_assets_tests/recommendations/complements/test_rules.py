"""Support, confidence and lift by hand; planted pairs are found, and no pair where all is chance."""

import datetime as dt

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.recommendations.complements import baskets as windows
from hm_assets.recommendations.complements.baskets import MOST_ITEMS
from hm_assets.recommendations.complements.made import article_rules
from hm_assets.recommendations.complements.pairs import expected, pairs
from hm_assets.recommendations.complements.rules import benjamini_hochberg, rules
from hm_assets_tests.recommendations.complements.shops import COLOURS, LAST, PLANTED, key, lines


def shop_of(baskets: dict[tuple[int, int], list[int]]) -> ibis.Table:
    """Lines of baskets (customer, days ago) -> articles, all in one channel."""
    rows = [
        {
            "t_dat": LAST - dt.timedelta(days=ago),
            "customer_key": who,
            "article_key": what,
            "price": 0.1,
            "sales_channel_id": 1,
        }
        for (who, ago), bought in baskets.items()
        for what in bought
    ]
    types = {"t_dat": pa.date32(), "price": pa.float64()}
    names = ("t_dat", "customer_key", "article_key", "price", "sales_channel_id")
    schema = pa.schema([(name, types.get(name, pa.int64())) for name in names])
    return ibis.memtable(pa.Table.from_pylist(rows, schema=schema))


def test_support_confidence_and_lift_are_those_of_the_textbook():
    # Ten baskets: 1 and 2 together in four, 1 alone in one, 2 with 3 in one, 3 in four.
    bought = [[1, 2]] * 4 + [[1], [2, 3]] + [[3]] * 4
    shop = windows.read(shop_of({(i, 0): what for i, what in enumerate(bought)}), LAST, 90)
    found = pairs(shop, fewest=1)
    assert (shop.count, found.tested) == (10, 3)
    assert list(zip(found.first, found.second, found.both, strict=True)) == [(0, 1, 4), (1, 2, 1)]
    # Whatever its p: the figures are by hand.
    sure = pairs(shop, fewest=4)
    assert sure.tested == 3 and len(sure.both) == 1
    whole = rules(shop, _certain(sure), fewest_customers=1)
    assert whole.antecedent.tolist() == [1, 2] and whole.consequent.tolist() == [2, 1]
    assert whole.support.tolist() == [0.4, 0.4]
    assert whole.confidence.tolist() == [4 / 5, 4 / 5]
    assert whole.lift == pytest.approx([0.8 / 0.5, 0.8 / 0.5])


def _certain(found):
    """The same pairs, expected next to never."""
    return type(found)(**{**vars(found), "expected": np.full(len(found.both), 1e-6)})


def test_expected_baskets_are_those_of_draws_without_putting_back():
    """Of baskets of two of four equal articles, each of the six pairs fills a sixth."""
    bought = [[a, b] for a in range(4) for b in range(a)] * 5
    shop = windows.read(shop_of({(i, 0): what for i, what in enumerate(bought)}), LAST, 90)
    found = expected(shop, np.array([0, 1]), np.array([1, 3]))
    assert found == pytest.approx(
        [5, 5], rel=0.15
    )  # Hajek's is an approximation, the better the more articles


@pytest.mark.parametrize("seed", range(3))
def test_where_all_is_chance_no_pair_is_a_rule(seed):
    """Large baskets, favourites of everybody and customers who repeat themselves make no rule."""
    shop = lines(planted=False, seed=seed, days=60)
    assert len(article_rules(ibis.memtable(shop), LAST).rules.antecedent) == 0


def test_planted_pairs_are_found_in_both_directions_and_nothing_else():
    made = article_rules(ibis.memtable(lines(days=60)), LAST)
    found = set(zip(made.rules.antecedent.tolist(), made.rules.consequent.tolist(), strict=True))
    pairs_of = {(key(a), key(b)) for a, b in (*PLANTED, COLOURS)}
    assert found == pairs_of | {(b, a) for a, b in pairs_of}
    assert (made.rules.low > 1).all() and made.baskets > 2_000 and "tested" in made.words


def test_one_customer_s_habit_is_no_rule():
    """Forty baskets of one customer with the same two things, beside two hundred others."""
    habit = {(0, ago): [1, 2] for ago in range(40)}
    others = {(1 + i, i % 60): [3 + i % 7, 10 + i % 5] for i in range(200)}
    assert len(article_rules(shop_of(habit | others), LAST).rules.antecedent) == 0
    shared = {(100 + i, i): [1, 2] for i in range(40)}
    assert {1, 2} <= set(article_rules(shop_of(shared | others), LAST).rules.antecedent.tolist())


def test_the_order_of_lines_and_what_comes_later_change_nothing():
    rows = lines(baskets=1_500, days=100)
    day = LAST - dt.timedelta(days=30)
    shuffled = rows.take(np.random.default_rng(1).permutation(len(rows)))
    past = rows.filter(pa.compute.less_equal(rows["t_dat"], pa.scalar(day)))
    made = [article_rules(ibis.memtable(part), day).rules for part in (rows, shuffled, past)]
    for other in made[1:]:
        for name, value in vars(made[0]).items():
            assert np.array_equal(value, getattr(other, name)), name
    assert len(made[0].antecedent)


def test_too_large_baskets_are_left_out_and_counted():
    shop = windows.read(shop_of({(1, 0): list(range(MOST_ITEMS + 1)), (2, 0): [1, 2], (3, 1): [5]}), LAST, 90)
    assert (shop.left_out, shop.count, shop.items.tolist()) == (1, 2, [1, 2, 5])
    assert shop.stratum.tolist() == [0, -1], "a basket of one holds no pair"


def test_an_empty_window_has_no_rules():
    made = article_rules(shop_of({}), LAST)
    assert (made.baskets, len(made.rules.antecedent), made.rules.tested) == (0, 0, 0)


def test_pairs_never_seen_together_count_as_tested():
    p = np.array([0.001, 0.01])
    assert benjamini_hochberg(p, 2) == pytest.approx([0.002, 0.01])
    assert benjamini_hochberg(p, 100) == pytest.approx([0.1, 0.5])
    assert benjamini_hochberg(np.empty(0), 100).tolist() == []


def test_a_gift_is_in_no_basket():
    rows = lines(days=60)
    gifts = rows.set_column(rows.schema.get_field_index("price"), "price", pa.array([0.0] * len(rows)))
    with_gifts = pa.concat_tables([rows, gifts.slice(0, 50).set_column(
        rows.schema.get_field_index("article_key"), "article_key", pa.array([999] * 50))])  # fmt: skip
    found = windows.read(ibis.memtable(with_gifts), LAST, 60)
    plain = windows.read(ibis.memtable(rows), LAST, 60)
    assert found.items.tolist() == plain.items.tolist() and found.count == plain.count

"""Articles as of a day: popularity, place in the price range, age, buyers; no number sees a later day."""

import datetime as dt

import numpy as np
import pytest

from hm_assets.features.article_features import article_features
from hm_assets.features.tables import ARTICLE_FEATURES
from hm_assets.features.windows import WINDOWS
from hm_assets.sources.contract import ONLINE, STORE
from hm_assets.warehouse.calendar import month_of
from hm_assets_tests.features.histories import article_days_of, articles

AS_OF = dt.date(2020, 2, 29)
AGES = {1: 20, 2: 34, 3: 35, 4: 60, 5: None}


def history(number: int, seed: int) -> list[tuple]:
    """Lines of articles 1 to 10 over two years up to AS_OF, the last days and few prices often."""
    rng = np.random.default_rng(seed)
    ago = np.minimum(rng.exponential(120, number), 700).astype(int)
    return [
        (
            int(rng.integers(1, 6)),
            AS_OF - dt.timedelta(days=int(day)),
            int(rng.integers(1, 11)),
            int(rng.integers(1, 4)) / 590,
            int(rng.integers(1, 3)),
        )
        for day in ago
    ]


def seen(lines, as_of=AS_OF, ages=AGES) -> dict[int, dict]:
    first = min((line[1] for line in lines), default=as_of)
    table = article_features(article_days_of(lines, ages), articles(), month_of(as_of), as_of, first)
    assert set(table.columns) == {column.name for column in ARTICLE_FEATURES.stored_columns}
    return {row["article_key"]: row for row in table.to_pyarrow().to_pylist()}


def ago(days: int) -> dt.date:
    return AS_OF - dt.timedelta(days=days)


@pytest.fixture(scope="module")
def lines() -> list[tuple]:
    return history(300, seed=1)


@pytest.fixture(scope="module")
def found(lines) -> dict[int, dict]:
    return seen(lines)


def percentile(value, others) -> float:
    return (sum(o < value for o in others) + sum(o == value for o in others) / 2) / len(others)


def test_it_is_what_a_loop_over_the_lines_counts(lines, found):
    assert found.keys() == {line[2] for line in lines}
    types = {row["article_key"]: row["product_type_name"] for row in articles().to_pyarrow().to_pylist()}
    for article, row in found.items():
        mine = [line for line in lines if line[2] == article]
        year = [line for line in mine if (AS_OF - line[1]).days < 365]
        assert row["items"] == len(mine)
        assert row["launch_day"] == min(line[1] for line in mine)
        assert row["age_days"] == (AS_OF - row["launch_day"]).days
        assert row["days_since_sold"] == (AS_OF - max(line[1] for line in mine)).days
        assert row["in_stock"] == (row["days_since_sold"] < 7)
        orders = {(line[0], line[1], line[4]) for line in year}
        back = [
            order
            for order in orders
            if any(line[0] == order[0] and 1 <= (order[1] - line[1]).days <= 28 for line in mine)
        ]
        assert row["return_share_365d"] == pytest.approx(len(back) / len(orders))
        online = [line for line in year if line[4] == ONLINE]
        assert row["online_share_365d"] == pytest.approx(len(online) / len(year))
        ages = [AGES[order[0]] for order in orders if AGES[order[0]] is not None]
        assert row["buyers_mean_age_365d"] == pytest.approx(np.mean(ages))
        assert row["buyers_under_35_share_365d"] == pytest.approx(np.mean(np.array(ages) < 35))
        for window in WINDOWS:
            inside = [line for line in mine if (AS_OF - line[1]).days < window]
            assert row[f"items_{window}d"] == len(inside)
            assert row[f"orders_{window}d"] == len({(line[0], line[1], line[4]) for line in inside})
            sold = [other[f"items_{window}d"] for other in found.values() if other[f"items_{window}d"]]
            want = percentile(len(inside), sold) if inside else None
            assert row[f"popularity_{window}d"] == (want if want is None else pytest.approx(want))
        prices = {key: other["price_90d"] for key, other in found.items() if other["price_90d"] is not None}
        of_type = [price for key, price in prices.items() if types[key] == types[article]]
        if article in prices and types[article] is not None:
            assert row["price_position_90d"] == pytest.approx(percentile(prices[article], of_type))
        else:
            assert row["price_position_90d"] is None


def test_deleting_the_future_changes_nothing(lines, found):
    later = [(1, AS_OF + dt.timedelta(days=days), 3, 0.5, STORE) for days in (1, 40)]
    before_and_after = [*lines, *later, (2, AS_OF + dt.timedelta(days=1), 99, 0.5, STORE)]
    table = article_features(
        article_days_of(before_and_after, AGES),
        articles(),
        month_of(AS_OF),
        AS_OF,
        min(line[1] for line in lines),
    )
    assert {row["article_key"]: row for row in table.to_pyarrow().to_pylist()} == found


def test_another_numbering_of_customers_and_order_of_lines_changes_no_number(lines, found):
    renamed = {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}
    shuffled = [(renamed[line[0]], *line[1:]) for line in reversed(lines)]
    assert seen(shuffled, ages={renamed[key]: age for key, age in AGES.items()}) == found


def test_equal_prices_share_a_position_however_often_they_were_paid():
    # 1, 5 and 9 are of one type; 0.1 + 0.1 + 0.1 is not three times 0.1 in binary.
    lines = [(1, AS_OF, 1, 0.1, STORE)] * 3 + [(1, AS_OF, 5, 0.1, STORE), (1, AS_OF, 9, 0.3, STORE)]
    rows = seen(lines)
    assert [rows[key]["price_position_90d"] for key in (1, 5, 9)] == pytest.approx([1 / 3, 1 / 3, 5 / 6])


def test_an_only_article_is_in_the_middle_and_an_old_sale_has_no_place():
    rows = seen([(1, AS_OF, 1, 0.1, STORE), (1, ago(90), 2, 0.1, STORE)])
    assert (rows[1]["popularity_90d"], rows[1]["price_position_90d"]) == (0.5, 0.5)
    assert (rows[2]["popularity_90d"], rows[2]["price_position_90d"], rows[2]["items_90d"]) == (None, None, 0)
    assert rows[2]["popularity_365d"] == 0.5


def test_articles_of_the_first_quarter_may_be_older_than_the_data():
    rows = seen([(1, ago(200), 1, 0.1, STORE), (1, ago(111), 2, 0.1, STORE), (1, ago(110), 3, 0.1, STORE)])
    assert [rows[key]["left_truncated"] for key in (1, 2, 3)] == [1, 1, 0]


def test_without_sales_there_is_no_article():
    assert seen([]) == {}

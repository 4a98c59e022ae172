import datetime as dt

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.profiles.validity.facts import FACTS
from hm_assets.profiles.validity.reading import FROM_FEATURES, after, facts_of
from hm_assets.segments.people import People
from hm_assets.segments.reading import reader
from hm_assets_tests.segments.test_inputs import AS_OF, BOUGHT, SEPTEMBER, features

MORE = {name: [1.0, 2.0, 3.0] for name in FROM_FEATURES}
MORE |= {"online_share_365d": [1.0, 0.5, None], "below_reference_share_365d": [0.1, None, None]}
KNOWN = ("customer_key", "recency_days", "purchase_days", "items", "orders", "spend", "tenure_days")


def everything() -> ibis.Table:
    """The three customers of the lab's tests with all features that facts need."""
    own = features().columns
    return features(
        **{name: values for name, values in MORE.items() if name not in own and name not in KNOWN}
    )


def days(*rows: tuple[int, int, float, int]) -> ibis.Table:
    """Customer, days after the judged one, spend, units: an order each."""
    columns = {
        "customer_key": [row[0] for row in rows],
        "t_dat": pa.array([AS_OF + dt.timedelta(days=row[1]) for row in rows], pa.date32()),
        "spend": [row[2] for row in rows],
        "items": [row[3] for row in rows],
    }
    return ibis.memtable(pa.table(columns))


DAYS = days((1, 0, 9.0, 9), (1, 1, 0.5, 2), (1, 90, 0.25, 1), (1, 91, 9.0, 9), (3, 40, 0.1, 1))
CUSTOMERS = ibis.memtable(
    pa.table(
        {
            "customer_key": [3, 2, 1],
            "age": pa.array([None, 30, 50], pa.int16()),
            "club_member_status": ["ACTIVE", None, "LEFT CLUB"],
            "fn": pa.array([0, 1, 0], pa.int8()),
        }
    )
)


def read(later=DAYS, customers=CUSTOMERS) -> tuple[list[int], dict[str, np.ndarray]]:
    people = People.of(reader(everything(), BOUGHT), SEPTEMBER, "rfm", None)
    found = facts_of(people, SEPTEMBER, everything(), BOUGHT, later, customers)
    return people.rows["customer_key"].to_pylist(), found


def test_every_fact_is_read_for_every_customer_in_their_order():
    keys, found = read()
    assert set(found) == {fact.name for fact in FACTS}
    assert {len(values) for values in found.values()} == {3}
    assert dict(zip(keys, found["age"], strict=True))[1] == 50
    assert np.isnan(dict(zip(keys, found["age"], strict=True))[3])
    assert dict(zip(keys, found["club_member_status"], strict=True)) == {1: "LEFT CLUB", 2: None, 3: "ACTIVE"}
    assert dict(zip(keys, found["fashion_news"], strict=True)) == {1: "no", 2: "yes", 3: "no"}


def test_later_is_from_the_day_after_to_the_ninetieth():
    keys, found = read()
    assert dict(zip(keys, found["later_spend"], strict=True)) == {1: 0.75, 2: 0.0, 3: pytest.approx(0.1)}
    assert dict(zip(keys, found["later_orders"], strict=True)) == {1: 2, 2: 0, 3: 1}
    assert dict(zip(keys, found["later_units"], strict=True)) == {1: 3, 2: 0, 3: 1}
    assert dict(zip(keys, found["later_bought"], strict=True)) == {1: "yes", 2: "no", 3: "yes"}
    told = after(DAYS, AS_OF).to_pyarrow()
    assert sorted(told["customer_key"].to_pylist()) == [1, 3]


def test_tastes_are_shares_of_the_units_of_a_year_and_unknown_without_any():
    keys, found = read()
    ladies = dict(zip(keys, found["index_group_1_share"], strict=True))
    assert (ladies[1], ladies[2]) == (1.0, 0.0)
    assert np.isnan(ladies[3])


def test_news_that_nobody_gets_is_not_in_the_files():
    without = CUSTOMERS.mutate(fn=ibis.literal(0, "int8"))
    _, found = read(customers=without)
    assert set(found["fashion_news"]) == {None}

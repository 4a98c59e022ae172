"""The small shop of `baskets.py` as what is known on a day, with a catalogue, for the tests of the ranker."""

import datetime as dt
import functools

import numpy as np
import pyarrow as pa

from hm_assets.recommendations.ladder.rung import Known
from hm_assets.recommendations.purchases import Purchases, purchases
from hm_assets.recommendations.ranker.model import Model, learn
from hm_assets.recommendations.ranker.plan import TASKS, Plan
from hm_assets_tests.recommendations.baskets import LAST, as_ibis, key, lines

ROWS = lines()
DAY = LAST - dt.timedelta(days=7)
KEYS = np.arange(1000, 1080)
PEOPLE = pa.table({"customer_key": KEYS, "age": pa.nulls(80, pa.float64())})
NUMBERS = np.arange(60)
CATALOGUE = pa.table(
    {
        "article_key": key(NUMBERS),
        "product_code": [str(number // 2) for number in NUMBERS],
        "product_type_name": pa.array([None if n == 59 else f"type {n % 4}" for n in NUMBERS]),
        "department_name": [f"department {number % 8}" for number in NUMBERS],
    }
)
PLAN = Plan(weeks=3, customers=200, negatives=20, trees=25)


@functools.cache
def everything() -> Purchases:
    return purchases(as_ibis(ROWS), LAST)


def known_on(day: dt.date = DAY, bought: Purchases | None = None) -> Known:
    return Known((bought or everything()).known_on(day), PEOPLE, CATALOGUE, seed=1, threads=1)


@functools.cache
def models() -> dict[str, Model]:
    return learn(known_on(), PLAN, TASKS)

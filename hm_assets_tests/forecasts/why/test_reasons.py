import datetime as dt

import ibis
import pyarrow as pa

from hm_assets.forecasts.why.reasons import reasons
from hm_assets.forecasts.why.tables import SEGMENT_REASONS

DAY = dt.date(2020, 9, 22)


def made(*rows):
    """(segment, theme, points) of a customer each."""
    people = [
        {
            **{
                "customer_key": key,
                "segment_id": segment,
                "as_of": DAY,
                "model_version": "v",
                "theme_1": theme,
            },
            **{"points_1": points, "reference": None if theme == "unexplained" else 0.5},
        }
        for key, (segment, theme, points) in enumerate(rows)
    ]
    table = pa.Table.from_pylist(people)
    return list(reasons(ibis.memtable(table), ibis.memtable(table.select(["customer_key", "segment_id"]))))


def test_shares_are_of_all_customers_with_an_outlook_the_most_frequent_first():
    rows = made(
        (1, "last order", 0.2), (1, "last order", 0.1), (1, "last order", -0.1), (1, "spend", -0.3), (1, None, None),
        (2, "spend", -0.2), (2, "how often", -0.2), (2, "unexplained", None),
    )  # fmt: skip
    told = [(r["segment"], r["rank"], r["theme"], r["effect"], r["moved"], r["customers"]) for r in rows]
    assert told == [
        ("1", 1, "last order", "raises", 2, 5),
        ("1", 2, "last order", "lowers", 1, 5),
        ("1", 3, "spend", "lowers", 1, 5),
        ("2", 1, "how often", "lowers", 1, 2),
        ("2", 2, "spend", "lowers", 1, 2),
        ("all", 1, "last order", "raises", 2, 7),
        ("all", 2, "spend", "lowers", 2, 7),
        ("all", 3, "how often", "lowers", 1, 7),
        ("all", 4, "last order", "lowers", 1, 7),
    ]
    assert rows[0]["share"] == 0.4
    assert (
        SEGMENT_REASONS.in_memory([row | {"month": dt.date(2020, 9, 1)} for row in rows]).count().execute()
        == 9
    )


def test_without_a_model_there_is_no_reason():
    assert made((1, "unexplained", None)) == []

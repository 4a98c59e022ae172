"""Customers with attributes as `customers/customers` has them, for tests."""

import numpy as np
import pyarrow as pa

SCHEMA = pa.schema(
    [
        ("customer_key", pa.int64()),
        ("fn", pa.int8()),
        ("active", pa.int8()),
        ("club_member_status", pa.string()),
        ("fashion_news_frequency", pa.string()),
        ("age", pa.int16()),
    ]
)


def customers(number: int = 2_000, unknown: float = 0.1, seed: int = 1) -> pa.Table:
    """Two humps of ages; members without full status are older; a share of each attribute is unknown."""
    rng = np.random.default_rng(seed)
    status = rng.choice(["ACTIVE", "PRE-CREATE", "LEFT CLUB"], p=[0.8, 0.18, 0.02], size=number)
    news = rng.choice(["NONE", "REGULARLY", "MONTHLY"], p=[0.6, 0.38, 0.02], size=number)
    older = rng.random(number) < np.where(status == "PRE-CREATE", 0.7, 0.3)
    age = np.clip(np.round(np.where(older, rng.normal(50, 4, number), rng.normal(26, 4, number))), 16, 99)

    def hidden() -> np.ndarray:
        return rng.random(number) < unknown

    return pa.table(
        [
            pa.array(np.arange(number) * 7 + 3),
            pa.array((news != "NONE").astype(np.int8)),
            pa.array((rng.random(number) < 0.4).astype(np.int8)),
            pa.array(status.tolist(), mask=hidden()),
            pa.array(news.tolist(), mask=hidden()),
            pa.array(age.astype(np.int16), mask=hidden()),
        ],
        schema=SCHEMA,
    )


def rows(*given: dict) -> pa.Table:
    """Customers with these attributes; what is not given is unknown, flags are 0."""
    plain = {"fn": 0, "active": 0, "club_member_status": None, "fashion_news_frequency": None, "age": None}
    return pa.Table.from_pylist(
        [{"customer_key": i, **plain, **row} for i, row in enumerate(given, start=1)], schema=SCHEMA
    )

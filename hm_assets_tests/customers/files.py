"""A customer file of a test: as delivered, recoded, and with gaps of a known cause."""

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.customers import recoding

COLUMNS = ("FN", "Active", "club_member_status", "fashion_news_frequency", "age", "postal_code")


def delivered(rows: list[dict]) -> ibis.Table:
    """Rows of `raw/customers`; what a row does not name is empty."""
    texts = [(name, pa.string()) for name in COLUMNS]
    schema = pa.schema([("customer_id", pa.string()), ("customer_key", pa.int64()), *texts])
    full = [
        {"customer_id": f"c{i}", "customer_key": i, **dict.fromkeys(COLUMNS), **row}
        for i, row in enumerate(rows)
    ]
    return ibis.memtable(pa.Table.from_pylist(full, schema=schema))


def recoded(rows: list[dict]) -> ibis.Table:
    """The same in memory as `customers/customers`."""
    return ibis.memtable(recoding.recode(delivered(rows)).to_pyarrow())


def complete(count: int, seed: int) -> list[dict]:
    """Customers with every value known; the shares are about those of the H&M file."""
    rng = np.random.default_rng(seed)
    news = rng.random(count) < 0.35
    return [
        {
            "FN": "1.0" if news[i] else None,
            "Active": "1.0" if news[i] and rng.random() < 0.95 else None,
            "club_member_status": "ACTIVE" if rng.random() < 0.8 else "PRE-CREATE",
            "fashion_news_frequency": "Regularly" if news[i] != (rng.random() < 0.02) else "NONE",
            "age": str(int(rng.integers(16, 80))),
            "postal_code": f"p{i}",
        }
        for i in range(count)
    ]

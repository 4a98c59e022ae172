"""The planted truth, written beside the files as Parquet: customers, articles, seasonal curve."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hm_assets.sources.synthetic import taxonomy as tx
from hm_assets.sources.synthetic.arrays import Array
from hm_assets.sources.synthetic.articles import PRICE_POINTS, Catalogue
from hm_assets.sources.synthetic.customers import Attributes, Traits
from hm_assets.sources.synthetic.grammar import TOPICS
from hm_assets.sources.synthetic.presets import DAYS, FIRST_DAY
from hm_assets.sources.synthetic.purchases import Tastes
from hm_assets.sources.synthetic.seasons import category_by_month, day_weight, months, on_sale


def column_name(text: str) -> str:
    """Return a name as a column: lower case, one underscore for whatever is not a letter."""
    return "_".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def fixed_text(table: Array) -> pa.Array:
    """Return (n, width) ASCII bytes as an Arrow string array without copying each row."""
    offsets = np.arange(len(table) + 1, dtype=np.int32) * table.shape[1]
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(table))]
    return pa.Array.from_buffers(pa.string(), len(table), buffers)


def dates(day: Array, known: Array | None = None) -> pa.Array:
    """Return day indexes as dates; null where not ``known``."""
    since_1970 = FIRST_DAY.toordinal() - 719_163
    return pa.array((day + since_1970).astype(np.int32), mask=None if known is None else ~known).cast(
        pa.date32()
    )


class CustomerTruth:
    """Writes truth/customers.parquet block by block, in the order of the blocks."""

    def __init__(self, path: Path, people: Attributes, traits: Traits, names: Sequence[str]) -> None:
        self._path = path
        self._people = people
        self._traits = traits
        self._names = pa.array(list(names))
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "CustomerTruth":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def add(self, block: slice, tastes: Tastes) -> None:
        """Write one block; ``churn_date`` is the day of the last order of those gone for good, else null."""
        traits = self._traits
        buys = traits.orders[block] > 0
        segment = traits.segment[block]
        columns = {
            "customer_id": fixed_text(self._people.customer_id[block]),
            "segment": self._names.take(pa.array(segment.astype(np.int32), mask=segment < 0)),
            "first_order_date": dates(traits.first_day[block], buys),
            "churn_date": dates(traits.last_day[block], traits.churned[block] & buys),
            "cadence_days": _float(traits.cadence_days[block], buys),
            "basket_lines": _float(traits.basket[block], buys),
            "price_level": _float(traits.price_level[block], buys),
            "price_sensitivity": _float(traits.sensitivity[block], buys),
            "online_share": _float(traits.online[block], buys),
            "age": pa.array(self._people.true_age[block].astype(np.int16)),
        }
        for prefix, labels, table in (
            ("category", tx.CATEGORIES, tastes.category),
            ("group", tx.GROUPS, tastes.group),
            ("colour", tx.COLOUR_FAMILIES, tastes.colour),
        ):
            for number, label in enumerate(labels):
                columns[f"{prefix}_{column_name(label)}"] = pa.array(table[:, number])
        batch = pa.table(columns)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, batch.schema, compression="zstd")
        self._writer.write_table(batch)


def _float(values: Array, known: Array) -> pa.Array:
    return pa.array(values.astype(np.float32), mask=~known)


def write_articles(path: Path, catalogue: Catalogue) -> None:
    """Write truth/articles.parquet: shelf, life, full price, popularity and topic mix of each article."""
    products, product = catalogue.products, catalogue.product
    columns = {
        "article_id": pa.array(catalogue.ids),
        "category": pa.array(list(tx.CATEGORIES)).take(pa.array(catalogue.category)),
        "group": pa.array(list(tx.GROUPS)).take(pa.array(catalogue.group)),
        "colour_family": pa.array(list(tx.COLOUR_FAMILIES)).take(pa.array(catalogue.family)),
        "first_day_of_sale": dates(catalogue.launch),
        "last_day_of_sale": dates(catalogue.end),
        "full_price_cents": pa.array(PRICE_POINTS[products.point[product]]),
        "popularity": pa.array(catalogue.popularity),
        "ever_on_sale": pa.array(catalogue.sellable),
    }
    for number, topic in enumerate(TOPICS):
        columns[f"topic_{topic}"] = pa.array(products.topics[product, number].astype(np.float32))
    pq.write_table(pa.table(columns), path, compression="zstd")


def write_seasons(path: Path) -> None:
    """Write truth/seasonal_curve.parquet: day weight (mean 1), sale depth (0-1), category multipliers."""
    columns = {
        "date": pa.array([FIRST_DAY + timedelta(days=day) for day in range(DAYS)]),
        "orders": pa.array(day_weight()),
        "sale_depth": pa.array(on_sale()),
    }
    table = category_by_month()[months()]
    for number, label in enumerate(tx.CATEGORIES):
        columns[f"category_{column_name(label)}"] = pa.array(table[:, number])
    pq.write_table(pa.table(columns), path, compression="zstd")

"""The back-test of launches on a finished warehouse, as the tables of docs/real-data.md.

Run with the warehouse's folder: `python -m benchmarks.launches_table WAREHOUSE`. Reads `raw/transactions`,
`articles/articles`, `articles/documents` and `articles/vocabulary` (embeddings are made from the last two).
"""

import sys
from pathlib import Path
from typing import Any

import pyarrow as pa

from hm_assets.articles import reading
from hm_assets.articles import tables as article_tables
from hm_assets.articles.vectorising import Vectoriser
from hm_assets.raw import tables as raw
from hm_assets.recommendations.launch import back_test, shown
from hm_assets.recommendations.launch.effort import EFFORTS
from hm_assets.recommendations.launch.garments import catalogue
from hm_assets.recommendations.launch.past import launches
from hm_assets.recommendations.purchases import purchases, sampled
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.engine import open_engine
from hm_assets.warehouse.schema import Table


def main(warehouse: Path) -> None:
    """Print the scores of every past day, and what they say of the model."""
    settings, effort = Settings(warehouse=warehouse), EFFORTS["full"]
    with open_engine(settings) as engine:

        def read(table: Table) -> Any:
            stored = delta.open_table(warehouse, table)
            return engine.read(table, delta.files_of(stored) if stored is not None else [])

        lines = read(raw.TRANSACTIONS)
        products = reading.products(read(article_tables.DOCUMENTS), "text")
        fitted = Vectoriser.from_table(read(article_tables.VOCABULARY).to_pyarrow())
        vectors = fitted.embed(fitted.terms.weights(fitted.terms.counts(products["text"].to_pylist())))
        embeddings = pa.table({"product_code": products["product_code"], "vector": pa.array(list(vectors))})
        garments = catalogue(read(article_tables.ARTICLES).to_pyarrow(), embeddings)
        first, last = (day.to_pyarrow().as_py() for day in (lines.t_dat.min(), lines.t_dat.max()))
        everything = purchases(sampled(lines, last, effort.most), last)
        launched = launches(lines, last)
    days = back_test.cut_offs(last, first, effort.cut_offs)
    rows = []
    for judged in back_test.judge(everything, garments, launched, days, first, effort, settings.seed):
        rows += back_test.scores(judged, effort.resamples, settings.seed)
    print(shown.scores(rows))
    print(back_test.finding(rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

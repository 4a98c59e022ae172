"""The ladder of recommenders as Markdown: `python -m benchmarks.recommendations_table WAREHOUSE [YYYY-MM-DD ...]`.

For docs/real-data.md; aggregates only. Reads raw/transactions, customers/customers, articles/articles,
articles/embeddings (made here where it is missing) and, where there is one, segments/assignments; writes nothing.
Without days it judges the weeks that
`recommendations/scoreboard` would. With `--into FILE NAME` the text between the markers `<!-- NAME -->` and
`<!-- /NAME -->` of a file is replaced by it. `--most` is how many customers of a week are judged (default: all).
"""

import argparse
import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis

from hm_assets.articles import assets as article_assets
from hm_assets.articles import tables as article_tables
from hm_assets.customers import tables as customer_tables
from hm_assets.raw import tables as raw
from hm_assets.recommendations import judged, scores, shown
from hm_assets.recommendations.effort import EFFORTS
from hm_assets.recommendations.ladder.content import content as alike
from hm_assets.recommendations.measures.variety import content_of
from hm_assets.recommendations.purchases import purchases
from hm_assets.recommendations.slices import people_on
from hm_assets.recommendations.tried import tried
from hm_assets.segments import tables as segment_tables
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import month_of
from hm_assets.warehouse.engine import open_engine
from hm_assets.warehouse.schema import Table

SEED, THREADS = 42, 2
ROWS = "Lines with a price above 0; articles owned before allowed; of each week all who bought in its seven days."


def main() -> None:
    """Judge, and print the tables (or put them into a file)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("days", nargs="*", type=dt.date.fromisoformat)
    parser.add_argument("--most", type=int, default=10**9)
    parser.add_argument("--into", nargs=2, metavar=("FILE", "NAME"))
    asked = parser.parse_args()
    rows, why = measured(asked.warehouse, asked.days or None, asked.most)
    parts = (shown.table, shown.weeks, shown.settings, shown.slices, shown.trade_off)
    text = "\n\n".join([ROWS, *(part(rows) for part in parts), f"Taken: {why}."])
    if asked.into:
        put(Path(asked.into[0]), asked.into[1], text)
    else:
        print(text)


def measured(warehouse: Path, days: list[dt.date] | None, most: int) -> tuple[list[dict[str, Any]], str]:
    """Rows of the scoreboard over these days, and why one recommender is taken."""
    effort, rungs = dataclasses.replace(EFFORTS["full"], customers=most), tried("full")
    with open_engine(Settings(warehouse=warehouse)) as engine:

        def read(table: Any) -> ibis.Table:
            stored = delta.open_table(warehouse, table)
            return table.in_memory([]) if stored is None else engine.read(table, delta.files_of(stored))

        lines, people, groups = map(
            read, (raw.TRANSACTIONS, customer_tables.CUSTOMERS, segment_tables.ASSIGNMENTS)
        )
        articles, topics = map(read, (article_tables.ARTICLES, article_tables.TOPICS))
        embeddings = embeddings_of(warehouse, read)
        catalogue, content = articles.order_by("article_key").to_pyarrow(), content_of(articles, embeddings)
        last = lines.t_dat.max().to_pyarrow().as_py()
        found = judged.days_judged(
            purchases(lines, last),
            rungs,
            lambda day: people_on(people, groups, day).to_pyarrow(),
            catalogue,
            effort,
            SEED,
            THREADS,
            days,
            alike(topics.to_pyarrow(), embeddings.to_pyarrow()),
        )
    choice = judged.chosen(found, rungs)
    rows = ibis.memtable(judged.rows(found, content, choice.name, month_of(last)))
    lists = scores.days_of(rows, [rung.name for rung in rungs])
    return scores.with_choice(scores.scoreboard(lists, effort.resamples, SEED), choice, rungs), choice.why


def embeddings_of(warehouse: Path, read: Callable[[Table], ibis.Table]) -> ibis.Table:
    """`articles/embeddings`, made here where only quick parts of the graph were run."""
    if delta.open_table(warehouse, article_tables.EMBEDDINGS) is not None:
        return read(article_tables.EMBEDDINGS)
    return article_assets.embeddings(read(article_tables.DOCUMENTS), read(article_tables.VOCABULARY))


def put(file: Path, name: str, text: str) -> None:
    """Replace what stands between two markers of a file.

    Raises
    ------
    ValueError
        The file has no such markers.
    """
    before, found, rest = file.read_text(encoding="utf-8").partition(f"<!-- {name} -->\n")
    _, closed, after = rest.partition(f"<!-- /{name} -->")
    if not found or not closed:
        raise ValueError(
            f"{file} has no markers <!-- {name} --> and <!-- /{name} -->; add both lines where it belongs"
        )
    file.write_text(f"{before}{found}{text}\n{closed}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()

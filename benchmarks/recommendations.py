"""Peers beside the ladder: `python -m benchmarks.recommendations WAREHOUSE DAY [DAY ...] --python INTERPRETER`.

Same purchases, same customers (all who bought in the seven days after a day, or `--most` of them), same measure (our
MAP with Kaggle's divisor on everybody's lists), free places filled with the bestsellers of the week for all. Every peer
and every rung runs in a process of its own on one thread; seconds are those of the processor for fitting, making the
lists and, of ours, judging them; memory is the peak of the whole process. INTERPRETER has `implicit` and RecTools.
Reads raw/transactions, customers/customers, articles/articles, articles/topics and articles/embeddings; prints
Markdown.
"""

import argparse
import datetime as dt
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.measure import timed
from benchmarks.recommendations_table import embeddings_of
from hm_assets.articles import tables as article_tables
from hm_assets.customers import tables as customer_tables
from hm_assets.raw import tables as raw
from hm_assets.recommendations import choice
from hm_assets.recommendations.back_test import AS_IS, bought_after, judge, setting
from hm_assets.recommendations.ladder import own
from hm_assets.recommendations.ladder.catalogue import BESTSELLERS
from hm_assets.recommendations.ladder.content import content
from hm_assets.recommendations.lists import LENGTH
from hm_assets.recommendations.measures.ranking import average_precision, hits
from hm_assets.recommendations.purchases import Purchases, purchases
from hm_assets.recommendations.tried import tried
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.engine import open_engine

PEERS = (
    "rectools_popular",
    "implicit_bm25",
    "implicit_cosine",
    "implicit_als",
    "rectools_item_knn",
    "rectools_pure_svd",
    "rectools_ease",
    "rectools_ease_weights_turned",
)
SEED = 42
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


def main() -> None:
    """Run all of them on all days and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("days", nargs="+", type=dt.date.fromisoformat)
    parser.add_argument("--python", help="interpreter that has the peers")
    parser.add_argument("--most", type=int, default=10**9)
    parser.add_argument("--rung", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.rung:
        one_rung(asked.warehouse, asked.days[0], asked.rung, asked.most, asked.folder)
        return
    if not asked.python:
        parser.error("--python: name the interpreter that has implicit and RecTools")
    with tempfile.TemporaryDirectory() as folder:
        print(compared(asked.warehouse, asked.days, asked.python, asked.most, Path(folder)))


def compared(warehouse: Path, days: Sequence[dt.date], python: str, most: int, folder: Path) -> str:
    """The table of all peers and rungs over all days."""
    with open_engine(Settings(warehouse=warehouse)) as engine:
        lines = engine.read(raw.TRANSACTIONS, delta.files_of(delta.open_table(warehouse, raw.TRANSACTIONS)))
        everything = purchases(lines, max(days) + dt.timedelta(days=7))
    peer = str(Path(__file__).with_name("recommendations_peers.py"))
    mine = [sys.executable, "-m", "benchmarks.recommendations", str(warehouse)]
    aps: dict[str, list[np.ndarray]] = {}
    cost: dict[str, list[tuple[float, float]]] = {}
    for day in days:
        known, customers, bought = export(everything, day, most, folder)
        count = np.array([len(each) for each in bought])
        for name in (*(f"{rung.name} (ours)" for rung in tried("full")), *PEERS):
            if name in PEERS:
                run = timed([python, peer, str(folder), day.isoformat(), name], ONE_THREAD)
                lists = filled(known, customers, np.load(folder / f"{day}-{name}.npy"))
            else:
                rung = name.removesuffix(" (ours)")
                more = ["--rung", rung, "--folder", str(folder), "--most", str(most)]
                run = timed([*mine, day.isoformat(), *more], ONE_THREAD)
                lists = np.load(folder / f"{day}-{rung}.npy")
            aps.setdefault(name, []).append(average_precision(hits(lists, bought), count))
            seconds = json.loads(run.output.strip().splitlines()[-1])["seconds"]
            cost.setdefault(name, []).append((seconds, run.peak_mb))
    return table(aps, cost, days)


def export(
    everything: Purchases, day: dt.date, most: int, folder: Path
) -> tuple[Purchases, np.ndarray, list[np.ndarray]]:
    """Write what a peer needs; returns what is known on the day, and who is judged by what."""
    customers, bought = judged_on(everything, day, most)
    known = everything.known_on(day)
    weights = own.weights(known, own.HALF_LIFE)
    first = np.append(True, (np.diff(known.customer) != 0) | (np.diff(known.article) != 0))
    starts = np.flatnonzero(first)
    asked = known.positions(customers)
    np.savez(
        folder / f"{day}.npz",
        customers=known.customers,
        articles=known.articles,
        customer=known.customer[starts],
        article=known.article[starts],
        days=np.diff(np.append(starts, len(first))),
        weight=np.add.reduceat(weights, starts),
        ago=known.ago[starts],
        asked=asked[asked >= 0],
    )
    return known, customers, bought


def judged_on(everything: Purchases, day: dt.date, most: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Who is judged, and by what: as `judge` takes them."""
    customers, bought = bought_after(everything, day)
    taken = np.unique(np.linspace(0, len(customers) - 1, min(most, len(customers))).astype(np.int64))
    return customers[taken], [bought[i] for i in taken]


def filled(known: Purchases, customers: np.ndarray, said: np.ndarray) -> np.ndarray:
    """A peer's lists (of the customers that are known; positions) as article keys of all, filled with bestsellers."""
    from scipy import sparse

    rows = np.flatnonzero(known.positions(customers) >= 0)
    place, column = np.nonzero(said >= 0)
    scores = sparse.csr_array(
        ((LENGTH - column).astype(np.float64), (rows[place], said[place, column])),
        shape=(len(customers), len(known.articles)),
    )
    return setting(known, customers, AS_IS).lists(scores, fill=True)


def one_rung(warehouse: Path, day: dt.date, name: str, most: int, folder: Path) -> None:
    """One of ours in this process; prints seconds as a peer does."""
    with open_engine(Settings(warehouse=warehouse)) as engine:

        def read(table: object) -> object:
            return engine.read(table, delta.files_of(delta.open_table(warehouse, table)))

        everything = purchases(read(raw.TRANSACTIONS), day + dt.timedelta(days=7))
        people = (
            read(customer_tables.CUSTOMERS)
            .select("customer_key", "age")
            .order_by("customer_key")
            .to_pyarrow()
        )
        catalogue = read(article_tables.ARTICLES).order_by("article_key").to_pyarrow()
        alike = content(read(article_tables.TOPICS).to_pyarrow(), embeddings_of(warehouse, read).to_pyarrow())
    people = people.append_column("segment_id", pa.nulls(len(people), pa.int32()))
    rung = next(each for each in tried("full") if each.name == name)
    started = time.process_time()
    said = judge(everything, day, [rung], people, catalogue, SEED, 1, most, content=alike).said[name]
    seconds = time.process_time() - started
    np.save(folder / f"{day}-{name}.npy", said.lists)
    print(json.dumps({"seconds": seconds}))


def table(
    aps: dict[str, list[np.ndarray]], cost: dict[str, list[tuple[float, float]]], days: Sequence[dt.date]
) -> str:
    """Markdown, the best first; the leads are paired by week with the week as the unit."""
    mean = {name: choice.lead(scores, None) for name, scores in aps.items()}
    best = max((name for name in aps if name.endswith("(ours)")), key=lambda name: mean[name].value)
    people = sum(len(week) for week in aps[best])
    lines = [
        f"{len(days)} weeks ({', '.join(map(str, days))}), {people:,} customer-weeks; lines with a price above 0; "
        "owned articles allowed; free places of all filled with the bestsellers of the week; one thread.",
        "",
        f"| | MAP@12 | over {BESTSELLERS} | {best} over it | processor seconds per week | peak MB |",
        "|---|---|---|---|---|---|",
    ]
    for name in sorted(aps, key=lambda name: -mean[name].value):
        seconds, peak = np.mean(cost[name], axis=0)
        over = choice.in_words(choice.lead(aps[name], aps[f"{BESTSELLERS} (ours)"]))
        under = "" if name == best else choice.in_words(choice.lead(aps[best], aps[name]))
        lines.append(f"| {name} | {mean[name].value:.4f} | {over} | {under} | {seconds:.1f} | {peak:,.0f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()

"""Generate the synthetic retailer: one call writes the Kaggle files, the truth behind them and their source.

The ``hm`` preset favours the published facts (quartiles of recency and lines, spend in the last 12 months),
so its segments overlap as real ones do; ``demo`` and ``coop`` favour segments that a plain k-means can find,
so their quartiles differ from the published ones. The report says both, wanted beside got.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from hm_assets.sources.synthetic import (
    articles,
    assortment,
    customers,
    orders,
    purchases,
    segments,
    truth,
    writer,
)
from hm_assets.sources.synthetic import presets as pr
from hm_assets.sources.synthetic.arrays import starts
from hm_assets.sources.synthetic.engagement import write_events
from hm_assets.sources.synthetic.facts import Fact, Meter, Report, published
from hm_assets.sources.synthetic.presets import Difficulty

__all__ = ["Difficulty", "Fact", "Report", "generate"]

Progress = Callable[[str, float], None]

_WORK: Final = ".generating"
_FILES: Final = (
    "source.json",
    writer.WHOLE,
    *writer.month_files(),
    "customers.csv",
    "articles.csv",
    "engagement.csv",
    "truth",
)


def generate(
    to: Path,
    *,
    preset: str = "demo",
    scale: float = 1.0,
    seed: int = 42,
    noise: bool = False,
    difficulty: Difficulty = "easy",
    parquet: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Write a synthetic data set into the folder ``to`` and return its rows and facts.

    The same arguments give the same bytes of every CSV, whatever the order of threads. Files appear in
    ``to`` only when all of them are whole, ``source.json`` last.

    Parameters
    ----------
    to
        Folder; created if missing. It must be empty or hold an earlier result of this generator.
    preset
        ``demo``, ``survey``, ``coop`` or ``hm`` (see ``presets.PRESETS``).
    scale
        Multiplies customers, articles, lines and events of the preset, at least a handful of each.
    seed
        Whole number of 0 or more.
    noise
        Draw every customer from one population with continuous differences: no segments at all.
    difficulty
        How far the segments blur into each other: ``easy``, ``medium``, ``hard``.
    parquet
        Write the transactions as a Parquet file a month instead of one CSV file: less than a third of its size.
    progress
        Called with a stage and the share of it that is done, 0 to 1.

    Raises
    ------
    ValueError
        An argument is not one of its choices.
    NotADirectoryError
        ``to`` is a file.
    FileExistsError
        The folder holds files that this generator did not write.
    """
    size, blend = pr.checked(preset, scale, difficulty, seed)
    tell = progress or (lambda stage, share: None)
    write = writer.write_months if parquet else writer.write_transactions
    source = {
        "source": "synthetic",
        "preset": preset,
        "scale": scale,
        "seed": seed,
        "noise": noise,
        "difficulty": difficulty,
        "first_day": pr.FIRST_DAY.isoformat(),
        "last_day": pr.LAST_DAY.isoformat(),
    }
    with _whole_or_nothing(Path(to), source) as work:
        if size.profile == "survey":
            from hm_assets.sources.synthetic.survey import write_survey

            return write_survey(work, size, noise, seed, tell, write)
        return _shop(
            work, size, blend=1.0 if noise else blend, noise=noise, seed=seed, tell=tell, write=write
        )


def _shop(
    work: Path,
    size: pr.Preset,
    *,
    blend: float,
    noise: bool,
    seed: int,
    tell: Progress,
    write: writer.Write,
) -> Report:
    """Write the H&M-shaped files and their truth into ``work``."""
    tell("catalogue", 0.0)
    catalogue = articles.build(size.articles, seed)
    articles.write_csv(catalogue, work / "articles.csv")
    truth.write_articles(work / "truth" / "articles.parquet", catalogue)
    truth.write_seasons(work / "truth" / "seasonal_curve.parquet")
    stock = assortment.build(catalogue)

    tell("customers", 0.0)
    traits = customers.traits(size, blend, noise, seed)
    traits = replace(traits, orders=orders.fewer_orders(traits, size.lines))
    people = customers.attributes(size.customers, traits, blend, seed)
    writer.write_customers(work / "customers.csv", people)
    events = write_events(work / "engagement.csv", size.events, people, traits, seed) if size.events else 0

    planted = segments.population(size.profile)
    bases = customers.taste_bases(planted, blend)
    sizes = orders.basket_sizes(traits, size.lines, seed)
    world = purchases.world(
        seed=seed,
        traits=traits,
        ages=people.true_age,
        bases=bases,
        blend=blend,
        planted=planted,
        catalogue=catalogue,
        assortment=stock,
        sizes=sizes,
    )
    meter = Meter(size.customers, size.articles)
    names = [item.name for item in planted]
    with ThreadPoolExecutor(writer.THREADS) as pool:
        shelf = writer.Buckets(work / "buckets")
        could, did = 0, 0
        with truth.CustomerTruth(work / "truth" / "customers.parquet", people, traits, names) as known:
            todo = orders.blocks(size.customers)
            for number, done in enumerate(writer.in_order(pool, _calls(world, sizes, todo))):
                shelf.add(done.lines)
                known.add(todo[number], done.tastes)
                could, did = could + done.could_follow, did + done.followed
                tell("purchases", (number + 1) / len(todo))
        months = _told(meter.watch(shelf.months()), tell)
        prices = np.unique(stock.cents)
        write(work, months, people.customer_id, catalogue.ids, cents=prices, pool=pool)
    facts = published(size, people, catalogue, meter, 100 * did / max(1, could))
    return Report(size.customers, size.articles, meter.lines, events, facts)


def _calls(world: purchases.World, sizes: Any, todo: list[slice]) -> Iterator[Callable[[], purchases.Block]]:
    """Yield one call for each block with the sizes of its orders."""
    before = np.append(starts(world.traits.orders), int(world.traits.orders.sum()))
    for number, block in enumerate(todo):
        own = sizes[before[block.start] : before[block.stop]]
        yield lambda number=number, block=block, own=own: purchases.block_lines(world, number, block, own)  # type: ignore[misc]


def _told(months: Iterator[Any], tell: Progress) -> Iterator[Any]:
    for number, part in enumerate(months):
        tell("transactions", number / 25)
        yield part
    tell("transactions", 1.0)


@contextmanager
def _whole_or_nothing(to: Path, source: dict[str, Any]) -> Iterator[Path]:
    """Give a working folder inside ``to``; move its files out when all went well, else leave no trace."""
    work = to / _WORK
    _refuse_foreign(to)
    if work.exists():
        shutil.rmtree(work)  # an earlier run was killed
    (work / "truth").mkdir(parents=True)
    try:
        yield work
        (work / "source.json").write_text(json.dumps(source, indent=2) + "\n", encoding="utf-8")
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    # Old files go first and source.json comes last: a folder with a source.json is whole.
    for name in _FILES:
        old = to / name
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
    for name in reversed(_FILES):
        if (work / name).exists():
            (work / name).rename(to / name)
    work.rmdir()


def _refuse_foreign(to: Path) -> None:
    """Raise FileExistsError unless the folder is missing, empty, or an earlier result of this generator."""
    if to.exists() and not to.is_dir():
        raise NotADirectoryError(f"to={str(to)!r} is a file; name a folder")
    if not to.exists() or not any(to.iterdir()) or (to / _WORK).is_dir():
        return
    try:
        known = json.loads((to / "source.json").read_text(encoding="utf-8"))
        if isinstance(known, dict) and known.get("source") == "synthetic":
            return
    except (OSError, ValueError):
        pass
    raise FileExistsError(
        f"{to} holds files that this generator did not write (no source.json of it): "
        "choose an empty folder, or remove them yourself"
    )

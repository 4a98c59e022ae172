"""The verdict on structure by setting, space and seed: how often a continuum is called one, and segments are seen.

`python -m benchmarks.structure` prints a table; `--scale 1` takes the whole demo.
"""

import argparse
import tempfile
from pathlib import Path

import duckdb
import numpy as np

from hm_assets.segments.algorithms.centres import kmeans_of
from hm_assets.segments.fitting import Data
from hm_assets.segments.inputs import SPACES
from hm_assets.segments.measures.structure import FEW_STARTS, find_structure
from hm_assets.segments.space import Space
from hm_assets.sources.synthetic.generate import generate

SETTINGS = ("noise", "hard", "medium", "easy")
REPEAT_BUYERS = """
with lines as (from read_csv('{0}/transactions_train.csv', header = true)),
days as (select max(t_dat) as last_day from lines),
customers as (
    select customer_id, count(distinct t_dat) as purchase_days, sum(price) as spend, count(*) as items,
        min(t_dat) as first_own, max(t_dat) as last_own
    from lines group by customer_id
)
select purchase_days, spend, last_day - last_own as recency_days, last_day - first_own as tenure_days,
    (last_own - first_own) / (purchase_days - 1) as mean_gap_days, items / purchase_days as items_per_order,
    spend / items as price_per_item
from customers, days where purchase_days > 1 order by customer_id
"""


def repeat_buyers(setting: str, scale: float, seed: int, space: str) -> Data:
    """Points of generated customers who bought on at least two days."""
    noise = setting == "noise"
    with tempfile.TemporaryDirectory() as folder:
        generate(
            Path(folder),
            preset="demo",
            scale=scale,
            seed=seed,
            noise=noise,
            difficulty="easy" if noise else setting,  # type: ignore[arg-type]
        )
        # Sums of one thread are the same each time.
        with duckdb.connect(config={"threads": 1}) as connection:
            rows = connection.execute(REPEAT_BUYERS.format(folder)).to_arrow_table()
    price = float(np.median(rows["price_per_item"].to_numpy()))
    fitted = Space.fit(space, SPACES[space], rows, price)
    return Data(fitted.transform(rows, dither=np.random.default_rng(seed)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=0.25)
    parser.add_argument("--seeds", type=int, default=20)
    arguments = parser.parse_args()
    candidates = {f"kmeans {k}": (kmeans_of(FEW_STARTS), k) for k in range(2, 11)}
    print("| space | setting | structure | separation (highest p) |\n|---|---|---|---|")
    for space in ("rfm", "rfm_rhythm"):
        for setting in SETTINGS:
            found = [
                find_structure(repeat_buyers(setting, arguments.scale, seed, space), candidates, seed)
                for seed in range(arguments.seeds)
            ]
            separations = [item.blob.separation for item in found]
            print(
                f"| {space} | {setting} | {sum(item.found for item in found)} of {len(found)} "
                f"| {min(separations):.2f} to {max(separations):.2f} ({max(item.blob.p for item in found):.3f}) |",
                flush=True,
            )

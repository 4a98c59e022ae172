"""The test bench of `ages`: known ages of customers who bought, hidden and filled with and without their purchases."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa

from hm_assets.customers import imputation_bench
from hm_assets.customers.encoding import AGE, Floats, Integers
from hm_assets.customers.imputation import Imputer, over_limit
from hm_assets.customers.imputation_bench import Bench, Filler
from hm_assets.features import ages

QUICK = imputation_bench.QUICK
FULL = replace(imputation_bench.FULL, most_rows=20_000, iterations=5)
WITHOUT_PURCHASES = ("median", "hot deck", "gradient boosting", "MICE with mean matching")
ESTIMATE, MATCHING = "point estimate with purchases", "mean matching with purchases"


def fillers(people: pa.Table, bench: Bench) -> Mapping[str, Filler]:
    """The methods by name: those that know attributes only, and the two of `ages`."""
    unused = over_limit(people)
    plain = imputation_bench.fillers(bench, unused)

    def draw(table: pa.Table, rows: Integers, draws: int, seed: int) -> Floats:
        """As `customers/imputations` and `features/imputed_ages` fill one after the other."""
        visible = table[AGE].is_valid()
        imputer = Imputer.fit(table, draws, bench.iterations, bench.most_rows, seed, unused)
        filled = []
        for number in range(1, draws + 1):
            whole = imputer.complete(table, number, seed)
            filled.append(ages.drawn(whole.filter(visible), whole.take(rows), (seed, number)))
        return np.array(filled, dtype=np.float64)

    return {name: plain[name] for name in WITHOUT_PURCHASES} | {ESTIMATE: _estimate, MATCHING: draw}


def _estimate(table: pa.Table, rows: Integers, draws: int, seed: int) -> Floats:
    return ages.estimated(table.filter(table[AGE].is_valid()), table.take(rows), seed)[None, :]

"""The test bench of the imputation on a warehouse's customers, with statsmodels' MICEData beside the others.

`python -m benchmarks.imputation WAREHOUSE` prints the table of docs/real-data.md. MICEData matches means too, but
breaks ties between donors once per prediction, so that customers with equal attributes share a handful of ages.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from statsmodels.imputation.mice import MICEData

from hm_assets.customers import imputation_bench, tables
from hm_assets.customers.encoding import ATTRIBUTES, Floats, Integers
from hm_assets.warehouse import delta


def statsmodels_mice(table: pa.Table, rows: Integers, draws: int, seed: int) -> Floats:
    """Predictive mean matching by statsmodels, with its defaults."""
    attributes, ages = imputation_bench.as_matrix(table)
    data, filled = MICEData(pd.DataFrame(attributes).add_prefix("x").assign(age=ages), rng=seed), []
    for _ in range(draws):
        data.update_all(2)
        filled.append(data.data["age"].to_numpy()[rows].copy())
    return np.array(filled)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warehouse", type=Path)
    stored = delta.open_table(parser.parse_args().warehouse, tables.CUSTOMERS)
    if stored is None:
        parser.error(
            "the warehouse has no customers/customers; run `hm run --select +key:customers/customers`"
        )
    warnings.simplefilter("ignore")
    customers = pa.table(stored.to_pyarrow_table()).sort_by("customer_key").select(list(ATTRIBUTES))
    found = imputation_bench.scores(
        customers, imputation_bench.FULL, 1, {"statsmodels MICEData": statsmodels_mice}
    )
    print(imputation_bench.as_markdown(found))

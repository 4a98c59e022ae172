"""The delivered files as external assets: Dagster does not make them, it learns when they change.

`hm run` and the landing sensor report a file's content hash as data version; transactions are reported by month.
"""

import dagster as dg

from hm_assets.sources import contract
from hm_assets.warehouse.partitions import MONTHS


def _spec(file: contract.InputFile, partitions: dg.PartitionsDefinition | None = None) -> dg.AssetSpec:
    columns = "\n".join(f"- `{column.name}`: {column.description}" for column in file.columns)
    return dg.AssetSpec(
        key=["sources", file.kind],
        group_name="sources",
        description=f"A delivered file; one row is {file.one_row_is}. Its columns, by name:\n\n{columns}",
        kinds={"csv"},
        owners=["team:data-engineering"],
        partitions_def=partitions,
    )


CUSTOMERS = _spec(contract.CUSTOMERS)
ARTICLES = _spec(contract.ARTICLES)
TRANSACTIONS = _spec(contract.TRANSACTIONS, MONTHS)
CAMPAIGN_RESULTS = _spec(contract.CAMPAIGN_RESULTS)
FILES = (CUSTOMERS, ARTICLES, TRANSACTIONS)
APPOINTMENTS = dg.AssetSpec(
    key=["sources", "appointments"],
    group_name="sources",
    description="Who was made champion other than by the lab: challengers that were promoted, versions that somebody "
    "rolled back to (`hm models rollback`). Each is a file in segments/appointments of the warehouse.",
    kinds={"json"},
    owners=["team:data-engineering"],
)
SPECS = (*FILES, CAMPAIGN_RESULTS, APPOINTMENTS)

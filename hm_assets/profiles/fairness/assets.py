"""The asset of this room."""

from typing import Any

import ibis

from hm_assets.profiles import tables as profile_tables
from hm_assets.profiles.fairness import parity, tables
from hm_assets.warehouse.assets import read, table_asset


@table_asset(
    tables.AGE_PARITY, code_version="3", ins={"segment_profiles": read(profile_tables.SEGMENT_PROFILES)}
)
def age_parity(segment_profiles: ibis.Table) -> ibis.Table:
    rows: list[dict[str, Any]] = segment_profiles.to_pyarrow().to_pylist()
    months = sorted({row["month"] for row in rows})
    found = [each for month in months for each in parity.rows_of([r for r in rows if r["month"] == month])]
    return tables.AGE_PARITY.in_memory(found)

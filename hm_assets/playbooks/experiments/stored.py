"""The audience of a campaign as it was drawn and stored: results are counted by its arms, never by new ones."""

import datetime as dt
from pathlib import Path
from typing import Any

from hm_assets.playbooks.experiments.measuring import READ
from hm_assets.playbooks.experiments.tables import AUDIENCES
from hm_assets.warehouse import delta


def audience(warehouse: Path, month: dt.date) -> list[dict[str, Any]]:
    """A month's rows of `playbooks/audiences`, what measuring needs of them; none where it was never made."""
    table = delta.open_table(warehouse, AUDIENCES)
    if table is None:
        return []
    of = [("month", "=", month.isoformat())]
    rows: list[dict[str, Any]] = table.to_pyarrow_table(of, columns=list(READ)).to_pylist()
    return rows

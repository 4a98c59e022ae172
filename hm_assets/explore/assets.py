"""The assets of this stage: a table of facts each, and the report that shows them."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from typing import Any

import dagster as dg
import ibis

from hm_assets.articles import tables as articles
from hm_assets.customers import tables as customers
from hm_assets.explore import affinity, categories, measures, prices, relations, tables
from hm_assets.explore import cohorts as retention
from hm_assets.explore import distributions as shapes
from hm_assets.explore import hypotheses as beliefs
from hm_assets.explore import questions as answers
from hm_assets.explore import seasonality as seasons
from hm_assets.explore.sample import sample as sampled
from hm_assets.features import tables as features
from hm_assets.warehouse import identity
from hm_assets.warehouse.assets import OWNERS, read, table_asset
from hm_assets.warehouse.calendar import add_months, as_of_dates, of_month, of_months
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.io_manager import latest_record, version_of
from hm_assets.warehouse.partitions import MONTHS, months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse
from hm_assets.warehouse.schema import Table

PEOPLE = {"customer_features": read(features.CUSTOMER_FEATURES), "customers": read(customers.CUSTOMERS)}
DAYS = {"customer_days": read(features.CUSTOMER_DAYS, this_and_earlier())}
# The last 365 days begin in the twelfth month before; those before them a year earlier.
TWO_YEARS = {"article_days": read(features.ARTICLE_DAYS, this_and_earlier(24))}
ARTICLES = {"articles": read(articles.ARTICLES)}


@table_asset(tables.SAMPLE, code_version="1", ins=PEOPLE)
def sample(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customers: ibis.Table,
) -> list[ibis.Table]:
    found = []
    dates = as_of_dates(customer_features, months_of(context))
    for month in months_of(context):
        people = measures.snapshot_of(customer_features, customers, month)
        points = sampled(people, warehouse.settings.seed)
        found.append(
            points.mutate(as_of=ibis.literal(dates[month], "date"), month=ibis.literal(month, "date"))
        )
    return found


@table_asset(
    tables.QUESTIONS,
    code_version="1",
    ins={
        **PEOPLE,
        **ARTICLES,
        "article_days": read(features.ARTICLE_DAYS, this_and_earlier()),
        "sample": read(tables.SAMPLE),
    },
)
def questions(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customers: ibis.Table,
    articles: ibis.Table,
    article_days: ibis.Table,
    sample: ibis.Table,
) -> ibis.Table:
    on_file = customers.count().to_pyarrow().as_py()

    def facts(month: dt.date, as_of: dt.date) -> list[dict[str, Any]]:
        people = measures.snapshot_of(customer_features, customers, month)
        points = measures.rows(of_month(sample, month))
        sold = of_months(article_days, None, month)
        return answers.questions(people, sold, articles, on_file, points, as_of, warehouse.settings.seed)

    return _facts(tables.QUESTIONS, months_of(context), article_days, facts)


@table_asset(tables.DISTRIBUTIONS, code_version="1", ins={**PEOPLE, **TWO_YEARS})
def distributions(
    context: dg.AssetExecutionContext,
    customer_features: ibis.Table,
    customers: ibis.Table,
    article_days: ibis.Table,
) -> ibis.Table:
    def facts(month: dt.date, as_of: dt.date) -> list[dict[str, Any]]:
        price = measures.price_unit(of_months(article_days, None, month), as_of)
        with measures.measured(customer_features, customers, month) as people:
            return shapes.distributions(people, price)

    return _facts(tables.DISTRIBUTIONS, months_of(context), article_days, facts)


@table_asset(tables.HISTOGRAMS, code_version="1", ins={**PEOPLE, "distributions": read(tables.DISTRIBUTIONS)})
def histograms(
    context: dg.AssetExecutionContext,
    customer_features: ibis.Table,
    customers: ibis.Table,
    distributions: ibis.Table,
) -> ibis.Table:
    def facts(month: dt.date, _: dt.date) -> list[dict[str, Any]]:
        found = measures.rows(of_month(distributions, month))
        with measures.measured(customer_features, customers, month) as people:
            return [
                line
                for one in found
                for line in shapes.histogram(people, one, measures.BY_NAME[one["feature"]])
            ]

    return _facts(tables.HISTOGRAMS, months_of(context), customer_features, facts)


@table_asset(
    tables.CORRELATIONS,
    code_version="1",
    ins={**PEOPLE, **TWO_YEARS, "distributions": read(tables.DISTRIBUTIONS)},
)
def correlations(
    context: dg.AssetExecutionContext,
    customer_features: ibis.Table,
    customers: ibis.Table,
    article_days: ibis.Table,
    distributions: ibis.Table,
) -> ibis.Table:
    def facts(month: dt.date, as_of: dt.date) -> list[dict[str, Any]]:
        people = measures.snapshot_of(customer_features, customers, month)
        price = measures.price_unit(of_months(article_days, None, month), as_of)
        in_logs = shapes.transformed(measures.rows(of_month(distributions, month)))
        return relations.correlations(people, price, in_logs)

    return _facts(tables.CORRELATIONS, months_of(context), article_days, facts)


def _about_people(table: Table, describe: Callable[[ibis.Table], list[dict[str, Any]]]) -> Any:
    """An asset whose rows follow from the month's snapshot alone."""

    @table_asset(table, code_version="1", ins=PEOPLE)
    def made(
        context: dg.AssetExecutionContext, customer_features: ibis.Table, customers: ibis.Table
    ) -> ibis.Table:
        def facts(month: dt.date, _: dt.date) -> list[dict[str, Any]]:
            return describe(measures.snapshot_of(customer_features, customers, month))

        return _facts(table, months_of(context), customer_features, facts)

    return made


groups = _about_people(tables.GROUPS, relations.groups)
rfm_grid = _about_people(tables.RFM_GRID, relations.rfm_grid)
concentration = _about_people(tables.CONCENTRATION, relations.concentration)


@table_asset(tables.HYPOTHESES, code_version="1", ins={**PEOPLE, **DAYS})
def hypotheses(
    context: dg.AssetExecutionContext,
    customer_features: ibis.Table,
    customers: ibis.Table,
    customer_days: ibis.Table,
) -> ibis.Table:
    def facts(month: dt.date, as_of: dt.date) -> list[dict[str, Any]]:
        people = measures.snapshot_of(customer_features, customers, month)
        return beliefs.hypotheses(beliefs.Data(of_months(customer_days, None, month), people, as_of))

    return _facts(tables.HYPOTHESES, months_of(context), customer_days, facts)


def _about_days(table: Table, describe: Callable[[ibis.Table, dt.date], list[dict[str, Any]]]) -> Any:
    """An asset whose rows follow from the customer-days up to as_of alone."""

    @table_asset(table, code_version="1", ins=DAYS)
    def made(context: dg.AssetExecutionContext, customer_days: ibis.Table) -> ibis.Table:
        def facts(month: dt.date, as_of: dt.date) -> list[dict[str, Any]]:
            return describe(of_months(customer_days, None, month), as_of)

        return _facts(table, months_of(context), customer_days, facts)

    return made


seasonality = _about_days(
    tables.SEASONALITY, lambda days, as_of: seasons.weekly(seasons.daily(days, as_of), as_of)
)
calendar = _about_days(
    tables.CALENDAR, lambda days, as_of: seasons.calendar(days, seasons.daily(days, as_of), as_of)
)
cohorts = _about_days(tables.COHORTS, retention.cohorts)


@table_asset(tables.CATEGORY_REVENUE, code_version="1", ins={**TWO_YEARS, **ARTICLES})
def category_revenue(
    context: dg.AssetExecutionContext, article_days: ibis.Table, articles: ibis.Table
) -> ibis.Table:
    def facts(month: dt.date, as_of: dt.date) -> list[dict[str, Any]]:
        return categories.category_revenue(of_months(article_days, None, month), articles, as_of)

    return _facts(tables.CATEGORY_REVENUE, months_of(context), article_days, facts)


@table_asset(
    tables.PRICE_CURVES,
    code_version="1",
    ins={
        **PEOPLE,
        **ARTICLES,
        "article_days": read(features.ARTICLE_DAYS, this_and_earlier(12)),
        "reference_prices": read(features.REFERENCE_PRICES, this_and_earlier(12)),
        "customer_days": read(features.CUSTOMER_DAYS, this_and_earlier(12)),
    },
)
def price_curves(
    context: dg.AssetExecutionContext,
    customer_features: ibis.Table,
    customers: ibis.Table,
    articles: ibis.Table,
    article_days: ibis.Table,
    reference_prices: ibis.Table,
    customer_days: ibis.Table,
) -> ibis.Table:
    def facts(month: dt.date, as_of: dt.date) -> list[dict[str, Any]]:
        people = measures.snapshot_of(customer_features, customers, month)
        return prices.price_curves(
            of_months(article_days, None, month),
            of_months(reference_prices, None, month),
            articles,
            of_months(customer_days, None, month),
            people,
            as_of,
        )

    return _facts(tables.PRICE_CURVES, months_of(context), article_days, facts)


@table_asset(
    tables.AFFINITY_NETWORK,
    code_version="1",
    ins={
        **ARTICLES,
        "customer_attributes": read(features.CUSTOMER_ATTRIBUTES, this_and_earlier(11)),
        "customer_days": read(features.CUSTOMER_DAYS),
    },
)
def affinity_network(
    context: dg.AssetExecutionContext,
    articles: ibis.Table,
    customer_attributes: ibis.Table,
    customer_days: ibis.Table,
) -> ibis.Table:
    def facts(month: dt.date, _: dt.date) -> list[dict[str, Any]]:
        first = ibis.literal(add_months(month, -11), "date")
        bought = of_months(customer_attributes, None, month)
        return affinity.affinity_network(bought.filter(bought.month >= first), articles)

    return _facts(tables.AFFINITY_NETWORK, months_of(context), customer_days, facts)


SHOWN = (
    *tables.TABLES,
    customers.MISSINGNESS,
    customers.MISSING_PATTERNS,
    customers.MISSINGNESS_TESTS,
)


@dg.asset(
    key=["explore", "report"],
    group_name="explore",
    description="One HTML page per month that shows what the data say before any model, in the reports folder.",
    kinds={"html", "plotly"},
    owners=[*OWNERS, "team:marketing"],
    partitions_def=MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    code_version="1",
    ins={table.name: read(table) for table in SHOWN},
)
def report(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse], **inputs: ibis.Table
) -> dg.MaterializeResult:
    from hm_assets.explore import report as pages

    known = identity.read(warehouse.path)
    if known is None:
        raise WarehouseError(f"{warehouse.path} is not set up yet; run `hm run` once")
    digest, written = hashlib.sha256(), []
    for month in months_of(context):
        found = {
            table.path: measures.rows(
                of_month(inputs[table.name], month) if table.monthly else inputs[table.name]
            )
            for table in SHOWN
        }
        versions = {
            table.path: version_of(
                latest_record(
                    context.instance,
                    dg.AssetKey([table.stage, table.name]),
                    month.isoformat() if table.monthly else None,
                )
            )
            or "unknown"
            for table in SHOWN
        }
        document = pages.write_report(
            found, month=month, reports=warehouse.settings.reports_dir, versions=versions, source=known.source
        )
        if document is not None:
            digest.update(document.read_bytes())
            written.append(document)
    portal = warehouse.settings.portal_url
    links = "\n".join(f"- [{p.parent.name}]({portal}/reports/{p.parent.name}/{p.name})" for p in written)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(digest.hexdigest()[:16]),
        metadata={
            "documents": len(written),
            "report": dg.MetadataValue.md(links),
            "folder": dg.MetadataValue.path(str(warehouse.settings.reports_dir)),
        },
    )


def _facts(
    table: Table,
    months: Iterable[dt.date],
    dated: ibis.Table,
    facts: Callable[[dt.date, dt.date], list[dict[str, Any]]],
) -> ibis.Table:
    """The rows of some months with their as-of dates; `dated` tells the dates."""
    months = list(months)
    dates = as_of_dates(dated, months)
    found = [
        {**line, "as_of": dates[month], "month": month}
        for month in months
        for line in facts(month, dates[month])
    ]
    return table.in_memory(found)

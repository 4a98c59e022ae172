"""The assets of this stage."""

import dagster as dg
import ibis
import numpy as np
from pydantic import Field

from hm_assets.articles import tables as articles
from hm_assets.customers import imputation_bench
from hm_assets.customers import tables as customers_tables
from hm_assets.features import affinities as fit
from hm_assets.features import age_bench, ages, attributes, feature_sets, scores, tables, windows
from hm_assets.features import article_days as by_article
from hm_assets.features import article_features as by_month
from hm_assets.features import customer_days as by_customer
from hm_assets.features.imputed_ages import estimates, imputed
from hm_assets.features.snapshot import latest_with_lines, snapshot
from hm_assets.raw import tables as raw
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.assets import FIRST, read, table_asset
from hm_assets.warehouse.calendar import add_months, as_of_dates, of_month, of_months, spans
from hm_assets.warehouse.partitions import months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

SETS_VERSION = "1"
AGES_VERSION = "1"
# Lines, and rows of `features/customer_attributes` (three or four for a line), that one query reads.
MOST_LINES, MOST_ATTRIBUTES = 1_000_000, 4_000_000
# What later stages read of customers: up to a month, and whatever there is.
HISTORY = {
    "customer_features": read(tables.CUSTOMER_FEATURES, this_and_earlier()),
    "customer_days": read(tables.CUSTOMER_DAYS, this_and_earlier()),
}
ALL_MONTHS = {
    "customer_features": read(tables.CUSTOMER_FEATURES),
    "customer_days": read(tables.CUSTOMER_DAYS),
}


@table_asset(
    tables.ARTICLE_DAYS,
    op_tags=FIRST,
    code_version="2",
    ins={
        "transactions": read(raw.TRANSACTIONS, this_and_earlier(1)),
        "customers": read(customers_tables.CUSTOMERS),
    },
)
def article_days(
    context: dg.AssetExecutionContext, transactions: ibis.Table, customers: ibis.Table
) -> list[ibis.Table]:
    return [
        of_month(
            by_article.article_days(of_months(transactions, add_months(month, -1), month), customers), month
        )
        for month in months_of(context)
    ]


@table_asset(
    tables.REFERENCE_PRICES,
    op_tags=FIRST,
    code_version="1",
    ins={"article_days": read(tables.ARTICLE_DAYS, this_and_earlier(3))},
)
def reference_prices(context: dg.AssetExecutionContext, article_days: ibis.Table) -> list[ibis.Table]:
    return [
        of_month(by_article.reference_prices(of_months(article_days, add_months(month, -3), month)), month)
        for month in months_of(context)
    ]


@table_asset(
    tables.CUSTOMER_DAYS,
    op_tags=FIRST,
    code_version="3",
    ins={"transactions": read(raw.TRANSACTIONS), "reference_prices": read(tables.REFERENCE_PRICES)},
)
def customer_days(
    context: dg.AssetExecutionContext, transactions: ibis.Table, reference_prices: ibis.Table
) -> list[ibis.Table]:
    return [
        by_customer.customer_days(of_month(transactions, month), of_month(reference_prices, month))
        for month in months_of(context)
    ]


READ_ARTICLES = {"articles": read(articles.ARTICLES), "topics": read(articles.TOPICS)}


@table_asset(tables.ATTRIBUTE_VALUES, code_version="1", ins=READ_ARTICLES)
def attribute_values(articles: ibis.Table, topics: ibis.Table) -> ibis.Table:
    return attributes.attribute_values(attributes.with_main_topic(articles, topics))


@table_asset(
    tables.CUSTOMER_ATTRIBUTES,
    op_tags=FIRST,
    code_version="1",
    ins={"transactions": read(raw.TRANSACTIONS), **READ_ARTICLES},
)
def customer_attributes(
    context: dg.AssetExecutionContext, transactions: ibis.Table, articles: ibis.Table, topics: ibis.Table
) -> list[ibis.Table]:
    described = attributes.with_main_topic(articles, topics)
    # A few months at a time: all lines times all attributes would not fit into memory.
    return [
        attributes.customer_attributes(of_months(transactions, first, last), described)
        for first, last in spans(transactions, months_of(context), MOST_LINES)
    ]


@table_asset(
    tables.CUSTOMER_TASTES,
    op_tags=FIRST,
    code_version="1",
    ins={
        "customer_attributes": read(tables.CUSTOMER_ATTRIBUTES),
        "attribute_values": read(tables.ATTRIBUTE_VALUES),
    },
)
def customer_tastes(
    context: dg.AssetExecutionContext, customer_attributes: ibis.Table, attribute_values: ibis.Table
) -> list[ibis.Table]:
    return [
        attributes.customer_tastes(of_months(customer_attributes, first, last), attribute_values)
        for first, last in spans(customer_attributes, months_of(context), MOST_ATTRIBUTES)
    ]


@table_asset(
    tables.SCORE_CUTS,
    op_tags=FIRST,
    code_version="1",
    ins={"customer_days": read(tables.CUSTOMER_DAYS, this_and_earlier())},
)
def score_cuts(context: dg.AssetExecutionContext, customer_days: ibis.Table) -> ibis.Table:
    dates = as_of_dates(customer_days, months_of(context))
    rows = [
        {**cut, "month": month}
        for month, as_of in dates.items()
        for cut in scores.cut_points(windows.history(customer_days, as_of))
    ]
    return tables.SCORE_CUTS.in_memory(rows)


@table_asset(
    tables.CUSTOMER_FEATURES,
    op_tags=FIRST,
    code_version="2",
    ins={
        "customer_days": read(tables.CUSTOMER_DAYS, this_and_earlier()),
        "customer_tastes": read(tables.CUSTOMER_TASTES, this_and_earlier(11)),
        "score_cuts": read(tables.SCORE_CUTS),
    },
)
def customer_features(
    context: dg.AssetExecutionContext,
    customer_days: ibis.Table,
    customer_tastes: ibis.Table,
    score_cuts: ibis.Table,
) -> list[ibis.Table]:
    dates = as_of_dates(customer_days, months_of(context))
    first_day = customer_days.t_dat.min().to_pyarrow().as_py()
    cuts = score_cuts.to_pyarrow().to_pylist()
    return [
        snapshot(
            customer_days,
            customer_tastes,
            [cut for cut in cuts if cut["month"] == month],
            month,
            as_of,
            first_day or as_of,
        )
        for month, as_of in dates.items()
    ]


class FeatureSetConfig(dg.Config):
    """How feature sets are learned. A new month alone never changes them."""

    refit: bool = Field(False, description="Learn anew on the latest month even where nothing changed")


@table_asset(
    tables.FEATURE_SETS,
    code_version=SETS_VERSION,
    ins={"customer_features": read(tables.CUSTOMER_FEATURES)},
)
def feature_sets_and_scalings(
    context: dg.AssetExecutionContext,
    config: FeatureSetConfig,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
) -> dg.MaterializeResult:
    recipe = artifacts.recipe(SETS_VERSION, list(feature_sets.eligible()))
    kept = None if config.refit else delta.fitted_with(warehouse.path, tables.FEATURE_SETS, recipe)
    if kept is not None:
        why = "kept: learned before with the same code; set `refit` in the Launchpad to learn anew"
        context.log.info(f"The feature sets are {why}")
        return dg.MaterializeResult(value=ibis.memtable(kept), metadata={"fit": why})
    # Keys are hashes, so those with the smallest ones are a random sample that no other row changes.
    sample = latest_with_lines(customer_features).order_by("customer_key").limit(feature_sets.MOST_CUSTOMERS)
    rows = sample.select("as_of", *feature_sets.eligible()).to_pyarrow()
    values = np.column_stack(
        [rows[name].cast("float64").to_numpy(zero_copy_only=False) for name in feature_sets.eligible()]
    )
    found = feature_sets.fit(values)
    learned = [{**row, "trained_as_of": rows["as_of"][0].as_py(), "recipe": recipe} for row in found]
    return dg.MaterializeResult(
        value=tables.FEATURE_SETS.in_memory(learned),
        metadata={
            "fit": "fitted: for the first time, or code or settings changed",
            "kept": sum(row["kept"] for row in found),
            "dropped": sum(not row["kept"] for row in found),
            "scree": dg.MetadataValue.md(feature_sets.scree(values, found)),
        },
    )


@table_asset(
    tables.ARTICLE_FEATURES,
    code_version="1",
    ins={
        "article_days": read(tables.ARTICLE_DAYS, this_and_earlier()),
        "articles": read(articles.ARTICLES),
    },
)
def article_features(
    context: dg.AssetExecutionContext, article_days: ibis.Table, articles: ibis.Table
) -> list[ibis.Table]:
    dates = as_of_dates(article_days, months_of(context))
    first_day = article_days.t_dat.min().to_pyarrow().as_py()
    return [
        by_month.article_features(article_days, articles, month, as_of, first_day or as_of)
        for month, as_of in dates.items()
    ]


@table_asset(
    tables.AFFINITIES,
    code_version="1",
    ins={
        "customer_attributes": read(tables.CUSTOMER_ATTRIBUTES, this_and_earlier(11)),
        "attribute_values": read(tables.ATTRIBUTE_VALUES),
        "customer_days": read(tables.CUSTOMER_DAYS),
    },
)
def affinities(
    context: dg.AssetExecutionContext,
    customer_attributes: ibis.Table,
    attribute_values: ibis.Table,
    customer_days: ibis.Table,
) -> list[ibis.Table]:
    dates = as_of_dates(customer_days, months_of(context))
    return [
        part
        for month, as_of in dates.items()
        for part in fit.affinities(customer_attributes, attribute_values, month, as_of)
    ]


# Who a month's ages are learned from and filled for: see `ages.people`.
READ_PEOPLE = {
    "customers": read(customers_tables.CUSTOMERS),
    "customer_features": read(tables.CUSTOMER_FEATURES),
    "customer_tastes": read(tables.CUSTOMER_TASTES, this_and_earlier()),
}


@table_asset(
    tables.IMPUTED_AGES,
    code_version=AGES_VERSION,
    ins={**READ_PEOPLE, "imputations": read(customers_tables.IMPUTATIONS)},
)
def imputed_ages(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customers: ibis.Table,
    imputations: ibis.Table,
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
) -> list[ibis.Table]:
    seed, draws = warehouse.settings.seed, imputations.order_by("customer_key", "draw").to_pyarrow()
    dates = as_of_dates(customer_features, months_of(context))
    made = []
    for month in months_of(context):
        people = ages.people(customers, customer_features, customer_tastes, month, ages.MOST_KNOWN, seed)
        made.append(imputed(people, draws, month, dates[month], seed))
    return [ibis.memtable(rows) for rows in made]


@table_asset(
    tables.AGE_ESTIMATES,
    code_version=AGES_VERSION,
    ins={**READ_PEOPLE, "imputations": read(customers_tables.IMPUTATIONS)},
)
def age_estimates(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customers: ibis.Table,
    imputations: ibis.Table,
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
) -> list[ibis.Table]:
    seed, draws = warehouse.settings.seed, imputations.to_pyarrow()
    median = customers.age.median().to_pyarrow().as_py()
    dates = as_of_dates(customer_features, months_of(context))
    made = []
    for month in months_of(context):
        people = ages.people(customers, customer_features, customer_tastes, month, ages.MOST_KNOWN, seed)
        made.append(estimates(people, draws, median, month, dates[month], seed))
    return [ibis.memtable(rows) for rows in made]


@table_asset(
    tables.IMPUTED_AGE_SCORES,
    code_version=AGES_VERSION,
    ins=READ_PEOPLE,
)
def imputed_age_scores(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customers: ibis.Table,
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
) -> dg.MaterializeResult:
    settings, rows, shown = warehouse.settings, [], ""
    bench = age_bench.QUICK if warehouse.depth == "quick" else age_bench.FULL
    known = customers.filter(customers.age.notnull())
    dates = as_of_dates(customer_features, months_of(context))
    for month in months_of(context):
        people = ages.people(known, customer_features, customer_tastes, month, bench.most_rows, settings.seed)
        methods = age_bench.fillers(people, bench)
        found = imputation_bench.scores(
            people, bench, settings.seed, methods=methods, workers=settings.processes
        )
        rows += [{**row, "month": month, "as_of": dates[month]} for row in found]
        shown = imputation_bench.as_markdown(found) if found else "Not tried: too few ages are known."
    return dg.MaterializeResult(
        value=tables.IMPUTED_AGE_SCORES.in_memory(rows),
        metadata={"depth": warehouse.depth, "scores_of_the_last_month": dg.MetadataValue.md(shown)},
    )

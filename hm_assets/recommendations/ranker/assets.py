"""The rankers that are kept: learned once from the weeks up to the last day, used for later days without a refit."""

import datetime as dt

import dagster as dg
import ibis

from hm_assets.articles import tables as article_tables
from hm_assets.customers import tables as customer_tables
from hm_assets.raw import tables as raw_tables
from hm_assets.recommendations.ladder.rung import Known
from hm_assets.recommendations.purchases import purchases
from hm_assets.recommendations.ranker import artifact
from hm_assets.recommendations.ranker.model import Model
from hm_assets.recommendations.ranker.plan import NEXT, PLANS, TASKS
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.assets import FitConfig, artifact_asset, read
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "1"
RANKER = dg.AssetKey(["recommendations", "ranker"])


@artifact_asset(
    "recommendations",
    "ranker",
    code_version=CODE_VERSION,
    description="Two boosted orders of candidates (LambdaRank) as JSON: what comes next, what is new to a customer.",
    kinds={"lightgbm", "json"},
    ins={
        "transactions": read(raw_tables.TRANSACTIONS),
        "customers": read(customer_tables.CUSTOMERS),
        "articles": read(article_tables.ARTICLES),
    },
)
def ranker(
    config: FitConfig,
    warehouse: dg.ResourceParam[Warehouse],
    transactions: ibis.Table,
    customers: ibis.Table,
    articles: ibis.Table,
) -> dg.MaterializeResult:
    settings, plan = warehouse.settings, PLANS[warehouse.depth]
    seed = settings.seed if config.seed is None else config.seed

    def known() -> Known:
        last: dt.date | None = transactions.t_dat.max().to_pyarrow().as_py()
        if last is None:
            raise HmAssetsError("no line was delivered, so nothing can be recommended: see raw/deliveries")
        return Known(
            purchases(transactions, last),
            customers.select("customer_key", "age").order_by("customer_key").to_pyarrow(),
            articles.order_by("article_key").to_pyarrow(),
            seed,
            settings.threads,
        )

    recipe = artifact.recipe(CODE_VERSION, plan, seed)
    content, how = artifact.kept_or_learned(
        artifacts.path_of(warehouse.path, RANKER.path), recipe, plan, known, config.refit
    )
    models = {task.name: Model.from_json(content["models"][task.name]) for task in TASKS}
    return dg.MaterializeResult(
        value=content,
        metadata={
            "fit": how,
            "trained_as_of": models[NEXT.name].trained_as_of.isoformat(),
            **{f"{name}_version": model.version for name, model in models.items()},
            **{f"{name}_learned_from": _said(model) for name, model in models.items()},
            **{f"{name}_importance": dg.MetadataValue.md(_table(model)) for name, model in models.items()},
        },
    )


def _said(model: Model) -> str:
    if model.text is None:
        return "nothing: no past day has four weeks before it and seven days with purchases after it"
    return f"{model.customers:,} customers of {len(model.days)} weeks, {model.rows:,} candidates"


def _table(model: Model) -> str:
    rows = [f"| {name} | {share:.3f} |" for name, share in model.importance().items()]
    return "\n".join(["| feature | share of the gain |", "|---|---|", *rows])

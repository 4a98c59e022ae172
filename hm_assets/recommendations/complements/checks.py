"""Checks of this room: rules hold in both directions, lists are in order, and no list offers another colour."""

import dagster as dg
import ibis

from hm_assets.articles import tables as article_tables
from hm_assets.recommendations.complements import tables
from hm_assets.warehouse.assets import read
from hm_assets.warehouse.checks import by_month
from hm_assets.warehouse.partitions import MONTHS


@dg.asset_check(
    asset=dg.AssetKey([tables.RULES.stage, tables.RULES.name]),
    partitions_def=MONTHS,
    description="Each rule is there in both directions with equal baskets; shares are shares; each lift is above 0 and "
    "adjusted_lift within its interval.",
    blocking=True,
)
@by_month
def rules_hold_in_both_directions(rules: ibis.Table) -> dg.AssetCheckResult:
    pair = ["month", "level", "antecedent", "consequent"]
    turned = rules.select(
        "month", "level", "baskets", antecedent=rules.consequent, consequent=rules.antecedent
    )
    alone = rules.anti_join(turned, [*pair, "baskets"])
    wrong = ~(
        rules.confidence.between(0, 1)
        & rules.support.between(0, 1)
        & (rules.lift > 0)
        & (rules.low <= rules.adjusted_lift)
        & (rules.adjusted_lift <= rules.high)
    )
    faults = {
        "without_the_other_direction": alone.count().to_pyarrow().as_py(),
        "out_of_range": rules.filter(wrong).count().to_pyarrow().as_py(),
    }
    return dg.AssetCheckResult(passed=not any(faults.values()), metadata=faults)


@dg.asset_check(
    asset=dg.AssetKey([tables.BOUGHT_TOGETHER.stage, tables.BOUGHT_TOGETHER.name]),
    partitions_def=MONTHS,
    additional_ins={"articles": read(article_tables.ARTICLES)},
    description="Ranks run from 1 without a gap, confidence never rises with them, and no article is offered itself or "
    "another colour of itself.",
    blocking=True,
)
@by_month
def complements_are_other_products(bought_together: ibis.Table, articles: ibis.Table) -> dg.AssetCheckResult:
    within = ibis.window(group_by=["month", "article_key"], order_by="rank")
    told = bought_together.mutate(
        place=ibis.row_number().over(within) + 1, more=bought_together.confidence.lag().over(within)
    )
    wrong = (told.place != told["rank"]) | (told.more < told.confidence).fill_null(False)
    mine = articles.select("article_key", product=articles.product_code)
    other = articles.select(other_key=articles.article_key, other_product=articles.product_code)
    joined = bought_together.join(mine, "article_key").join(other, "other_key")
    faults = {
        "out_of_order": told.filter(wrong).count().to_pyarrow().as_py(),
        "same_product": joined.filter(joined["product"] == joined.other_product).count().to_pyarrow().as_py(),
    }
    return dg.AssetCheckResult(passed=not any(faults.values()), metadata=faults)

"""Checks of this stage's judgement: scores that are possible, and one recommender that is taken."""

import dagster as dg
import ibis

from hm_assets.recommendations.ladder.catalogue import BESTSELLERS
from hm_assets.recommendations.tables import ITSELF
from hm_assets.warehouse.checks import by_month
from hm_assets.warehouse.partitions import MONTHS

SHARES = ("map_at_12", "recall_at_12", "hit_rate", "coverage_28d", "coverage_known")


@dg.asset_check(
    asset=dg.AssetKey(["recommendations", "scoreboard"]),
    partitions_def=MONTHS,
    description="Shares lie in 0 to 1, an interval holds its value, what is withheld has no figure, bestsellers and "
    "random lists stand beside the others, and no month takes more than one recommender.",
    blocking=True,
)
@by_month
def scores_are_possible_and_one_is_taken(scoreboard: ibis.Table) -> dg.AssetCheckResult:
    rows = scoreboard
    share = rows.filter(rows.metric.isin(SHARES) & (rows.against == ITSELF) & rows.value.notnull())
    taken = rows.filter(rows.shipped).group_by("month").agg(names=ibis._.recommender.nunique())
    named = rows.group_by("month").agg(
        beside=((rows.recommender == BESTSELLERS).any() & (rows.recommender == "random").any())
    )
    wrong = {
        "no_share": share.filter(~share.value.between(0, 1)).count(),
        "outside_its_interval": rows.filter(~rows.value.between(rows.low - 1e-9, rows.high + 1e-9)).count(),
        "withheld_with_a_figure": rows.filter(rows.withheld & rows.value.notnull()).count(),
        "months_with_several_taken": taken.filter(taken.names > 1).count(),
        "months_without_baselines": named.filter(~named.beside).count(),
    }
    faults = {name: int(count.to_pyarrow().as_py()) for name, count in wrong.items()}
    return dg.AssetCheckResult(passed=not any(faults.values()), metadata=faults)

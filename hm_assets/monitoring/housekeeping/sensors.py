"""The schedule that tidies: Sunday night, when nobody waits for a figure."""

import dagster as dg

from hm_assets.monitoring.housekeeping.tidying import tidy
from hm_assets.warehouse import lock
from hm_assets.warehouse.schema import Table


def schedule(tables: dict[str, Table]) -> dg.ScheduleDefinition:
    """`hm tables tidy` once a week; it runs while the daemon does."""

    @dg.op(required_resource_keys={"warehouse"}, description="Compacts tables, deletes old versions.")
    def tidy_tables(context: dg.OpExecutionContext) -> None:
        settings = context.resources.warehouse.settings
        with lock.alone(settings.warehouse, "the tidying on Sunday", context.log.info):
            context.log.info(str(tidy(settings, tables, context.log.info)))

    @dg.job(name="tidy", description="What `hm tables tidy` does.")
    def job() -> None:
        tidy_tables()

    return dg.ScheduleDefinition(
        name="tidy_on_sunday",
        job=job,
        cron_schedule="0 3 * * 0",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Tidies the warehouse on Sunday at three: see HM_KEEP_DAYS.",
    )

"""The refresh policy, driven by real ticks: what asks for a run, and what does not."""

import dagster as dg
import pytest

from hm_assets.automation import when_inputs_change

KEY = "file"


class Harness:
    """file -> up -> down, with `up` making a given content and a check that may fail."""

    def __init__(self):
        self.instance = dg.DagsterInstance.ephemeral()
        self.content, self.healthy, self.cursor = "1", True, None
        condition = when_inputs_change(monthly=False)

        @dg.asset(key="up", deps=[dg.AssetSpec(KEY)], code_version="1", automation_condition=condition)
        def up():
            return dg.MaterializeResult(data_version=dg.DataVersion(self.content))

        @dg.asset_check(asset="up", blocking=True)
        def healthy():
            return dg.AssetCheckResult(passed=self.healthy)

        @dg.asset(key="down", deps=[up], code_version="1", automation_condition=condition)
        def down():
            return dg.MaterializeResult(data_version=dg.DataVersion("made of " + self.content))

        self.defs = dg.Definitions(assets=[dg.AssetSpec(KEY), up, down], asset_checks=[healthy])

    def land(self, version):
        self.instance.report_runless_asset_event(
            dg.AssetMaterialization(KEY, tags={"dagster/data_version": version})
        )

    def tick(self):
        result = dg.evaluate_automation_conditions(self.defs, self.instance, cursor=self.cursor)
        self.cursor = result.cursor
        keys = (dg.AssetKey("up"), dg.AssetKey("down"))
        return {key.to_user_string() for key in keys if result.get_num_requested(key)}

    def make(self, *names):
        job = self.defs.resolve_implicit_global_asset_job_def()
        return job.execute_in_process(
            instance=self.instance,
            asset_selection=[dg.AssetKey(name) for name in names],
            raise_on_error=False,
        )


@pytest.fixture
def settled():
    harness = Harness()
    harness.land("a")
    harness.make("up", "down")
    for _ in range(3):
        requested = harness.tick()
    assert requested == set()
    return harness


def test_a_new_file_asks_for_what_reads_it_and_only_for_that(settled):
    settled.land("b")
    assert settled.tick() == {"up"}


def test_the_same_file_reported_again_requests_nothing(settled):
    settled.land("a")
    assert settled.tick() == set()


def test_an_input_made_anew_with_equal_content_requests_nothing_below(settled):
    settled.land("b")
    settled.tick()
    settled.make("up")
    assert settled.tick() == set()


def test_changed_content_asks_for_the_next_level(settled):
    settled.land("b")
    settled.tick()
    settled.content = "2"
    settled.make("up")
    assert settled.tick() == {"down"}


def test_a_failed_blocking_check_holds_the_flow_and_its_repair_releases_it(settled):
    settled.land("b")
    settled.tick()
    settled.content, settled.healthy = "broken", False
    settled.make("up")
    assert settled.tick() == set()
    assert settled.tick() == set()
    settled.content, settled.healthy = "3", True
    settled.make("up")
    assert settled.tick() == {"down"}


MONTHS = dg.MonthlyPartitionsDefinition(start_date="2020-01-01", end_date="2020-07-01")


class Months(Harness):
    """file by month -> monthly -> model, which reads all months; the last three months hold nothing yet."""

    def __init__(self):
        self.instance, self.cursor, self.content = dg.DagsterInstance.ephemeral(), None, "1"

        @dg.asset(
            key="monthly",
            deps=[dg.AssetSpec(KEY, partitions_def=MONTHS)],
            partitions_def=MONTHS,
            code_version="1",
            automation_condition=when_inputs_change(monthly=True),
        )
        def monthly(context):
            return dg.MaterializeResult(
                data_version=dg.DataVersion(f"{context.partition_key} {self.content}")
            )

        @dg.asset(
            key="model",
            deps=[monthly],
            code_version="1",
            automation_condition=when_inputs_change(monthly=False),
        )
        def model():
            return dg.MaterializeResult(data_version=dg.DataVersion("model"))

        self.defs = dg.Definitions(assets=[dg.AssetSpec(KEY, partitions_def=MONTHS), monthly, model])
        for month in ("2020-01-01", "2020-02-01", "2020-03-01"):
            self.land_month(month, "a")
            self.make_month(month)
        self.make("model")
        for _ in range(3):
            self.tick_months()

    def land_month(self, month, version):
        self.instance.report_runless_asset_event(
            dg.AssetMaterialization(KEY, partition=month, tags={"dagster/data_version": version})
        )

    def make_month(self, month):
        self.defs.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=self.instance, asset_selection=[dg.AssetKey("monthly")], partition_key=month
        )

    def tick_months(self):
        result = dg.evaluate_automation_conditions(self.defs, self.instance, cursor=self.cursor)
        self.cursor = result.cursor
        months = result.get_requested_partitions(dg.AssetKey("monthly"))
        return {month for month in months if month}, bool(result.get_num_requested(dg.AssetKey("model")))


def test_a_corrected_old_month_asks_for_that_month_alone_then_for_the_model():
    harness = Months()
    harness.land_month("2020-01-01", "b")
    assert harness.tick_months() == ({"2020-01-01"}, False)
    harness.content = "2"
    harness.make_month("2020-01-01")
    assert harness.tick_months() == (set(), True)


def test_an_asset_that_reads_all_months_does_not_wait_for_those_that_hold_nothing():
    harness = Months()
    harness.land_month("2020-04-01", "a")
    assert harness.tick_months() == ({"2020-04-01"}, False)
    harness.make_month("2020-04-01")
    assert harness.tick_months() == (set(), True)

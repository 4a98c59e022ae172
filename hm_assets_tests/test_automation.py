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
        condition = when_inputs_change()

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

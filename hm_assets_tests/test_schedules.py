"""The schedules ask for what is out of date by the rule of `hm run`, and for nothing else."""

import datetime as dt

import dagster as dg
import pytest

from hm_assets.automation import FRESH, WATCHED, cycle
from hm_assets.definitions import TABLES, build_defs
from hm_assets_tests.running import platform


@pytest.fixture(scope="module")
def landed(tmp_path_factory, small):
    """Files have landed; nothing is made yet."""
    with platform(tmp_path_factory.mktemp("scheduled") / "warehouse", small) as it:
        it.land()
        yield it, build_defs(it.settings)


def ask(landed, selection="group:raw", now=None):
    """A tick of the monthly cycle, over one stage: what the whole graph lacks takes long to find."""
    it, defs = landed
    schedule = cycle("a_cycle", "0 5 1-5 * *", selection, it.warehouse, TABLES)
    with dg.build_schedule_context(
        instance=it.instance,
        scheduled_execution_time=now or dt.datetime.now(dt.UTC),
        repository_def=defs.get_repository_def(),
    ) as context:
        return schedule.evaluate_tick(context)


def test_before_anything_has_landed_it_says_so(tmp_path, small, landed):
    with platform(tmp_path / "warehouse", small) as it:
        found = ask((it, landed[1]))
    assert "nothing has landed yet" in found.skip_message


def test_it_asks_for_what_hm_run_would_make_first(landed):
    it, _ = landed
    (request,) = ask(landed).run_requests
    wanted = next(it.planner("group:raw").batches())
    assert set(request.asset_selection) == set(wanted.keys)
    assert request.tags.items() >= wanted.tags.items()
    assert request.run_key is None


def test_a_run_under_way_is_waited_for_but_not_one_that_died_days_ago(landed):
    @dg.op
    def nothing():
        pass

    @dg.job
    def another():
        nothing()

    it, _ = landed
    run = it.instance.create_run_for_job(another, status=dg.DagsterRunStatus.STARTED)
    try:
        assert "under way" in ask(landed).skip_message
        assert ask(landed, now=dt.datetime.now(dt.UTC) + dt.timedelta(days=2)).run_requests
    finally:
        it.instance.delete_run(run.run_id)


def test_a_stage_that_is_not_there_yet_is_no_fault(landed):
    assert "no asset matches" in ask(landed, "group:not_yet").skip_message


def test_there_are_a_monthly_and_a_weekly_cycle_and_a_tidy_one_and_all_run_by_themselves():
    found = {schedule.name: schedule for schedule in build_defs().schedules}
    assert {name: schedule.cron_schedule for name, schedule in found.items()} == {
        "monthly_cycle": "0 5 1-5 * *",
        "weekly_recommendations": "0 4 * * 1",
        "tidy_on_sunday": "0 3 * * 0",
    }
    assert all(s.default_status is dg.DefaultScheduleStatus.RUNNING for s in found.values())


def test_what_people_read_and_the_files_are_watched_for_age_by_month():
    graph = build_defs().resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        watched = node.is_executable and node.is_partitioned and node.group_name in WATCHED
        assert (node.freshness_policy == FRESH) == watched, key
    assert {key.path[0] for key in graph.get_all_asset_keys() if graph.get(key).freshness_policy} == {
        "raw",
        "explore",
        "profiles",
        "forecasts",
        "recommendations",
        "playbooks",
    }


def test_every_asset_has_an_owner_and_no_step_is_retried_in_vain():
    """A step that is a function of its inputs fails again: only posting and locks are tried twice, where they are."""
    defs = build_defs()
    graph = defs.resolve_asset_graph()
    assert [key for key in graph.get_all_asset_keys() if not graph.get(key).owners] == []
    job = defs.resolve_implicit_global_asset_job_def()
    retried = [node.name for node in job.graph.nodes if node.definition.retry_policy or node.retry_policy]
    assert retried == []
    assert job.op_retry_policy is None


def test_it_still_works_when_tables_are_there_and_asks_again_for_what_a_killed_run_left(
    tmp_path, small, landed
):
    with platform(tmp_path / "warehouse", small) as it:
        it.land()
        it.run("key:raw/customers or key:raw/articles or key:raw/transactions")
        chosen = "key:raw/transactions"
        assert "up to date" in ask((it, landed[1]), chosen).skip_message
        delta_log = it.warehouse / "raw" / "transactions" / "_delta_log"
        (delta_log.parent / "month=2019-06-01").rename(tmp_path / "lost")
        (request,) = ask((it, landed[1]), chosen).run_requests
    assert request.tags["dagster/asset_partition_range_start"] == "2019-06-01"

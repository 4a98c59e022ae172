"""The refresh policy, driven by real ticks: what asks for a run, and what does not."""

import datetime as dt
from functools import partial
from itertools import count
from types import ModuleType

import dagster as dg
import pytest
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
    AUTOMATION_CONDITION_TAG,
)

from hm_assets import automation, definitions
from hm_assets.automation import SENSOR, Automation
from hm_assets.raw.sensors import landing
from hm_assets.refresh import when_inputs_change
from hm_assets.warehouse import partitions

KEY = "file"
# From a file to its segments; what a tick takes of a core with all stages; starting runs and making the segments.
BUDGET_SECONDS, TICK_SECONDS, MADE_SECONDS = 90, 1, 20
BY_AUTOMATION = {AUTOMATION_CONDITION_TAG: "true"}


def keys(*names):
    return frozenset(dg.AssetKey(name) for name in names)


class Harness:
    """file -> up -> down, with `up` making a given content and a check that may fail."""

    def __init__(self):
        self.instance = dg.DagsterInstance.ephemeral()
        self.content, self.healthy, self.cursor = "1", True, None
        self.meanwhile = lambda: None
        self.define()

    def define(self, code_version="1", blocking=True):
        condition = when_inputs_change(monthly=False)

        @dg.asset(
            key="up", deps=[dg.AssetSpec(KEY)], code_version=code_version, automation_condition=condition
        )
        def up():
            self.meanwhile()
            return dg.MaterializeResult(data_version=dg.DataVersion(self.content))

        @dg.asset_check(asset="up", blocking=blocking)
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

    def make(self, *names, tags=BY_AUTOMATION):
        job = self.defs.resolve_implicit_global_asset_job_def()
        return job.execute_in_process(
            instance=self.instance,
            asset_selection=[dg.AssetKey(name) for name in names],
            tags=tags,
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


def test_what_was_deleted_is_asked_for_again_and_once(settled):
    settled.instance.wipe_assets([dg.AssetKey("down")])
    assert settled.tick() == {"down"}
    assert settled.tick() == set()
    settled.make("down")
    assert settled.tick() | settled.tick() == set()


def test_content_that_comes_back_is_asked_for_again(settled):
    for version in ("b", "a"):
        settled.land(version)
        assert settled.tick() == {"up"}
        settled.make("up")


def test_a_file_that_is_only_observed_asks_for_nothing(settled):
    """Which is why the landing sensor reports materialisations."""
    settled.instance.report_runless_asset_event(dg.AssetObservation(KEY, tags={"dagster/data_version": "b"}))
    assert settled.tick() | settled.tick() == set()


def test_a_run_that_failed_is_not_asked_for_again_and_again_but_when_its_input_changes(settled):
    def broken():
        raise RuntimeError("broken")

    settled.land("b")
    assert settled.tick() == {"up"}
    settled.meanwhile = broken
    assert not settled.make("up").success
    assert [settled.tick() for _ in range(3)] == [set()] * 3
    settled.land("c")
    assert settled.tick() == {"up"}


def test_a_failed_check_that_only_warns_holds_nothing(settled):
    settled.define(blocking=False)
    settled.land("b")
    settled.tick()
    settled.content, settled.healthy = "2", False
    settled.make("up")
    assert settled.tick() == {"down"}


def test_changed_code_asks_for_that_asset_alone(settled):
    settled.define(code_version="2")
    assert settled.tick() == {"up"}
    settled.make("up")
    assert settled.tick() | settled.tick() == set()


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


@pytest.mark.parametrize("ticks", [0, 1, 2])
def test_a_file_that_is_replaced_while_its_run_is_at_work_is_asked_for_once_more(settled, ticks):
    settled.land("b")
    assert settled.tick() == {"up"}

    def replaced():
        settled.land("c")
        assert [settled.tick() for _ in range(ticks)] == [set()] * ticks

    settled.meanwhile = replaced
    settled.make("up")
    settled.meanwhile = lambda: None
    assert settled.tick() == {"up"}
    settled.make("up")
    assert settled.tick() | settled.tick() == set()


def test_what_hm_run_made_of_a_change_is_not_asked_for_again(settled):
    settled.land("b")
    settled.content = "2"
    settled.make("up", "down", tags={})
    assert settled.tick() | settled.tick() == set()


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
            instance=self.instance,
            asset_selection=[dg.AssetKey("monthly")],
            partition_key=month,
            tags=BY_AUTOMATION,
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


class Chain(Months):
    """file -> lines -> a -> b -> c by month, c also of a; `book` reads file and lines, `model` reads c."""

    def __init__(self):
        self.instance, self.cursor, self.content, self.healthy = (
            dg.DagsterInstance.ephemeral(),
            None,
            "1",
            True,
        )
        self.meanwhile, self.complete = {}, True
        by_month, without = ("lines", "a", "b", "c"), ("book", "model")
        policy = {
            True: when_inputs_change(
                True,
                along=keys("a", "b", "c"),
                apart=keys(*without),
            ),
            False: when_inputs_change(False, apart=keys(*by_month)),
        }

        def asset(key, deps):
            monthly = key in by_month

            @dg.asset(
                key=key,
                deps=deps,
                partitions_def=MONTHS if monthly else None,
                code_version="1",
                automation_condition=policy[monthly],
            )
            def made():
                self.meanwhile.pop(key, lambda: None)()
                return dg.MaterializeResult(data_version=dg.DataVersion(f"{key} {self.content}"))

            return made

        @dg.asset_check(asset="a", blocking=True, partitions_def=MONTHS)
        def healthy():
            return dg.AssetCheckResult(passed=self.healthy)

        @dg.asset_check(asset="lines", blocking=True, partitions_def=MONTHS)
        def complete():
            return dg.AssetCheckResult(passed=self.complete)

        deps = {
            "lines": [KEY],
            "a": ["lines"],
            "b": ["a"],
            "c": ["a", "b"],
            "book": [KEY, "lines"],
            "model": ["c"],
        }
        self.keys = tuple(deps)
        self.defs = dg.Definitions(
            assets=[dg.AssetSpec(KEY, partitions_def=MONTHS), *(asset(k, d) for k, d in deps.items())],
            asset_checks=[healthy, complete],
        )
        for month in ("2020-01-01", "2020-02-01"):
            self.land_month(month, "a")
            self.make_all(month, "lines", "a", "b", "c")
        self.make("book", "model")
        for _ in range(3):
            self.ask()

    def make_all(self, month, *names):
        self.defs.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=self.instance,
            asset_selection=[dg.AssetKey(name) for name in names],
            partition_key=month,
            tags=BY_AUTOMATION,
            raise_on_error=False,
        )

    def ask(self):
        result = dg.evaluate_automation_conditions(self.defs, self.instance, cursor=self.cursor)
        self.cursor = result.cursor
        return {name for name in self.keys if result.get_num_requested(dg.AssetKey(name))}

    def asked_months(self, name):
        result = dg.evaluate_automation_conditions(self.defs, self.instance, cursor=self.cursor)
        self.cursor = result.cursor
        return set(result.get_requested_partitions(dg.AssetKey(name)))

    def land_and_make_lines(self, month="2020-02-01"):
        self.land_month(month, "b")
        assert self.ask() == {"lines"}
        self.content = "2"
        self.make_all(month, "lines")


def test_changed_lines_ask_for_all_that_follows_by_month_at_once_and_once_each():
    chain = Chain()
    chain.land_and_make_lines()
    assert chain.ask() == {"a", "b", "c", "book"}
    assert chain.ask() == set()
    chain.make_all("2020-02-01", "a", "b", "c")
    chain.make("book")
    assert chain.ask() | chain.ask() == {"model"}
    chain.make("model")
    assert chain.ask() | chain.ask() == set()


def test_a_new_month_is_asked_for_at_once_though_no_check_of_it_has_passed_yet():
    chain = Chain()
    chain.land_and_make_lines("2020-03-01")
    assert chain.ask() == {"a", "b", "c", "book"}


def test_what_a_run_makes_of_an_input_asks_for_nothing_that_the_run_made_too():
    chain = Chain()
    chain.land_and_make_lines()
    assert chain.ask() == {"a", "b", "c", "book"}
    chain.make_all("2020-02-01", "a", "b", "c")
    assert not chain.ask() & {"a", "b", "c"}
    assert not chain.ask() & {"a", "b", "c"}


def test_a_run_of_several_months_asks_for_none_of_them_again_while_it_is_at_work_or_afterwards():
    instance, content, meanwhile, ticks = dg.DagsterInstance.ephemeral(), ["1"], [], []
    policy = when_inputs_change(True, along=keys("a", "b"))
    of_both = dg.BackfillPolicy.single_run()
    window = dg.TimeWindowPartitionMapping(start_offset=-1, allow_nonexistent_upstream_partitions=True)
    file = dg.AssetSpec(KEY, partitions_def=MONTHS)

    @dg.asset(
        deps=[file],
        partitions_def=MONTHS,
        backfill_policy=of_both,
        code_version="1",
        automation_condition=policy,
    )
    def a():
        return dg.MaterializeResult(data_version=dg.DataVersion(content[-1]))

    @dg.asset(
        deps=[dg.AssetDep(a, partition_mapping=window)],
        partitions_def=MONTHS,
        backfill_policy=of_both,
        code_version="1",
        automation_condition=policy,
    )
    def b():
        for act in meanwhile:
            act()
        return dg.MaterializeResult(data_version=dg.DataVersion("of " + content[-1]))

    defs = dg.Definitions([file, a, b])
    both = ("2020-01-01", "2020-02-01")

    def tick():
        cursor = ticks[-1].cursor if ticks else None
        ticks.append(dg.evaluate_automation_conditions(defs, instance, cursor=cursor))
        return {
            (name, month)
            for name in ("a", "b")
            for month in ticks[-1].get_requested_partitions(dg.AssetKey(name))
        }

    def land_and_make(version):
        for month in both:
            told = {"dagster/data_version": version}
            instance.report_runless_asset_event(dg.AssetMaterialization(KEY, partition=month, tags=told))
        asked = tick()
        content.append(version)
        span = {ASSET_PARTITION_RANGE_START_TAG: both[0], ASSET_PARTITION_RANGE_END_TAG: both[1]}
        job = defs.resolve_implicit_global_asset_job_def()
        assert job.execute_in_process(instance=instance, tags={**BY_AUTOMATION, **span}).success
        return asked

    land_and_make("1")
    tick()
    tick()
    meanwhile.append(lambda: asked_meanwhile.append(tick()))
    asked_meanwhile = []
    asked = land_and_make("2")
    assert asked >= {(name, month) for name in ("a", "b") for month in both}
    assert asked_meanwhile == [set()]
    assert [tick(), tick()] == [set(), set()]


def test_lines_that_were_delivered_again_unchanged_ask_for_nothing_below():
    chain = Chain()
    chain.land_month("2020-02-01", "the same lines in another order")
    assert chain.ask() == {"lines"}
    chain.make_all("2020-02-01", "lines")
    assert chain.ask() == {"book"}


def test_a_failed_check_of_a_month_holds_that_month_and_its_repair_releases_it():
    chain = Chain()
    chain.land_and_make_lines()
    chain.ask()
    chain.healthy = False
    chain.make_all("2020-02-01", "a")
    assert chain.ask() == set()
    chain.healthy, chain.content = True, "3"
    chain.make_all("2020-02-01", "a")
    assert chain.ask() == {"b", "c"}


def test_a_month_whose_check_failed_is_not_let_through_by_a_sound_month():
    chain = Chain()
    chain.complete = False
    chain.land_and_make_lines("2020-02-01")
    assert chain.ask() == set()
    chain.complete = True
    chain.land_and_make_lines("2020-03-01")
    assert chain.asked_months("a") == {"2020-03-01"}
    chain.content = "3"
    chain.land_month("2020-02-01", "mended")
    assert chain.ask() == {"lines"}
    chain.make_all("2020-02-01", "lines")
    assert chain.asked_months("a") == {"2020-02-01"}


def test_what_reads_several_months_is_held_for_each_of_them():
    healthy = {"2020-01-01": True, "2020-02-01": True}

    @dg.asset(deps=[dg.AssetSpec(KEY, partitions_def=MONTHS)], partitions_def=MONTHS, code_version="1")
    def lines(context):
        return dg.MaterializeResult(data_version=dg.DataVersion(context.run_id))

    @dg.asset_check(asset=lines, blocking=True, partitions_def=MONTHS)
    def complete(context):
        return dg.AssetCheckResult(passed=healthy[context.partition_key])

    window = dg.TimeWindowPartitionMapping(start_offset=-1, allow_nonexistent_upstream_partitions=True)

    @dg.asset(
        deps=[dg.AssetDep(lines, partition_mapping=window)],
        partitions_def=MONTHS,
        code_version="1",
        automation_condition=when_inputs_change(True, along=keys("year")),
    )
    def year():
        pass

    defs, instance, cursor = (
        dg.Definitions([lines, year], asset_checks=[complete]),
        dg.DagsterInstance.ephemeral(),
        None,
    )
    job, found = defs.resolve_implicit_global_asset_job_def(), []
    for month, passes in (("2020-01-01", True), ("2020-02-01", False), ("2020-02-01", True)):
        healthy[month] = passes
        chosen = {"instance": instance, "asset_selection": [lines.key], "tags": BY_AUTOMATION}
        job.execute_in_process(**chosen, partition_key=month, raise_on_error=False)
        result = dg.evaluate_automation_conditions(defs, instance, cursor=cursor)
        cursor = result.cursor
        found.append(set(result.get_requested_partitions(year.key)))
    assert found[1:] == [set(), {"2020-02-01"}]


def test_lines_that_change_again_under_a_run_are_followed_again_and_the_books_wait_for_them():
    chain = Chain()
    chain.land_month("2020-02-01", "b")
    assert chain.ask() == {"lines"}

    def replaced():
        chain.land_month("2020-02-01", "c")
        assert chain.ask() == set()

    chain.content, chain.meanwhile["lines"] = "2", replaced
    chain.make_all("2020-02-01", "lines")
    assert chain.ask() == {"lines", "a", "b", "c"}
    chain.content = "3"
    chain.make_all("2020-02-01", "lines", "a", "b", "c")
    assert chain.ask() | chain.ask() == {"book", "model"}


def test_what_a_run_reads_may_change_behind_it_and_is_asked_for_again():
    chain = Chain()
    chain.land_and_make_lines()
    assert chain.ask() == {"a", "b", "c", "book"}
    chain.make("book")

    def corrected():
        chain.land_month("2020-02-01", "c")
        assert chain.ask() == {"lines"}
        chain.content = "3"
        chain.make_all("2020-02-01", "lines")
        assert chain.ask() == {"a", "book"}

    chain.meanwhile["b"] = corrected
    chain.make_all("2020-02-01", "a", "b", "c")
    assert chain.ask() == {"b", "c"}


def test_a_changed_input_without_months_asks_for_the_months_that_were_made_and_for_no_others():
    by_month = when_inputs_change(True, apart=keys("names"))

    @dg.asset
    def names(context):
        return dg.MaterializeResult(data_version=dg.DataVersion(context.run_id))

    @dg.asset(deps=[names], partitions_def=MONTHS, automation_condition=by_month, code_version="1")
    def profiles():
        pass

    defs, instance, cursor = dg.Definitions([names, profiles]), dg.DagsterInstance.ephemeral(), None
    job = defs.resolve_implicit_global_asset_job_def()
    job.execute_in_process(instance=instance, asset_selection=[names.key])
    job.execute_in_process(instance=instance, asset_selection=[profiles.key], partition_key="2020-02-01")
    found = set()
    for tick in range(4):
        if tick == 2:
            job.execute_in_process(instance=instance, asset_selection=[names.key])
        result = dg.evaluate_automation_conditions(defs, instance, cursor=cursor)
        cursor = result.cursor
        found |= result.get_requested_partitions(profiles.key)
    assert found == {"2020-02-01"}


def test_a_corrected_month_asks_for_the_months_that_saw_it_and_for_no_others():
    file = dg.AssetSpec(KEY, partitions_def=MONTHS)
    window = dg.TimeWindowPartitionMapping(start_offset=-2, allow_nonexistent_upstream_partitions=True)

    @dg.asset(
        deps=[dg.AssetDep(file, partition_mapping=window)],
        partitions_def=MONTHS,
        code_version="1",
        automation_condition=when_inputs_change(True),
    )
    def quarter():
        pass

    defs, instance, cursor = dg.Definitions([file, quarter]), dg.DagsterInstance.ephemeral(), None
    months = [f"2020-0{month}-01" for month in range(1, 7)]
    for corrected in (None, "2020-02-01"):
        for month in [corrected] if corrected else months:
            tags = {"dagster/data_version": f"{month} {corrected}"}
            event = dg.AssetMaterialization(KEY, partition=month, tags=tags)
            instance.report_runless_asset_event(event)
        if not corrected:
            for month in months:
                instance.report_runless_asset_event(dg.AssetMaterialization(quarter.key, partition=month))
        result = dg.evaluate_automation_conditions(defs, instance, cursor=cursor)
        cursor = result.cursor
    assert set(result.get_requested_partitions(quarter.key)) == {"2020-02-01", "2020-03-01", "2020-04-01"}


def test_a_stage_that_is_added_later_is_refreshed_without_a_line_of_its_own(monkeypatch):
    lines, people = dg.AssetKey(["sources", "transactions"]), dg.AssetKey(["sources", "customers"])
    stage = ModuleType("launches")

    @dg.asset(key=["launches", "by_month"], deps=[lines], partitions_def=partitions.MONTHS, code_version="1")
    def by_month():
        pass

    @dg.asset(key=["launches", "of_all"], deps=[people, by_month], code_version="1")
    def of_all():
        pass

    stage.by_month, stage.of_all = by_month, of_all
    monkeypatch.setattr(definitions, "STAGES", (*definitions.STAGES, stage))
    defs, instance = definitions.build_defs(), dg.DagsterInstance.ephemeral()
    chosen, cursor = dg.AssetSelection.assets(by_month.key, of_all.key), None

    def tell(key, version, month=None):
        tags = {"dagster/data_version": version}
        instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=month, tags=tags))

    def tick():
        nonlocal cursor
        result = dg.evaluate_automation_conditions(defs, instance, chosen, cursor=cursor)
        cursor = result.cursor
        return set(result.get_requested_partitions(by_month.key)), bool(result.get_num_requested(of_all.key))

    tell(lines, "a", "2018-09-01")
    tell(lines, "a", "2018-10-01")
    tell(people, "a")
    tell(by_month.key, "a", "2018-09-01")
    tell(of_all.key, "a")
    tick()
    assert tick() == (set(), False)
    tell(lines, "b", "2018-10-01")
    assert tick() == ({"2018-10-01"}, False)
    tell(by_month.key, "b", "2018-10-01")
    assert tick() == (set(), True)
    tell(of_all.key, "b")
    assert tick() == (set(), False)
    tell(people, "b")
    assert tick() == (set(), True)


def test_a_tick_tells_and_remembers_as_little_of_an_asset_with_many_inputs_as_of_one_with_a_single_input():
    inputs = [f"input_{number}" for number in range(20)]
    assets = [
        dg.AssetSpec(KEY),
        *(_made_of(name, [KEY]) for name in inputs),
        _made_of("of_all", inputs),
        _made_of("of_one", inputs[:1]),
    ]
    result = dg.evaluate_automation_conditions(dg.Definitions(assets), dg.DagsterInstance.ephemeral())
    told = {each.key.to_user_string(): each.serializable_evaluation for each in result.results}
    remembered = {
        each.key.to_user_string(): len(each.node_cursors_by_unique_id)
        for each in result.cursor.previous_condition_cursors
    }
    assert len([*told["of_all"].iter_nodes()]) == len([*told["of_one"].iter_nodes()])
    assert remembered["of_all"] == remembered["of_one"]


def _made_of(name, deps):
    @dg.asset(key=name, deps=deps, code_version="1", automation_condition=when_inputs_change(False))
    def made():
        pass

    return made


def test_a_look_of_the_sensor_leaves_a_log_only_where_it_asks_and_deletes_old_evaluations(
    tmp_path, monkeypatch
):
    assert SENSOR.sensor_type.name == "AUTOMATION"  # the daemon knows no conditions of one's own
    sensor = Automation("automation", target=dg.AssetSelection.all(), use_user_code_server=True)
    defs = dg.Definitions([dg.AssetSpec(KEY), _made_of("up", [KEY])], sensors=[sensor])
    ticks = count()
    with dg.instance_for_test(temp_dir=str(tmp_path)) as instance:

        def look(cursor):
            tick = ["shop", sensor.name, str(next(ticks))]
            context = dg.SensorEvaluationContext(
                instance.get_ref(), None, None, cursor, tick, "shop", defs.get_repository_def(), instance
            )
            with context:
                found = sensor.evaluate_tick(context)
            told = [each.with_run_ids(set()) for each in found.automation_condition_evaluations]
            instance.schedule_storage.add_auto_materialize_asset_evaluations(tick[-1], told)
            return found.cursor, len(found.run_requests), len([*tmp_path.rglob("automation/*.err")])

        def land(version):
            event = dg.AssetMaterialization(KEY, tags={"dagster/data_version": version})
            instance.report_runless_asset_event(event)

        land("a")
        cursor, asked, logs = look(None)
        assert (asked, logs) == (0, 0)
        land("b")
        cursor, asked, logs = look(cursor)
        assert (asked, logs) == (1, 1)
        cursor, asked, logs = look(cursor)
        assert (asked, logs) == (0, 1)
        kept = partial(instance.schedule_storage.get_auto_materialize_asset_evaluations, dg.AssetKey("up"), 9)
        before = len(kept())
        assert before > 1
        monkeypatch.setattr(automation, "EVALUATIONS_KEPT", dt.timedelta(days=-1))
        land("c")
        look(cursor)
        assert len(kept()) == 1


def test_from_a_file_to_its_segments_two_ticks_at_their_latest_leave_time_to_make_them():
    looks, ticks = 2 * landing.minimum_interval_seconds, 2 * (SENSOR.minimum_interval_seconds + TICK_SECONDS)
    assert looks + ticks + MADE_SECONDS <= BUDGET_SECONDS


def test_ticks_leave_nine_tenths_of_a_core():
    assert SENSOR.minimum_interval_seconds / 10 >= TICK_SECONDS

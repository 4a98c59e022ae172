"""Looks at segments through Dagster: what fires, what does not, and that nothing is told twice."""

import datetime as dt
import shutil
import uuid
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import ibis
import pytest

from hm_assets import planning, runs
from hm_assets.customers.tables import CUSTOMERS
from hm_assets.definitions import build_defs
from hm_assets.features.tables import CUSTOMER_DAYS
from hm_assets.monitoring.forgetting import removal
from hm_assets.monitoring.forgetting.removal import Where
from hm_assets.monitoring.forgetting.traces import Person
from hm_assets.monitoring.triggers import actions, assets, sending, sensors
from hm_assets.monitoring.triggers.tables import LAST_SEGMENTS, SEGMENT_EVENTS
from hm_assets.segments.tables import ASSIGNMENTS
from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.engine import stream
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.partitions import MONTHS
from hm_assets.warehouse.resources import Warehouse
from hm_assets_tests.monitoring.triggers.receiver import receiver

SEPTEMBER, OCTOBER = dt.date(2018, 9, 1), dt.date(2018, 10, 1)
ANNA, BERT, CLEO = 1, 2, 3
RULE = '[[rules]]\nname = "vips"\nwhen = "enters"\nsegment = "VIP Champions"\n'
TO_FILE = RULE + 'action = "file"\n'
TO_WEBHOOK = RULE + 'action = "webhook"\nurl = "{}"\n'


class Shop:
    """A warehouse with hand-made assignments and days."""

    def __init__(self, path, instance):
        self.settings, self.instance = Settings(warehouse=path, depth="quick"), instance
        self.cursor = None
        above = [
            dg.AssetSpec([t.stage, t.name], partitions_def=MONTHS if t.monthly else None)
            for t in (ASSIGNMENTS, CUSTOMER_DAYS, CUSTOMERS)
        ]
        tables = [spec.with_io_manager_key("delta") for spec in above]
        # What stands above is written by hand, so that no graph has to be run.
        self.defs = dg.Definitions(
            [assets.triggered, *tables, dg.AssetSpec(assets.NAMES).with_io_manager_key("json")],
            resources=build_defs(self.settings).resources,
        )
        if path.exists():
            return
        names = {"segments": {"1": {"classic": "VIP Champions"}, "2": {"classic": "At Risk"}}}
        artifacts.write_json(path / "profiles" / "names.json", names)
        self.customers({ANNA: "anna", BERT: "bert", CLEO: "cleo"})
        self.bought(SEPTEMBER, {ANNA: 3, BERT: 3})

    def _write(self, table, rows, months=()):
        filled = [
            {
                column.name: row.get(
                    column.name, None if column.nullable else 0 if "int" in column.type else "x"
                )
                for column in table.stored_columns
            }
            for row in rows
        ]
        delta.write(self.settings.warehouse, table, stream(table, [table.in_memory(filled)]), months)

    def customers(self, ids):
        rows = [{"customer_key": key, "customer_id": name} for key, name in ids.items()]
        self._write(CUSTOMERS, rows)

    def bought(self, month, items):
        rows = [
            {"customer_key": key, "t_dat": month, "month": month, "items": n, "spend": n / 10}
            | dict.fromkeys(("spend_referenced", "reference_spend"), 0.0)
            for key, n in items.items()
        ]
        self._write(CUSTOMER_DAYS, rows, [month])

    def rules(self, text):
        (self.settings.warehouse / "triggers.toml").write_text(text)

    def placed(self, day, segments, model="m1"):
        """Write where everybody is as of a day."""
        month = day.replace(day=1)
        rows = [
            {"customer_key": key, "as_of": day, "segment_id": segment, "model_version": model, "month": month}
            | {"restated": False}
            for key, segment in segments.items()
        ]
        self._write(ASSIGNMENTS, rows, [month])

    def look(self, succeeds=True):
        keys = tuple(dg.AssetKey(["monitoring", table.name]) for table in (SEGMENT_EVENTS, LAST_SEGMENTS))
        result = runs.execute(self.defs, self.instance, planning.Batch(keys, None), str(uuid.uuid4()))
        self.faults = runs.faults(result)
        assert result.success == succeeds, self.faults

    def events(self):
        stored = delta.open_table(self.settings.warehouse, SEGMENT_EVENTS)
        rows = stored.to_pyarrow_table().to_pylist()
        return sorted(
            (row["customer_key"], row["segment_before"], row["segment_id"], row["sent_at"] is not None)
            for row in rows
        )

    def tick(self):
        """A tick of the sensor; where it asks for the job, the job is run."""
        with dg.build_sensor_context(
            instance=self.instance, cursor=self.cursor, resources={"warehouse": Warehouse(self.settings)}
        ) as context:
            found = sensors.unsent_triggers.evaluate_tick(context)
        self.cursor = found.cursor
        for _ in found.run_requests:
            self.send()
        return len(found.run_requests), found.skip_message

    def send(self):
        resources = {"warehouse": Warehouse(self.settings)}
        return sensors.send_open_triggers.execute_in_process(
            instance=self.instance, resources=resources, raise_on_error=False
        )


@pytest.fixture(scope="module")
def first_look(tmp_path_factory):
    shop = Shop(tmp_path_factory.mktemp("first") / "warehouse", dg.DagsterInstance.ephemeral())
    shop.rules(TO_FILE)
    shop.placed(dt.date(2018, 9, 20), {ANNA: 2, BERT: 2, CLEO: 0})
    shop.look()
    assert shop.events() == []
    return shop.settings.warehouse


@pytest.fixture
def shop(tmp_path, first_look):
    shutil.copytree(first_look, tmp_path / "warehouse")
    return Shop(tmp_path / "warehouse", dg.DagsterInstance.ephemeral())


@pytest.fixture
def at_once(monkeypatch):
    """A webhook is tried once per look, without a pause."""
    monkeypatch.setattr(actions.post, "__defaults__", ((),))


def test_a_change_within_the_month_fires_once_and_every_further_change_again(shop):
    shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 2, CLEO: 0})
    for _ in range(2):
        shop.look()
        assert shop.events() == [(ANNA, 2, 1, True)]
    (file,) = (shop.settings.reports_dir / "triggers").iterdir()
    assert file.read_text().splitlines()[1:] == [f"anna,2018-09-21,2,1,{ANNA}"]
    shop.placed(dt.date(2018, 9, 21), {ANNA: 2, BERT: 2, CLEO: 0})
    shop.look()
    shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 2, CLEO: 1})
    shop.look()
    assert shop.events() == [(ANNA, 2, 1, True), (ANNA, 2, 1, True), (CLEO, 0, 1, True)]


def test_equal_assignments_give_an_equal_data_version(shop):
    def version():
        event = shop.instance.get_latest_materialization_event(dg.AssetKey(["monitoring", "last_segments"]))
        return event.asset_materialization.tags["dagster/data_version"]

    shop.look()
    before = version()
    shop.look()
    assert version() == before


def test_the_turn_of_the_month_fires_and_a_remade_past_month_does_not(shop):
    shop.bought(OCTOBER, {BERT: 1})
    shop.placed(dt.date(2018, 10, 2), {ANNA: 2, BERT: 1, CLEO: 0})
    shop.look()
    assert shop.events() == [(BERT, 2, 1, True)]
    shop.placed(dt.date(2018, 9, 20), {ANNA: 1, BERT: 1, CLEO: 1})
    shop.look()
    assert shop.events() == [(BERT, 2, 1, True)]


def test_whose_past_was_corrected_is_a_new_baseline_and_others_fire(shop):
    shop.bought(OCTOBER, {BERT: 1})
    shop.placed(dt.date(2018, 10, 2), {ANNA: 2, BERT: 2, CLEO: 0})
    shop.look()
    shop.bought(SEPTEMBER, {ANNA: 9, BERT: 3})
    shop.placed(dt.date(2018, 10, 3), {ANNA: 1, BERT: 1, CLEO: 0})
    shop.look()
    assert shop.events() == [(BERT, 2, 1, True)]
    shop.placed(dt.date(2018, 10, 4), {ANNA: 2, BERT: 1, CLEO: 0})
    shop.look()
    shop.placed(dt.date(2018, 10, 5), {ANNA: 1, BERT: 1, CLEO: 0})
    shop.look()
    assert shop.events() == [(ANNA, 2, 1, True), (BERT, 2, 1, True)]


def test_neither_a_promoted_nor_a_rolled_back_model_fires_for_anybody(shop):
    shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 1, CLEO: 1}, model="m2")
    shop.look()
    shop.placed(dt.date(2018, 9, 21), {ANNA: 2, BERT: 2, CLEO: 0}, model="m1")
    shop.look()
    shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 1, CLEO: 1}, model="m2")
    shop.look()
    assert shop.events() == []


def test_a_day_that_went_back_fires_for_nobody(shop):
    shop.placed(dt.date(2018, 9, 19), {ANNA: 1, BERT: 1, CLEO: 0})
    shop.look()
    assert shop.events() == []


def test_what_a_webhook_did_not_acknowledge_is_sent_at_the_next_look_and_nothing_twice(
    shop, monkeypatch, at_once
):
    monkeypatch.setattr(actions, "MOST_IN_A_POST", 1)
    with receiver([200, 500]) as (url, heard):
        shop.rules(TO_WEBHOOK.format(url))
        shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 1, CLEO: 0})
        shop.look()
        assert shop.events() == [(ANNA, 2, 1, True), (BERT, 2, 1, False)]
        shop.look()
        shop.look()
        told = [call.body["customers"][0]["customer_id"] for call in heard]
    assert told == ["anna", "bert", "bert"]
    assert heard[1].key == heard[2].key
    assert shop.events() == [(ANNA, 2, 1, True), (BERT, 2, 1, True)]


def test_a_webhook_that_was_away_is_told_soon_in_order_and_takes_each_event_once(shop, monkeypatch, at_once):
    clock = SimpleNamespace(time=lambda: clock.now, now=0.0)
    monkeypatch.setattr(sensors, "time", clock)
    with receiver([503, 503, 503]) as (url, heard):
        shop.rules(TO_WEBHOOK.format(url))
        for day, segments in ((21, {ANNA: 1, BERT: 2, CLEO: 0}), (22, {ANNA: 1, BERT: 1, CLEO: 1})):
            shop.placed(dt.date(2018, 9, day), segments)
            shop.look()
        # The second look did not try its own customers before those of the first.
        assert [len(call.body["customers"]) for call in heard] == [1, 1]
        asked = {}
        for clock.now in range(0, 400, 30):
            asked[clock.now], words = shop.tick()
        assert [second for second, runs in asked.items() if runs] == [60, 180]
        assert words == "nothing is open"
        assert shop.send().success
    taken = {call.key: call.body["customers"] for call in heard[3:]}
    assert [call.key for call in heard[:4]] == [heard[0].key] * 4
    assert len(heard) == 5
    assert [[each["customer_id"] for each in rows] for rows in taken.values()] == [["anna"], ["bert", "cleo"]]
    assert {sent for *_, sent in shop.events()} == {True}


def test_killed_between_the_answer_and_its_record_the_same_key_comes_again(shop, monkeypatch, at_once):
    def killed(*_):
        raise RuntimeError("killed")

    with receiver([]) as (url, heard):
        shop.rules(TO_WEBHOOK.format(url))
        shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 1, CLEO: 0})
        with monkeypatch.context() as patch:
            patch.setattr(sending, "_note_sent", killed)
            shop.look(succeeds=False)
            assert not shop.send().success
        assert shop.send().success
        assert shop.send().success
    assert len(heard) == 3
    assert heard[0] == heard[1] == heard[2]
    assert shop.events() == [(ANNA, 2, 1, True), (BERT, 2, 1, True)]


def test_what_nobody_waits_for_or_nobody_is_on_file_for_is_not_asked_for(shop, at_once):
    with receiver([500]) as (url, _):
        shop.rules(TO_WEBHOOK.format(url))
        shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 2, CLEO: 0})
        shop.look()
    assert "vips: 1 customers not sent yet" in shop.tick()[1]
    shop.customers({BERT: "bert", CLEO: "cleo"})
    assert shop.tick() == (0, "nothing is open")
    shop.customers({ANNA: "anna"})
    shop.rules(TO_FILE.replace("vips", "others"))
    assert shop.tick() == (0, "nothing is open")
    shop.rules("[[rules]\n")
    assert "cannot be read as TOML" in shop.tick()[1]


def test_an_address_that_is_gone_fills_no_run_list_and_keeps_no_other_rule_waiting(shop, monkeypatch):
    clock = SimpleNamespace(time=lambda: clock.now, now=0.0)
    monkeypatch.setattr(sensors, "time", clock)
    monkeypatch.setattr(shop, "send", lambda: None)
    waiting = {"gone": 3}
    monkeypatch.setattr(sensors, "_open", lambda _: waiting)
    asked = []
    for clock.now in range(0, 3 * 86_400, 600):
        asked += [clock.now] * shop.tick()[0]
    assert 6 * 3 <= len(asked) <= 6 * 3 + 6
    waiting["away"] = 1
    ticks = []
    for clock.now in range(3 * 86_400, 3 * 86_400 + 91, 30):
        ticks.append(shop.tick()[0])
    assert ticks == [0, 0, 1, 0]


def test_a_step_that_fails_while_it_writes_keeps_nobody_waiting(shop, monkeypatch):
    write = delta.write
    shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 2, CLEO: 0})

    def full(path, table, *more):
        if table is LAST_SEGMENTS:
            raise WarehouseError("the disk is full")
        return write(path, table, *more)

    with monkeypatch.context() as patch:
        patch.setattr(delta, "write", full)
        shop.look(succeeds=False)
    shop.look()
    assert shop.events() == [(ANNA, 2, 1, True)]


def test_who_is_forgotten_is_in_no_event_no_look_and_no_file(shop):
    shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 1, CLEO: 0})
    shop.look()
    path, ids = shop.settings.warehouse, Path(shop.settings.reports_dir, "triggers")
    anna = Person("anna")
    for table in (SEGMENT_EVENTS, LAST_SEGMENTS):
        stored = delta.open_table(path, table).to_pyarrow_table().to_pylist()
        rows = [row | {"customer_key": anna.key} if row["customer_key"] == ANNA else row for row in stored]
        delta.write(path, table, stream(table, [table.in_memory(rows)]))
    (file,) = ids.iterdir()
    file.write_text(file.read_text().replace(f",{ANNA}\n", f",{anna.key}\n"))
    where = Where(path, shop.settings.reports_dir, path / ".dagster")
    removal.remove(where, removal.look(where, anna), anna)
    assert [row[0] for row in shop.events()] == [BERT]
    last = delta.open_table(path, LAST_SEGMENTS).to_pyarrow_table()["customer_key"].to_pylist()
    assert sorted(last) == [BERT, CLEO]
    assert file.read_text().splitlines()[1:] == [f"bert,2018-09-21,2,1,{BERT}"]


def test_a_step_killed_before_the_look_was_noted_sees_and_sends_the_same(shop, monkeypatch):
    shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 2, CLEO: 0})
    stored = delta.open_table(shop.settings.warehouse, LAST_SEGMENTS).to_pyarrow_table()
    with monkeypatch.context() as patch:
        patch.setattr(sending, "send", lambda *_: None)
        shop.look()
    assert shop.events() == [(ANNA, 2, 1, False)]
    delta.write(shop.settings.warehouse, LAST_SEGMENTS, stream(LAST_SEGMENTS, [ibis.memtable(stored)]))
    shop.look()
    assert shop.events() == [(ANNA, 2, 1, True)]


def test_an_invalid_rule_is_one_error_and_loses_no_change(shop):
    shop.rules(TO_FILE.replace("enters", "becomes"))
    shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 2, CLEO: 0})
    shop.look(succeeds=False)
    assert "rule 'vips': when 'becomes' is not 'enters' or 'leaves'" in shop.faults[0]
    shop.rules(TO_FILE)
    shop.look()
    assert shop.events() == [(ANNA, 2, 1, True)]


def test_who_left_the_file_is_told_to_nobody(shop):
    shop.customers({BERT: "bert", CLEO: "cleo"})
    shop.placed(dt.date(2018, 9, 21), {BERT: 1, CLEO: 0})
    shop.rules(TO_FILE.replace("enters", "leaves").replace("VIP Champions", "At Risk"))
    shop.look()
    assert shop.events() == [(BERT, 2, 1, True)]


def test_a_lost_last_look_is_a_new_baseline_and_keeps_the_events(shop):
    shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 2, CLEO: 0})
    shop.look()
    shutil.rmtree(delta.table_path(shop.settings.warehouse, LAST_SEGMENTS))
    shop.placed(dt.date(2018, 9, 22), {ANNA: 1, BERT: 1, CLEO: 0})
    shop.look()
    assert shop.events() == [(ANNA, 2, 1, True)]
    shop.placed(dt.date(2018, 9, 23), {ANNA: 1, BERT: 1, CLEO: 1})
    shop.look()
    assert shop.events() == [(ANNA, 2, 1, True), (CLEO, 0, 1, True)]

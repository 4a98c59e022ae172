"""Looks at segments through Dagster: what fires, what does not, and that nothing is told twice."""

import datetime as dt
import shutil
import uuid

import dagster as dg
import ibis
import pytest

from hm_assets import planning, runs
from hm_assets.customers.tables import CUSTOMERS
from hm_assets.definitions import build_defs
from hm_assets.features.tables import CUSTOMER_DAYS
from hm_assets.monitoring.triggers import actions, assets
from hm_assets.monitoring.triggers.tables import LAST_SEGMENTS, SEGMENT_EVENTS
from hm_assets.segments.tables import ASSIGNMENTS
from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.io_manager import stream
from hm_assets.warehouse.partitions import MONTHS
from hm_assets_tests.monitoring.triggers.receiver import receiver

SEPTEMBER, OCTOBER = dt.date(2018, 9, 1), dt.date(2018, 10, 1)
ANNA, BERT, CLEO = 1, 2, 3
RULE = '[[rules]]\nname = "vips"\nwhen = "enters"\nsegment = "VIP Champions"\n'
TO_FILE = RULE + 'action = "file"\n'


class Shop:
    """A warehouse with hand-made assignments and days."""

    def __init__(self, path, instance):
        self.settings, self.instance = Settings(warehouse=path, depth="quick"), instance
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


@pytest.fixture
def shop(tmp_path):
    with dg.instance_for_test() as instance:
        shop = Shop(tmp_path / "warehouse", instance)
        shop.rules(TO_FILE)
        shop.placed(dt.date(2018, 9, 20), {ANNA: 2, BERT: 2, CLEO: 0})
        shop.look()
        assert shop.events() == []
        yield shop


def test_a_change_within_the_month_fires_once_and_every_further_change_again(shop):
    shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 2, CLEO: 0})
    for _ in range(2):
        shop.look()
        assert shop.events() == [(ANNA, 2, 1, True)]
    (file,) = (shop.settings.reports_dir / "triggers").iterdir()
    assert file.read_text().splitlines()[1:] == ["anna,2018-09-21,2,1"]
    shop.placed(dt.date(2018, 9, 21), {ANNA: 2, BERT: 2, CLEO: 0})
    shop.look()
    shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 2, CLEO: 1})
    shop.look()
    assert shop.events() == [(ANNA, 2, 1, True), (ANNA, 2, 1, True), (CLEO, 0, 1, True)]


def test_equal_assignments_give_an_equal_data_version(shop):
    def version():
        event = shop.instance.get_latest_materialization_event(dg.AssetKey(["monitoring", "last_segments"]))
        return event.asset_materialization.tags["dagster/data_version"]

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


def test_a_promoted_model_fires_for_nobody(shop):
    shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 1, CLEO: 1}, model="m2")
    shop.look()
    shop.look()
    assert shop.events() == []


def test_a_day_that_went_back_fires_for_nobody(shop):
    shop.placed(dt.date(2018, 9, 19), {ANNA: 1, BERT: 1, CLEO: 0})
    shop.look()
    assert shop.events() == []


def test_what_a_webhook_did_not_acknowledge_is_sent_at_the_next_look_and_nothing_twice(shop, monkeypatch):
    monkeypatch.setattr(actions, "MOST_IN_A_POST", 1)
    monkeypatch.setattr(actions, "PAUSES_SECONDS", ())
    monkeypatch.setattr(actions.post, "__defaults__", ((),))
    with receiver([200, 500]) as (url, heard):
        shop.rules(f'{RULE}action = "webhook"\nurl = "{url}"\n')
        shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 1, CLEO: 0})
        shop.look()
        assert shop.events() == [(ANNA, 2, 1, True), (BERT, 2, 1, False)]
        shop.look()
        shop.look()
        told = [call.body["customers"][0]["customer_id"] for call in heard]
    assert told == ["anna", "bert", "bert"]
    assert heard[1].key == heard[2].key
    assert shop.events() == [(ANNA, 2, 1, True), (BERT, 2, 1, True)]


def test_a_step_killed_before_the_look_was_noted_sees_and_sends_the_same(shop, monkeypatch):
    shop.placed(dt.date(2018, 9, 21), {ANNA: 1, BERT: 2, CLEO: 0})
    stored = delta.open_table(shop.settings.warehouse, LAST_SEGMENTS).to_pyarrow_table()
    with monkeypatch.context() as patch:
        patch.setattr(assets, "_act", lambda *_: None)
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

"""`hm run` makes what is missing or out of date, in order, and nothing else."""

import re
import shutil
import uuid

import dagster as dg
import pytest

from hm_assets import planning, runs
from hm_assets.definitions import TABLES, build_defs
from hm_assets.warehouse import delta, identity
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.io_manager import PARTITION_ROWS
from hm_assets_tests.running import made, platform

pytestmark = pytest.mark.slow

LATEST = ("2019-06", "2019-06")
VERSION = "dagster/data_version"
# A whole run also scores methods and draws reports; most tests need only what leads to the profiles.
MAIN = "group:raw or +key:profiles/segment_profiles"
# And many only what customers did.
FEATURES = "group:raw or +key:features/customer_features"


@pytest.fixture
def built(tmp_path, finished):
    """A copy of the finished warehouse with its instance, and a landing zone that may be changed."""
    warehouse = tmp_path / "warehouse"
    shutil.copytree(finished, warehouse)
    shutil.copytree(identity.read(finished).raw, tmp_path / "raw")
    with platform(warehouse, tmp_path / "raw", warehouse / ".dagster") as it:
        it.land()
        yield it


def lines_of(raw, month):
    header, *lines = (raw / "transactions_train.csv").read_text().splitlines()
    return header, [line for line in lines if line.startswith(month)]


def monthly_features(it):
    """Digest by month of every monthly table of features that is made for all months, and of the latest of others."""
    return {
        path: it.digests(path)
        if path not in planning.BUT_LATEST
        else it.digests(path)[parse_month(LATEST[0])]
        for path, table in TABLES.items()
        if table.stage == "features" and table.monthly
    }


def told_of_customers(it):
    """The data version that Dagster knows, and how many rows it was told of."""
    told = it.instance.get_latest_materialization_event(
        dg.AssetKey(["raw", "customers"])
    ).asset_materialization
    return told.tags[VERSION], told.metadata["dagster/row_count"]


def test_a_first_run_makes_every_month_of_what_is_asked_for_all_of_them_and_a_second_nothing(built):
    it = built
    graph = build_defs(it.settings).resolve_asset_graph()
    every, latest = {f"{month:%Y-%m-01}" for month in it.months()}, {"2019-06-01"}
    for key in graph.executable_asset_keys:
        made_of = set(it.instance.get_materialized_partitions(key))
        if not graph.get(key).is_partitioned:
            assert it.instance.get_latest_materialization_event(key) is not None
        elif (
            key.path[0] in planning.EVERY_MONTH and "/".join(key.path) not in planning.BUT_LATEST
        ) or "/".join(key.path) in planning.ALSO_EVERY_MONTH:
            assert made_of == every, key
        else:
            assert made_of == latest, key
    assert it.land() == []
    assert it.run() == []


def test_the_same_file_again_and_a_touch_change_nothing(built):
    it = built
    text = (it.raw / "transactions_train.csv").read_bytes()
    (it.raw / "transactions_train.csv").write_bytes(text)
    assert it.land() == []
    assert it.run() == []


def test_a_corrected_month_remakes_what_saw_it_and_taken_back_gives_what_was_built(built):
    it, at_first = built, monthly_features(built)
    before = {name: it.rows(name) for name in ("raw/transactions", "features/customer_features")}
    header, lines = lines_of(it.raw, "2019-03")
    (it.raw / "transactions_2019-03.csv").write_text("\n".join([header, *lines[: len(lines) // 2]]) + "\n")
    told = it.land()
    assert [event.partition for event in told] == ["2019-03-01"]
    again = made(it.run(f"{MAIN} or group:features"))
    assert again["raw/transactions"] == ("2019-03", "2019-03")
    # A customer-day knows what its articles used to cost in the 90 days before.
    assert again["features/customer_days"] == ("2019-03", "2019-06")
    assert again["features/customer_attributes"] == ("2019-03", "2019-03")
    # An article's day knows who bought it in the 28 days before.
    assert again["features/article_days"] == ("2019-03", "2019-04")
    assert again["features/article_features"] == ("2019-03", "2019-06")
    assert again["features/imputed_ages"] == ("2019-03", "2019-06")
    assert again["features/affinities"] == again["features/age_estimates"] == LATEST
    assert again["features/customer_features"] == ("2019-03", "2019-06")
    assert again["segments/assignments"] == ("2019-03", "2019-06")
    assert again["profiles/segment_profiles"] == LATEST
    assert "raw/customers" not in again
    assert "customers/customers" not in again
    after = it.rows("raw/transactions")
    assert sum(row[-1].month == 3 for row in after) == len(lines) // 2
    assert [row for row in before["raw/transactions"] if row[-1].month != 3] == [
        r for r in after if r[-1].month != 3
    ]
    untouched = [row for row in before["features/customer_features"] if row[-1].isoformat() < "2019-03"]
    assert untouched == [r for r in it.rows("features/customer_features") if r[-1].isoformat() < "2019-03"]
    assert monthly_features(it) != at_first
    (it.raw / "transactions_2019-03.csv").unlink()
    it.land()
    it.run("group:features or group:raw")
    assert monthly_features(it) == at_first


def test_a_new_month_is_scored_without_a_refit_and_gives_what_a_rebuild_gives(built, tmp_path):
    it = built
    header, lines = lines_of(it.raw, "2019-06")
    base, month = it.raw / "transactions_train.csv", it.raw / "transactions_2019-06.csv"
    earlier = [line for line in base.read_text().splitlines() if not line.startswith("2019-06")]
    base.write_text("\n".join(earlier) + "\n")
    with platform(tmp_path / "nine", it.raw) as nine:
        nine.land()
        nine.run(MAIN)
        champion = (nine.warehouse / "segments" / "champion.json").read_bytes()
        month.write_text("\n".join([header, *lines]) + "\n")
        nine.land()
        again = made(nine.run(f"{MAIN} or +group:features"))
        assert (nine.warehouse / "segments" / "champion.json").read_bytes() == champion
        assert again["segments/assignments"] == LATEST
        assert again["features/customer_features"] == LATEST
        assert {row[-2] for row in nine.rows("segments/assignments")} == {True, False}
        assert monthly_features(nine) == monthly_features(it)
        # Versions are of the content, whatever way led to it.
        assert told_of_customers(nine) == told_of_customers(it)


def test_a_lost_table_is_named_with_the_run_that_made_it(built):
    it = built
    shutil.rmtree(it.warehouse / "customers" / "customers")
    batch = planning.Batch((dg.AssetKey(["segments", "assignments"]),), (it.months()[0], it.months()[-1]))
    result = runs.execute(build_defs(it.settings), it.instance, batch, str(uuid.uuid4()))
    assert not result.success
    (fault,) = runs.faults(result)
    assert re.match(
        r"segments/assignments: customers/customers was recorded by run .*, but its table at .* is gone\. "
        r"Materialise it again: `hm run --select key:customers/customers`",
        fault,
    )


def test_a_lost_month_is_named_with_the_way_out(built):
    it = built
    delta.write(it.warehouse, TABLES["features/customer_days"], [], [parse_month("2019-01")])
    batch = planning.Batch((dg.AssetKey(["features", "customer_features"]),), (it.months()[-1],) * 2)
    result = runs.execute(build_defs(it.settings), it.instance, batch, str(uuid.uuid4()))
    assert re.search(
        r"features/customer_days: month 2019-01 was recorded with .* rows", runs.faults(result)[0]
    )


def test_a_selection_makes_only_what_it_names(tmp_path, small):
    with platform(tmp_path / "warehouse", small) as it:
        it.land()
        assert set(made(it.run(select="group:raw"))) == {
            "raw/customers",
            "raw/articles",
            "raw/transactions",
            "raw/rejects",
            "raw/deliveries",
        }
        with pytest.raises(HmAssetsError, match="no asset matches"):
            it.run(select="group:nonsense")


def test_deliveries_follow_a_corrected_month(built):
    it = built
    header, lines = lines_of(it.raw, "2019-06")
    (it.raw / "transactions_2019-06.csv").write_text("\n".join([header, *lines[:-5]]) + "\n")
    it.land()
    assert "raw/deliveries" in made(it.run(select="group:raw"))
    june = [row for row in it.rows("raw/deliveries") if str(row[1]) == "2019-06-01"]
    accepted_refused_superseded = {row[0]: row[4:7] for row in june}
    assert accepted_refused_superseded == {
        "transactions_train.csv": (0, 0, len(lines)),
        "transactions_2019-06.csv": (len(lines) - 5, 0, 0),
    }


def test_a_month_whose_file_is_taken_away_holds_nothing_any_more(built):
    it = built
    base, month = it.raw / "transactions_train.csv", it.raw / "transactions_2019-06.csv"
    header, lines = lines_of(it.raw, "2019-06")
    month.write_text("\n".join([header, *lines]) + "\n")
    base.write_text(
        "\n".join(line for line in base.read_text().splitlines() if not line.startswith("2019-06")) + "\n"
    )
    it.land()
    it.run(FEATURES)
    assert len(it.rows("raw/transactions", [parse_month("2019-06")])) == len(lines)
    month.unlink()
    assert [event.partition for event in it.land()] == ["2019-06-01"]
    it.run(FEATURES)
    assert it.rows("raw/transactions", [parse_month("2019-06")]) == []
    assert it.rows("features/customer_days", [parse_month("2019-06")]) == []
    assert {str(row[1]) for row in it.rows("raw/deliveries")} == {"None", *map(str, it.months())}


def test_a_failed_blocking_check_holds_what_is_below_in_later_runs_too(built):
    it = built
    header, lines = lines_of(it.raw, "2019-06")
    bad = [line.replace("2019-06", "2019-13") for line in lines[:50]]
    (it.raw / "transactions_2019-06.csv").write_text("\n".join([header, *bad, *lines[50:]]) + "\n")
    it.land()
    customer_days = it.rows("features/customer_days")
    for _ in range(2):
        with pytest.raises(
            AssertionError, match=r"few_rows_are_refused: transactions_2019-06.csv: .*50 for t_dat no date"
        ):
            it.run(FEATURES)
        assert it.rows("features/customer_days") == customer_days
    (it.raw / "transactions_2019-06.csv").write_text("\n".join([header, *lines[50:]]) + "\n")
    it.land()
    it.run(FEATURES)
    assert it.rows("features/customer_days") != customer_days


def test_months_that_do_not_adjoin_are_all_made_before_what_reads_them(built):
    it = built
    for month in ("2018-10", "2019-02"):
        header, lines = lines_of(it.raw, month)
        (it.raw / f"transactions_{month}.csv").write_text("\n".join([header, *lines[3:]]) + "\n")
    it.land()
    batches = it.run(FEATURES)
    assert [batch.months for batch in batches if dg.AssetKey(["raw", "transactions"]) in batch.keys] == [
        (parse_month(month),) * 2 for month in ("2018-10", "2019-02")
    ]
    assert sum(dg.AssetKey(["raw", "deliveries"]) in batch.keys for batch in batches) == 1
    assert it.run(FEATURES) == []


def test_a_refused_row_more_is_told_though_no_table_changed(built):
    it = built
    with (it.raw / "transactions_train.csv").open("a") as file:
        file.write("yesterday,nobody,1,0.1,1\n")
    it.land()
    again = made(it.run(FEATURES))
    assert {"raw/rejects", "raw/deliveries"} <= set(again)
    assert "features/customer_days" not in again
    assert [row[2:4] for row in it.rows("raw/rejects")] == [("t_dat", "yesterday")]


def test_what_is_gone_from_disk_is_made_again(built):
    it = built
    champion = it.warehouse / "segments" / "champion.json"
    model = champion.read_bytes()
    champion.unlink()
    before = it.rows("features/customer_features")
    shutil.rmtree(it.warehouse / "features" / "customer_features")
    shutil.rmtree(it.warehouse / "customers" / "customers")
    again = made(it.run(MAIN))
    assert set(again) == {"features/customer_features", "customers/customers", "segments/champion"}
    assert it.rows("features/customer_features") == before
    assert champion.read_bytes() == model


@pytest.mark.parametrize(("stored", "lost"), [(set(), True), ({""}, False)])
def test_a_month_without_rows_is_lost_only_together_with_its_table(tmp_path, stored, lost):
    key, month = dg.AssetKey(["profiles", "age_parity"]), LATEST[0]
    with platform(tmp_path, tmp_path) as it:
        it.instance.report_runless_asset_event(
            dg.AssetMaterialization(key, partition=f"{month}-01", metadata={PARTITION_ROWS: 0})
        )
        planner = planning.Planner(build_defs(it.settings), it.instance, [], [parse_month(month)])
        assert planner._is_lost(key, f"{month}-01", stored) == lost

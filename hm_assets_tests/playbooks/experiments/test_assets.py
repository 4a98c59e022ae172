"""The assets called as Dagster calls them, their check, and the documents that come of them."""

import csv
import datetime as dt
import json

import dagster as dg
import ibis
import pytest

from hm_assets.playbooks.experiments import assets, report
from hm_assets.playbooks.experiments.checks import arms_are_as_planned
from hm_assets.playbooks.experiments.tables import AUDIENCES
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import month_end
from hm_assets.warehouse.manifest import EXPERIMENTS_MANIFEST, read_manifest
from hm_assets.warehouse.resources import Warehouse
from hm_assets_tests.playbooks.experiments import shop

HOSTILE = '<script>alert(1)</script> "VIP" 🧥 ' + "x" * 10_000
LATER = dt.date(2019, 6, 1)


def context(month: dt.date = shop.MONTH) -> dg.AssetExecutionContext:
    return dg.build_asset_context(partition_key=month.isoformat())


def rows_of(table: ibis.Table) -> list[dict]:
    return table.to_pyarrow().to_pylist()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    root, raw = tmp_path_factory.mktemp("wh"), tmp_path_factory.mktemp("raw")
    value = {
        "source": "a made-up shop",
        "raw": str(raw),
        "first_month": "2018-08",
        "last_month": None,
        "depth": "quick",
    }
    (root / "warehouse.json").write_text(json.dumps(value))
    return Warehouse(Settings(warehouse=root))


@pytest.fixture(scope="module")
def made(warehouse):
    plans = assets.holdout_plans(
        context(),
        warehouse=warehouse,
        customers=shop.customers(),
        assignments=shop.assignments(),
        customer_days=shop.customer_days(),
    ).value
    parts = assets.audiences(
        context(),
        customers=shop.customers(),
        assignments=shop.assignments(1),
        customer_features=shop.customer_features(),
        holdout_plans=plans,
    ).value
    audience = parts[0].union(*parts[1:])
    delta.write(warehouse.path, AUDIENCES, audience.to_pyarrow().to_batches(), [shop.MONTH])
    return {"holdout_plans": plans, "audiences": audience}


def check(made, **other):
    tables = {**made, "assignments": shop.assignments(1), "customers": shop.customers(), **other}
    return arms_are_as_planned(**tables)


def test_everybody_but_who_left_is_in_an_arm_and_the_check_sees_it(made):
    rows = rows_of(made["audiences"])
    left = sum(n % shop.LEFT_EVERY == 1 for *_, n in shop.people())
    assert len(rows) == sum(shop.SIZES.values()) - left
    assert {row["arm"] for row in rows} == {"treated", "holdout"}
    assert {row["spend_before"] for row in rows if row["segment_id"] == 0} == {0.0}
    assert check(made).passed


def test_the_check_finds_a_lost_customer_a_stranger_and_a_changed_arm(made):
    audience = made["audiences"]
    lost = audience.filter(audience.customer_id != "2-7")
    assert not check(made | {"audiences": lost}).passed
    nobody = audience.mutate(arm=ibis.literal("treated"))
    assert not check(made | {"audiences": nobody}).passed
    assert not check(made, customers=shop.customers().filter(ibis._.customer_key < 2005)).passed


def results_of(warehouse, made, without=()):
    raw = warehouse.path.parent / json.loads((warehouse.path / "warehouse.json").read_text())["raw"]
    with (raw / "campaign_results.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["campaign", "customer_id", "ordered", "spend"])
        for row in rows_of(made["audiences"]):
            n = int(row["customer_id"].split("-")[1])
            ordered = n % 10 < (4 if row["arm"] == "treated" else 2)
            if row["customer_id"] not in without:
                writer.writerow([row["campaign"], row["customer_id"], int(ordered), 1.5 * ordered])
    return assets.campaign_results(warehouse=warehouse)


def documents(warehouse, made, monkeypatch, month, results):
    monkeypatch.setattr(assets, "banner_of", lambda *_: "")
    monkeypatch.setattr(assets, "latest_record", lambda *_: None)
    plans = made["holdout_plans"].mutate(
        month=ibis.literal(month, "date"), as_of=ibis.literal(month_end(month), "date")
    )
    effects = assets.campaign_effects(
        context(month), warehouse=warehouse, holdout_plans=plans, campaign_results=results
    ).value
    profiles = ibis.memtable(
        [{"segment_id": i, "segment_name": f"{HOSTILE} {i}", "month": month} for i in shop.SIZES]
    ).cast({"month": "date"})
    told = assets.experiments(
        context(month),
        warehouse=warehouse,
        holdout_plans=plans,
        audiences=made["audiences"].mutate(month=ibis.literal(month, "date")),
        campaign_results=results,
        campaign_effects=effects,
        segment_profiles=profiles,
        champion={"version": "1"},
        passports={month.isoformat(): {}},
    )
    folder = warehouse.settings.reports_dir / f"{month:%Y-%m}"
    return folder, told.data_version.value


def test_without_a_file_nothing_is_measured_and_the_documents_are_whole(warehouse, made, monkeypatch):
    empty = assets.campaign_results(warehouse=warehouse)
    assert rows_of(empty.value) == []
    folder, version = documents(warehouse, made, monkeypatch, shop.MONTH, empty.value)
    assert documents(warehouse, made, monkeypatch, shop.MONTH, empty.value)[1] == version
    manifest = read_manifest(folder, EXPERIMENTS_MANIFEST)
    assert {entry.name for entry in manifest.files} == {
        path.name for path in folder.iterdir() if path.name != EXPERIMENTS_MANIFEST
    }
    page = (folder / report.REPORT).read_text()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "(assumption)" in page
    assert "Nothing yet" in page


def test_the_lists_are_the_arms_and_run_in_no_spreadsheet(warehouse, made, monkeypatch):
    folder, _ = documents(
        warehouse, made, monkeypatch, shop.MONTH, assets.campaign_results(warehouse=warehouse).value
    )
    listed = []
    for path in sorted(folder.glob("campaign-*.csv")):
        with path.open(newline="") as file:
            listed += list(csv.DictReader(file))
    assert not [row for row in listed if row["customer_id"].startswith(("=", "+", "-", "@"))]
    expected = {
        (row["customer_id"], str(row["segment_id"]), row["arm"]) for row in rows_of(made["audiences"])
    }
    assert {
        (row["customer_id"].removeprefix("'"), row["segment_id"], row["arm"]) for row in listed
    } == expected
    assert len(listed) == len(expected)


def test_a_measured_campaign_is_on_the_page_after_its_days_and_not_before(warehouse, made, monkeypatch):
    results = results_of(warehouse, made)
    assert "measured: 2019-03" in results.metadata["finding"]
    early, _ = documents(warehouse, made, monkeypatch, dt.date(2019, 5, 1), results.value)
    late, _ = documents(warehouse, made, monkeypatch, LATER, results.value)
    assert "Nothing yet" in (early / report.REPORT).read_text()
    page = (late / report.REPORT).read_text()
    assert "It worked" in page
    assert "HM_CAMPAIGN_ALPHA=" in page


def test_a_list_of_which_few_are_missing_is_not_to_be_used(warehouse, made, monkeypatch):
    held = [row["customer_id"] for row in rows_of(made["audiences"]) if row["arm"] == "holdout"]
    results = results_of(warehouse, made, without=held[: len(held) // 6])
    assert "do not use: 2019-03" in results.metadata["finding"]
    folder, _ = documents(warehouse, made, monkeypatch, LATER, results.value)
    assert "Do not use" in (folder / report.REPORT).read_text()


def test_nobody_has_bought(warehouse):
    nobody = shop.assignments(1).mutate(segment_id=ibis.literal(0, "int32"))
    rows = rows_of(
        assets.holdout_plans(
            context(),
            warehouse=warehouse,
            customers=shop.customers(),
            assignments=nobody,
            customer_days=shop.customer_days(1).limit(0),
        ).value
    )
    (plan,) = [row for row in rows if row["chosen"]]
    assert (plan["segment_id"], plan["verdict"], plan["holdout"]) == (0, "no_history", 0)

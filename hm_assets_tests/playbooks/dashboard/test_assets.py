"""What the asset reads: the month alone, and what was never made is not missed."""

import datetime as dt

from hm_assets.playbooks.dashboard import assets, report
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.resources import Warehouse
from hm_assets_tests.forecasts.page.test_assets import table
from hm_assets_tests.playbooks.dashboard import months
from hm_assets_tests.profiles.page.months import AS_OF, MONTH, assignments, shop

LATER = dt.date(2020, 10, 1)


def inputs(people):
    rows = {field: [{**row, "month": MONTH} for row in made] for field, made in months.rows(people).items()}
    rows["profiles"] += [{**row, "value": 1.0, "month": LATER} for row in rows["profiles"]]
    found = {of.name: table(of, rows[field]) for field, of in assets.ROWS.items()}
    features = [{**row, "month": MONTH} for row in people.drop_columns("segment_id").to_pylist()]
    found["customer_features"] = table(assets.PEOPLE[1], features)
    moved = [
        {"customer_key": row["customer_key"], "segment_id": i, "rises_with_one_order": i == 3, "month": MONTH}
        for row, i in zip(features, people["segment_id"].to_pylist(), strict=True)
    ]
    found["customer_movement"] = table(assets.PEOPLE[0], moved)
    found["attribute_values"] = table(assets.PEOPLE[2], [])
    return found | {"assignments": assignments(people)}


def test_a_month_without_forecasts_and_strategy_is_whole(tmp_path):
    people = shop()
    told = assets.month_of_tables(
        Warehouse(Settings(warehouse=tmp_path)), inputs(people), MONTH, months.VERSIONS
    )
    assert told.month.as_of == AS_OF
    assert told.outlook == told.strategy == []
    assert {row["measure"] for row in told.worth} == {"spend_365d"}
    assert told.one_order_away[-1] == {"segment_id": 3, "customers": 40, "rises": 40}
    assert told.month.value(1, "customers") == 40
    path = report.write_dashboard(told, reports=tmp_path, versions=months.VERSIONS, source="made up")
    assert 'data-not-enough="ahead"' in path.read_text()


def test_forecasts_are_read_where_they_were_made(tmp_path):
    people = shop()
    value = table(
        assets.VALUE,
        [
            {"customer_key": key, "value_12m": 1.0, "month": MONTH}
            for key in people["customer_key"].to_pylist()
        ],
    ).to_pyarrow()
    filled = value.select(["customer_key", "value_12m", "month"])
    import deltalake

    deltalake.write_deltalake(str(delta.table_path(tmp_path, assets.VALUE)), filled, partition_by=["month"])
    told = assets.month_of_tables(
        Warehouse(Settings(warehouse=tmp_path)), inputs(people), MONTH, months.VERSIONS
    )
    assert {row["median"] for row in told.worth if row["measure"] == "value_12m"} == {1.0}


def test_a_month_without_profiles_has_no_dashboard(tmp_path):
    empty = {**inputs(shop()), "segment_profiles": table(assets.ROWS["profiles"], [])}
    warehouse = Warehouse(Settings(warehouse=tmp_path))
    assert assets.month_of_tables(warehouse, empty, MONTH, months.VERSIONS) is None

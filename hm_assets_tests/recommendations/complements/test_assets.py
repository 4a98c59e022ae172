"""The assets called as Dagster calls them, and their checks on sound and broken tables."""

import datetime as dt
import functools

import dagster as dg
import ibis
import pyarrow as pa
import pytest

from hm_assets.recommendations.complements import assets
from hm_assets.recommendations.complements.checks import (
    complements_are_other_products,
    rules_hold_in_both_directions,
)
from hm_assets.recommendations.complements.tables import ANOTHER_COLOUR, TABLES
from hm_assets.settings import Settings
from hm_assets.warehouse.resources import Warehouse
from hm_assets_tests.recommendations.complements.shops import LAST, articles, lines

MONTH = dt.date(2019, 6, 1)


def placed(rows: pa.Table) -> ibis.Table:
    """`segments/assignments`: two segments by customer."""
    keys = sorted(set(rows["customer_key"].to_pylist()))
    made = [{"customer_key": k, "segment_id": 1 + k % 2, "month": MONTH} for k in keys]
    types = (("customer_key", pa.int64()), ("segment_id", pa.int32()), ("month", pa.date32()))
    return ibis.memtable(pa.Table.from_pylist(made, schema=pa.schema(types)))


def make(rows: pa.Table, folder) -> dict[str, ibis.Table]:
    """Every table of the room for a month."""
    warehouse = Warehouse(Settings(warehouse=folder, depth="quick", threads=1))
    inputs = {"transactions": ibis.memtable(rows), "articles": articles()}

    def context() -> dg.AssetExecutionContext:
        return dg.build_asset_context(partition_key=MONTH.isoformat())

    def whole(parts) -> ibis.Table:
        return functools.reduce(ibis.Table.union, parts) if isinstance(parts, list) else parts

    rules = whole(assets.rules_of_baskets(context(), **inputs).value)
    return {
        "rules": rules,
        "bought_together": whole(
            assets.bought_together(context(), rules=rules, articles=inputs["articles"]).value
        ),
        "complement_scores": assets.complement_scores(context(), warehouse=warehouse, **inputs).value,
        "cross_sell": assets.cross_sell_of_segments(
            context(), rules=rules, assignments=placed(rows), **inputs
        ).value,
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    rows = lines(days=150, baskets=2_500)
    later = rows.set_column(0, "t_dat", pa.array([LAST + dt.timedelta(days=9)] * len(rows), pa.date32()))
    month = pa.array([dt.date(2019, 7, 1)] * len(rows), pa.date32())
    later = later.set_column(later.column_names.index("month"), "month", month)
    folder = tmp_path_factory.mktemp("wh")
    return make(rows, folder), make(pa.concat_tables([rows, later]), folder)


def test_the_tables_have_the_registry_s_columns_and_unique_keys(made):
    for table in TABLES:
        found = made[0][table.name].to_pyarrow()
        assert set(found.column_names) == {column.name for column in table.stored_columns}, table.name
        keys = [tuple(row[name] for name in table.key) for row in found.to_pylist()]
        assert len(set(keys)) == len(keys), table.name
        assert found.num_rows or table.name == "cross_sell", "segments by chance lack nothing"


def test_a_month_reads_nothing_later_than_itself(made):
    for name, table in made[0].items():
        columns = sorted(table.columns)
        one, other = (which[name].to_pyarrow().select(columns) for which in made)
        order = [(column, "ascending") for column in columns]
        assert one.sort_by(order).equals(other.sort_by(order)), name


def test_the_checks_pass_what_is_sound_and_find_what_is_not(made):
    rules, lists = made[0]["rules"], made[0]["bought_together"]
    assert rules_hold_in_both_directions(rules).passed
    assert complements_are_other_products(lists, articles()).passed
    assert not rules_hold_in_both_directions(rules.limit(1)).passed
    assert not rules_hold_in_both_directions(rules.mutate(confidence=rules.confidence + 1)).passed
    assert not complements_are_other_products(lists.mutate(rank=lists["rank"] + 1), articles()).passed
    colours = rules.filter(rules.relation == ANOTHER_COLOUR)
    assert colours.count().execute() == 2
    sold = lists.mutate(other_key=lists.article_key)
    assert not complements_are_other_products(sold, articles()).passed


def test_a_shop_without_lines_has_empty_tables(tmp_path):
    for name, table in make(lines(baskets=50).slice(0, 0), tmp_path).items():
        assert table.count().execute() == 0, name

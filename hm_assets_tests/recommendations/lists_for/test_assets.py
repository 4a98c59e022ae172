"""The assets called as Dagster calls them, their checks, and what the commands make of the tables."""

import csv
import datetime as dt

import dagster as dg
import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from hm_assets.articles.tables import ARTICLES as ARTICLES_TABLE
from hm_assets.cli import app
from hm_assets.commands.recommend import submission
from hm_assets.customers.tables import CUSTOMERS as CUSTOMERS_TABLE
from hm_assets.recommendations.ladder.catalogue import DECAYED
from hm_assets.recommendations.lists_for import assets, checks
from hm_assets.recommendations.lists_for.customers import ListMaker
from hm_assets.recommendations.lists_for.tables import CUSTOMERS, SEGMENTS, STYLES
from hm_assets.recommendations.tried import making
from hm_assets.segments.tables import ASSIGNMENTS
from hm_assets.serving import customer as one
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.engine import open_engine, stream
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.resources import Warehouse
from hm_assets_tests.recommendations.baskets import as_ibis
from hm_assets_tests.recommendations.lists_for.shops import LAST, STRANGERS, catalogue, known, people, shop
from hm_assets_tests.recommendations.lists_for.test_segments import placed

MONTH = dt.date(2019, 6, 1)
CUSTOMERS_COUNT, ARTICLES = 240, 60
ROWS, _ = shop(CUSTOMERS_COUNT, ARTICLES)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("warehouse")


def inputs(**more) -> dict:
    return {"transactions": as_ibis(ROWS), "catalogue": ibis.memtable(catalogue(ARTICLES)), **more}


def run(asset, *months, **named):
    first, *rest = [month.isoformat() for month in months]
    span = dg.PartitionKeyRange(first, rest[-1]) if rest else None
    context = dg.build_asset_context(partition_key=None if span else first, partition_key_range=span)
    return asset(context, **named)


def lists(path, *months, exclude_owned=False):
    keys = catalogue(ARTICLES)["article_key"].to_pylist()
    found = run(
        assets.lists_of_customers,
        *months,
        config=assets.ListConfig(exclude_owned=exclude_owned),
        warehouse=Warehouse(Settings(warehouse=path, threads=1)),
        **inputs(people=ibis.memtable(people(CUSTOMERS_COUNT))),
        assignments=ASSIGNMENTS.in_memory([]),
        topics=ibis.memtable(
            {"article_key": list(keys), "product_code": ["p"] * len(keys), "topic_1": [1.0] * len(keys)}
        ),
        embeddings=ibis.memtable({"product_code": ["p"], "vector": [[1.0, 0.0]]}),
        ranker={},
    )
    return found, pa.concat_tables(part.to_pyarrow() for part in found.value)


def test_articles_of_topics_are_made_of_one_month_and_of_two():
    keys = catalogue(ARTICLES)["article_key"]
    catalogue_ = catalogue(ARTICLES).append_column(
        "article_id", pa.array([f"{key:010d}" for key in keys.to_pylist()])
    )
    topics = {
        "article_key": keys,
        "topic_1": pa.array([1.0] * len(keys)),
        "topic_2": pa.nulls(len(keys), pa.float64()),
    }
    names = {
        "topic": pa.array([1, 1], pa.int32()),
        "name": ["one", "of the other method"],
        "used": [True, False],
    }
    for months in ([MONTH], [dt.date(2019, 5, 1), MONTH]):
        found = run(
            assets.articles_of_topics,
            *months,
            transactions=as_ibis(ROWS),
            catalogue=ibis.memtable(catalogue_),
            topics=ibis.memtable(pa.table(topics)),
            topic_catalogue=ibis.memtable(pa.table(names)),
        ).to_pyarrow()
        assert sorted(set(found["month"].to_pylist())) == months
        assert len(found) == 12 * len(months) and set(found["topic_name"].to_pylist()) == {"one"}


@pytest.fixture(scope="module")
def made(path):
    return lists(path, MONTH)


def passed(check, *tables):
    return check(*(ibis.memtable(table) for table in tables))


def test_lists_of_a_month_pass_their_check_and_say_what_in_stock_means(made):
    found, rows = made
    everybody = people(CUSTOMERS_COUNT)
    result = passed(checks.everybody_has_a_whole_list, rows, everybody, ROWS)
    assert result.passed, result.metadata
    assert rows.schema.names == CUSTOMERS.arrow_schema().names
    assert "2019-06: sold in the last 7 days" in found.metadata["in_stock"]
    assert found.metadata["recommender"] == f"2019-06: {DECAYED}"
    assert found.metadata["model_version"].startswith(f"{DECAYED}-")


@pytest.mark.parametrize(
    ("fault", "spoil"),
    [
        ("without_a_list", lambda rows: rows.filter(pc.not_equal(rows["customer_key"], 1003))),
        ("not_whole", lambda rows: rows.filter(pc.not_equal(rows["rank"], 12))),
        ("not_ten_digits", lambda rows: rows.set_column(3, "article_id", pa.array(["12"] * len(rows)))),
        ("not_in_stock", lambda rows: rows.set_column(4, "article_key", pc.add(rows["article_key"], 7))),
        ("no_rows", lambda rows: rows.slice(0, 0)),
    ],
)
def test_the_check_tells_what_is_wrong(made, fault, spoil):
    result = passed(checks.everybody_has_a_whole_list, spoil(made[1]), people(CUSTOMERS_COUNT), ROWS)
    assert not result.passed and result.metadata[fault].value > 0


def test_several_months_at_once_are_as_each_alone(path, made):
    _, both = lists(path, dt.date(2019, 5, 1), MONTH)
    assert both.filter(pc.equal(both["month"], pa.scalar(MONTH))).equals(made[1])
    assert set(both["as_of"].to_pylist()) == {dt.date(2019, 5, 31), dt.date(2019, 6, 30)}


def test_owned_articles_can_be_left_out_and_the_version_tells(path, made):
    found, rows = lists(path, MONTH, exclude_owned=True)
    assert "bought" not in rows["reason_kind"].to_pylist()
    assert found.metadata["model_version"] != made[0].metadata["model_version"]


def test_a_small_shop_may_leave_out_what_is_owned():
    """Of five articles many own some, and a few all: their lists are shorter, and theirs alone may be."""
    few = ROWS.filter(pc.is_in(ROWS["article_key"], value_set=pc.unique(ROWS["article_key"])[:5]))
    the = known(few, CUSTOMERS_COUNT, ARTICLES, LAST)
    maker = ListMaker.of(the, making(DECAYED, {}), "v", exclude_owned=True)
    rows = pa.concat_tables(maker.everybody(MONTH))
    everybody = people(CUSTOMERS_COUNT)
    result = passed(checks.everybody_has_a_whole_list, rows, everybody, few)
    assert result.passed, result.metadata
    stranger = pc.equal(rows["customer_key"], 1000 + CUSTOMERS_COUNT)
    last = pc.equal(rows["rank"], pc.max(rows["rank"]))
    for spoilt, fault in (
        (rows.filter(pc.invert(stranger)), "without_a_list"),
        (rows.filter(pc.invert(pc.and_(stranger, last))), "not_whole"),
    ):
        result = passed(checks.everybody_has_a_whole_list, spoilt, everybody, few)
        assert not result.passed and result.metadata[fault].value == 1


def test_segments_and_styles_of_a_month():
    month = pa.repeat(pa.scalar(MONTH, pa.date32()), CUSTOMERS_COUNT + STRANGERS)
    assignments = ibis.memtable(placed().append_column("month", month))
    found = run(assets.lists_of_segments, MONTH, **inputs(assignments=assignments))
    rows = found.value.to_pyarrow()
    assert "4 of 4 segments" in found.metadata["finding"] or "(fewer: segment" in found.metadata["finding"]
    assert checks.lifts_are_no_chance(found.value).passed
    styles = run(assets.styles_of_segments, MONTH, **inputs(assignments=assignments)).to_pyarrow()
    assert rows.schema.names == SEGMENTS.arrow_schema().names
    assert styles.schema.names == STYLES.arrow_schema().names
    wrong = rows.set_column(rows.schema.get_field_index("low"), "low", pa.array([0.9] * len(rows)))
    assert not passed(checks.lifts_are_no_chance, wrong).passed


def test_lists_that_overlap_or_are_short_are_warned_of():
    def row(segment, rank, article):
        return {"segment_id": segment, "rank": rank, "article_key": article, "month": MONTH}

    whole = [row(segment, rank, 100 * segment + rank) for segment in (1, 2) for rank in range(1, 13)]
    assert checks.segments_are_shown_their_own(as_segments(whole)).passed
    same = [row(segment, rank, rank) for segment in (1, 2) for rank in range(1, 13)]
    result = checks.segments_are_shown_their_own(as_segments(same))
    assert not result.passed and "Jaccard 1.00" in result.description
    result = checks.segments_are_shown_their_own(as_segments(whole[:20]))
    assert result.severity is dg.AssetCheckSeverity.WARN and "segment 2" in result.description
    assert "too few buyers" in checks.segments_are_shown_their_own(as_segments(whole[:0])).description


def as_segments(rows):
    schema = SEGMENTS.arrow_schema()
    return ibis.memtable(
        pa.Table.from_pylist(rows, schema=pa.schema([field.with_nullable(True) for field in schema]))
    )


def stored(path, table, rows, months=()):
    delta.write(path, table, stream(table, [rows]), list(months))


@pytest.fixture(scope="module")
def warehouse(path, made):
    """Lists, customers and articles as tables."""
    stored(path, CUSTOMERS, ibis.memtable(made[1]), [MONTH])
    persons = [
        {"customer_id": f'id "{key}", x', "customer_key": key, "fn": 0, "active": 0}
        for key in [*people(CUSTOMERS_COUNT)["customer_key"].to_pylist(), 9999]
    ]
    stored(path, CUSTOMERS_TABLE, CUSTOMERS_TABLE.in_memory(persons))
    articles = [
        {**row, "article_id": f"{row['article_key']:010d}"} for row in catalogue(ARTICLES).to_pylist()
    ]
    stored(path, ARTICLES_TABLE, ARTICLES_TABLE.in_memory(articles))
    return Settings(warehouse=path)


def test_the_submission_names_everybody_with_ids_of_ten_digits(warehouse, made, tmp_path):
    file = tmp_path / "submission.csv"
    assert submission(warehouse, file) == (CUSTOMERS_COUNT + STRANGERS + 1, MONTH)
    with file.open(newline="") as opened:
        rows = {row["customer_id"]: row["prediction"] for row in csv.DictReader(opened)}
    ordered = made[1].sort_by([("customer_key", "ascending"), ("rank", "ascending")]).to_pylist()
    wanted = {}
    for row in ordered:
        wanted.setdefault(f'id "{row["customer_key"]}", x', []).append(row["article_id"])
    # Somebody who came after the lists were made is in the file too, without an article.
    assert rows == {who: " ".join(what) for who, what in wanted.items()} | {'id "9999", x': ""}
    assert file.read_text().startswith("customer_id,prediction\n")
    assert [each.name for each in tmp_path.iterdir()] == ["submission.csv"]


def test_what_is_missing_for_a_submission_is_named(warehouse, tmp_path):
    with pytest.raises(
        WarehouseError, match=r"2018-01 has no lists; made are 2019-06. Make them with `hm run"
    ):
        submission(warehouse, tmp_path / "s.csv", dt.date(2018, 1, 1))
    with pytest.raises(WarehouseError, match="is no folder"):
        submission(warehouse, tmp_path / "nowhere" / "s.csv")
    with pytest.raises(WarehouseError, match="run `hm run` first"):
        submission(Settings(warehouse=tmp_path), tmp_path / "s.csv")
    assert CliRunner().invoke(app, ["recommend", "--help"]).exit_code == 0


def test_a_customer_is_shown_with_their_list_and_why(warehouse, made):
    with open_engine(warehouse) as engine:
        rows = one._recommended(engine, warehouse.warehouse, 1003, MONTH)
        assert one._recommended(engine, warehouse.warehouse, 1003, dt.date(2019, 5, 1)) == ()
    mine = made[1].filter(pc.equal(made[1]["customer_key"], 1003)).to_pylist()
    found = one.OneCustomer({}, MONTH, (), None, None, (), recommended=rows)
    assert [why for _, why in found.shown()] == [row["reason"] for row in mine]
    named = {row["article_key"]: row["prod_name"] for row in catalogue(ARTICLES).to_pylist()}
    for (words, _), row in zip(found.shown(), mine, strict=True):
        assert words.startswith(named[row["article_key"]] or row["article_id"])

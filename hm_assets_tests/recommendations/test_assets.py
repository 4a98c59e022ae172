"""The assets called as Dagster calls them: what a month reads, what the scoreboard says, and what is shown of it."""

import datetime as dt

import dagster as dg
import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.recommendations import scores, shown
from hm_assets.recommendations.assets import back_test_of_recommenders, scoreboard
from hm_assets.recommendations.back_test import AS_IS, OWNED_LEFT_OUT
from hm_assets.recommendations.checks import scores_are_possible_and_one_is_taken
from hm_assets.recommendations.tables import BACK_TEST, SCOREBOARD
from hm_assets.recommendations.tried import tried
from hm_assets.settings import Settings
from hm_assets.warehouse.resources import Warehouse
from hm_assets_tests.recommendations.baskets import key, lines

TRIED = tried("quick")
JUNE, MAY = dt.date(2019, 6, 1), dt.date(2019, 5, 1)
CUSTOMERS, ARTICLES = 120, 60


def inputs(rows: pa.Table, months: int = 6) -> dict[str, ibis.Table]:
    """What the back-test reads, of the shop of `baskets`: four segments, ages, and texts in two dimensions."""
    keys = np.arange(1000, 1000 + CUSTOMERS)
    articles = key(np.arange(ARTICLES))
    angles = np.arange(ARTICLES) / 10
    vectors = np.column_stack([np.cos(angles), np.sin(angles)]).tolist()
    products = [f"p{i:03}" for i in range(ARTICLES)]
    assigned = [
        {
            "customer_key": int(who),
            "segment_id": int(who) % 2 + 1,
            "month": month,
            "as_of": month.replace(day=28),
        }
        for month in (dt.date(2019, m, 1) for m in range(1, months + 1))
        for who in keys
    ]
    ages = pa.array([float(20 + who % 50) if who % 10 else None for who in keys])
    return {
        "transactions": ibis.memtable(rows),
        "assignments": ibis.memtable(pa.Table.from_pylist(assigned)),
        "customers": ibis.memtable(pa.table({"customer_key": keys, "age": ages})),
        "articles": ibis.memtable({"article_key": articles.tolist(), "product_code": products}),
        "embeddings": ibis.memtable({"product_code": products, "vector": vectors}),
        "topics": ibis.memtable(
            {"article_key": articles.tolist(), "product_code": products, "topic_1": [1.0] * ARTICLES}
        ),
    }


def made(tmp_path, rows: pa.Table, month: dt.date, months: int = 6) -> tuple[pa.Table, dg.MaterializeResult]:
    warehouse = Warehouse(Settings(warehouse=tmp_path, depth="quick", threads=1))
    context = dg.build_asset_context(partition_key=month.isoformat())
    (part,) = back_test_of_recommenders(context, warehouse=warehouse, **inputs(rows, months)).value
    return part.to_pyarrow(), scoreboard(context, warehouse=warehouse, lists_judged=part)


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    return made(tmp_path_factory.mktemp("judged"), lines(CUSTOMERS, ARTICLES), JUNE)


def board(judged) -> list[dict]:
    return judged[1].value.to_pyarrow().to_pylist()


def test_the_rows_keep_the_contract(judged):
    rows, result = judged
    assert rows.schema.names == BACK_TEST.arrow_schema().names
    keys = set(zip(*(rows[name].to_pylist() for name in BACK_TEST.key), strict=True))
    assert len(keys) == len(rows) > 0
    found = board(judged)
    keys = [tuple(row[name] for name in SCOREBOARD.key) for row in found]
    assert len(set(keys)) == len(keys)
    assert {row["recommender"] for row in found} == {rung.name for rung in TRIED}
    assert len({row["recommender"] for row in found if row["shipped"]}) == 1
    assert "MAP@12" in result.metadata["choice"]


def test_a_month_reads_nothing_later(tmp_path, judged):
    rows = lines(CUSTOMERS, ARTICLES)
    kept = rows.filter(pa.compute.less(rows["t_dat"], pa.scalar(JUNE)))
    one, _ = made(tmp_path, rows, MAY)
    other, _ = made(tmp_path, kept, MAY, months=5)
    assert one.drop_columns(["seconds"]).equals(other.drop_columns(["seconds"]))


def test_the_scoreboard_is_the_means_of_the_lists(judged):
    rows, _ = judged
    plain = rows.filter(
        pa.compute.and_(
            pa.compute.equal(rows["setting"], AS_IS),
            pa.compute.equal(rows["recommender"], "decayed_frequency"),
        )
    ).to_pylist()
    found = {
        row["metric"]: row
        for row in board(judged)
        if (row["week"], row["recommender"], row["slice"], row["against"])
        == ("all", "decayed_frequency", "everybody", "")
    }
    assert found["map_at_12"]["value"] == pytest.approx(np.mean([row["ap"] for row in plain]))
    assert found["hit_rate"]["value"] == pytest.approx(np.mean([row["hits"] > 0 for row in plain]))
    days = sorted({row["as_of"] for row in plain})
    assert found["map_at_12"]["weeks"] == len(days) == 3
    shares = []
    for day in days:
        mine = [row for row in plain if row["as_of"] == day]
        lately = {a for row in mine for a, sold in zip(row["articles"], row["on_sale"], strict=True) if sold}
        shares.append(len(lately) / mine[0]["range_28d"])
    assert found["coverage_28d"]["value"] == pytest.approx(np.mean(shares))
    assert 0 < found["diversity"]["value"] < 2 and found["diversity"]["low"] is not None


def test_random_lists_and_bestsellers_stand_beside_and_are_told_apart(judged):
    found = {
        (row["recommender"], row["metric"]): row
        for row in board(judged)
        if (row["week"], row["slice"], row["against"]) == ("all", "everybody", "")
    }
    assert found["random", "coverage_28d"]["value"] > found["bestsellers", "coverage_28d"]["value"]
    assert found["random", "map_at_12"]["value"] < found["decayed_frequency", "map_at_12"]["value"]
    assert found["decayed_frequency", "map_at_12"]["verdict"] == "better than bestsellers"
    assert found["random", "map_at_12"]["verdict"] in ("worse than bestsellers", "no better than bestsellers")


def test_first_time_products_are_a_task_of_their_own(judged):
    rows, _ = judged
    own = rows.filter(pa.compute.equal(rows["setting"], OWNED_LEFT_OUT)).to_pylist()
    assert all(row["ap_repeat"] in (None, 0.0) for row in own), "an owned article is in no list"
    assert all((row["ap_new"] is None) == (row["bought_new"] == 0) for row in own)
    found = {row["slice"]: row for row in board(judged) if row["week"] == "all" and row["against"] == ""}
    assert found["first_time"]["judged"] == sum(row["bought_new"] > 0 for row in own) / len(TRIED)


def test_groups_of_few_people_have_no_figure(judged):
    slices = [
        row for row in board(judged) if row["slice"].startswith(("age=", "history=", "recency=", "segment="))
    ]
    hidden = [row for row in slices if row["withheld"]]
    told = [row for row in slices if not row["withheld"]]
    assert hidden and told and all(row["value"] is None and row["judged"] is None for row in hidden)
    rows, _ = judged
    for family in ("age", "history", "recency", "segment"):
        people = {}
        for who, group in zip(rows["customer_key"].to_pylist(), rows[family].to_pylist(), strict=True):
            people.setdefault(f"{family}={group}", set()).add(who)
        few = {name for name, who in people.items() if len(who) < 20}
        assert not few & {row["slice"] for row in told}


def test_a_customer_of_several_weeks_is_one_of_the_few(judged):
    rows, _ = judged
    few = pa.array(sorted(set(rows["customer_key"].to_pylist()))[:19])
    mine = rows.filter(pa.compute.is_in(rows["customer_key"], value_set=few))
    days = scores.days_of(ibis.memtable(mine), [rung.name for rung in TRIED])
    found = [
        row
        for row in scores.scoreboard(days, 5, 1)
        if row["slice"] in scores.ARTICLES and row["against"] == ""
    ]
    assert {row["slice"] for row in found} == set(scores.ARTICLES)
    assert mine.num_rows / len(TRIED) > 3 * 20, "their weeks are many"
    assert all(row["withheld"] and row["value"] is None for row in found)


def test_more_variety_is_more_diverse_and_none_is_the_list_as_it_is(judged):
    rows, result = judged
    name = next(row["recommender"] for row in board(judged) if row["shipped"])
    mine = rows.filter(pa.compute.equal(rows["recommender"], name)).to_pylist()
    plain = {(row["as_of"], row["customer_key"]): row["articles"] for row in mine if row["setting"] == AS_IS}
    without = [row for row in mine if row["setting"] == "variety=0"]
    assert without and all(row["articles"] == plain[row["as_of"], row["customer_key"]] for row in without)
    diversity = {
        row["slice"]: row["value"]
        for row in board(judged)
        if row["metric"] == "diversity" and row["slice"].startswith("variety=")
    }
    assert diversity["variety=0"] < diversity["variety=0.5"] <= diversity["variety=1"]
    assert result.metadata["variety_curve"].md_str.startswith("![More variety costs hits")
    assert "9.3 %" in result.metadata["variety"].md_str


def test_a_shop_too_young_is_no_fault(tmp_path):
    rows = lines(CUSTOMERS, ARTICLES, last=dt.date(2019, 1, 20))
    part, result = made(tmp_path, rows, dt.date(2019, 1, 1), months=1)
    assert not len(part) and not result.value.count().to_pyarrow().as_py()
    assert "too few" in result.metadata["choice"] and result.metadata["scores"].md_str == shown.NOTHING
    empty, result = made(tmp_path, rows.slice(0, 0), dt.date(2019, 1, 1), months=1)
    assert not len(empty) and scores.days_of(BACK_TEST.in_memory([]), []) == {}


def test_the_check_finds_what_cannot_be(judged):
    found = judged[1].value.to_pyarrow()
    assert scores_are_possible_and_one_is_taken(ibis.memtable(found)).passed
    rows = found.to_pylist()
    rows[0]["shipped"], rows[0]["value"], rows[0]["against"], rows[0]["metric"] = True, 1.5, "", "map_at_12"
    result = scores_are_possible_and_one_is_taken(SCOREBOARD.in_memory(rows))
    faults = {name: value.value for name, value in result.metadata.items()}
    assert not result.passed and faults["no_share"] == faults["months_with_several_taken"] == 1

"""`hm launch` on a small warehouse that is written table by table: lists, pages, and what it refuses."""

import csv
import datetime as dt
import shutil

import ibis
import numpy as np
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from hm_assets.articles.tables import ARTICLES, EMBEDDINGS, VOCABULARY
from hm_assets.cli import app
from hm_assets.customers.tables import CUSTOMERS
from hm_assets.raw.tables import TRANSACTIONS
from hm_assets.recommendations.launch.effort import Effort
from hm_assets.recommendations.launch.matcher import Matcher, draw, learn, past_days
from hm_assets.recommendations.launch.past import launches
from hm_assets.recommendations.purchases import purchases
from hm_assets.segments.tables import ASSIGNMENTS
from hm_assets.warehouse import artifacts, delta
from hm_assets_tests.recommendations.launch import tastes

MONTH = tastes.LAST.replace(day=1)
KEYS = np.arange(1000, 1120)
FILE = (
    "article_id,prod_name,product_type_name,index_name,detail_desc,price\n"
    '=ss/21,<b>Bear</b> romper,Romper,Baby,"soft jersey romper with printed bears and press-studs",0.09\n'
    "run,,Leggings,Sport,fast-drying leggings with a phone pocket,\n"
)


def filled(table, rows):
    """The columns that are given, and the others empty (or 0, or nothing, where they may not be)."""
    zero = {"string": "", "date": tastes.LAST, "boolean": False}
    made = {}
    for column in table.stored_columns:
        if column.name in rows:
            made[column.name] = rows[column.name]
        else:
            made[column.name] = [None if column.nullable else zero.get(column.type, 0)] * len(
                next(iter(rows.values()))
            )
    return pa.table(made, schema=table.arrow_schema()).to_batches()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    root = tmp_path_factory.mktemp("shop")
    known = {"source": "a test", "raw": "raw", "first_month": "2019-01", "last_month": None, "depth": "quick"}
    artifacts.write_json(root / "warehouse.json", known)
    lines = tastes.lines(customers=len(KEYS))
    months = sorted(set(lines["month"].to_pylist()))
    delta.write(root, TRANSACTIONS, filled(TRANSACTIONS, {n: lines[n] for n in lines.column_names}), months)
    articles = tastes.articles()
    delta.write(root, ARTICLES, filled(ARTICLES, {n: articles[n] for n in articles.column_names}))
    delta.write(
        root, EMBEDDINGS, filled(EMBEDDINGS, {n: tastes.embeddings()[n] for n in ("product_code", "vector")})
    )
    delta.write(root, VOCABULARY, tastes.vectoriser().as_table("r", VOCABULARY.arrow_schema()).to_batches())
    people = {"customer_id": [f"+{key}" for key in KEYS], "customer_key": KEYS}
    delta.write(root, CUSTOMERS, filled(CUSTOMERS, people))
    placed = {"customer_key": KEYS, "segment_id": (KEYS % 4).astype(np.int32), "month": [MONTH] * len(KEYS)}
    delta.write(root, ASSIGNMENTS, filled(ASSIGNMENTS, placed), [MONTH])
    return root


@pytest.fixture(scope="module")
def taught(warehouse):
    table, effort = ibis.memtable(tastes.lines(customers=len(KEYS))), Effort(5_000, 2, 40, 100, 2, 100, 10)
    bought, launched = purchases(table, tastes.LAST), launches(table, tastes.LAST)
    days = past_days(tastes.LAST, tastes.FIRST, 2)
    drawn = [draw(bought, tastes.garments(), launched, day, effort, 1) for day in days]
    made = learn(drawn, tastes.LAST, 1)
    assert Matcher.from_json(made.as_json()).as_json() == made.as_json()
    artifacts.write_json(
        warehouse / "recommendations" / "launch_model.json", {**made.as_json(), "recipe": "r"}
    )
    return warehouse


def run(warehouse, tmp_path, text=FILE, *more):
    (tmp_path / "new.csv").write_text(text, encoding="utf-8")
    given = ["launch", "--articles", str(tmp_path / "new.csv"), "--warehouse", str(warehouse)]
    return CliRunner().invoke(app, [*given, "--to", str(tmp_path / "out"), *more], env={"COLUMNS": "200"})


def test_without_a_model_it_says_how_to_make_one(warehouse, tmp_path, monkeypatch, capsys):
    bare = tmp_path / "bare"
    shutil.copytree(warehouse, bare, ignore=shutil.ignore_patterns("recommendations"))
    monkeypatch.setenv("HM_WAREHOUSE", str(bare))
    found = run(bare, tmp_path)
    assert found.exit_code == 1 and not (tmp_path / "out").exists()
    assert "hm run --select +key:recommendations/launch_model" in found.output + capsys.readouterr().err


def test_the_list_goes_to_those_with_the_taste_and_the_page_to_a_browser(taught, tmp_path, monkeypatch):
    monkeypatch.setenv("HM_WAREHOUSE", str(taught))
    found = run(taught, tmp_path, FILE, "--customers", "10")
    assert found.exit_code == 0, found.output
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["launch_run.csv", "launch_run.html", "launch_ss_21.csv", "launch_ss_21.html"]
    for name, taste in (("ss_21", 3), ("run", 2)):
        with (tmp_path / "out" / f"launch_{name}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 10 and [row["rank"] for row in rows] == [str(i) for i in range(1, 11)]
        # No spreadsheet runs an id, and at most a stray customer is of another taste.
        assert all(row["customer_id"].startswith("'+") for row in rows)
        assert sum(int(row["customer_id"][2:]) % 4 == taste for row in rows) >= 9
        scores = [float(row["score"]) for row in rows]
        assert scores == sorted(scores, reverse=True)
        assert "bought" in rows[0]["reason"] and tastes.TASTES[taste][0] in rows[0]["reason"]
    page = (tmp_path / "out" / "launch_ss_21.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;Bear&lt;/b&gt; romper: most buyers per member expected among Segment 3" in page
    assert "http" not in page.replace("http-equiv", "") and "<script" not in page
    assert "its expected buyers lean most towards Segment 3" in page and "no messages before sending" in page
    assert "Expected in the first 28 days" in found.output


def test_the_same_file_gives_the_same_bytes(taught, tmp_path, monkeypatch):
    monkeypatch.setenv("HM_WAREHOUSE", str(taught))
    kept = []
    for _ in range(2):
        assert run(taught, tmp_path).exit_code == 0
        kept.append({path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()})
    assert kept[0] == kept[1]


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("article_id\nx\n", [], "lacks product_type_name, detail_desc"),
        (FILE, ["--customers", "0"], "at least one customer"),
    ],
)
def test_a_fault_is_one_line(taught, tmp_path, monkeypatch, text, more, said, capsys):
    monkeypatch.setenv("HM_WAREHOUSE", str(taught))
    found = run(taught, tmp_path, text, *more)
    assert found.exit_code == 1
    assert said in found.output + capsys.readouterr().err


def test_lines_that_are_too_short_are_said(taught, tmp_path, monkeypatch):
    monkeypatch.setenv("HM_WAREHOUSE", str(taught))
    path = taught / "recommendations" / "launch_model.json"
    made = artifacts.read_json(path)
    try:
        nothing = Matcher(dt.date(2019, 12, 31), None, None, 1.0, 0, 0).as_json()
        artifacts.write_json(path, {**nothing, "recipe": "r"})
        assert run(taught, tmp_path).exit_code == 1
    finally:
        artifacts.write_json(path, made)

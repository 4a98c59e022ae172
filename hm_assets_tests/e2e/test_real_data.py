"""The main job on real H&M rows (`HM_REAL_DATA`), against published figures. Only aggregates stand here."""

import csv
import datetime as dt
import json
import shutil

import duckdb
import pytest
from deltalake import DeltaTable

from hm_assets.definitions import TABLES
from hm_assets.features.snapshot import snapshot
from hm_assets.segments.algorithms.centres import kmeans
from hm_assets.segments.fitting import Data
from hm_assets.segments.measures import later
from hm_assets.segments.models import nearest
from hm_assets.segments.people import People
from hm_assets.segments.reading import reader, spender
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.engine import open_engine
from hm_assets_tests.running import digests

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory, real_data, hm):
    folder = tmp_path_factory.mktemp("real") / "warehouse"
    # With so few customers the segments are the same in depth full; the topics would take minutes.
    select = "+key:playbooks/playbooks or group:raw or group:customers or group:articles or group:features"
    result = hm("run", "--raw", real_data, "--warehouse", folder, "--depth", "quick", "--select", select)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


MONTHLY_FEATURES = "+key:features/customer_features or +key:features/article_features"


def ask(warehouse, question):
    """Answer a query in which {a/b} stands for a table."""
    import re

    def files(match):
        names = DeltaTable(str(warehouse / match.group(1))).file_uris()
        return f"read_parquet({names!r}, hive_partitioning = true)"

    return duckdb.execute(re.sub(r"\{([a-z_/]+)\}", files, question)).fetchall()


def test_row_counts_reconcile_to_the_files(warehouse, real_data):
    for name in ("customers", "articles"):
        with (real_data / f"{name}.csv").open(newline="") as file:
            rows = sum(1 for _ in csv.reader(file)) - 1
        assert ask(warehouse, f"SELECT count(*) FROM {{raw/{name}}}") == [(rows,)]
    assert ask(warehouse, "SELECT count(*) FROM {raw/transactions}") == [(31_662,)]
    assert ask(warehouse, "SELECT sum(items) FROM {features/customer_days}") == [(31_662,)]
    assert ask(
        warehouse, "SELECT sum(rows), sum(accepted), sum(refused) FROM {raw/deliveries} WHERE role = 'base'"
    ) == [(31_662, 31_662, 0)]


def test_repeated_lines_are_kept_as_quantity(warehouse):
    distinct = ask(
        warehouse,
        "SELECT count(*) FROM (SELECT DISTINCT t_dat, customer_key, article_key, price, sales_channel_id "
        "FROM {raw/transactions})",
    )
    assert distinct == [(31_662 - 2_894,)]


def test_an_empty_flag_is_a_no_and_the_gaps_are_counted(warehouse):
    counted = ask(
        warehouse,
        'SELECT "column", structural, unknown FROM {customers/missingness} ORDER BY position',
    )
    assert counted == [
        ("FN", 919, 0),
        ("Active", 934, 0),
        ("club_member_status", 0, 8),
        ("fashion_news_frequency", 0, 11),
        ("age", 0, 12),
        ("postal_code", 0, 124),
    ]
    assert ask(warehouse, "SELECT sum(customers) FROM {customers/missing_patterns}") == [(1_364,)]


def test_the_last_year_matches_the_published_figures(warehouse):
    days = ask(
        warehouse,
        "SELECT avg((days > 1)::INT), avg(days) FROM (SELECT count(DISTINCT t_dat) AS days "
        "FROM {features/customer_days} WHERE t_dat >= DATE '2019-09-23' GROUP BY customer_key)",
    )
    share, mean = days[0]
    assert round(share, 3) == 0.652
    assert round(mean, 2) == 4.40


def test_every_customer_has_a_segment_in_every_month(warehouse):
    counted = ask(
        warehouse, "SELECT count(*), count(DISTINCT customer_key) FROM {segments/assignments} GROUP BY month"
    )
    assert counted == [(1_364, 1_364)] * 25


def test_the_segments_hold_5_to_60_percent_of_the_buyers(warehouse):
    shares = ask(
        warehouse,
        "SELECT count(*) / sum(count(*)) OVER () FROM {segments/assignments} "
        "WHERE month = DATE '2020-09-01' AND segment_id > 0 GROUP BY segment_id",
    )
    assert len(shares) >= 2
    assert all(0.05 <= share <= 0.60 for (share,) in shares)


def test_the_last_365_days_match_what_the_sample_holds(warehouse):
    found = ask(
        warehouse,
        "SELECT count(*), avg(recency_days), quantile_cont(recency_days, [0.25, 0.5, 0.75]), avg(items_365d), "
        "quantile_cont(items_365d, [0.25, 0.5, 0.75]), avg(spend_365d) FROM {features/customer_features} "
        "WHERE month = DATE '2020-09-01' AND items_365d > 0",
    )
    _, recency, recency_quartiles, items, items_quartiles, spend = found[0]
    assert (round(recency, 1), recency_quartiles) == (113.3, [27, 80, 179])
    assert (round(items, 2), items_quartiles) == (15.41, [3, 8, 19])
    assert round(spend, 3) == 0.432


def test_the_published_comparison_counts_366_days_and_recency_to_the_day_after(warehouse):
    found = ask(
        warehouse,
        "SELECT count(*), avg(recency), quantile_cont(recency, [0.25, 0.5, 0.75]), avg(items), avg(spend) FROM ("
        "SELECT DATE '2020-09-23' - max(t_dat) AS recency, sum(items) AS items, sum(spend) AS spend "
        "FROM {features/customer_days} WHERE t_dat >= DATE '2019-09-23' GROUP BY customer_key)",
    )
    customers, recency, quartiles, items, spend = found[0]
    assert (customers, round(recency, 1), quartiles) == (977, 114.3, [28, 81, 180])
    assert (round(items, 2), round(spend, 3)) == (15.46, 0.434)


def test_as_of_is_the_last_day_of_the_data(warehouse):
    assert ask(
        warehouse, "SELECT DISTINCT as_of FROM {features/customer_features} WHERE month = DATE '2020-09-01'"
    ) == [(dt.date(2020, 9, 22),)]


@pytest.mark.parametrize("cut", [dt.date(2018, 11, 30), dt.date(2020, 2, 29)])
def test_deleting_the_future_changes_no_feature(tmp_path, warehouse, real_data, hm, cut):
    raw = tmp_path / "raw"
    raw.mkdir()
    for name in ("customers.csv", "articles.csv"):
        shutil.copy(real_data / name, raw / name)
    header, *lines = (real_data / "transactions_train.csv").read_text().splitlines()
    before = [line for line in lines if line[:10] <= cut.isoformat()]
    (raw / "transactions_train.csv").write_text("\n".join([header, *before]) + "\n")
    result = hm(
        "run", "--raw", raw, "--warehouse", tmp_path / "wh", "--select", MONTHLY_FEATURES, "--depth", "quick"
    )
    assert result.returncode == 0, result.stdout + result.stderr
    for table in MONTHLY_FEATURES.replace("+key:", "").split(" or "):
        seen = {month: digest for month, digest in digests(warehouse, table).items() if month <= cut}
        assert seen
        assert digests(tmp_path / "wh", table) == seen, table


def test_topics_are_as_measured_on_the_whole_catalogue(warehouse):
    """docs/real-data.md, on the whole catalogue: NMF on TF-IDF 0.25 c_npmi and steady, LDA 0.15."""
    ((method, k, coherence, steady),) = ask(
        warehouse,
        "SELECT method, k, coherence, steady_share FROM {articles/topic_candidates} WHERE verdict LIKE 'used%'",
    )
    assert (method, 0.24 < coherence < 0.28, steady > 0.8) == ("nmf", True, True)
    ((lda,),) = ask(warehouse, "SELECT max(coherence) FROM {articles/topic_candidates} WHERE method = 'lda'")
    assert lda < coherence - 0.05
    mixes = " + ".join(f"topic_{i}" for i in range(1, k + 1))
    assert ask(warehouse, f"SELECT count(*), max(abs({mixes} - 1)) < 1e-9 FROM {{articles/topics}}") == [
        (17_033, True)
    ]


def test_the_embedding_tells_more_of_taste_than_chance_and_than_plain_columns(warehouse):
    found = dict(
        ask(
            warehouse,
            "SELECT representation, verdict FROM {articles/topic_value} WHERE rival = 'product type'",
        )
    )
    assert found["embedding"] == found["tf-idf"] == "adds to it, more than the plain columns"


def test_each_way_of_saying_unknown_is_listed(warehouse):
    assert ask(
        warehouse,
        """SELECT delivered, articles FROM {articles/unknowns}
           WHERE "column" = 'perceived_colour_master_name' ORDER BY 1""",
    ) == [("Unknown", 152), ("undefined", 14)]


@pytest.mark.parametrize(
    ("as_of", "customers", "by_k_means", "by_recency"),
    [
        (dt.date(2020, 6, 24), 1288, 0.381, 0.240),
        (dt.date(2020, 3, 26), 1191, 0.266, 0.152),
        (dt.date(2019, 12, 27), 1121, 0.305, 0.203),
    ],
)
def test_what_segments_tell_of_the_next_90_days_is_what_plain_tools_reach(
    warehouse, as_of, customers, by_k_means, by_recency
):
    """k-means with five segments on rescaled log RFM; omega squared of log spend, as plain tools have it."""
    month = as_of.replace(day=1)
    with open_engine(Settings(warehouse=warehouse)) as engine:
        days, tastes = (
            engine.read(TABLES[name], delta.files_of(delta.open_table(warehouse, TABLES[name])))
            for name in ("features/customer_days", "features/customer_tastes")
        )
        features = snapshot(days, tastes, [], month, as_of, dt.date(2018, 9, 20))
        people = People.of(reader(features, tastes), month, "rfm", None)
        log_spend = later.outcomes(spender(days)(people), people.unit)["log_spend"]
    assert len(people.points) == customers
    segments = nearest(kmeans(Data(people.points), 5, 42).model, people.points)
    value, low, high = later.later_value([segments], log_spend)
    assert value == pytest.approx(by_k_means, abs=0.01)
    assert low < value < high
    quintiles = later.quintiles(people.rows["recency_days"].to_numpy().astype(float))
    recency = later.omega_squared(quintiles, log_spend)
    assert recency == pytest.approx(by_recency, abs=0.01)
    assert low > recency


def test_the_lab_says_whether_there_is_structure_and_what_the_choice_costs(warehouse):
    """The choice lies within 5-60 %; where plain k-means tells more of the later spend, the page says so."""
    champion = json.loads((warehouse / "segments" / "champion.json").read_text())
    shares = ask(
        warehouse,
        "SELECT count(*) / sum(count(*)) OVER () FROM {segments/assignments} "
        "WHERE segment_id > 0 AND month = '2020-09-01' GROUP BY segment_id",
    )
    assert all(0.05 <= share <= 0.60 for (share,) in shares)
    rows = ask(
        warehouse,
        "SELECT algorithm, space, k, later_value, structure, verdict FROM {segments/candidates} "
        "WHERE min_share IS NOT NULL",
    )
    (plain,) = [row for row in rows if row[:3] == ("kmeans", "rfm", 5)]
    (chosen,) = [row for row in rows if row[5].startswith("chosen")]
    said = " ".join(champion["decision"]["reasons"])
    assert champion["decision"]["structure"] == chosen[4].startswith("structure")
    if chosen[3] < plain[3]:
        assert "would explain" in said or "gives up some" in said

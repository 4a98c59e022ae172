"""The synthetic retailer: exact where that is promised, near the published facts elsewhere, never half written."""

import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hm_assets.sources.synthetic import articles, segments, writer
from hm_assets.sources.synthetic import presets as pr
from hm_assets.sources.synthetic.arrays import exactly, stream
from hm_assets.sources.synthetic.generate import Report, generate
from hm_assets.sources.synthetic.seasons import category_by_month
from hm_assets.sources.synthetic.taxonomy import CATEGORIES
from hm_assets.sources.synthetic.truth import column_name

CSV_FILES = ("customers.csv", "articles.csv", "transactions_train.csv")


class Data:
    """A generated folder, its report, and its CSV files as DuckDB views of text columns."""

    def __init__(self, folder: Path, report: Report) -> None:
        self.folder = folder
        self.report = report
        self.facts = {fact.name: fact for fact in report.facts}
        self._duck = duckdb.connect()
        for path in folder.glob("*.csv"):
            view = path.stem.split("_")[0]
            self._duck.sql(
                f"create table {view} as select row_number() over () as place, * "
                f"from read_csv('{path}', all_varchar = true, parallel = false, nullstr = '')"
            )
        for path in (folder / "truth").glob("*.parquet"):
            self._duck.sql(f"create view {path.stem}_truth as select * from '{path}'")

    def rows(self, sql: str) -> list[tuple]:
        return self._duck.sql(sql).fetchall()

    def one(self, sql: str):
        return self.rows(sql)[0][0]

    def columns(self, sql: str) -> dict[str, np.ndarray]:
        return self._duck.sql(sql).fetchnumpy()


def made(folder: Path, **arguments) -> Data:
    return Data(folder, generate(folder, **arguments))


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Data:
    return made(tmp_path_factory.mktemp("demo"), preset="demo")


@pytest.fixture(scope="module")
def survey(tmp_path_factory) -> Data:
    return made(tmp_path_factory.mktemp("survey"), preset="survey")


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.csv"))}


# Rows and bytes


@pytest.mark.parametrize(
    ("preset", "scale", "customers", "article_count", "lines"),
    [
        ("demo", 1.0, 4_000, 2_500, 120_000),
        ("demo", 0.1, 400, 250, 12_000),
        ("survey", 1.0, 500, 50, 30_000),
        ("coop", 0.05, 500, 250, 40_573),
        ("hm", 0.001, 1_372, 106, 31_788),
        ("demo", 1e-9, 12, 25, 60),
        ("survey", 1e-9, 12, 25, 60),
    ],
)
def test_files_have_exactly_the_rows_of_the_preset(
    tmp_path, preset, scale, *, customers, article_count, lines
):
    data = made(tmp_path, preset=preset, scale=scale)
    counts = tuple(
        data.one(f"select count(*) from {name}") for name in ("customers", "articles", "transactions")
    )
    assert counts == (customers, article_count, lines)
    assert (data.report.customers, data.report.articles, data.report.lines) == counts


def test_full_presets_are_the_published_sizes():
    assert pr.PRESETS["hm"] == pr.Preset(1_371_980, 105_542, 31_788_324, "published")
    coop = pr.PRESETS["coop"]
    assert (coop.customers, coop.articles, coop.lines, coop.events) == (10_000, 5_000, 811_465, 50_000)


def test_same_seed_gives_the_same_bytes_in_another_process_and_another_seed_does_not(tmp_path):
    generate(tmp_path / "here", preset="coop", scale=0.01, seed=7)
    generate(tmp_path / "other", preset="coop", scale=0.01, seed=8)
    code = (
        "from pathlib import Path; from hm_assets.sources.synthetic.generate import generate; import sys; "
        "generate(Path(sys.argv[1]), preset='coop', scale=0.01, seed=7)"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "there")], check=True, cwd=Path(__file__).parents[2]
    )
    here, there, other = (digests(tmp_path / name) for name in ("here", "there", "other"))
    assert set(here) == {*CSV_FILES, "engagement.csv"}
    assert here == there
    assert all(here[name] != other[name] for name in here)


def test_threads_and_page_sizes_do_not_show_in_the_bytes(tmp_path, monkeypatch):
    """More threads and smaller pages give the same file: only the order of results counts."""
    generate(tmp_path / "two", scale=0.05)
    monkeypatch.setattr(writer, "THREADS", 5)
    monkeypatch.setattr(writer, "CHUNK_ROWS", 77)
    generate(tmp_path / "five", scale=0.05)
    assert digests(tmp_path / "two") == digests(tmp_path / "five")


# Layout


@pytest.mark.parametrize("preset", ["demo", "survey"])
def test_months_as_parquet_hold_the_lines_of_the_csv_file(tmp_path, preset):
    generate(tmp_path / "csv", preset=preset, scale=0.1)
    generate(tmp_path / "parquet", preset=preset, scale=0.1, parquet=True)
    assert len(list((tmp_path / "parquet").glob("transactions_20*.parquet"))) == 25
    same = duckdb.sql(f"""
        WITH lines AS (SELECT * FROM read_csv('{tmp_path}/csv/transactions_train.csv', all_varchar = true)),
        months AS (SELECT COLUMNS(*)::VARCHAR FROM read_parquet('{tmp_path}/parquet/transactions_*.parquet'))
        SELECT count(*) > 0, count(*) FILTER (lines IS DISTINCT FROM months)
        FROM (SELECT row(*COLUMNS(*)) AS lines, row_number() OVER () AS n FROM lines)
        FULL JOIN (SELECT row(*COLUMNS(*)) AS months, row_number() OVER () AS n FROM months) USING (n)""")
    assert same.fetchone() == (True, 0)
    generate(tmp_path / "parquet", preset=preset, scale=0.1)
    assert not list((tmp_path / "parquet").glob("*.parquet")), "of two forms of the same lines one is left"


def test_headers_are_those_of_the_kaggle_files(demo):
    headers = {name: (demo.folder / name).open().readline().strip() for name in CSV_FILES}
    assert headers["customers.csv"] == (
        "customer_id,FN,Active,club_member_status,fashion_news_frequency,age,postal_code"
    )
    assert headers["transactions_train.csv"] == "t_dat,customer_id,article_id,price,sales_channel_id"
    assert headers["articles.csv"].split(",") == list(articles.COLUMNS)
    assert len(articles.COLUMNS) == 25


def test_source_says_how_it_was_made(demo):
    assert json.loads((demo.folder / "source.json").read_text()) == {
        "source": "synthetic",
        "preset": "demo",
        "scale": 1.0,
        "seed": 42,
        "noise": False,
        "difficulty": "easy",
        "first_day": "2018-09-20",
        "last_day": "2020-09-22",
    }


def test_lines_run_by_date_from_the_first_day_to_the_last(demo):
    assert demo.rows("select min(t_dat), max(t_dat), count(distinct t_dat) from transactions") == [
        ("2018-09-20", "2020-09-22", 734)
    ]
    assert demo.one(
        "select bool_and(t_dat >= before) from (select t_dat, lag(t_dat) over (order by place) as before "
        "from transactions) where before is not null"
    )


def test_ids_are_text_of_fixed_length_and_every_line_points_at_them(demo):
    assert demo.one("select bool_and(regexp_full_match(customer_id, '[0-9a-f]{64}')) from customers")
    assert demo.one("select bool_and(regexp_full_match(article_id, '0[0-9]{9}')) from articles")
    assert demo.one("select bool_and(product_code = article_id[:7]) from articles")
    assert demo.one("select count(distinct customer_id) from customers") == 4_000
    assert demo.one("select count(distinct article_id) from articles") == 2_500
    assert demo.one("select count(*) from transactions anti join customers using (customer_id)") == 0
    assert demo.one("select count(*) from transactions anti join articles using (article_id)") == 0
    assert demo.one("select count(*) from customers_truth anti join customers using (customer_id)") == 0


def test_articles_csv_is_quoted_only_where_needed_and_reads_back(demo):
    with (demo.folder / "articles.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {len(row) for row in rows} == {25}
    assert not any(None in row for row in rows)
    assert '"Solid"' not in (demo.folder / "articles.csv").read_text()


def test_names_are_not_keys(demo):
    assert demo.rows("select count(distinct section_no), count(distinct section_name) from articles") == [
        (57, 56)
    ]
    assert (
        demo.one(
            "select count(*) from (select prod_name from articles group by 1 "
            "having count(distinct product_code) > 1)"
        )
        > 0
    )
    assert (
        demo.one(
            "select max(n) from (select count(distinct prod_name) as n from articles group by product_code)"
        )
        == 1
    )
    assert (
        demo.one("select count(distinct department_no) - count(distinct department_name) from articles") > 0
    )


@pytest.mark.parametrize("word", ["v-neck", "t-shirt", "5-pocket", "3-pack", "press-studs", "long-sleeved"])
def test_texts_hold_the_words_that_careless_tokenising_breaks(demo, word):
    assert demo.one(f"select count(*) from articles where lower(detail_desc) like '%{word}%'") > 5


def test_a_product_has_one_text_and_its_topics_show_in_the_words(demo):
    assert (
        demo.one(
            "select max(n) from (select count(distinct detail_desc) as n from articles group by product_code)"
        )
        == 1
    )
    with_denim, without = (
        demo.one(
            "select avg((lower(detail_desc) like '%denim%')::int) from articles "
            f"join articles_truth using (article_id) where detail_desc is not null and topic_denim {condition}"
        )
        for condition in ("> 0.6", "< 0.05")
    )
    assert with_denim > 0.7
    assert without < 0.1


# Planted shares


@pytest.mark.parametrize(
    ("column", "share"),
    [
        ("FN", 0.6524),
        ("Active", 0.6615),
        ("club_member_status", 0.0044),
        ("fashion_news_frequency", 0.0117),
        ("age", 0.0116),
    ],
)
def test_gaps_are_met_to_the_row(demo, column, share):
    assert demo.one(f"select count(*) from customers where {column} is null") == round(share * 4_000)


def test_values_of_customers_are_those_of_the_real_file(demo):
    assert {row[0] for row in demo.rows("select distinct FN from customers")} == {"1.0", None}
    assert {row[0] for row in demo.rows("select distinct Active from customers")} == {"1.0", None}
    news = dict(demo.rows("select fashion_news_frequency, count(*) from customers group by 1"))
    assert set(news) == {"NONE", "Regularly", "Monthly", "None", None}
    assert news["None"] == 1
    assert news["Monthly"] < 10 < news["Regularly"] < news["NONE"]
    club = dict(demo.rows("select club_member_status, count(*) from customers group by 1"))
    assert set(club) == {"ACTIVE", "PRE-CREATE", "LEFT CLUB", None}
    assert club["ACTIVE"] / 4_000 == pytest.approx(0.927, abs=0.003)


def test_one_postal_code_is_a_placeholder(demo):
    first, second = demo.rows("select count(*) from customers group by postal_code order by 1 desc limit 2")
    assert first[0] == 340  # 8.5 % of 4,000
    assert second[0] < 20


def test_ages_have_two_humps_and_a_trough(demo):
    share = {
        low: demo.one(
            f"select avg((age::int between {low} and {high})::int) from customers where age is not null"
        )
        for low, high in ((21, 27), (36, 42), (47, 53))
    }
    assert share[21] > 2 * share[36]
    assert share[47] > 1.4 * share[36]
    low, high = demo.rows("select min(age::int), max(age::int) from customers")[0]
    assert 16 <= low <= high <= 99


def test_some_customers_never_buy_and_few_articles_never_sell(demo):
    assert (
        demo.one("select count(*) from customers anti join transactions using (customer_id)") == 28
    )  # 0.707 %
    unsold = demo.one("select count(*) from articles anti join transactions using (article_id)")
    assert 24 <= unsold <= 50  # 0.94 % planted; some more meet no buyer in so small a shop
    planted = (
        "select count(*) from articles_truth join transactions using (article_id) where not ever_on_sale"
    )
    assert demo.one(planted) == 0


def test_repeated_lines_are_quantity_at_the_published_share(demo):
    repeated = demo.one(
        "select 1 - count(*) / 120000 from (select distinct * exclude (place) from transactions)"
    )
    assert repeated == pytest.approx(0.0936, abs=0.003)
    assert demo.facts["repeated lines (%)"].got == pytest.approx(100 * repeated)


def test_channel_is_one_or_two_and_closed_stores_sell_nothing(demo):
    online = demo.one("select avg((sales_channel_id = '2')::int) from transactions")
    assert online == pytest.approx(0.704, abs=0.015)
    assert demo.one("select count(*) from transactions where sales_channel_id not in ('1', '2')") == 0
    assert (
        demo.one(
            "select count(*) from transactions where sales_channel_id = '1' "
            "and t_dat between '2020-03-18' and '2020-04-30'"
        )
        == 0
    )


def test_every_price_is_a_price_point_over_59000(demo):
    prices = [row[0] for row in demo.rows("select distinct price from transactions")]
    points = {repr(int(cents) / 59_000) for cents in articles.price_table().ravel()}
    assert set(prices) <= points
    assert {repr(999 / 59_000), repr(1499 / 59_000)} <= set(prices)


def test_articles_are_sold_only_within_their_life(demo):
    assert (
        demo.one(
            "select count(*) from transactions join articles_truth using (article_id) "
            "where t_dat::date not between first_day_of_sale and last_day_of_sale"
        )
        == 0
    )
    assert demo.one("select count(*) from articles_truth where first_day_of_sale > '2019-06-01'") > 100
    assert demo.one("select count(*) from articles_truth where last_day_of_sale < '2020-01-01'") > 100


# Planted behaviour


def loyalty(data: Data, tastes: list[str], season: np.ndarray) -> float:
    """Estimate the share L of purchases that keep the category: same = L + (1 - L) p, p from the truth."""
    names = ", ".join(tastes)
    table = data.columns(
        "select customer_id, t_dat, category, month, "
        f"{names} from (select t.customer_id, t.t_dat, t.article_id, t.place, "
        "month(t.t_dat::date) - 1 as month, a.category, lag(t.article_id) over w as before, "
        "c.* exclude (customer_id) from transactions t "
        "join articles_truth a using (article_id) join customers_truth c using (customer_id) "
        "window w as (partition by t.customer_id, t.t_dat order by t.place)) "
        "where before is distinct from article_id order by customer_id, place"
    )
    labels = {name: number for number, name in enumerate(sorted(set(table["category"])))}
    columns = {column: number for number, column in enumerate(tastes)}
    category = np.array([columns[f"category_{column_name(name)}"] for name in labels])[
        np.array([labels[name] for name in table["category"]])
    ]
    weight = np.column_stack([table[name] for name in tastes]) * season[table["month"]]
    chance = weight / weight.sum(axis=1, keepdims=True)
    follows = table["customer_id"][1:] == table["customer_id"][:-1]
    same = (category[1:] == category[:-1])[follows]
    expected = chance[np.arange(1, len(category)), category[:-1]][follows]
    return float((same - expected).sum() / (1 - expected).sum())


def test_thirty_percent_of_purchases_keep_the_category_given_the_planted_tastes(demo):
    tastes = [f"category_{column_name(name)}" for name in CATEGORIES]
    assert loyalty(demo, tastes, category_by_month()) == pytest.approx(0.30, abs=0.015)


def test_category_loyalty_of_the_survey_shop(survey):
    tastes = [
        name
        for name in pq.read_schema(survey.folder / "truth/customers.parquet").names
        if "category_" in name
    ]
    assert loyalty(survey, tastes, np.ones((12, 5))) == pytest.approx(0.30, abs=0.03)


def rfm_agreement(data: Data) -> float:
    """Adjusted Rand index of planted segments and k-means (k = 6) on log recency, orders and spend."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    table = data.columns(
        "select segment, date '2020-09-22' - max(t_dat::date) as recency, count(distinct t_dat) as orders, "
        "sum(price::double) * 590 as spend from transactions join customers_truth using (customer_id) "
        "group by customer_id, segment order by customer_id"
    )
    matrix = np.log1p(np.column_stack([table["recency"], table["orders"], table["spend"]]).astype(float))
    matrix = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
    labels = KMeans(6, n_init=5, random_state=0).fit_predict(matrix)
    return float(adjusted_rand_score(table["segment"].tolist(), labels))


def test_easy_segments_are_found_and_harder_ones_less_and_less(demo, tmp_path):
    agreement = [rfm_agreement(demo)]
    for difficulty in ("medium", "hard"):
        agreement.append(rfm_agreement(made(tmp_path / difficulty, difficulty=difficulty)))
    assert agreement[0] >= 0.9
    assert 0.4 < agreement[1] < 0.8
    assert 0.05 < agreement[2] < agreement[1] - 0.1


def test_planted_segments_have_their_shares_and_their_tastes(demo):
    shares = dict(
        demo.rows("select segment, count(*) / 3972 from customers_truth where segment is not null group by 1")
    )
    assert shares == pytest.approx({s.name: s.share for s in segments.population("separable")}, abs=0.0003)
    assert all(0.06 <= share <= 0.40 for share in shares.values())
    lift = dict(
        demo.rows(
            "select segment, avg((category = 'Swimwear')::int) / (select avg((category = 'Swimwear')::int) "
            "from transactions join articles_truth using (article_id)) from transactions "
            "join articles_truth using (article_id) join customers_truth using (customer_id) group by 1"
        )
    )
    assert lift["seasonal"] > 1.8
    assert max(lift, key=lift.get) == "seasonal"


def test_churned_customers_do_not_come_back(demo):
    assert (
        demo.one(
            "select count(*) from transactions join customers_truth using (customer_id) "
            "where t_dat::date > churn_date"
        )
        == 0
    )
    assert demo.one("select count(churn_date) from customers_truth where segment = 'lapsing'") == 556
    assert demo.one("select count(churn_date) from customers_truth where segment = 'loyal'") == 0


def test_young_customers_lean_to_divided(demo):
    young, old = (
        demo.one(
            "select avg((\"group\" = 'Divided')::int) from transactions join articles_truth using (article_id) "
            f"join customers_truth using (customer_id) where age {condition}"
        )
        for condition in ("< 28", ">= 45")
    )
    assert young > 2 * old


def test_seasons_show(demo):
    def share(what: str, months: str) -> float:
        return demo.one(
            f"select avg(({what})::int) from transactions join articles using (article_id) "
            f"where month(t_dat::date) in ({months})"
        )

    swim, coats = "product_group_name = 'Swimwear'", "product_type_name in ('Coat', 'Jacket')"
    assert share(swim, "5, 6, 7") > 4 * share(swim, "11, 12, 1")
    assert share(coats, "10, 11, 12, 1") > 1.8 * share(coats, "5, 6, 7")
    curve = dict(demo.rows("select date::text, orders from seasonal_curve_truth"))
    assert len(curve) == 734
    assert np.mean(list(curve.values())) == pytest.approx(1.0)


def test_noise_plants_no_segment_and_one_taste(tmp_path):
    data = made(tmp_path, noise=True)
    assert data.one("select count(segment) from customers_truth") == 0
    assert data.one("select count(cadence_days) from customers_truth") == 3_972
    assert json.loads((tmp_path / "source.json").read_text())["noise"] is True
    # One hump: log days between orders has neither skew nor the flat top of separate groups.
    cadence = np.log(
        data.columns("select cadence_days from customers_truth where cadence_days is not null")[
            "cadence_days"
        ]
    )
    z = (cadence - cadence.mean()) / cadence.std()
    assert abs((z**3).mean()) < 0.15
    assert abs((z**4).mean() - 3) < 0.3


@pytest.mark.parametrize("blend", [0.06, 0.2, 1.0])
def test_blending_keeps_mean_and_covariance_of_the_population(blend):
    planted = segments.population("published")
    rng = stream(0, "traits")
    label = segments.assign(planted, 200_000, rng)
    apart = segments.latents(planted, label, 0.0, 1.0, rng)
    mixed = segments.latents(planted, label, blend, 1.0, rng)
    assert mixed.mean(axis=0) == pytest.approx(apart.mean(axis=0), abs=0.02)
    assert np.cov(mixed.T) == pytest.approx(np.cov(apart.T), abs=0.02)


@pytest.mark.parametrize("difficulty", ["easy", "medium", "hard"])
def test_hm_preset_is_near_the_published_year(tmp_path, difficulty):
    report = generate(tmp_path, preset="hm", scale=0.01, difficulty=difficulty)
    facts = {fact.name: fact for fact in report.facts}
    for share in (25, 50, 75):
        fact = facts[f"recency, {share} % quantile (days)"]
        assert fact.got == pytest.approx(fact.wanted, rel=0.04)
        fact = facts[f"lines in 12 months, {share} % quantile"]
        assert fact.got == pytest.approx(fact.wanted, abs=max(1, 0.1 * fact.wanted))
    for name, rel in (
        ("spend in 12 months, mean (price units)", 0.10),
        ("buy on more than one day in 12 months (%)", 0.08),
        ("price, mean (price units)", 0.06),
        ("colourways a product code", 0.02),
    ):
        assert facts[name].got == pytest.approx(facts[name].wanted, rel=rel), name


# Other presets


def test_survey_shop_has_its_splits_categories_and_ranges(survey):
    for column, wanted in (
        ("spending_power", {"Low": 100, "Medium": 300, "High": 100}),
        ("purchase_frequency", {"Rare": 150, "Regular": 250, "Frequent": 100}),
    ):
        assert dict(survey.rows(f"select {column}, count(*) from customers_truth group by 1")) == wanted
    shelves = dict(
        survey.rows("select product_group_name, count(distinct product_type_name) from articles group by 1")
    )
    assert shelves == {"Electronics": 5, "Clothing": 5, "Home & Living": 5, "Books": 5, "Beauty": 5}
    low, high = survey.rows(
        "select min(base_price), max(base_price) from articles_truth where category = 'Electronics'"
    )[0]
    assert 100 <= low < high <= 800
    low, high = survey.rows("select min(popularity), max(popularity) from articles_truth")[0]
    assert 0.1 <= low < high <= 1.0


def test_survey_amounts_vary_by_fifteen_percent_and_quantity_by_spending_power(survey):
    low, high = survey.rows(
        "select min(price::double * 590 / base_price), max(price::double * 590 / base_price) "
        "from transactions join articles_truth using (article_id)"
    )[0]
    assert 0.849 <= low < 0.86
    assert 1.14 < high <= 1.151
    units = dict(
        survey.rows(
            "select spending_power, avg(n) from (select customer_id, count(*) as n from transactions "
            "group by all having count(*) > 0) join customers_truth using (customer_id) group by 1"
        )
    )
    quantity = dict(
        survey.rows(
            "select spending_power, avg(n) from (select customer_id, t_dat, article_id, price, count(*) as n "
            "from transactions group by all) join customers_truth using (customer_id) group by 1"
        )
    )
    assert quantity["Low"] < quantity["Medium"] - 0.2 < quantity["High"] - 0.4
    assert set(units) == {"Low", "Medium", "High"}


def test_survey_noise_has_no_labels(tmp_path):
    data = made(tmp_path, preset="survey", noise=True)
    assert data.rows(
        "select count(segment), count(spending_power), count(purchase_frequency) from customers_truth"
    ) == [(0, 0, 0)]


def test_coop_writes_digital_events(tmp_path):
    data = made(tmp_path, preset="coop", scale=0.1)
    assert data.report.events == data.one("select count(*) from engagement") == 5_000
    kinds = dict(data.rows("select event_type, count(campaign) = count(*) from engagement group by 1"))
    assert kinds == {"email_open": True, "email_click": True, "web_visit": False, "app_visit": False}
    assert data.one("select count(campaign) from engagement where event_type like '%visit'") == 0
    assert data.one("select count(*) from engagement anti join customers using (customer_id)") == 0
    assert data.rows(
        "select min(event_date) >= '2018-09-20', max(event_date) <= '2020-09-22' from engagement"
    ) == [(True, True)]


# Refusals and interruptions


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"preset": "huge"}, r"preset='huge' is not known; choose one of demo, survey, coop, hm"),
        ({"difficulty": "extreme"}, r"difficulty='extreme' is not known; choose one of easy, medium, hard"),
        ({"scale": 0}, r"scale=0 must be a number above 0"),
        ({"scale": float("nan")}, r"scale=nan must be a number above 0"),
        ({"seed": -1}, r"seed=-1 must be a whole number of 0 or more"),
        ({"seed": 1.5}, r"seed=1.5 must be a whole number"),
    ],
)
def test_bad_arguments_are_named_with_their_value_and_the_choices(tmp_path, arguments, message):
    with pytest.raises(ValueError, match=message):
        generate(tmp_path / "x", **arguments)
    assert not (tmp_path / "x").exists()


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "customers.csv").write_text("mine\n")
    with pytest.raises(FileExistsError, match="files that this generator did not write"):
        generate(tmp_path, scale=0.01)
    assert [path.name for path in tmp_path.iterdir()] == ["customers.csv"]
    (tmp_path / "source.json").write_text('{"source": "kaggle"}')
    with pytest.raises(FileExistsError, match=r"no source\.json of it"):
        generate(tmp_path, scale=0.01)
    with pytest.raises(NotADirectoryError, match="is a file; name a folder"):
        generate(tmp_path / "customers.csv", scale=0.01)


class Stopped(Exception):
    """Raised by a progress callback to interrupt."""


@pytest.mark.parametrize("stage", ["catalogue", "customers", "purchases", "transactions"])
def test_an_interrupted_run_leaves_nothing_or_the_earlier_data(tmp_path, stage):
    def stop(name: str, share: float) -> None:
        if name == stage:
            raise Stopped

    with pytest.raises(Stopped):
        generate(tmp_path / "new", scale=0.01, progress=stop)
    assert list((tmp_path / "new").iterdir()) == []
    generate(tmp_path / "old", scale=0.01)
    before = digests(tmp_path / "old")
    with pytest.raises(Stopped):
        generate(tmp_path / "old", scale=0.01, seed=1, progress=stop)
    assert digests(tmp_path / "old") == before


def test_leftovers_of_a_killed_run_and_files_of_another_preset_are_replaced(tmp_path):
    generate(tmp_path, preset="coop", scale=0.01)
    (tmp_path / ".generating" / "buckets").mkdir(parents=True)
    generate(tmp_path, preset="demo", scale=0.01)
    assert {path.name for path in tmp_path.iterdir()} == {*CSV_FILES, "source.json", "truth"}
    assert {path.name for path in (tmp_path / "truth").iterdir()} == {
        "customers.parquet",
        "articles.parquet",
        "seasonal_curve.parquet",
    }


def test_progress_goes_up_to_one(tmp_path):
    seen: list[tuple[str, float]] = []
    generate(tmp_path, scale=0.01, progress=lambda stage, share: seen.append((stage, share)))
    assert list(dict.fromkeys(stage for stage, _ in seen)) == [
        "catalogue",
        "customers",
        "purchases",
        "transactions",
    ]
    shares = [share for stage, share in seen if stage == "transactions"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


# Laws of the parts


@given(
    st.lists(
        st.tuples(*[st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=9)] * 3), min_size=1
    )
)
def test_rows_join_byte_tables_as_text_joins_would(table):
    columns = [writer.byte_table(list(column)) for column in zip(*table, strict=True)]
    assert writer.rows(columns).decode() == "".join(",".join(row) + "\n" for row in table)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.data())
def test_exactly_marks_that_many_rows_with_the_smallest_scores(scores, data):
    total = data.draw(st.integers(0, len(scores)))
    marked = exactly(total, len(scores), np.array(scores))
    assert marked.sum() == total
    if 0 < total < len(scores):
        assert np.array(scores)[marked].max() <= np.array(scores)[~marked].min()

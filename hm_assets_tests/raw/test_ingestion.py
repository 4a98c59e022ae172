import datetime as dt
import gzip
import zipfile
from pathlib import Path

import duckdb
import pytest

from hm_assets.raw import ingestion
from hm_assets.warehouse.errors import ContractError
from hm_assets.warehouse.keys import customer_key
from hm_assets_tests.raw.examples import (
    ARTICLES,
    BASE,
    CUSTOMERS,
    LINE_HEADER,
    LINES,
    article,
    deliver,
    ingest,
    line,
    more,
)

SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (dt.date(2018, month, 1) for month in (9, 10, 11, 12))


@pytest.fixture
def stage(tmp_path: Path):
    """The stage on files that are as usual but for what a test changes."""

    def run(months=None, also=(), **changed):
        raw = deliver(tmp_path / "raw", **changed)
        for name, *lines in also:
            more(raw, name, *lines)
        found = ingest(raw, tmp_path / "warehouse", months)
        found.prove()
        return found

    return run


def test_equal_lines_are_quantity_and_all_stay(stage):
    found = stage(lines=LINES + (line() + "\n") * 3)
    assert len(found.transactions) == 8
    assert [row["t_dat"] for row in found.transactions].count(dt.date(2018, 9, 20)) == 5


def test_customers_without_purchases_and_articles_never_sold_stay(stage):
    found = stage()
    assert "dora" in {row["customer_id"] for row in found.customers}
    assert "0999999999" in {row["article_id"] for row in found.articles}


def test_attributes_are_kept_as_delivered(stage):
    """Empty FN, NONE and None and the placeholder postal code are the business of the customers stage."""
    found = {row["customer_id"]: row for row in stage().customers}
    assert (found["bert"]["FN"], found["anna"]["FN"]) == (None, "1")
    assert [found[name]["fashion_news_frequency"] for name in ("bert", "cleo", "dora")] == [
        "NONE",
        "None",
        None,
    ]
    assert [row["postal_code"] for row in found.values()].count("p0") == 3


def test_a_line_has_the_keys_of_its_customer_and_article(stage):
    row = stage().transactions[0]
    assert row["customer_key"] == customer_key("anna")
    assert row["article_key"] == 108775015
    assert (row["sales_channel_id"], row["month"], row["source_file"]) == (2, SEPTEMBER, BASE)


@pytest.mark.parametrize("price", ["0", "-0.0", " 0.05", "5e-2", "1000000"])
def test_a_price_is_any_finite_number_from_zero(stage, price):
    assert len(stage(lines=LINES + line(price=price) + "\n").transactions) == 6


@pytest.mark.parametrize("channel", ["1", "2", "1.0", "2.0", " 2 "])
def test_a_channel_is_one_or_two(stage, channel):
    row = stage(lines=f"{LINE_HEADER}\n{line(channel=channel)}\n").transactions[0]
    assert row["sales_channel_id"] == int(float(channel))


@pytest.mark.parametrize("day", ["2018-09-20 00:00:00", "2018-09-20T13:30:00", "2018/09/20"])
def test_a_day_may_come_with_a_time(stage, day):
    row = stage(lines=f"{LINE_HEADER}\n{line(day)}\n").transactions[0]
    assert row["t_dat"] == dt.date(2018, 9, 20)


@pytest.mark.parametrize(
    "name",
    [
        "a b",
        " a",
        "it's",
        'the ""best""',
        "ünï çødé 🛍",
        "a,b",
        "two\nlines",
        "NULL",
        "nan",
        "x" * 3000,
        "a\x00b",
    ],
)
def test_a_customer_id_is_any_text(stage, name):
    quoted, plain = f'"{name}"', name.replace('""', '"')
    found = stage(customers=f"{CUSTOMERS}{quoted},,,,,,\n", lines=f"{LINES}{line(customer=quoted)}\n")
    assert plain in {row["customer_id"] for row in found.customers}
    assert customer_key(plain) in {row["customer_key"] for row in found.transactions}
    assert found.rejects == []


def test_ids_that_lost_their_leading_zero_are_repaired_and_counted(stage):
    articles, lines = ARTICLES.replace("\n0", "\n"), LINES.replace(",0108", ",108")
    found = stage(articles=articles, lines=lines)
    assert [row["article_id"] for row in found.articles][:2] == ["0108775015", "0108775044"]
    assert found.unique["articles"].repaired == 4
    assert len(found.transactions) == 5
    assert found.accounts.entries[0].repaired == 4


def test_a_refused_row_is_not_counted_as_repaired(stage):
    found = stage(lines=LINES + line(article_id="77", price="0.1") + "\n")
    assert found.accounts.entries[0].repaired == 0


def test_an_id_that_is_too_long_is_not_cut_to_that_of_another_article(stage):
    assert len(stage(lines=LINES + line(article_id="01087750159") + "\n").rejects) == 1


def test_an_id_that_is_no_number_does_not_take_the_place_of_the_real_one(stage):
    articles = ARTICLES.replace("\n", "\n" + article("108775015.0") + "\n", 1)
    found = stage(articles=articles)
    assert "0108775015" in {row["article_id"] for row in found.articles}
    assert len(found.transactions) == 5


def test_of_rows_with_one_id_the_first_is_kept(stage):
    customers = CUSTOMERS + "anna,,,,,99,\n" + "zoe,,,,,1,\n" + "zoe,,,,,2,\n"
    articles = ARTICLES + article("108775015", prod_name="Other") + "\n"
    found = stage(customers=customers, articles=articles)
    assert {row["customer_id"]: row["age"] for row in found.customers}["anna"] == "34"
    assert {row["customer_id"]: row["age"] for row in found.customers}["zoe"] == "1"
    assert {row["article_id"]: row["prod_name"] for row in found.articles}["0108775015"] == "Strap top"


def test_two_customers_with_one_key_are_an_error_that_names_both(stage, monkeypatch):
    monkeypatch.setattr(ingestion, "customer_key_sql", lambda column: f"(7 + 0 * length({column}))")
    with pytest.raises(ContractError, match="anna and dora have the same key"):
        stage()


def test_a_month_file_replaces_the_month_whatever_else_is_read(stage):
    also = ("transactions_2018-10.csv", line("2018-10-05", price="0.5"), line("2018-10-06", price="0.6"))
    found = stage(also=[also])
    assert [(str(day), price) for day, _, price in found.lines if day.month == 10] == [
        ("2018-10-05", 0.5),
        ("2018-10-06", 0.6),
    ]
    assert len(found.transactions) == 6


def test_a_corrected_month_file_replaces_what_it_gave_before(stage):
    stage(also=[("transactions_2018-10.csv", line("2018-10-05"), line("2018-10-06"))])
    found = stage(also=[("transactions_2018-10.csv", line("2018-10-07"))])
    assert [day.day for day, _, _ in found.lines if day.month == 10] == [7]


def test_an_addition_adds_and_its_next_version_replaces_its_own_rows_only(stage):
    assert (
        len(stage(also=[("transactions_web.csv", line("2018-10-05"), line("2018-11-06"))]).transactions) == 7
    )
    found = stage(also=[("transactions_web.csv", line("2018-11-07"))])
    assert [str(day) for day, file, _ in found.lines if file != BASE] == ["2018-11-07"]
    assert len(found.transactions) == 6


def test_a_delivery_without_a_base_is_its_months(tmp_path):
    raw = deliver(tmp_path / "raw")
    (raw / BASE).rename(raw / "transactions_2018-09.csv")
    found = ingest(raw, tmp_path / "warehouse")
    found.prove()
    assert {row["month"] for row in found.transactions} == {SEPTEMBER}
    assert len(found.rejects) == 3


def test_only_the_months_asked_for_are_read(stage):
    found = stage(months=[OCTOBER])
    assert {row["month"] for row in found.transactions} == {OCTOBER}
    assert found.accounts.entries[0].expected == 1


def test_the_share_of_refused_rows_counts_broken_and_undated_rows(stage):
    found = stage(lines=LINES + "broken\n" + line("yesterday") + "\n" + line(price="-1") + "\n")
    assert found.accounts.entries[0].refused_share == pytest.approx(3 / 8)


def test_of_a_part_of_the_months_the_misplaced_rows_weigh_as_that_part(stage):
    found = stage(months=[SEPTEMBER], lines=LINES + "broken\n" * 5)
    assert found.accounts.entries[0].refused_share == pytest.approx(2 / 4)


def test_a_file_without_any_date_counts_as_refused(stage):
    found = stage(also=[("transactions_web.csv", line("20.09.2018"), line("21.09.2018"))])
    assert sorted(account.refused_share for account in found.accounts.entries) == [0, 1]
    assert len(found.rejects) == 2


def test_customers_count_their_broken_and_repeated_rows(stage):
    found = stage(customers=CUSTOMERS + "anna,,,,,,\nbroken\n")
    account = found.unique["customers"]
    assert (account.expected, account.accepted, account.refused) == (6, 4, 2)


def as_typed_parquet(source: Path, target: Path) -> None:
    types = {
        "t_dat": "TIMESTAMP",
        "article_id": "BIGINT",
        "price": "FLOAT",
        "sales_channel_id": "TINYINT",
        "age": "DOUBLE",
    }
    columns = source.read_text().splitlines()[0].split(",")
    wanted = ", ".join(f'CAST("{name}" AS {types.get(name, "VARCHAR")}) AS "{name}"' for name in columns)
    duckdb.execute(f"COPY (SELECT {wanted} FROM read_csv('{source}', all_varchar = true)) TO '{target}'")


def as_zip(source: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(source, "anything.csv")


@pytest.mark.parametrize(
    ("suffix", "convert"),
    [
        (".csv.gz", lambda source, target: target.write_bytes(gzip.compress(source.read_bytes()))),
        (".csv.zip", as_zip),
        (".parquet", as_typed_parquet),
    ],
)
def test_every_form_gives_the_same_tables(tmp_path, suffix, convert):
    def tables(raw: Path, warehouse: str):
        found = ingest(raw, tmp_path / warehouse)
        found.prove()
        lines = [
            (*row[:-1], round(row[-1], 6))
            for row in (
                (r["customer_key"], r["article_key"], r["sales_channel_id"], r["t_dat"], r["price"])
                for r in found.transactions
            )
        ]
        return sorted(lines), found.customers, found.articles

    raw = deliver(tmp_path / "raw")
    expected = tables(raw, "plain")
    for name in ("customers", "articles", "transactions_train"):
        convert(raw / f"{name}.csv", raw / f"{name}{suffix}")
        (raw / f"{name}.csv").unlink()
    assert tables(raw, "other") == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r\n", 2),
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: (
            "\n".join(",".join(reversed(row.split(","))) + ",extra" for row in text.splitlines()) + "\n"
        ),
        lambda text: "\n".join(
            ",".join(f'"{value}"' for value in row.split(",")) for row in text.splitlines()
        ),
    ],
    ids=["bom", "crlf", "mixed", "no_last_newline", "blank_lines", "other_columns", "quoted"],
)
def test_how_a_csv_file_is_written_makes_no_difference(stage, change):
    plain = stage()
    other = stage(customers=change(CUSTOMERS), articles=change(ARTICLES), lines=change(LINES))
    assert other.customers == plain.customers
    assert other.articles == plain.articles
    assert other.lines == plain.lines
    assert other.rejects == []

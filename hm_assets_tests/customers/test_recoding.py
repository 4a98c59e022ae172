"""What a delivered customer attribute means."""

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.customers import recoding
from hm_assets.customers.tables import CUSTOMERS

COLUMNS = ("FN", "Active", "club_member_status", "fashion_news_frequency", "age", "postal_code")


def recoded(rows: list[dict]) -> list[dict]:
    schema = pa.schema(
        [
            ("customer_id", pa.string()),
            ("customer_key", pa.int64()),
            *((name, pa.string()) for name in COLUMNS),
        ]
    )
    full = [
        {"customer_id": f"c{i}", "customer_key": i, **dict.fromkeys(COLUMNS), **row}
        for i, row in enumerate(rows)
    ]
    table = recoding.recode(ibis.memtable(pa.Table.from_pylist(full, schema=schema)))
    assert set(table.columns) == {column.name for column in CUSTOMERS.columns}
    return table.order_by("customer_key").to_pyarrow().to_pylist()


@pytest.mark.parametrize(
    ("delivered", "meant"),
    [
        ("1.0", 1),
        ("1", 1),
        (" 1 ", 1),
        ("0", 0),
        ("0.0", 0),
        (None, 0),
        ("", 0),
        ("2", 0),
        ("nan", 0),
        ("x", 0),
    ],
)
def test_an_empty_flag_is_a_no_and_not_a_gap(delivered, meant):
    (row,) = recoded([{"FN": delivered, "Active": delivered}])
    assert (row["fn"], row["active"]) == (meant, meant)


@pytest.mark.parametrize(
    ("delivered", "meant"),
    [("NONE", "NONE"), ("None", "NONE"), (None, None), ("", None), ("  ", None), ("Regularly ", "REGULARLY")],
)
def test_none_in_words_is_an_answer_and_an_empty_frequency_is_unknown(delivered, meant):
    (row,) = recoded([{"fashion_news_frequency": delivered, "club_member_status": delivered}])
    assert row["fashion_news_frequency"] == meant
    assert row["club_member_status"] == meant


@pytest.mark.parametrize(
    ("delivered", "years"),
    [("49", 49), ("49.0", 49), (" 49", 49), ("16", 16), ("99", 99), ("15", None), ("100", None), ("5", None)]
    + [
        (text, None) for text in ("150", "49.5", "N/A", "", None, "-30", "nan", "inf", "1e400", "1e9", "0x31")
    ],
)
def test_an_age_is_a_whole_number_of_plausible_years_or_unknown(delivered, years):
    (row,) = recoded([{"age": delivered}])
    assert row["age"] == years


def codes(*groups: tuple[str | None, int]) -> list[str | None]:
    rows = [{"postal_code": code} for code, times in groups for _ in range(times)]
    return [row["postal_code"] for row in recoded(rows)]


def test_a_postal_code_on_far_more_customers_than_any_other_is_no_place():
    assert codes(("p", 20), ("a", 2), (None, 3)) == [None] * 20 + ["a"] * 2 + [None] * 3


@pytest.mark.parametrize(
    "groups",
    [
        [("p", 19), ("a", 2)],  # not ten times as frequent as the next one
        [("a", 20), ("b", 20)],  # two big places
        [("p", 12), *((f"a{i}", 1) for i in range(300))],  # below 5 % of the customers
        [("p", 1), (None, 40)],
    ],
)
def test_a_merely_frequent_postal_code_is_a_place(groups):
    assert codes(*groups) == [code for code, times in groups for _ in range(times)]


def test_blanks_around_a_placeholder_do_not_hide_it():
    assert codes(("p", 10), ("p ", 10), ("a", 2)) == [None] * 20 + ["a"] * 2


def test_a_blank_postal_code_is_unknown_and_never_the_placeholder():
    assert codes(("", 15), ("  ", 15), ("a", 2), ("b", 2)) == [None] * 30 + ["a"] * 2 + ["b"] * 2


def test_no_customer_at_all_gives_no_row():
    assert recoded([]) == []


@settings(max_examples=15)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                name: st.none() | st.sampled_from(["1.0", "0", "", "NONE", "49", "N/A", "p"])
                for name in COLUMNS
            }
        ),
        max_size=12,
    )
)
def test_every_customer_stays_with_their_id(rows):
    assert [row["customer_id"] for row in recoded(rows)] == [f"c{i}" for i in range(len(rows))]

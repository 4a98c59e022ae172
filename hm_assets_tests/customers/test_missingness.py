"""What is missing: every count adds up, and an empty flag is never taken for a gap."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.customers import mechanism, missingness, missingness_pictures, tables
from hm_assets.customers.checks import few_values_are_unknown, flags_are_clear_and_nobody_is_lost
from hm_assets_tests.customers.files import complete, delivered, recoded


def by_column(rows: list[dict]) -> dict[str, dict]:
    customers = recoded(rows)
    found = missingness.by_column(delivered(rows), customers, mechanism.rows_of(customers))
    pa.Table.from_pylist(found, schema=tables.MISSINGNESS.arrow_schema())
    return {row["column"]: row for row in found}


def counts(row: dict) -> tuple[int, ...]:
    return tuple(row[name] for name in ("rows", "empty", "structural", "refused", "known", "unknown"))


def test_an_empty_flag_means_no_before_the_40_percent_rule_is_asked():
    columns = by_column([{"FN": "1.0" if i < 35 else None, "Active": "1", "age": "30"} for i in range(100)])
    assert counts(columns["FN"]) == (100, 65, 65, 0, 100, 0)
    assert not columns["FN"]["over_limit"]
    assert columns["FN"]["decision"].startswith("Recoded")


def test_a_flag_that_nobody_has_set_is_not_in_the_data():
    columns = by_column([{"FN": "1", "Active": None}, {"FN": None, "Active": ""}])
    assert counts(columns["Active"]) == (2, 2, 0, 0, 0, 2)
    assert columns["Active"]["decision"] == "Not used: not in data"


@pytest.mark.parametrize(("refused", "empty"), [(("5", "150", "N/A"), (None, "", "  ")), (("49.5",), ())])
def test_impossible_ages_are_refused_and_empty_ones_are_not(refused, empty):
    rows = [{"age": value} for value in (*refused, *empty, "49", "49.0")]
    row = by_column(rows)["age"]
    assert counts(row) == (
        len(rows),
        len(empty),
        0,
        len(refused),
        2,
        len(refused) + len(empty),
    )


def test_an_unreadable_flag_is_counted_and_means_no():
    assert counts(by_column([{"FN": "yes"}, {"FN": "1"}, {"FN": "0"}, {}])["FN"]) == (4, 1, 2, 1, 4, 0)


def test_the_placeholder_is_refused():
    row = by_column([{"postal_code": "p"}] * 20 + [{"postal_code": "a"}, {"postal_code": None}])[
        "postal_code"
    ]
    assert counts(row) == (22, 1, 0, 20, 1, 21)


@pytest.mark.parametrize(("unknown", "over"), [(40, False), (41, True)])
def test_more_than_40_percent_unknown_is_not_used(unknown, over):
    rows = [{**row, "age": None if i < unknown else row["age"]} for i, row in enumerate(complete(100, 1))]
    row = by_column(rows)["age"]
    assert row["over_limit"] == over
    assert row["decision"].startswith("Stays unknown, and no other") == over


def test_a_customer_with_everything_missing_is_one_pattern():
    rows = [*complete(3, 2), {}]
    (known, gone) = missingness.patterns(recoded(rows))
    assert (known["pattern"], known["customers"]) == ("nothing unknown", 3)
    assert gone["pattern"] == "club_member_status + fashion_news_frequency + age + postal_code"
    assert (gone["columns_unknown"], gone["customers"], gone["share"]) == (4, 1, 0.25)


@settings(max_examples=12)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "FN": st.sampled_from([None, "", "1.0", "0", "x"]),
                "Active": st.sampled_from([None, "1"]),
                "club_member_status": st.sampled_from([None, " ", "ACTIVE", "LEFT CLUB"]),
                "fashion_news_frequency": st.sampled_from([None, "NONE", "None", "Regularly"]),
                "age": st.sampled_from([None, "", "5", "150", "49.0", "N/A", "31"]),
                "postal_code": st.sampled_from([None, "p", "a"]),
            }
        ),
        max_size=30,
    )
)
def test_every_count_adds_up(rows):
    columns, patterns = by_column(rows), missingness.patterns(recoded(rows))
    assert list(columns) == list(missingness.COLUMNS)
    for row in columns.values():
        assert row["rows"] == len(rows) == row["known"] + row["unknown"]
        assert row["unknown"] == row["empty"] + row["refused"] - row["structural"]
        assert min(counts(row)) >= 0
    assert sum(row["customers"] for row in patterns) == len(rows)
    for name in mechanism.GAPS:
        marked = sum(row["customers"] for row in patterns if row[f"{name}_unknown"])
        assert marked == columns[name]["unknown"]


def test_the_picture_says_what_it_shows():
    rows = [{**row, "age": None if i < 3 else row["age"]} for i, row in enumerate(complete(100, 3))]
    found = list(by_column(rows).values())
    assert missingness_pictures.title(found).endswith("the largest gap is age with 3.0% unknown")
    assert missingness_pictures.draw(found).startswith(
        f"![{missingness_pictures.title(found)}](data:image/png;"
    )
    assert missingness_pictures.draw(found) == missingness_pictures.draw(found)


def test_a_picture_of_nobody_can_be_drawn():
    assert missingness_pictures.draw(list(by_column([]).values())).startswith("![No customer")


def test_the_check_holds_where_flags_are_clear_and_nobody_is_lost():
    rows = [*complete(5, 4), {}]
    result = flags_are_clear_and_nobody_is_lost(recoded(rows), delivered(rows))
    assert result.passed
    by_status = result.metadata["by_club_member_status"].data
    assert by_status["unknown"] == 1
    assert sum(by_status.values()) == 6


@pytest.mark.parametrize("fault", ["lost", "two", "null"])
def test_the_check_fails_where_a_flag_is_unclear_or_somebody_is_lost(fault):
    rows = complete(5, 5)
    customers = recoded(rows)
    if fault == "lost":
        customers = customers.filter(customers.customer_key != 2)
    else:
        value = {"two": 2, "null": None}[fault]
        customers = customers.mutate(fn=(customers.customer_key == 2).ifelse(value, customers.fn))
    assert not flags_are_clear_and_nobody_is_lost(customers, delivered(rows)).passed


def test_columns_over_the_limit_are_named_by_a_warning():
    import dagster as dg
    import ibis

    found = list(by_column([{**row, "age": None} for row in complete(10, 6)]).values())
    table = ibis.memtable(pa.Table.from_pylist(found, schema=tables.MISSINGNESS.arrow_schema()))
    result = few_values_are_unknown(table)
    assert not result.passed
    assert result.severity is dg.AssetCheckSeverity.WARN
    assert result.description == "Not filled: age"

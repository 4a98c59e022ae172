"""What customers buy, by attribute of the article."""

import datetime as dt

import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.articles.tables import MOST_TOPICS
from hm_assets.features import attributes
from hm_assets.features.attributes import POSITIONS, parts
from hm_assets_tests.features.histories import articles, tastes, transactions

DAY = dt.date(2019, 3, 5)
LINES = st.lists(
    st.tuples(st.integers(1, 3), st.just(DAY), st.integers(1, 10), st.just(0.5), st.sampled_from([1, 2])),
    max_size=20,
)


def bought(lines) -> list[dict]:
    return (
        attributes.customer_attributes(ibis.memtable(transactions(lines)), articles())
        .to_pyarrow()
        .to_pylist()
    )


@settings(max_examples=6)
@given(LINES)
def test_for_each_attribute_the_units_add_up_to_the_lines(lines):
    rows = bought(lines)
    for attribute in POSITIONS:
        mine = [row for row in rows if row["attribute"] == attribute]
        assert sum(row["items"] for row in mine) == len(lines)
        assert abs(sum(row["spend"] for row in mine) - 0.5 * len(lines)) < 1e-9
    wide = tastes(lines).to_pyarrow().to_pylist()
    for attribute in POSITIONS:
        assert sum(row[name] for row in wide for name in parts(attribute)) == len(lines)


def test_what_the_catalogue_does_not_say_is_unknown_and_not_lost():
    (row,) = (r for r in bought([(1, DAY, 10, 0.5, 1)]) if r["attribute"] == "section")
    assert (row["value"], row["items"]) == ("unknown", 1)


def test_positions_follow_the_catalogue_and_no_sale():
    values = attributes.attribute_values(articles()).to_pyarrow().to_pylist()
    groups = {
        row["position"]: (row["value"], row["articles"])
        for row in values
        if row["attribute"] == "index_group"
    }
    assert groups == {1: ("Group 1", 5), 2: ("Group 0", 4)}
    sections = [row for row in values if row["attribute"] == "section"]
    # Nine sections with one article each: ties go by name.
    assert [r["value"] for r in sorted(sections, key=lambda r: r["position"])] == [
        f"Section {i}" for i in range(1, 10)
    ]


def test_values_without_a_position_count_as_the_rest():
    many = articles().to_pyarrow()
    names = pa.array([f"Product {i:02}" for i in range(many.num_rows)])
    wide = many.set_column(many.column_names.index("product_group_name"), "product_group_name", names)
    place = dict(POSITIONS)
    assert place["product_group"][1] == 10
    ten = pa.concat_tables([wide, wide.slice(0, 1).set_column(0, "article_key", pa.array([11]))])
    eleventh = ten.set_column(
        ten.column_names.index("product_group_name"),
        "product_group_name",
        pa.array([f"P{i:02}" for i in range(11)]),
    )
    lines = ibis.memtable(transactions([(1, DAY, 11, 0.5, 1), (1, DAY, 1, 0.5, 1)]))
    catalogue = ibis.memtable(eleventh)
    rows = attributes.customer_tastes(
        attributes.customer_attributes(lines, catalogue), attributes.attribute_values(catalogue)
    )
    (row,) = rows.to_pyarrow().to_pylist()
    assert (row["product_group_0"], row["product_group_1"]) == (1, 1)


def test_the_main_topic_is_the_strongest_one_and_none_without_words():
    def mix(*weights: float) -> dict:
        return {f"topic_{i + 1}": (weights[i] if i < len(weights) else None) for i in range(MOST_TOPICS)}

    mixes = [
        {"article_key": 1, "words": 5, **mix(0.2, 0.5, 0.3)},
        {"article_key": 2, "words": 5, **mix(0.4, 0.4, 0.2)},
        {"article_key": 3, "words": 0, **mix(0.4, 0.3, 0.3)},
    ]
    catalogue = ibis.memtable(pa.table({"article_key": [1, 2, 3, 4]}))
    found = attributes.with_main_topic(catalogue, ibis.memtable(pa.Table.from_pylist(mixes)))
    got = {row["article_key"]: row["main_topic"] for row in found.to_pyarrow().to_pylist()}
    assert got == {1: "2", 2: "1", 3: None, 4: None}

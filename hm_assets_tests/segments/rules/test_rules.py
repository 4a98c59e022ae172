"""Rules that a marketer can copy: what they say, what they select and how good they are."""

import re

import duckdb
import numpy as np
import pyarrow as pa
import pytest
import sqlglot

from hm_assets.features.tables import CUSTOMER_FEATURES
from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.rules.induction import _halves, fidelity, rules
from hm_assets.segments.rules.rule import DIALECTS, PHRASES, Condition, Rule


def customers(n=3000, seed=0):
    """Columns of n customers, and segments: 0 recent and frequent, 1 who spent between 0.3 and 0.8, 2 the others."""
    rng = np.random.default_rng(seed)
    recency = rng.integers(0, 700, n)
    days = 1 + rng.poisson(np.exp(rng.normal(1.5, 0.8, n)))
    spend = rng.integers(1, 900, n) / 590
    gaps = np.where(days > 1, rng.exponential(40, n), np.nan)
    labels = np.where((recency <= 90) & (days > 3), 0, np.where((spend > 0.3) & (spend <= 0.8), 1, 2))
    columns = {
        "recency_days": pa.array(recency, pa.int32()),
        "purchase_days": pa.array(days, pa.int32()),
        "spend": pa.array(spend, pa.float64()),
        "mean_gap_days": pa.array(gaps, pa.float32(), from_pandas=True),
        "online_share_365d": pa.array(rng.integers(0, 11, n) / 10, pa.float32()),
    }
    return pa.table(columns), labels


COLUMNS, LABELS = customers()


def on_duckdb(rule: Rule, columns: pa.Table) -> np.ndarray:
    """What the rule's SQL selects."""
    with duckdb.connect() as connection:
        connection.register("customer_features", columns.append_column("row", pa.array(range(len(columns)))))
        found = connection.sql(f"SELECT row FROM customer_features WHERE {rule.sql('duckdb')}").fetchnumpy()[
            "row"
        ]
    return np.isin(np.arange(len(columns)), found)


def test_planted_rules_are_found_and_written():
    first, second, third = rules(COLUMNS, LABELS, seed=1)
    assert re.fullmatch(r"last purchase at most (89|90|91) days ago, more than 3 purchase days", first.words)
    assert min(first.precision, first.recall) > 0.97
    assert re.search(
        r"spent more than 0\.(29|3|31) and at most 0\.(79|8|81) in total \(price index\)", second.words
    )
    assert second.f1 > 0.9
    assert 0.3 < third.f1 < 0.95


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_sql_selects_on_duckdb_exactly_whom_the_measurement_counted(seed):
    columns, labels = customers(seed=seed)
    # A segment around a value that a 32-bit float cannot hold, and one with empty values.
    labels = np.where(columns["online_share_365d"].to_numpy() > 0.65, 3, labels)
    labels = np.where(columns["mean_gap_days"].to_numpy() > 50, 4, labels)
    for rule in rules(columns, labels, seed):
        assert (on_duckdb(rule, columns) == rule.selects(columns)).all()


@pytest.mark.parametrize("bound", [0.1, 0.3, 0.7])
def test_a_column_of_32_bit_floats_is_compared_as_it_was_measured(bound):
    share = pa.table({"online_share_365d": pa.array(np.arange(11) / 10, pa.float32())})
    for condition in (
        Condition("online_share_365d", above=bound, single=True),
        Condition("online_share_365d", up_to=bound, single=True),
    ):
        rule = Rule(0, (condition,), 0, 0, 0, 0)
        assert (on_duckdb(rule, share) == rule.selects(share)).all()


def test_precision_recall_and_coverage_are_those_of_the_half_that_was_not_learned_from():
    found = rules(COLUMNS, LABELS, seed=1)
    _, held_out = _halves(LABELS, seed=1)
    for rule in found:
        assert rule.selected == rule.selects(COLUMNS)[held_out].sum()
        assert rule.hits == (rule.selects(COLUMNS) & (rule.segment == LABELS))[held_out].sum()
        assert rule.customers == len(LABELS) // 2
        assert abs(2 * rule.members - (rule.segment == LABELS).sum()) <= 1
        assert 0 < rule.hits <= min(rule.selected, rule.members)
        selected = rule.selects(COLUMNS)
        assert rule.coverage == pytest.approx(selected.mean(), abs=0.03)
        assert rule.precision == pytest.approx((LABELS[selected] == rule.segment).mean(), abs=0.05)
    rule = Rule(0, (), 100, 20, 50, 10)
    assert rule.f1 == pytest.approx(2 / 7)
    assert rule.row() == {
        "segment_id": 0,
        "precision": 0.2,
        "recall": 0.5,
        "coverage": 0.5,
        "words": "everybody",
        "verdict": "No condition tells this segment from the others: use the assignments instead.",
        "duckdb": "TRUE",
        "bigquery": "TRUE",
        "snowflake": "TRUE",
    }


def test_the_halves_are_disjoint_and_share_each_segment_evenly():
    learned, held_out = _halves(LABELS, seed=1)
    assert sorted([*learned, *held_out]) == list(range(len(LABELS)))
    assert (abs(np.bincount(LABELS[learned]) - np.bincount(LABELS[held_out])) <= 1).all()
    assert learned.tolist() != _halves(LABELS, seed=2)[0].tolist()


def test_customers_without_a_value_meet_no_condition_on_it():
    """Many bought once and have no gap: neither the search nor the measurement may count them as above a bound."""
    gaps = np.where(np.arange(2000) % 5 < 3, np.nan, np.random.default_rng(8).exponential(60, 2000))
    columns = pa.table({"mean_gap_days": pa.array(gaps, pa.float32(), from_pandas=True)})
    rule = rules(columns, (gaps > 60).astype(np.int64), seed=1)[1]
    assert re.fullmatch(r"more than (5[89]|6[01]) days between purchase days on average", rule.words)
    assert min(rule.precision, rule.recall) > 0.95


def test_at_most_three_columns_and_only_numbers_that_people_write():
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 6, len(LABELS)) * (LABELS == 0) + LABELS
    for rule in rules(COLUMNS, labels, seed=1):
        assert len({condition.column for condition in rule.conditions}) == len(rule.conditions) <= 3
        for condition in rule.conditions:
            for bound in filter(None, (condition.above, condition.up_to)):
                whole = condition.column in ("recency_days", "purchase_days", "mean_gap_days")
                assert bound == (round(bound) if whole else float(f"{bound:.2g}"))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_dialect_can_read_its_text_and_it_means_the_same(dialect):
    rule = Rule(
        1,
        (
            Condition("recency_days", up_to=34.0),
            Condition("spend", above=0.8, up_to=12.0),
            Condition("mean_gap_days", above=20.0, single=True),
        ),
        *(0, 0, 0, 0),
    )
    text = rule.sql(dialect)
    double = {"duckdb": "DOUBLE", "bigquery": "FLOAT64", "snowflake": "DOUBLE"}[dialect]
    assert text == (
        f"recency_days <= 34 AND spend > 0.8 AND spend <= 12 AND CAST(mean_gap_days AS {double}) > 20"
    )
    assert sqlglot.parse_one(text, read=dialect).sql("duckdb") == rule.sql("duckdb")


def test_a_segment_that_no_rule_describes_has_low_precision_and_says_so():
    rng = np.random.default_rng(5)
    drawn = (rng.random(len(LABELS)) < 0.3).astype(np.int64)
    rule = rules(COLUMNS, drawn, seed=1)[1]
    assert rule.precision < 0.4
    assert "use the assignments instead" in rule.verdict


def test_verdicts_grow_with_what_the_rule_finds():
    found = [Rule(0, (Condition("spend", 1.0),), 100, 20, 20, hits).verdict for hits in (18, 14, 8)]
    assert [text.split(":")[0].split(",")[0] for text in found] == [
        "A good stand-in",
        "A rough stand-in",
        "A poor stand-in",
    ]
    assert "only 40 % of those it selects belong to the segment, and it finds 40 % of it" in found[2]


@pytest.mark.parametrize("name", [column.name for column in CUSTOMER_FEATURES.columns])
def test_every_column_of_the_features_has_words(name):
    words = Condition(name, above=1.0, up_to=2.5).words
    assert "more than 1 and at most 2.5" in words
    assert not re.search(r"[{}]", words)
    assert not PHRASES.keys() - {column.name for column in CUSTOMER_FEATURES.columns}


def test_words_of_windows_and_of_columns_without_a_phrase():
    assert (
        Condition("spend_90d", 0.00025).words == "spent more than 0.00025 in the last 90 days (price index)"
    )
    assert Condition("section_entropy", up_to=1.5).words == (
        "Entropy of the units by section, 12 months (RFM-D): at most 1.5 nats"
    )
    assert Condition("some_column", up_to=1.5).words == "some column at most 1.5"


def test_the_same_seed_gives_the_same_rules_whatever_the_segments_are_called():
    one, two = rules(COLUMNS, LABELS, 1), rules(COLUMNS, LABELS, 1)
    assert [rule.row() for rule in one] == [rule.row() for rule in two]
    other = rules(COLUMNS, np.array([7, 3, 5])[LABELS], 4)
    assert [rule.segment for rule in other] == [3, 5, 7]
    for rule, label in zip(other, (1, 2, 0), strict=True):
        assert (rule.selects(COLUMNS) == one[label].selects(COLUMNS)).mean() > 0.9


def test_equal_customers_empty_columns_and_tiny_segments_get_a_rule_that_admits_it():
    same = pa.table({"recency_days": [5] * 40, "spend": pa.array([None] * 40, pa.float64())})
    labels = np.array([0] * 39 + [1])
    assert [rule.words for rule in rules(same, labels, 1)] == ["everybody", "everybody"]
    (only,) = rules(same, np.zeros(40, dtype=np.int64), 1)
    assert (only.precision, only.recall, only.coverage) == (1, 1, 1)


def test_customers_in_no_segment_count_as_others():
    found = rules(COLUMNS, np.where(LABELS == 2, -1, LABELS), 1)
    assert [rule.segment for rule in found] == [0, 1]
    assert found[0].words == rules(COLUMNS, LABELS, 1)[0].words


@pytest.mark.parametrize("what", [rules, fidelity])
@pytest.mark.parametrize(
    ("columns", "labels", "said"),
    [
        (COLUMNS, LABELS[:5], "3000 customers have 5 labels"),
        (COLUMNS.select([]), LABELS[: len(COLUMNS.select([]))], "at least one column"),
        (COLUMNS.slice(0, 3), np.full(3, -1), "no customer is in a segment"),
    ],
)
def test_what_cannot_be_described_is_said(what, columns, labels, said):
    with pytest.raises(CannotFit, match=said):
        what(columns, labels, 1)


def test_fidelity_is_high_for_boxes_and_chance_for_segments_drawn_by_lot():
    rng = np.random.default_rng(6)
    assert fidelity(COLUMNS, LABELS, 1) > 0.9
    assert fidelity(COLUMNS, rng.integers(0, 4, len(LABELS)), 1) == pytest.approx(0.25, abs=0.05)
    assert fidelity(COLUMNS, LABELS, 1) == fidelity(COLUMNS, LABELS, 1)


def test_fidelity_counts_a_small_segment_as_much_as_a_large_one():
    """Only the large one can be told, so half of the segments are placed, not 95 % of the customers."""
    rng = np.random.default_rng(7)
    labels = np.where(COLUMNS["recency_days"].to_numpy() > 100, 0, 1 + (rng.random(len(LABELS)) < 0.5))
    assert fidelity(COLUMNS, labels, 1) == pytest.approx((1 + 0.5 + 0.5) / 3, abs=0.06)


def test_fidelity_of_one_segment_says_nothing():
    with pytest.raises(CannotFit, match="nothing to tell apart"):
        fidelity(COLUMNS, np.zeros(len(LABELS), dtype=np.int64), 1)

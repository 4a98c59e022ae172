"""Over-indexed tastes: what is planted is found, and noise is not listed."""

import datetime as dt

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.profiles.taste import counts, over_index
from hm_assets.profiles.taste.over_index import FEWEST_BUYERS, LISTED, PRIOR_UNITS
from hm_assets.segments.tables import NO_PURCHASE

AS_OF = dt.date(2020, 9, 22)
TYPES = 30


def sums(units: np.ndarray, segment: np.ndarray) -> list[dict]:
    """What `counts` gives for customers x types of units, by numpy."""
    rows = []
    for i in np.unique(segment):
        mine = units[segment == i]
        totals = mine.sum(axis=1)
        for fact in np.flatnonzero(mine.sum(axis=0)):
            own = mine[:, fact]
            rows.append(
                {
                    "segment_id": int(i),
                    "fact": f"type {fact:02}",
                    "units": int(own.sum()),
                    "buyers": int((own > 0).sum()),
                    "squares": int((own**2).sum()),
                    "products": int((own * totals).sum()),
                    "segment_units": int(totals.sum()),
                    "segment_squares": int((totals**2).sum()),
                }
            )
    return rows


def listed(rows: list[dict], kind: str = "category") -> list[dict]:
    return over_index.over_indexed({kind: rows})


def bought(
    rng: np.random.Generator, customers: int, concentration: float, spread: float, boost: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Units of customers x types and a segment each; segment 1 buys type 0 `boost` times as much as the others.

    Customers have tastes of their own (the smaller `concentration`, the more), and some buy far more than others.
    """
    popularity = rng.dirichlet(np.full(TYPES, 0.7))
    popularity[0] = 0.05
    segment = rng.integers(1, 5, customers)
    totals = 1 + rng.poisson(np.exp(rng.normal(1.5, spread, customers)))
    weights = np.where((segment == 1)[:, None] & (np.arange(TYPES) == 0), boost, 1.0) * popularity
    tastes = rng.gamma(concentration * weights + 1e-9) + 1e-12
    return np.array(
        [rng.multinomial(n, t) for n, t in zip(totals, tastes / tastes.sum(1, keepdims=True), strict=True)]
    ), segment


@pytest.mark.parametrize(("concentration", "spread"), [(1000.0, 0.3), (2.0, 1.3)])
def test_noise_is_listed_in_hardly_more_than_five_of_a_hundred_bases(concentration, spread):
    """Whatever is listed without a planted difference is false, so the rate of bases with a listing is the FDR.

    Sixty bases: 7 or more have a probability below 3 % at a true rate of 5 %. Customers with strong tastes who buy
    much are where an interval that takes units for votes, or buyers for equals, lists noise.
    """
    rng = np.random.default_rng(5)
    found = [bool(listed(sums(*bought(rng, 1000, concentration, spread)))) for _ in range(60)]
    assert sum(found) < 7


def test_a_planted_preference_is_found_with_its_size():
    rng = np.random.default_rng(3)
    found = listed(sums(*bought(rng, 3000, 50.0, 0.8, boost=2.5)))
    assert [(row["segment_id"], row["fact"]) for row in found] == [(1, "type 00")]
    (row,) = found
    share, elsewhere = 0.125 / 1.075, 0.05  # 2.5 x 5 % among the planted segment's units
    index = 100 * share / (0.25 * share + 0.75 * elsewhere)
    assert row["low"] < index < row["high"]
    assert row["low"] > 100
    assert row["value"] == pytest.approx(share, rel=0.15)


def test_an_index_of_few_units_is_drawn_towards_100():
    def index(scale: int) -> float:
        units = np.zeros((400, 2), dtype=int)
        units[:200] = [2, 2]
        units[200:] = [1, 3]
        units *= scale
        (row,) = listed(sums(units, np.repeat([1, 2], 200)))[:1]
        assert (row["segment_id"], row["value"], row["base"]) == (1, 0.5, 0.375)
        return row["index_to_base"]

    unshrunken = 100 * 0.5 / 0.375
    assert 100 < index(1) < index(10) < unshrunken
    assert index(1) == pytest.approx(100 * ((400 + PRIOR_UNITS * 0.375) / (800 + PRIOR_UNITS)) / 0.375)


def test_one_customers_many_units_are_not_many_votes():
    """Segment 1 buys twice the share of type 0, and all of it goes to one customer."""
    units = np.tile([5, 95], (400, 1))
    units[:200, 0] = 0
    units[0] = [2000, 100]
    units[1:60, 0] = 1
    segment = np.repeat([1, 2], 200)
    assert listed(sums(units, segment)) == []
    spread = units.copy()
    spread[:200, 0] = 10
    assert listed(sums(spread, segment))[0]["fact"] == "type 00"


@pytest.mark.parametrize(("buyers", "is_listed"), [(FEWEST_BUYERS - 1, False), (FEWEST_BUYERS, True)])
def test_what_only_a_few_bought_is_never_listed(buyers, is_listed):
    units = np.tile([0, 5], (4000, 1))
    units[:buyers, 0] = 5
    found = listed(sums(units, np.repeat([1, 2], 2000)))
    assert ("type 00" in [row["fact"] for row in found if row["segment_id"] == 1]) == is_listed
    assert all(np.isfinite(row["high"]) for row in found)


def test_the_order_is_total_and_at_most_ten_are_listed_per_segment():
    rng = np.random.default_rng(0)
    units = np.ones((600, 24), dtype=int)
    units[:300, :12] = 3
    rows = sums(units, np.repeat([2, 1], 300))
    found = listed(rows)
    assert [row["fact"] for row in found] == [f"type {i:02}" for i in (*range(12, 22), *range(10))]
    assert LISTED == 10
    for _ in range(3):
        assert listed([rows[i] for i in rng.permutation(len(rows))]) == found


@pytest.mark.parametrize("segments", [[1], [NO_PURCHASE, 1]])
def test_a_segment_alone_over_indexes_nothing(segments):
    units = np.tile([5, 95], (len(segments) * 100, 1))
    assert listed(sums(units, np.repeat(segments, 100))) == []


def test_kinds_are_held_to_one_rate_of_false_discoveries():
    """A difference that passes alone is dropped beside a kind with hundreds of values that differ by nothing."""
    rng = np.random.default_rng(0)
    units = np.stack([rng.poisson(20, 400), rng.poisson(80, 400)], axis=1)
    units[:200, 0] += rng.poisson(7, 200)
    mine = sums(units, np.repeat([1, 2], 200))
    assert [row["segment_id"] for row in listed(mine)][:1] == [1]
    plain = sums(np.tile(np.full(1500, 5), (200, 1)), np.repeat([1, 2], 100))
    assert over_index.over_indexed({"category": mine, "colour": plain}) == []


def test_the_same_value_in_two_kinds_is_two_rows():
    units = np.ones((600, 4), dtype=int)
    units[:300, :2] = 3
    rows = sums(units, np.repeat([1, 2], 300))
    found = over_index.over_indexed({"colour": rows, "category": rows})
    assert [row["kind"] for row in found if row["segment_id"] == 1] == ["category"] * 2 + ["colour"] * 2


def test_no_line_gives_no_category():
    assert listed([]) == []


def test_the_engine_counts_what_numpy_does():
    rng = np.random.default_rng(1)
    day, year = dt.timedelta(days=1), dt.timedelta(days=365)
    articles = pa.table(
        {"article_key": [1, 2, 3, 4], "product_type_name": ["type 00", "type 01", "type 01", None]}
    )
    lines = [
        (int(customer), int(article), AS_OF - int(ago) * day)
        for customer, article, ago in zip(
            rng.integers(0, 12, 300), rng.integers(1, 5, 300), rng.integers(0, 365, 300), strict=True
        )
    ]
    outside = [(0, 1, AS_OF - year), (1, 1, AS_OF + day)]
    transactions = pa.table(
        {
            "customer_key": [line[0] for line in lines + outside],
            "article_key": [line[1] for line in lines + outside],
            "t_dat": pa.array([line[2] for line in lines + outside], pa.date32()),
            "price": [0.1] * len(lines + outside),
        }
    )
    segment = np.array([1, 2, 3] * 4)
    assignments = pa.table({"customer_key": list(range(12)), "segment_id": pa.array(segment, pa.int32())})
    units = np.zeros((12, 2), dtype=int)
    for customer, article, _ in lines:
        if article < 4:
            units[customer, 0 if article == 1 else 1] += 1
    lines = counts.year_of_lines(ibis.memtable(transactions), AS_OF)
    found = counts.counts(lines, ibis.memtable(articles), ibis.memtable(assignments), ["category"])[
        "category"
    ]
    got = sorted(found, key=lambda row: (row["segment_id"], row["fact"]))
    assert [{name: row[name] if name == "fact" else int(row[name]) for name in row} for row in got] == sums(
        units, segment
    )

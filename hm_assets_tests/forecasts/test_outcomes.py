import datetime as dt

import ibis
import pyarrow as pa
import pytest

from hm_assets.forecasts.inputs import KINDS, RFM, described, examples, space_of
from hm_assets.forecasts.outcomes import known_on, outcomes
from hm_assets_tests.forecasts.shops import FIRST, STEP, shop

T = dt.date(2019, 1, 31)
JANUARY = dt.date(2019, 1, 1)


def labelled(after: list[int], known: int = 90) -> dict:
    """One customer who buys so many days after T (two channels on each day), as seen on T + known."""
    people = ibis.memtable(
        pa.table({"customer_key": [1], "month": pa.array([JANUARY]), "as_of": pa.array([T])})
    )
    bought = [T + dt.timedelta(days=d) for d in after for _ in range(2)]
    days = pa.table(
        {
            "customer_key": pa.array([1] * len(bought), pa.int64()),
            "t_dat": pa.array(bought, pa.date32()),
            "spend": pa.array([0.5] * len(bought), pa.float64()),
        }
    )
    (row,) = outcomes(people, ibis.memtable(days), T + dt.timedelta(days=known)).to_pyarrow().to_pylist()
    return row


@pytest.mark.parametrize(
    ("after", "known", "next_in", "spend"),
    [
        ([-5, 0], 90, None, 0.0),  # on T itself is a feature
        ([1], 90, 1, 1.0),
        ([0, 30, 60], 90, 30, 2.0),
        ([90, 91], 90, 90, 1.0),
        ([91], 200, None, 0.0),  # past the longest horizon
        ([40], 39, None, 0.0),  # not known yet
        ([], 90, None, 0.0),
    ],
)
def test_a_label_lies_after_the_day_and_within_ninety_known_days(after, known, next_in, spend):
    row = labelled(after, known)
    assert (row["days_to_next"], row["days_known"]) == (next_in, min(known, 90))
    assert row["later_spend"] == (spend if known >= 90 else None)


def test_deleting_the_future_changes_no_feature_and_no_label():
    everything = shop(customers=60)
    until = dt.date(2019, 6, 30)
    months = [dt.date(2019, m, 1) for m in (1, 4, 5)]
    then = everything.known_on(until)
    whole = examples(everything.features, everything.days, months, FIRST, until)
    assert whole.equals(examples(then.features, then.days, months, FIRST, until))
    assert whole["days_to_next"].null_count < whole.num_rows, "somebody ordered"
    later = examples(everything.features, everything.days, months, FIRST, dt.date(2019, 12, 31))
    assert known_on(later, until).equals(whole), "and what was learned later is forgotten"
    assert not whole.equals(
        examples(everything.features, everything.days, months, FIRST, dt.date(2019, 7, 31))
    )


def test_a_sample_is_as_large_as_asked_and_independent_of_the_order_of_rows():
    known = shop(customers=60)
    months = [JANUARY, dt.date(2019, 2, 1)]
    found = examples(known.features, known.days, months, FIRST, T, most=20)
    assert found.group_by("month").aggregate([([], "count_all")])["count_all"].to_pylist() == [20, 20]
    turned = ibis.memtable(
        known.features.to_pyarrow().take(list(range(known.features.count().execute()))[::-1])
    )
    assert examples(turned, known.days, months, FIRST, T, most=20).equals(found)


def test_money_is_counted_in_steps_of_prices_before_its_logarithm():
    """log1p of prices near 0.03 is a straight line; in steps of a price the skew goes (trap: raw H&M prices)."""
    rows = described(shop(customers=200).features.filter(ibis._.month == JANUARY), FIRST).to_pyarrow()

    def skew(x):
        return float((((x - x.mean()) / x.std()) ** 3).mean())

    spend = rows["spend"].to_numpy()
    points = space_of(rows, RFM).transform(rows)
    assert spend.max() < 1000 * STEP * 40
    assert abs(skew(points[:, RFM.index("spend")])) < abs(skew(spend)) / 2


def test_a_column_without_any_value_is_left_out_and_an_empty_value_is_a_finite_point():
    rows = described(shop(customers=40).features.filter(ibis._.month == JANUARY), FIRST).to_pyarrow()
    assert rows["mean_gap_days"].null_count, "one-purchase customers have no gap"
    space = space_of(rows, list(KINDS))
    assert "discount_365d" not in space.columns
    points = space.transform(rows)
    assert points.shape == (rows.num_rows, len(KINDS) - 1) and (abs(points) < 1e6).all()

import datetime as dt

import numpy as np
import pytest

from hm_assets.forecasts.buyers.known import histories, new_to_the_files
from hm_assets.forecasts.value.spending import (
    checked,
    column,
    examples,
    known_on,
    repeat_mean,
)
from hm_assets.warehouse.calendar import month_end
from hm_assets.warehouse.errors import ContractError
from hm_assets_tests.forecasts.shops import FIRST, LAST, shop

MONTH = dt.date(2019, 2, 1)
DAY = month_end(MONTH)


@pytest.fixture(scope="module")
def known():
    return shop(customers=40)


@pytest.fixture(scope="module")
def rows(known):
    return examples(known.features, known.days, [MONTH, dt.date(2020, 1, 1)], FIRST, LAST)


@pytest.fixture(scope="module")
def lines(known) -> dict[int, list[dict]]:
    found: dict[int, list[dict]] = {}
    for row in known.days.order_by("t_dat").to_pyarrow().to_pylist():
        found.setdefault(row["customer_key"], []).append(row)
    return found


def test_spend_after_a_day_is_counted_from_the_next_one_for_90_and_365_days(lines, rows):
    for row in rows.to_pylist():
        for horizon in (90, 365):
            end = row["as_of"] + dt.timedelta(days=horizon)
            mine = [r["spend"] for r in lines[row["customer_key"]] if row["as_of"] < r["t_dat"] <= end]
            told = row[column(horizon)]
            assert told is None if end > LAST else told == pytest.approx(sum(mine))


def test_histories_leave_the_first_day_out_of_counts_and_means(lines, rows):
    mine = rows.filter(rows["month"].to_numpy() == np.datetime64(MONTH))
    found, mean, new = histories(mine), repeat_mean(mine), new_to_the_files(mine)
    for k, row in enumerate(mine.to_pylist()):
        bought = [r for r in lines[row["customer_key"]] if r["t_dat"] <= DAY]
        first, last = bought[0]["t_dat"], bought[-1]["t_dat"]
        told = (found.x[k], found.t_x[k], found.T[k])
        assert told == (len(bought) - 1, (last - first).days, (DAY - first).days)
        assert row["first_spend"] == pytest.approx(bought[0]["spend"])
        if len(bought) == 1:
            assert np.isnan(mean[k])
        else:
            assert mean[k] == pytest.approx(np.mean([r["spend"] for r in bought[1:]]))
        assert new[k] == ((first - FIRST).days >= 90)


def test_deleting_the_future_deletes_the_outcome_and_nothing_else(known, rows):
    day = dt.date(2019, 6, 15)
    then = known.known_on(day)
    bare = examples(then.features, then.days, [MONTH], FIRST, day)
    same = known_on(rows, day).filter(rows["month"].to_numpy() == np.datetime64(MONTH))
    assert bare.equals(same)
    assert bare[column(90)].null_count == 0 and bare[column(365)].null_count == bare.num_rows


def test_a_sample_is_spread_over_behaviour_and_a_month_without_a_purchase_counts_as_nothing(known):
    few = examples(known.features, known.days, [MONTH], FIRST, LAST, 7)
    assert few.num_rows == 7
    quiet = known.days.filter(known.days.t_dat <= DAY)
    nothing = examples(known.features, quiet, [MONTH], FIRST, LAST)
    assert set(nothing[column(90)].to_pylist()) == {0.0} and nothing[column(365)].null_count == 0


def test_negative_spend_and_no_month_are_refused(known, rows):
    back = known.days.mutate(spend=-known.days.spend)
    with pytest.raises(ContractError, match=r"Customer \d+ has first_spend = -.*returns.csv"):
        examples(known.features, back, [MONTH], FIRST, LAST)
    with pytest.raises(ValueError, match="no month"):
        examples(known.features, known.days, [], FIRST, LAST)
    assert checked(rows) is rows

import datetime as dt

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.churn import back_test as orders
from hm_assets.forecasts.churn.hazards import days_to_next
from hm_assets.forecasts.churn.models import named
from hm_assets.forecasts.cutoffs import split
from hm_assets.forecasts.effort import Effort
from hm_assets.forecasts.inputs import examples
from hm_assets.forecasts.timing import back_test, shown
from hm_assets.forecasts.timing.back_test import MEAN_GAP, MODEL, SAME, Windowed
from hm_assets.forecasts.timing.tables import TIMING_SCOREBOARD
from hm_assets.forecasts.timing.waiting import LONGEST_WAIT
from hm_assets.warehouse.calendar import month_end
from hm_assets_tests.forecasts.shops import Shop, shop

LOGISTIC = named("logistic")
MONTH = dt.date(2019, 9, 1)


def windowed(known: Shop, month: dt.date = MONTH, most: int | None = 500) -> Windowed:
    dates, first, last = orders.reach(known.features, known.days)
    then = split(dates, month, first)
    past, judged = (
        examples(known.features, known.days, months, first, last, most, LONGEST_WAIT)
        for months in (list(then.learned), [month])
    )
    return back_test.windowed(past, judged, month, then, LOGISTIC, 0, 1)


@pytest.fixture(scope="module")
def day() -> Windowed:
    return windowed(shop(customers=2500), most=1500)


def scored(day: Windowed) -> dict:
    return {
        (row["method"], row["level"], row["of_whom"], row["metric"]): row
        for row in back_test.scores(day, 50, 0)
    }


def test_windows_of_buyers_with_a_known_rhythm_hold_as_many_as_they_promise(day):
    """Rates differ from customer to customer, and customers leave: what of it the model sees is enough."""
    found = scored(day)
    assert day.reach == 180 and found[MODEL, 80, "all", "coverage"]["customers"] > 500
    assert 0.76 <= found[MODEL, 80, "all", "coverage"]["value"] <= 0.84
    assert 0.44 <= found[MODEL, 50, "all", "coverage"]["value"] <= 0.56
    for name in ("bought on one day", "bought on 2 to 4 days", "bought on 5 days or more"):
        assert 0.68 <= found[MODEL, 80, name, "coverage"]["value"] <= 0.9, name


def test_and_they_score_better_than_own_gaps_and_one_window_for_all(day):
    found = scored(day)
    for level in (50, 80):
        score = {m: found[m, level, "all", "interval_score"] for m in (MODEL, MEAN_GAP, SAME)}
        assert (
            score[MODEL]["high"] < score[MEAN_GAP]["value"] and score[MODEL]["value"] < score[SAME]["value"]
        )


def test_rows_fill_the_table_and_its_picture(day):
    rows = [{**row, "month": MONTH} for row in back_test.scores(day, 20, 0)]
    assert len(rows) == 3 * 2 * 7 * 3
    stored = TIMING_SCOREBOARD.in_memory(rows).to_pyarrow()
    assert stored.schema.names == [column.name for column in TIMING_SCOREBOARD.stored_columns]
    text = shown.windows(rows, 80)
    assert text.count("| waiting |") == 7 and "2019-09-30 (180) | all" in text


def test_waiting_times_that_have_nothing_to_do_with_the_customer_give_everybody_the_same_window():
    """Noise: next orders are dealt out anew on every day, so no history tells anything of them."""
    known = shop(customers=600)
    dates, first, last = orders.reach(known.features, known.days)
    then = split(dates, MONTH, first)
    rng = np.random.default_rng(0)

    def dealt(months):
        rows = examples(known.features, known.days, months, first, last, 500, LONGEST_WAIT)
        drawn = rng.geometric(1 / 80, len(rows))
        drawn = np.where(drawn <= rows["days_known"].to_numpy(), drawn, 0)
        new = pa.array(drawn, pa.int32(), mask=drawn == 0)
        return rows.set_column(rows.column_names.index("days_to_next"), "days_to_next", new)

    day = back_test.windowed(dealt(list(then.learned)), dealt([MONTH]), MONTH, then, LOGISTIC, 0, 1)
    widths = {m: np.diff(day.windows[m, 80], axis=1)[:, 0] for m in (MODEL, SAME)}
    assert np.quantile(np.abs(widths[MODEL] - widths[SAME]), 0.9) < 0.2 * widths[SAME][0]
    found = scored(day)
    assert 0.74 <= found[MODEL, 80, "all", "coverage"]["value"] <= 0.86


def test_the_windows_of_a_day_do_not_change_when_the_days_after_it_do():
    """Half of the customers never order again, and what the others do comes a week later."""
    known = shop(customers=80)
    day = ibis.literal(month_end(MONTH), "date")
    before = known.days.filter(known.days.t_dat <= day)
    after = known.days.filter((known.days.t_dat > day) & (known.days.customer_key % 2 == 0))
    # Ends on the same day, so that both are followed equally far.
    last = known.days.filter(known.days.t_dat == known.days.t_dat.max().as_scalar())
    other = before.union(
        after.mutate(t_dat=after.t_dat + ibis.interval(days=7)).filter(ibis._.t_dat < dt.date(2020, 3, 31)),
        last,
    )
    features = ibis.memtable(known.features.filter(ibis._.month <= MONTH).to_pyarrow())
    whole, changed = windowed(known), windowed(Shop(features, ibis.memtable(other.to_pyarrow())))
    assert not np.array_equal(days_to_next(whole.rows), days_to_next(changed.rows))
    assert np.array_equal(whole.p_order, changed.p_order) and np.array_equal(whole.p_reach, changed.p_reach)
    for key, found in whole.windows.items():
        assert np.array_equal(found, changed.windows[key]), key


def test_renaming_customers_changes_no_figure():
    known = shop(customers=60)
    table = known.features.to_pyarrow()
    names = 10_000 - table["customer_key"].to_numpy()
    features = ibis.memtable(table.set_column(0, "customer_key", pa.array(names)))
    days = known.days.to_pyarrow()
    days = days.set_column(0, "customer_key", pa.array(10_000 - days["customer_key"].to_numpy()))
    one, other = windowed(known), windowed(Shop(features, ibis.memtable(days)))
    assert np.array_equal(days_to_next(one.rows), days_to_next(other.rows))
    for key, found in one.windows.items():
        assert np.array_equal(found, other.windows[key]), key


def test_the_latest_days_that_are_over_are_judged_and_a_short_history_judges_none():
    known, brief = shop(customers=60), Effort(2, 100, 100, 20)
    run = back_test.run(known.features, known.days, LOGISTIC, brief, 0, 1)
    assert [day.as_of for day in run] == [dt.date(2019, 12, 31), dt.date(2019, 9, 30)]
    assert [day.reach for day in run] == [90, 180], "as far as the files follow them"
    early = known.known_on(dt.date(2019, 2, 28))
    assert back_test.run(early.features, early.days, LOGISTIC, brief, 0, 1) == []

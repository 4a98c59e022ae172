"""Past launches: what counts as one, how it sold, and that a day knows no later one."""

import datetime as dt

import ibis
import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.recommendations.launch.past import FULL_PRICE, MONTH_DAYS, QUIET_DAYS, launches
from hm_assets_tests.recommendations.launch.tastes import FIRST, LAST, lines

ROWS = lines(customers=40)
WHOLE = launches(ibis.memtable(ROWS), LAST)


def columns(found):
    return [getattr(found, name).tolist() for name in found.__dataclass_fields__]


def test_launches_are_what_a_loop_finds():
    found, rows = WHOLE, ROWS.to_pylist()
    firsts = {}
    for row in rows:
        firsts[row["article_key"]] = min(firsts.get(row["article_key"], LAST), row["t_dat"])
    new = {key: day for key, day in firsts.items() if (day - FIRST).days >= QUIET_DAYS}
    assert found.article.tolist() == sorted(new)
    for i, key in enumerate(found.article):
        month = [r for r in rows if r["article_key"] == key and (r["t_dat"] - new[key]).days < MONTH_DAYS]
        first = np.median([r["price"] for r in month if r["t_dat"] == new[key]])
        assert (found.units[i], found.buyers[i]) == (len(month), len({r["customer_key"] for r in month}))
        assert np.isclose(found.price[i], first)
        assert np.isclose(found.discounted[i], np.mean([r["price"] < FULL_PRICE * first for r in month]))


@settings(max_examples=4, deadline=None)
@given(st.dates(FIRST, LAST))
def test_a_day_knows_the_same_without_what_came_later(day):
    kept = ROWS.filter(pa.compute.less_equal(ROWS["t_dat"], pa.scalar(day)))
    then = launches(ibis.memtable(kept), LAST)
    assert columns(WHOLE.over_on(day)) == columns(then.over_on(day))
    assert columns(launches(ibis.memtable(ROWS), day)) == columns(then)


def test_a_gift_is_no_sale_and_no_line_is_no_launch():
    free = ROWS.set_column(3, "price", pa.array([0.0] * ROWS.num_rows))
    for rows in (free, ROWS.slice(0, 0)):
        assert len(launches(ibis.memtable(rows), LAST)) == 0


def test_old_launches_and_those_under_way_are_left_out():
    found = WHOLE
    over = found.over_on(LAST)
    last = np.datetime64(LAST)
    assert over.first_day.max() == max(
        day for day in found.first_day if last - day >= np.timedelta64(27, "D")
    )
    assert len(found.over_on(LAST, recent=30)) < len(over)
    after = found.after(LAST - dt.timedelta(days=30), 30)
    assert (after.first_day > last - 30).all() and len(after)

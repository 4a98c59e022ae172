import datetime as dt

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.timing import cadence
from hm_assets.forecasts.timing.cadence import Cadence, Spells
from hm_assets_tests.forecasts.shops import shop

FIRST = dt.date(2019, 1, 1)
LAST = dt.date(2019, 12, 31)


def bought(on: dict[int, list[int]]) -> ibis.Table:
    """Customer -> days after the first of January on which she bought."""
    who = [key for key, days in on.items() for _ in days]
    when = [FIRST + dt.timedelta(days=day) for days in on.values() for day in days]
    table = {
        "customer_key": pa.array(who, pa.int64()),
        "t_dat": pa.array(when, pa.date32()),
        "new_day": pa.array([1] * len(who), pa.int8()),
    }
    return ibis.memtable(pa.table(table))


def regular(customers: int, within: float, between: float, seed: int = 0, many: int = 60) -> dict:
    """Gaps exp(normal(own mean, within)), own means normal(log 30, between); all are followed for as many gaps."""
    rng = np.random.default_rng(seed)
    means = rng.normal(np.log(30), between, customers)
    found = {}
    for key, mean in enumerate(means):
        gaps = np.maximum(np.rint(np.exp(rng.normal(mean, within, rng.integers(2, many)))), 1)
        found[key] = [0, *np.cumsum(gaps).astype(int).tolist()]
    return found


def test_gaps_lie_between_different_days_up_to_the_day():
    days = bought({1: [0, 10, 30], 2: [5], 3: [0, 4]})
    both = days.union(days.filter(days.customer_key == 1).mutate(new_day=ibis.literal(0, "int8")))
    spells = Spells.of(both, FIRST + dt.timedelta(days=29))
    gaps, log_sum = spells.sums()
    assert spells.customers.tolist() == [1, 2, 3] and gaps.tolist() == [1, 0, 1]
    assert log_sum == pytest.approx([np.log(10), 0, np.log(4)], abs=1e-8)


def test_what_was_usual_when_a_gap_began_is_of_the_gaps_before_it():
    spells = Spells.of(bought({1: [0, 10, 30, 90], 2: [5, 9]}), FIRST + dt.timedelta(days=100))
    assert spells.length.tolist() == [10, 20, 60, 10, 4, 91] and spells.before.tolist() == [0, 1, 2, 3, 0, 1]
    assert spells.closed.tolist() == [True, True, True, False, True, False]
    before = [0, np.log(10), np.log(200), np.log(12_000), 0, np.log(4)]
    assert spells.logs_before() == pytest.approx(before, abs=1e-8)


@pytest.mark.parametrize(("within", "between"), [(0.4, 0.6), (0.8, 0.4), (0.5, 0.2)])
def test_the_draw_towards_everybody_is_the_ratio_of_the_two_variances(within, between):
    known = cadence.fit(Spells.of(bought(regular(400, within, between)), dt.date(2100, 1, 1)))
    assert known.log_gap == pytest.approx(np.log(30), abs=0.08)
    assert known.drawn == pytest.approx(within**2 / between**2, rel=0.35)


def test_a_usual_gap_lies_between_the_own_and_everybody_s_and_nearer_to_the_own_the_more_gaps_there_are():
    known = Cadence(np.log(30), 4.0, 60, 2.0, 0.9, 100)
    gaps = np.array([0.0, 1, 4, 100])
    usual = known.usual_gap_days(gaps, gaps * np.log(10))
    assert np.isnan(usual[0]) and (np.diff(usual[1:]) < 0).all()
    assert usual[2] == pytest.approx(np.sqrt(300)) and 10 < usual[3] < 10.6
    assert known.horizon_of(usual).tolist() == [60, *np.ceil(2 * usual[1:]).tolist()]


def test_shrinking_is_nearer_to_the_truth_than_the_own_gaps_alone():
    rng = np.random.default_rng(1)
    true = rng.normal(np.log(30), 0.5, 3000)
    gaps = rng.integers(1, 6, 3000)
    sums = np.array([rng.normal(mean, 0.7, n).sum() for mean, n in zip(true, gaps, strict=True)])
    known = Cadence(np.log(30), 0.7**2 / 0.5**2, 60, 2.0, 0.9, 100)
    drawn = np.log(known.usual_gap_days(gaps.astype(float), sums))
    alone, everybody = sums / gaps, np.full(3000, np.log(30))
    errors = [float(((said - true) ** 2).mean()) for said in (drawn, alone, everybody)]
    assert errors[0] < 0.9 * min(errors[1:])


def test_by_the_horizon_four_of_five_have_come_back_and_every_customer_has_her_own():
    """Two kinds of customers, of 10 and of 40 days, all still there: 80 % of the gaps of each lie within hers."""
    rng = np.random.default_rng(0)
    on = {}
    for key in range(300):
        gaps = np.maximum(np.rint(np.exp(rng.normal(np.log(10 if key % 2 else 40), 0.5, 60))), 1)
        on[key] = [day for day in np.cumsum(gaps).astype(int).tolist() if day <= 364]
    days = bought(on)
    spells = Spells.of(days, LAST)
    known, keys = cadence.fit(spells), spells.customers
    horizon = known.horizon_of(known.usual_gap_days(*spells.sums()))
    for kind in (0, 1):
        mine = zip(keys[keys % 2 == kind], horizon[keys % 2 == kind], strict=True)
        within = [np.mean(np.diff(on[key]) <= late) for key, late in mine if len(on[key]) > 1]
        assert 0.72 < np.mean(within) < 0.9, kind
    assert horizon[keys % 2 == 0].mean() > 2.5 * horizon[keys % 2 == 1].mean()


def test_deleting_the_future_and_turning_the_rows_round_change_nothing():
    known = shop(customers=80)
    day = dt.date(2019, 9, 30)
    whole = cadence.fit(Spells.of(known.days, day))
    assert whole == cadence.fit(Spells.of(known.known_on(day).days, day))
    table = known.days.to_pyarrow()
    turned = table.take(np.random.default_rng(0).permutation(len(table)))
    renamed = turned.set_column(0, "customer_key", pa.array(10_000 - turned["customer_key"].to_numpy()))
    assert cadence.fit(Spells.of(ibis.memtable(renamed), day)) == whole
    assert cadence.fit(Spells.of(known.days, dt.date(2019, 10, 31))) != whole


def test_files_in_which_nobody_came_back_have_no_cadence():
    assert cadence.fit(Spells.of(bought({1: [0], 2: [5]}), LAST)) is None
    assert cadence.fit(Spells.of(bought({}), LAST)) is None
    assert cadence.fit(Spells.of(bought({1: [0, 5]}), FIRST)) is None, "not yet"


@pytest.mark.parametrize(
    "on", [{1: [0, 7]}, {1: [0, 7], 2: [0, 9], 3: [3]}, {1: [0, 7, 14], 2: [0, 7, 14]}, {1: [0, 5, 10, 50]}]
)
def test_one_gap_one_customer_or_all_the_same_give_a_finite_cadence(on):
    known = cadence.fit(Spells.of(bought(on), LAST))
    assert np.isfinite([known.log_gap, known.drawn, known.factor]).all() and known.horizon_days >= 7
    assert Cadence.from_json(known.as_json()) == known
    assert known.drawn > 0 and known.factor > 0

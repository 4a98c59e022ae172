import datetime as dt

import ibis
import numpy as np
import pytest

from hm_assets.forecasts.churn.back_test import reach
from hm_assets.forecasts.effort import Effort
from hm_assets.forecasts.measures.value_scores import measured
from hm_assets.forecasts.value import back_test, season, shown
from hm_assets.forecasts.value.back_test import LOG_LOSS, Judged
from hm_assets.forecasts.value.forecast import History, fitted
from hm_assets.forecasts.value.models import CATALOGUE, NAIVE, TWEEDIE
from hm_assets.forecasts.value.spending import column, examples
from hm_assets.warehouse.calendar import month_end
from hm_assets_tests.forecasts.shops import FIRST, Shop, shop

BRIEF = Effort(1, 150, 300, 10)
MONTH = dt.date(2019, 11, 1)
CHEAP = tuple(model for model in CATALOGUE if model.name in (NAIVE, TWEEDIE))


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    known = shop(customers=120)
    return back_test.run(known.features, known.days, BRIEF, 0, 1)


def history(known: Shop, month: dt.date, until: dt.date) -> tuple[History, object]:
    dates, first, last = reach(known.features, known.days)
    mine = {m: day for m, day in dates.items() if m <= month}
    rows = examples(known.features, known.days, list(mine), first, last)
    effects = season.effects(season.totals(known.days, first, last), month)
    people = examples(known.features, known.days, [month], first, until)
    return History(rows, mine, first, {}).until(month, effects), people


def test_the_latest_quarter_and_the_latest_year_are_judged(judged):
    assert [day.month for day in judged] == [dt.date(2019, 12, 1), dt.date(2019, 3, 1)]
    horizons = [{h for _, h in day.said} for day in judged]
    assert horizons == [{90}, {90, 365}]
    assert {name for name, _ in judged[0].said} == {model.name for model in CATALOGUE}
    assert all(said.extrapolated for (_, h), said in judged[1].said.items() if h == 365)


def test_what_a_model_says_of_a_day_does_not_change_when_the_days_after_it_do():
    everything = shop(customers=60)
    day = month_end(MONTH)
    features = ibis.memtable(everything.features.filter(ibis._.month <= MONTH).to_pyarrow())
    then = Shop(features, everything.known_on(day).days)
    told = []
    for known in (everything, then):
        past, people = history(known, MONTH, day)
        forecasts = fitted(past, MONTH, CATALOGUE, 0, 1)
        told.append({(n, h): f.value(people, MONTH, h) for n, f in forecasts.items() for h in (90, 365)})
        told[-1] |= {
            (n, h, "limits"): f.interval(told[-1][n, h], h) for n, f in forecasts.items() for h in (90, 365)
        }
    assert told[0].keys() == told[1].keys() and len(told[0]) == 4 * len(CATALOGUE)
    for key in told[0]:
        assert np.array_equal(told[0][key], told[1][key]), key


def test_a_planted_christmas_is_met_a_year_later():
    """Demand is threefold from December to February: what one year taught closes more than half of the gap."""
    known = shop(customers=600, season=lambda day: 3.0 if day.month in (12, 1, 2) else 1.0)
    past, people = history(known, MONTH, dt.date(2020, 3, 31))
    true = np.sum(people[column(90)].to_numpy())
    bare = History(past.rows, past.dates, FIRST, {})
    for (name, with_season), without in zip(
        fitted(past, MONTH, CHEAP[:1], 0, 1).items(),
        fitted(bare, MONTH, CHEAP[:1], 0, 1).values(),
        strict=True,
    ):
        low = without.value(people, MONTH, 90).sum() / true
        met = with_season.value(people, MONTH, 90).sum() / true
        assert low < 0.75, name
        assert abs(1 - met) < (1 - low) / 2, name


def test_on_outcomes_by_lot_nothing_is_ranked():
    known = shop(customers=150)
    past, people = history(known, MONTH, dt.date(2020, 3, 31))
    rng = np.random.default_rng(0)
    rows = past.rows
    for name in (column(90), column(365)):
        drawn = rng.permutation(len(rows))
        shuffled = rows[name].take(drawn)
        rows = rows.set_column(rows.column_names.index(name), name, shuffled)
    lot = History(rows, past.dates, past.first_day, past.season)
    said = fitted(lot, MONTH, (CATALOGUE[-1],), 0, 1)[TWEEDIE].value(people, MONTH, 90)
    spent = rng.permutation(people[column(90)].to_numpy())
    found = measured(said, said, said, spent, 100, 0)
    assert found["spearman"].low < 0 < found["spearman"].high
    assert found["gini"].low < 0 < found["gini"].high


def test_rows_are_every_measure_of_every_model_and_its_tenths(judged):
    rows = list(back_test.scores(judged[0], 10, 0))
    assert len(rows) == len(CATALOGUE) * (7 + 20) + 2
    assert {row["model"] for row in rows if row["metric"] == LOG_LOSS} == {"mbg_nbd", "pareto_nbd"}
    assert {row["model"] for row in rows if row["baseline"]} == {NAIVE}
    whole = {row["model"]: row["customers"] for row in rows if row["tenth"] == 0}
    for name, customers in whole.items():
        tenths = [row for row in rows if row["model"] == name and row["tenth"] and row["metric"] == "spent"]
        assert sum(row["customers"] for row in tenths) == customers
        said = judged[0].spent(90).sum()
        assert sum(row["customers"] * row["value"] for row in tenths) == pytest.approx(said)
    page = shown.table(rows)
    assert page.count("\n") == 1 + len(CATALOGUE) and "lightgbm_tweedie" in page
    assert shown.calibration(rows, NAIVE).count(" / ") == 10
    assert shown.totals(rows).count("%") == len(CATALOGUE)


def test_too_short_a_history_is_not_judged_and_a_day_without_its_outcome_is_refused():
    early = shop(customers=30, last=dt.date(2019, 1, 31))
    assert back_test.run(early.features, early.days, BRIEF, 0, 1) == []
    with pytest.raises(ValueError, match="the 90 days after 2019-01-31 are not over on 2019-01"):
        back_test.run(early.features, early.days, BRIEF, 0, 1, [dt.date(2019, 1, 1)])

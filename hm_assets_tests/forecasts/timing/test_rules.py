import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.inputs import examples
from hm_assets.forecasts.timing import rules, shown
from hm_assets.forecasts.timing.rules import OWN, PRESET
from hm_assets.forecasts.timing.tables import CHURN_RULES
from hm_assets_tests.forecasts.shops import FIRST, shop

MONTH, DAY, LAST = dt.date(2019, 9, 1), dt.date(2019, 9, 30), dt.date(2020, 3, 31)


def people(known_days: list[int], next_in: list[int | None]) -> pa.Table:
    return pa.table({"days_known": known_days, "days_to_next": pa.array(next_in, pa.int32())})


def scored(flag: list[bool], rows: pa.Table) -> dict:
    found = rules.scores({PRESET: np.array(flag, dtype=bool)}, rows, DAY, 50, 0)
    return {row["metric"]: row for row in found}


def test_precision_and_recall_are_of_those_who_did_not_order_in_ninety_days():
    rows = people([90] * 4, [None, 10, None, 90])
    found = scored([True, True, False, False], rows)
    assert {name: row["value"] for name, row in found.items()} == {
        "share": 0.5,
        "precision": 0.5,
        "recall": 0.5,
        "quiet_share": 0.5,
    }
    assert all(row["low"] <= row["value"] <= row["high"] for row in found.values())


def test_a_day_that_is_not_over_has_a_share_and_no_verdict():
    assert set(scored([True, False], people([0, 0], [None, None]))) == {"share"}


@pytest.mark.parametrize("flag", [[], [False, False]])
def test_nobody_flagged_or_nobody_at_all_has_no_precision(flag):
    found = scored(flag, people([90] * len(flag), [None] * len(flag)))
    assert found["precision"]["value"] is None and found["precision"]["low"] is None


def test_the_own_cadence_is_learned_from_what_was_known_and_the_preset_is_ninety_days():
    known = shop(customers=150)
    rows = examples(known.features, known.days, [MONTH], FIRST, LAST)
    whole = rules.flagged(rows, known.days, DAY)
    bare = rules.flagged(rows, known.known_on(DAY).days, DAY)
    assert all(np.array_equal(whole[rule], bare[rule]) for rule in (PRESET, OWN))
    recency = rows["recency_days"].to_numpy()
    assert np.array_equal(whole[PRESET], recency >= 90) and whole[PRESET].any() and not whole[PRESET].all()
    often, seldom = (rows["mean_gap_days"].to_numpy() < 15), (rows["mean_gap_days"].to_numpy() > 40)
    assert recency[whole[OWN] & often].min() < 60 < recency[~whole[OWN] & seldom].max(), (
        "each by her own gaps"
    )
    found = [{**row, "month": MONTH} for row in rules.scores(whole, rows, DAY, 20, 0)]
    assert CHURN_RULES.in_memory(found).count().execute() == 8
    assert shown.rules(found).count("2019-09-30") == 2


def test_where_nobody_came_back_no_cadence_flags_anybody():
    known = shop(customers=40, last=dt.date(2018, 9, 30))
    rows = examples(known.features, known.days, [dt.date(2018, 9, 1)], FIRST, dt.date(2018, 9, 30))
    assert not rules.flagged(rows, known.days.filter(known.days.t_dat < FIRST), DAY)[OWN].any()

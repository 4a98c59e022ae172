"""The assets of value called as Dagster calls them."""

import datetime as dt

import dagster as dg
import pytest

from hm_assets.forecasts.kept import KEPT
from hm_assets.forecasts.value.assets import (
    kept_value_model,
    value_scoreboard,
)
from hm_assets.forecasts.value.tables import VALUE_SCOREBOARD
from hm_assets.warehouse import delta
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets_tests.forecasts.shops import shop

MAY, JUNE = dt.date(2019, 5, 1), dt.date(2019, 6, 1)


@pytest.fixture(scope="module")
def known():
    return shop(customers=60, last=dt.date(2019, 6, 30))


def board(warehouse, known, month) -> dg.MaterializeResult:
    context = dg.build_asset_context(partition_key=month.isoformat())
    return value_scoreboard(
        context, warehouse=warehouse, customer_features=known.features, customer_days=known.days
    )


def test_a_month_s_scoreboard_reads_nothing_later_and_its_leader_is_the_one_that_is_fitted(
    warehouse, known, fit
):
    found = board(warehouse, known, MAY).value.to_pyarrow()
    assert found.equals(board(warehouse, known.known_on(dt.date(2019, 5, 31)), MAY).value.to_pyarrow())
    rows = found.to_pylist()
    assert rows and all(row["as_of"] + dt.timedelta(days=90) <= dt.date(2019, 5, 31) for row in rows)
    assert len({row["model"] for row in rows if row["chosen"]}) == 1
    delta.write(warehouse.path, VALUE_SCOREBOARD, found.to_batches(), [MAY])
    taken = next(row for row in rows if row["chosen"])
    assert fit(kept_value_model, known).value["why"] == taken["why"]


def test_a_new_month_never_refits_and_a_refit_does(known, fit):
    short = fit(kept_value_model, known.known_on(dt.date(2018, 11, 30)))
    assert short.value["forecast"] is None and short.metadata["value_version"] == "none"
    before = fit(kept_value_model, known.known_on(dt.date(2019, 5, 31)))
    assert before.value["forecast"] is not None, "what could not be fitted is tried again"
    after = fit(kept_value_model, known)
    assert after.metadata["fit"] == KEPT and after.value == before.value
    again = fit(kept_value_model, known, refit=True)
    assert again.value["trained_as_of"] == "2019-06-30" and again.value["version"] != before.value["version"]


def test_too_short_a_history_gives_an_empty_scoreboard_and_no_lines_are_refused(warehouse, known, fit):
    result = board(warehouse, known, dt.date(2018, 12, 1))
    assert result.value.count().execute() == 0 and "no past day has 90 days" in result.metadata["choice"]
    nothing = known.known_on(dt.date(2018, 1, 1))
    with pytest.raises(HmAssetsError, match="no customer has a purchase"):
        fit(kept_value_model, nothing)

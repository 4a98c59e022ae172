"""The asset called as Dagster calls it: it is kept until a refit is asked for, and says why."""

import ibis
import pytest

from hm_assets.forecasts.kept import FITTED, KEPT
from hm_assets.recommendations.ranker import assets
from hm_assets.recommendations.ranker.plan import PLANS, TASKS
from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.assets import FitConfig
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.resources import Warehouse
from hm_assets_tests.recommendations.baskets import LAST, as_ibis
from hm_assets_tests.recommendations.ranker.shop import CATALOGUE, DAY, PEOPLE, PLAN, ROWS


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Makes the artifact of some lines, and keeps it as the IO manager does."""
    monkeypatch.setitem(PLANS, "quick", PLAN)
    warehouse = Warehouse(Settings(warehouse=tmp_path, depth="quick", threads=1))

    def make(lines: ibis.Table, **config):
        result = assets.ranker(
            config=FitConfig(**config),
            warehouse=warehouse,
            transactions=lines,
            customers=ibis.memtable(PEOPLE),
            articles=ibis.memtable(CATALOGUE),
        )
        artifacts.write_json(artifacts.path_of(tmp_path, assets.RANKER.path), result.value)
        return result

    return make


def test_later_lines_refit_nothing_and_a_refit_or_another_seed_does(made):
    early = as_ibis(ROWS).filter(lambda line: line.t_dat <= ibis.literal(DAY, "date"))
    first = made(early)
    assert first.metadata["fit"] == FITTED and first.metadata["trained_as_of"] == DAY.isoformat()
    assert set(first.value["models"]) == {task.name for task in TASKS}
    assert "customers of 3 weeks" in first.metadata["ranker_learned_from"]
    again = made(as_ibis(ROWS))
    assert again.metadata["fit"] == KEPT and again.value == first.value
    other = made(as_ibis(ROWS), refit=True)
    assert other.metadata["trained_as_of"] == LAST.isoformat() and other.value != first.value
    assert made(as_ibis(ROWS), seed=7).metadata["fit"] == FITTED


def test_too_short_a_history_is_tried_again_and_no_line_is_an_error_that_says_where_to_look(made):
    short = as_ibis(ROWS.slice(0, 40))
    for _ in range(2):
        result = made(short)
        assert result.metadata["fit"] == FITTED
        assert "no past day has four weeks before it" in result.metadata["ranker_learned_from"]
    with pytest.raises(HmAssetsError, match="raw/deliveries"):
        made(as_ibis(ROWS.slice(0, 0)), refit=True)

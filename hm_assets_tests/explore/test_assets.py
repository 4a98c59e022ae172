"""The stage as a whole, on a tiny generated retailer."""

import re
import shutil
import uuid

import dagster as dg
import pytest

from hm_assets import planning, runs
from hm_assets.definitions import build_defs
from hm_assets.explore.tables import TABLES
from hm_assets.warehouse import identity
from hm_assets_tests.running import LAST, platform

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory, finished):
    warehouse = tmp_path_factory.mktemp("explore") / "warehouse"
    shutil.copytree(finished, warehouse)
    with platform(warehouse, identity.read(finished).raw, warehouse / ".dagster") as found:
        yield found


def test_every_table_describes_the_latest_month_and_the_page_shows_it(made):
    for table in TABLES:
        rows = made.rows(table.path)
        if table.name != "affinity_network":  # a tiny shop may have no pair with enough customers
            assert rows, table.path
        assert {row[-1].isoformat() for row in rows} <= {"2019-06-01"}
        assert len({row[0] for row in rows}) <= 1
    page = (made.settings.reports_dir / "2019-06" / "eda.html").read_text()
    assert "unknown" not in re.findall(r"version (\w+)", page)


def test_the_page_made_again_is_the_same(made):
    assert made.planner("group:explore").work() == {}
    before = (made.settings.reports_dir / "2019-06" / "eda.html").read_bytes()
    batch = planning.Batch((dg.AssetKey(["explore", "report"]),), (LAST, LAST))
    assert runs.execute(build_defs(made.settings), made.instance, batch, str(uuid.uuid4())).success
    assert (made.settings.reports_dir / "2019-06" / "eda.html").read_bytes() == before

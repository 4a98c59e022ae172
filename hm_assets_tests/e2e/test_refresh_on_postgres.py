"""The same where Dagster keeps its records in Postgres: what does not hang on that is shown in `test_refresh.py`."""

import os
import shutil

import pytest

from hm_assets_tests.e2e.served import JUNE, Served, new_month
from hm_assets_tests.postgres import postgres_server
from hm_assets_tests.running import contents

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory, small, hm):
    raw = tmp_path_factory.mktemp("served_on_postgres") / "raw"
    shutil.copytree(small, raw)
    with postgres_server() as url:
        os.environ["HM_POSTGRES_URL"] = f"{url}/postgres"
        # A history in SQLite is no good here: this one begins with a run of its own.
        result = hm("run", "--raw", raw, "--warehouse", raw.with_name("warehouse"))
        assert result.returncode == 0, result.stdout + result.stderr
        it = Served(raw.with_name("warehouse"), raw)
        yield it
        it.end()
        it.watch.instance.dispose()
        del os.environ["HM_POSTGRES_URL"]


def test_a_run_under_postgres_gives_the_tables_and_documents_that_one_under_sqlite_gives(served, finished):
    assert contents(served.warehouse) == contents(finished)
    documents = {path.name for path in (finished / "reports" / "2019-06").glob("*.*")}
    assert served.documents(JUNE).keys() == documents


def test_a_new_month_goes_down_to_its_playbooks_and_touches_nothing_else(served, lines):
    new_month(served, lines)

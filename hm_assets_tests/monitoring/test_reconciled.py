"""After a customer is forgotten the graph is made anew, and every total that a blocking check holds still adds up."""

import dagster as dg
import pytest

from hm_assets.commands import forget
from hm_assets.monitoring.forgetting import removal
from hm_assets.monitoring.forgetting.removal import Where
from hm_assets.monitoring.forgetting.traces import Person
from hm_assets.warehouse import forgotten
from hm_assets.warehouse.io_manager import latest_record, version_of
from hm_assets_tests.raw.examples import CUSTOMERS, LINES, deliver, line, more
from hm_assets_tests.running import made, platform

pytestmark = pytest.mark.slow

ANNA = "anna-0123456789abcdef"
SELECT = "+key:features/customer_days or group:raw"


def version(here, path, month=None):
    return version_of(latest_record(here.instance, dg.AssetKey(path.split("/")), month))


def test_forgotten_everything_adds_up_in_the_next_run_and_in_later_ones(tmp_path):
    raw = deliver(
        tmp_path / "raw",
        customers=CUSTOMERS.replace("anna", ANNA),
        lines=LINES.replace("anna", ANNA),
    )
    home = tmp_path / "home"
    home.mkdir()
    with platform(tmp_path / "warehouse", raw, home) as here:
        here.land()
        here.run(SELECT)
        tables = ("raw/customers", "raw/transactions", "features/customer_days", "raw/rejects")
        before = {path: (len(here.rows(path)), version(here, path)) for path in tables}
        articles = version(here, "raw/articles")

        where, anna = Where(here.warehouse, here.settings.reports_dir, home), Person(ANNA)
        forget.carry_out(where, anna, lambda _: None)
        assert [len(here.rows(path)) for path in tables] == [3, 2, 2, 0]
        assert here.land()  # who was forgotten is news of the customers file
        # Every blocking check of these assets passes, or `run` would say so.
        here.run(SELECT)
        after = {path: (len(here.rows(path)), version(here, path)) for path in tables}
        assert [rows for rows, _ in after.values()] == [3, 2, 2, 4]
        assert all(before[path][1] != after[path][1] for path in tables)
        assert version(here, "raw/articles") == articles
        accounted = {(row[0], row[4], row[5]) for row in here.rows("raw/deliveries") if "customers" in row[0]}
        assert accounted == {("customers.csv", 3, 1)}

        more(raw, "transactions_late.csv", line("2018-12-02", ANNA), line("2018-12-02", "bert"))
        here.land()
        assert "raw/transactions" in made(here.run("group:raw"))
        token = forgotten.read(here.warehouse).token(ANNA)
        refused = [row[3] for row in here.rows("raw/rejects")]
        assert (len(here.rows("raw/transactions")), refused) == (3, [f"forgotten {token}"] * 5)
        removal.prove(where, anna)
        assert here.land() == []
        assert here.run("group:raw") == []

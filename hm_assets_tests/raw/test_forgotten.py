"""Rows of somebody who was forgotten are refused under a token, counted, and no fault of the file."""

import pytest

from hm_assets.raw import landing, rules
from hm_assets.warehouse import forgotten
from hm_assets_tests.raw.examples import BASE, CUSTOMERS, LINES, deliver, ingest, line, more


@pytest.fixture
def here(tmp_path):
    return deliver(tmp_path / "raw"), tmp_path / "warehouse"


def test_all_their_rows_are_refused_under_a_token_and_everything_adds_up(here):
    raw, warehouse = here
    token = forgotten.note(warehouse, "anna", forgotten.BEGUN).token("anna")
    more(raw, "transactions_later.csv", line("2018-12-02", "anna"), line("2018-12-02", "bert"))
    found = ingest(raw, warehouse)
    found.prove()
    why = ("customer_id", f"forgotten {token}", rules.FORGOTTEN)
    assert found.refused == [
        ("customers.csv", 2, *why),
        ("transactions_later.csv", 2, *why),
        *[(BASE, number, *why) for number in (2, 3, 6)],
    ]
    assert {row["customer_id"] for row in found.customers} == {"bert", "cleo", "dora"}
    assert {row["customer_key"] for row in found.transactions} <= {
        row["customer_key"] for row in found.customers
    }


def test_they_are_no_share_of_the_broken_rows_that_stop_a_file(here):
    raw, warehouse = here
    forgotten.note(warehouse, "anna", forgotten.DONE)
    found = ingest(raw, warehouse)
    assert [account.refused_share for account in found.accounts.entries] == [0]
    assert found.unique["customers"].refused_share == 0
    deliver(raw, lines=LINES.replace("0.03", "much"))
    assert ingest(raw, warehouse).accounts.entries[0].refused_share == pytest.approx(1 / 5)


def test_no_reject_holds_the_id_in_whatever_column_it_came(here):
    raw, warehouse = here
    long = "x" * 995
    broken = [
        line(price="anna"),
        line(customer="bert", article_id="anna"),
        f"{long},anna,",
        "2018-09-20,anna",
    ]
    deliver(raw, lines=LINES + "\n".join(broken) + "\n", customers=CUSTOMERS + "anna,1\n")
    forgotten.note(warehouse, "anna", forgotten.DONE)
    found = ingest(raw, warehouse)
    found.prove()
    assert not [row for row in found.refused if "anna" in (row[3] or "")]
    # The end of the long row is cut behind its token, not inside of the id.
    assert any(row[3] == f"{long},forg" for row in found.refused)


def test_a_look_at_the_same_files_is_another_delivery_once_somebody_is_forgotten(here):
    raw, warehouse = here
    before = landing.survey(raw, warehouse)
    forgotten.note(warehouse, "anna", forgotten.BEGUN)
    after = landing.survey(raw, warehouse)
    assert before.customers_version == before.customers.sha256 == after.customers.sha256
    assert after.customers_version != before.customers_version
    forgotten.note(warehouse, "anna", forgotten.DONE)
    assert landing.survey(raw, warehouse).customers_version == after.customers_version


def test_a_long_broken_row_is_shown_in_part(here):
    raw, warehouse = here
    deliver(raw, lines=LINES + "x" * 5000 + "\n")
    assert [len(row[3]) for row in ingest(raw, warehouse).refused] == [1000]

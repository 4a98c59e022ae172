"""Taking a customer out of a warehouse that was written by hand, proving it, and being killed on the way."""

import datetime as dt
import gzip
import os
import shutil
import sqlite3

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from typer.testing import CliRunner

from hm_assets.cli import app
from hm_assets.commands import forget
from hm_assets.monitoring.forgetting import removal, traces
from hm_assets.monitoring.forgetting.removal import Where
from hm_assets.monitoring.forgetting.traces import Person
from hm_assets.raw import refusal, tables
from hm_assets.warehouse import artifacts, delta, forgotten, identity, lock, manifest
from hm_assets.warehouse.errors import WarehouseError
from hm_assets_tests.raw.examples import CUSTOMERS, LINES, deliver

ANNA, BERT = "anna-0123456789abcdef", "bert-0123456789abcdef"
MONTHS = (dt.date(2018, 9, 1), dt.date(2018, 10, 1))


def customers(*ids):
    named = [{**dict.fromkeys(tables.CUSTOMERS.arrow_schema().names), "customer_id": each} for each in ids]
    rows = [{**row, "customer_key": Person(row["customer_id"]).key} for row in named]
    return pa.Table.from_pylist(rows, schema=tables.CUSTOMERS.arrow_schema()).to_batches()


def lines(*ids, months=MONTHS):
    row = {"article_key": 1, "price": 0.5, "sales_channel_id": 1, "source_file": "a.csv"}
    rows = [
        {**row, "customer_key": Person(each).key, "t_dat": month, "month": month}
        for month in months
        for each in ids
    ]
    return pa.Table.from_pylist(rows, schema=tables.TRANSACTIONS.arrow_schema()).to_batches()


def refused(value):
    row = {"file": "a.csv", "line": 2, "column": "customer_id", "value": value, "reason": "unknown"}
    return pa.Table.from_pylist([row], schema=tables.REJECTS.arrow_schema()).to_batches()


class Here:
    """A warehouse in which Anna stands everywhere, and Bert beside her."""

    def __init__(self, folder, anna=ANNA):
        self.warehouse, self.anna = folder / "warehouse", Person(anna)
        self.home, self.reports = self.warehouse / ".dagster", self.warehouse / "reports" / "2018-10"
        self.where = Where(self.warehouse, self.warehouse / "reports", self.home)
        self.raw = deliver(
            folder / "raw", customers=CUSTOMERS.replace("anna", anna), lines=LINES.replace("anna", anna)
        )
        days = (dt.date(2018, 9, 1), dt.date(2018, 12, 1))
        for path in (self.home, self.reports):
            path.mkdir(parents=True)
        identity.claim(self.warehouse, "a test", self.raw, days, "quick", dt.date(2026, 1, 1))
        for ids in ((anna, BERT), (anna,), (BERT, anna)):
            delta.write(self.warehouse, tables.CUSTOMERS, customers(*ids))
            delta.write(self.warehouse, tables.TRANSACTIONS, lines(*ids), MONTHS)
        delta.write(self.warehouse, tables.REJECTS, refused(anna))
        self.log()
        self.documents()

    def log(self):
        key = self.anna.key
        preview = f'"| customer_key | age |\\n| {key} | 77 |\\n| {Person(BERT).key} | 34 |\\n"'
        with sqlite3.connect(self.home / "index.db") as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("CREATE TABLE event_logs (id INTEGER PRIMARY KEY, event TEXT)")
            connection.execute("INSERT INTO event_logs (event) VALUES (?)", [preview])
            # Long enough for pages of its own, and deleted again: the text stays in the file.
            connection.execute("INSERT INTO event_logs (event) VALUES (?)", ["." * 9000 + str(key)])
            connection.execute("DELETE FROM event_logs WHERE id = 2")
        connection.close()
        (self.home / "step.err").write_text(f"started\nno line of {key}\nended\n")

    def documents(self):
        text = {"audience.csv": f"customer_key,arm\n{self.anna.key},treated\n{Person(BERT).key},holdout\n"}
        text["page.html"], text["clean.html"] = f"<p>{self.anna.key}</p>", "<p>6 segments</p>"
        for name, content in text.items():
            (self.reports / name).write_text(content)
        listed = [manifest.describe(self.reports / name, name, "facts", "") for name in text]
        told = manifest.Manifest("2018-10", dt.date(2018, 10, 31), "a test", {}, tuple(listed))
        manifest.write_manifest(self.reports, told)

    def find(self):
        return forget.find(self.where, self.raw, self.anna.customer_id)

    def forget(self, say=lambda _: None):
        forget.carry_out(self.where, self.anna, say)

    def held(self):
        """The files that hold Anna, found without the code under test: decoded with other libraries."""
        key, found = self.anna.key, set()
        words = [str(key).encode(), key.to_bytes(8, "little"), *([ANNA.encode()] * self.anna.is_distinctive)]
        for path in self.warehouse.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                if path.suffix == ".parquet":
                    content += "\n".join(map(str, pa.parquet.read_table(path).to_pylist())).encode()
                if any(word in content for word in words):
                    found.add(path.relative_to(self.warehouse).parts[0])
        return found

    def rows(self, table):
        return DeltaTable(str(delta.table_path(self.warehouse, table))).to_pyarrow_table().to_pylist()


@pytest.fixture
def here(tmp_path):
    return Here(tmp_path)


def check_gone(here):
    assert here.held() == set()
    bert = Person(BERT).key
    assert [row["customer_key"] for row in here.rows(tables.CUSTOMERS)] == [bert]
    assert [row["customer_key"] for row in here.rows(tables.TRANSACTIONS)] == [bert, bert]
    token = forgotten.read(here.warehouse).token(here.anna.customer_id)
    assert [row["value"] for row in here.rows(tables.REJECTS)] == [f"forgotten {token}"]
    assert forgotten.read(here.warehouse).unfinished == 0
    with sqlite3.connect(here.home / "index.db") as connection:
        ((event,),) = connection.execute("SELECT event FROM event_logs").fetchall()
    assert event == f'"| customer_key | age |\\n| {bert} | 34 |\\n"'
    assert (here.home / "step.err").read_text() == "started\nended\n"
    told = manifest.read_manifest(here.reports)
    assert {entry.name for entry in told.files} == {"audience.csv", "clean.html"}
    now = manifest.describe(here.reports / "audience.csv", "audience.csv", "facts", "")
    assert told.entry("audience.csv") == now
    assert (here.reports / "audience.csv").read_text() == f"customer_key,arm\n{bert},holdout\n"


def test_a_customer_is_taken_out_of_tables_their_past_logs_and_documents(here):
    assert here.held() == {"raw", ".dagster", "reports"}
    here.forget()
    check_gone(here)
    # The tables can be written as before.
    delta.write(here.warehouse, tables.TRANSACTIONS, lines(BERT, months=MONTHS[1:]), MONTHS[1:])
    assert len(here.rows(tables.TRANSACTIONS)) == 2


def test_an_id_that_could_stand_anywhere_is_found_by_its_key_and_where_ids_stand(tmp_path):
    here = Here(tmp_path, "7")
    here.forget()
    assert here.held() == set()
    assert [row["customer_id"] for row in here.rows(tables.CUSTOMERS)] == [BERT]
    assert "7" not in {row["value"] for row in here.rows(tables.REJECTS)}
    assert (here.reports / "clean.html").exists()


@pytest.mark.parametrize("steps", range(7))
def test_killed_in_the_middle_and_given_again_it_ends_complete(here, steps):
    said = []

    def killed(line):
        said.append(line)
        if len(said) > steps:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        here.forget(killed)
    # From the first moment on no run brings her back.
    assert ANNA in forgotten.read(here.warehouse)
    assert forgotten.read(here.warehouse).unfinished == 1
    here.forget()
    check_gone(here)
    here.forget()
    check_gone(here)


def test_killed_between_the_rows_and_the_past_of_a_table_it_ends_complete(here, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(removal, "_fold_log", killed)
        here.forget()
    here.forget()
    check_gone(here)


def test_a_look_changes_nothing_and_names_the_retailers_own_files(here):
    def content():
        return {path: path.read_bytes() for path in here.warehouse.rglob("*") if path.is_file()}

    before = content()
    found = here.find()
    here.find()
    assert {folder.name for folder in found.places.tables} == {"customers", "transactions", "rejects"}
    assert {path.name: count for path, count in found.delivered.items()} == {
        "customers.csv": 1,
        "transactions_train.csv": 3,
    }
    assert {path: text for path, text in content().items() if ".dagster" not in path.parts} == {
        path: text for path, text in before.items() if ".dagster" not in path.parts
    }


@pytest.mark.parametrize("wrong", ["nobody-0123456789abcdef", ANNA.upper(), ANNA[:-1], " "])
def test_an_unknown_id_is_a_clear_error_and_nothing_is_noted(here, wrong):
    with pytest.raises(WarehouseError, match=r"as it stands in the customers file"):
        forget.find(here.where, here.raw, wrong)
    assert forgotten.read(here.warehouse) is None


@pytest.mark.parametrize("kind", ["json", "gz", "damaged"])
def test_what_cannot_be_taken_out_fails_loudly_with_its_name(here, kind):
    path = here.warehouse / "segments" / f"model.{kind}"
    path.parent.mkdir()
    text = f'{{"of": {here.anna.key}}}'.encode()
    if kind == "damaged":
        path = path.with_suffix(".parquet")
    path.write_bytes({"json": text, "gz": gzip.compress(text), "damaged": b"PAR1 half a file"}[kind])
    with pytest.raises(WarehouseError, match=f"1 files are left: .*{path.name}"):
        here.forget()
    assert forgotten.read(here.warehouse).unfinished == 1
    path.unlink()
    here.forget()
    check_gone(here)


def test_no_file_is_taken_from_under_a_command_that_writes(here):
    asked = ["forget", ANNA, "--yes", "--warehouse", str(here.warehouse)]
    with lock.alone(here.warehouse, "hm run"):
        refused = CliRunner().invoke(app, asked, env={"HM_WAREHOUSE": str(here.warehouse)})
    assert refused.exit_code == 1
    assert "in use: hm run" in refused.stderr
    assert forgotten.read(here.warehouse) is None


def test_incidents_that_quote_the_customer_are_blotted_out_and_stay_readable(here):
    told = here.warehouse / "incidents" / "20260101T000000Z-abcdef12"
    artifacts.write_json(told.with_suffix(".json"), {"kind": "run", "faults": [f"no row for {ANNA}"]})
    artifacts.write_text(told.with_suffix(".md"), f"# A run failed\n\n- {ANNA}, and {BERT}\n")
    refusal.note(here.warehouse, [refusal.Refusal(f"a.csv: {here.anna.key} twice", f"{ANNA}.csv")])
    here.forget()
    check_gone(here)
    assert refusal.read(here.warehouse) == [refusal.Refusal("a.csv: forgotten twice", "forgotten.csv")]
    assert artifacts.read_json(told.with_suffix(".json"))["faults"] == ["no row for forgotten"]
    assert told.with_suffix(".md").read_text() == f"# A run failed\n\n- forgotten, and {BERT}\n"


def test_the_lines_of_others_keep_their_bytes_and_an_open_log_goes_on(here):
    audience, log = here.reports / "audience.csv", here.warehouse / "server.log"
    rows = [b"customer_key,arm\r\n", f"{here.anna.key},treated\r\n".encode(), b"7,holdout\r\n"]
    audience.write_bytes(b"".join(rows))
    log.write_bytes(f"\xff began\nno line of {ANNA}\n".encode("latin-1"))
    with log.open("ab") as server:
        here.forget()
        server.write(b"goes on\n")
    assert audience.read_bytes() == rows[0] + rows[2]
    assert log.read_bytes() == b"\xff began\ngoes on\n"


def test_a_document_that_cannot_be_written_is_one_sentence(here, monkeypatch):
    def refuse(path, _):
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(artifacts, "write_text", refuse)
        patched.setattr(forgotten.artifacts, "write_json", lambda *_: None)
        with pytest.raises(
            WarehouseError, match=r"not forgotten yet: .*audience.csv: Permission denied\. Mend"
        ):
            here.forget()


def test_a_log_that_another_process_holds_is_one_sentence(here, monkeypatch):
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **_: connect(path, timeout=0))
    with connect(here.home / "index.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(WarehouseError, match=r"not forgotten yet: database is locked\. Mend"):
            here.forget()
        other.execute("ROLLBACK")
    other.close()
    here.forget()
    check_gone(here)


def test_what_a_killed_step_left_is_swept(here):
    folder = here.warehouse / ".spill-999999999-x"
    folder.mkdir()
    (folder / "plain.csv").write_text(ANNA)
    here.forget()
    assert not folder.exists()


def test_nobody_else_is_touched_whose_id_begins_or_ends_alike(here):
    longer, listed = [f"{ANNA}0", f"x{ANNA}"], f"{ANNA},{ANNA},{ANNA}0"
    delta.write(here.warehouse, tables.CUSTOMERS, customers(ANNA, *longer))
    delta.write(here.warehouse, tables.REJECTS, refused(listed))
    (here.reports / "clean.html").write_text(f"<p>{longer}</p>")
    here.forget()
    assert sorted(row["customer_id"] for row in here.rows(tables.CUSTOMERS)) == sorted(longer)
    token = forgotten.read(here.warehouse).token(ANNA)
    assert here.rows(tables.REJECTS)[0]["value"] == f"forgotten {token},forgotten {token},{ANNA}0"
    assert (here.reports / "clean.html").exists()


def test_every_form_of_an_id_is_looked_for(tmp_path):
    person = Person('Åsa "O\'Hara" & sons')
    for name, text in (
        ("json", '"\\u00c5sa \\"O\'Hara\\" & sons"'),
        ("html", "<b>Åsa &quot;O&#x27;Hara&quot; &amp; sons</b>"),
        ("txt", person.customer_id),
    ):
        (tmp_path / f"a.{name}").write_text(text, encoding="utf-8")
    shutil.make_archive(str(tmp_path / "b"), "zip", tmp_path, "a.txt")
    os.mkfifo(tmp_path / "no-file")
    assert {path.name for path in traces.find(person, [tmp_path])} == {"a.json", "a.html", "a.txt", "b.zip"}

"""The file, its manifest and the ledger: who is in them, that nobody is who must not be, and what is refused."""

import csv
import datetime as dt
import hashlib
from dataclasses import replace

import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from pyarrow import parquet

from hm_assets.customers.tables import CUSTOMERS
from hm_assets.playbooks.audience import contacts, export, people, selection
from hm_assets.playbooks.audience.export import Asked, TooFewError, exports
from hm_assets.playbooks.audience.language import parse
from hm_assets.playbooks.audience.layouts import LAYOUTS
from hm_assets.playbooks.audience.parity import parity_of
from hm_assets.playbooks.audience.rule import RuleError
from hm_assets.playbooks.audience.suppression import Campaign
from hm_assets.playbooks.audience.tables import CONTACTS
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.engine import open_engine
from hm_assets.warehouse.errors import HmAssetsError, WarehouseError
from hm_assets.warehouse.keys import customer_key
from hm_assets_tests.playbooks.audience import rules, shop

LEFT = {name for i, name in enumerate(shop.NAMES) if i % 5 == 4}
OUT = {name for i, name in enumerate(shop.NAMES) if i % 4 == 1}


def write(settings, folder, text="everybody", name="spring", layout="csv", send_on=shop.SEND_ON, **more):
    asked = Asked.of(parse(text) if isinstance(text, str) else text, Campaign(name, send_on, **more), layout)
    with open_engine(settings) as engine:
        there = people.of_month(engine, settings.warehouse)
        return export.write(
            engine, settings, there, asked, folder / asked.file_name
        ), folder / asked.file_name


def ids(path, column="customer_id"):
    with path.open(encoding="utf-8", newline="") as file:
        return [row[column] for row in csv.DictReader(file)]


def ledger(warehouse):
    table = DeltaTable(str(warehouse / CONTACTS.stage / CONTACTS.name)).to_pyarrow_table()
    return {(row["customer_key"], row["campaign"], row["send_on"]) for row in table.to_pylist()}


def test_the_file_has_who_can_be_reached_and_nobody_else(own, tmp_path):
    made, path = write(own, tmp_path, layout="parquet")
    wanted = [name for name in shop.NAMES if name not in LEFT | OUT]
    assert parquet.read_table(path)["customer_id"].to_pylist() == sorted(wanted, key=customer_key)
    assert made["rows"] == len(wanted) and made["cells_made_safe"] == 0
    assert ledger(own.warehouse) == {(customer_key(name), "spring", shop.SEND_ON) for name in wanted}


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules.RULES)
def test_of_any_rule_the_rows_are_those_of_independent_sql(own, tmp_path, rule):
    wanted = rules.connect(own.warehouse).execute(
        f"""SELECT customer_id FROM {rules.FROM} WHERE {rules.sql(rule)} AND fn = 1
        AND club_member_status IS DISTINCT FROM 'LEFT CLUB'"""
    )
    names = {row[0] for row in wanted.fetchall()}
    try:
        _, path = write(own, tmp_path, rule, layout="parquet")
    except TooFewError:
        assert len(names) < 20
        return
    found = parquet.read_table(path)["customer_id"].to_pylist()
    assert len(found) == len(names) >= 20 and set(found) == names and not names & (LEFT | OUT)


@pytest.mark.parametrize(
    "layout", [layout for layout in LAYOUTS.values() if layout.is_text], ids=lambda each: each.name
)
def test_no_cell_is_a_formula_and_the_columns_are_those_of_the_layout(own, tmp_path, layout):
    made, path = write(own, tmp_path, layout=layout.name, by="other")
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == list(layout.columns.values()) == made["columns"] and len(rows) == made["rows"]
    for row in rows:
        assert len(row) == len(header)
        assert not any(
            cell.lstrip()[:1] in ("=", "+", "-", "@", "＝", "＋", "－", "＠") for cell in row if cell
        )
        assert not any(ord(c) < 32 for cell in row for c in cell)
    first = {row[0] for row in rows}
    assert {"'=1+1", "'+7", "'-cmd|x", "'@SUM(A1)"} - {f"'{x}" for x in LEFT} <= first
    assert '"; DROP TABLE x; --' in first and "<script>alert(1)</script>" in first
    # The seven that begin like a formula, and the one with a line end, as far as they did not leave the club.
    assert made["cells_made_safe"] == sum(name not in LEFT for name in (*shop.HOSTILE[:7], shop.HOSTILE[9]))


def test_the_manifest_vouches_for_the_file_and_names_no_customer(own, tmp_path):
    made, path = write(own, tmp_path, "segment=1 and not category=Shoes", layout="csv")
    assert (
        made["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        and made["bytes"] == path.stat().st_size
    )
    assert made["rows"] == len(ids(path)) and made["rule"] == "segment=1 and not category=Shoes"
    assert (made["as_of"], made["month"], made["k_check"]) == (
        "2019-05-30",
        "2019-05",
        {"k": 20, "passed": True},
    )
    assert set(made["tables"]) == {table.path for table in shop.TABLES} and made["models"]["segments"] == "x"
    (kept,) = exports(own.warehouse)
    assert {key: value for key, value in kept.items() if key != "id"} == made
    text = (own.warehouse / export.FOLDER / f"{kept['id']}.json").read_text()
    assert not any(name in text for name in shop.NAMES[20:])


def test_the_same_export_again_gives_the_same_bytes_and_counts_once(own, tmp_path):
    first, path = write(own, tmp_path / "a")
    before = ledger(own.warehouse)
    again, other = write(own, tmp_path / "b", cap=1)
    assert path.read_bytes() == other.read_bytes() and first["sha256"] == again["sha256"]
    assert ledger(own.warehouse) == before and len(exports(own.warehouse)) == 1


def test_nobody_is_given_to_more_campaigns_than_the_cap_within_30_days(own, tmp_path):
    free = {name for name in shop.NAMES if name not in LEFT | OUT}
    write(own, tmp_path, "segment=1", name="one", cap=2)
    first = set(ids(tmp_path / "one-csv.csv"))
    write(own, tmp_path, "segment=1,2", name="two", cap=2, send_on=shop.SEND_ON + dt.timedelta(days=29))
    made, path = write(
        own, tmp_path, name="three", layout="parquet", cap=2, send_on=shop.SEND_ON + dt.timedelta(days=10)
    )
    found = set(parquet.read_table(path)["customer_id"].to_pylist())
    assert made["held_back"]["contacted"] == len(first) and len(found) == len(free) - len(first)
    # Thirty days from the last campaign, and from the first, are no longer within thirty days.
    for days in (59, -30):
        day = shop.SEND_ON + dt.timedelta(days=days)
        far, _ = write(own, tmp_path, name=f"far{days}", cap=1, send_on=day)
        assert "contacted" not in far["held_back"]
    assert {row[1] for row in ledger(own.warehouse)} == {"one", "two", "three", "far59", "far-30"}


def test_a_campaign_that_is_moved_to_another_month_leaves_the_old_one(own, tmp_path):
    write(own, tmp_path, name="kept")
    write(own, tmp_path)
    before = ledger(own.warehouse)
    write(own, tmp_path, "segment=1", send_on=dt.date(2019, 8, 1))
    now = ledger(own.warehouse)
    assert {row for row in now if row[1] == "kept"} == {row for row in before if row[1] == "kept"}
    assert {row[2] for row in now if row[1] == "spring"} == {dt.date(2019, 8, 1)}


def test_who_was_forgotten_meanwhile_does_not_come_back_by_the_ledger(own, tmp_path):
    write(own, tmp_path, name="one")
    kept = DeltaTable(str(own.warehouse / CUSTOMERS.stage / CUSTOMERS.name))
    gone = next(name for name in shop.NAMES[20:] if name not in LEFT | OUT)
    kept.delete(f"customer_key = {customer_key(gone)}")
    write(own, tmp_path, name="two")
    assert not any(row[0] == customer_key(gone) for row in ledger(own.warehouse))


def test_too_few_is_refused_and_leaves_nothing(own, tmp_path):
    with pytest.raises(TooFewError, match="fewer than 20"):
        write(own, tmp_path / "to", "club=PRE-CREATE and tier=premium and value=high and active")
    with pytest.raises(TooFewError):
        write(own, tmp_path / "to", 'club="LEFT CLUB"')
    assert not (tmp_path / "to").exists() and not exports(own.warehouse)
    assert delta.open_table(own.warehouse, CONTACTS) is None


def test_what_fewer_than_twenty_are_expected_to_spend_is_not_in_the_manifest(own, tmp_path):
    reach = selection.Reach(900, 300, 300, {}, 1.5, 7, parity_of({}, {}))
    with open_engine(own) as engine:
        there = people.of_month(engine, own.warehouse)
    asked = Asked.of(parse(""), Campaign("spring", shop.SEND_ON), "csv")
    for valued, wanted in ((7, (None, None)), (290, (1.5, None)), (100, (1.5, 100)), (300, (1.5, 300))):
        made = export.manifest(there, asked, replace(reach, valued=valued), "x.csv", 300, "", 1, 0)
        assert tuple(made["value_90d"].values()) == wanted


def test_exactly_twenty_are_enough(own, tmp_path):
    free = [name for name in shop.NAMES[20:] if name not in LEFT | OUT]
    listed = tmp_path / "no.csv"
    for keep in (20, 19):
        listed.write_text("customer_id\n" + "\n".join([*free[keep:]]) + "\n")
        strict = Settings(warehouse=own.warehouse, threads=1, suppression=listed)
        # The first twenty names hold the hostile ones, which a plain list cannot carry.
        text = " or ".join(["segment=0,1,2,3"])
        with open_engine(strict) as engine:
            there = people.of_month(engine, strict.warehouse)
            rows = there.everybody.filter(~there.everybody.customer_id.isin(shop.NAMES[:20]))
            small = people.People(**{**there.__dict__, "everybody": rows})
            asked = Asked.of(parse(text), Campaign(f"n{keep}", shop.SEND_ON), "csv")
            if keep == 20:
                assert export.write(engine, strict, small, asked, tmp_path / "a.csv")["rows"] == 20
            else:
                with pytest.raises(TooFewError):
                    export.write(engine, strict, small, asked, tmp_path / "b.csv")


@pytest.mark.parametrize("name", ["", "../x", "=1", "a" * 61, "a/b", " a", "a\nb", "<b>", "-a"])
def test_a_name_that_is_no_file_name_is_refused(name):
    with pytest.raises(RuleError, match="1 to 60"):
        Asked.of(parse(""), Campaign(name, shop.SEND_ON), "csv")


def test_names_that_look_alike_are_kept_apart():
    assert (
        len({export.record(name) for name in ("Spring sale", "spring-sale", "spring sale", "Spring_sale")})
        == 4
    )


def test_a_layout_that_is_none_is_refused_and_limits_are_said():
    with pytest.raises(RuleError, match="'excel' is no layout"):
        Asked.of(parse(""), Campaign("a", shop.SEND_ON), "excel")
    assert "50 MB" in LAYOUTS["klaviyo"].limits(50_000_001, 1)
    assert "1,048,576 rows" in LAYOUTS["hubspot"].limits(1, 1_048_577)
    assert LAYOUTS["csv"].limits(10**12, 10**9) == ""


def test_an_export_waits_for_another_one_and_says_so_when_it_takes_too_long(own, tmp_path):
    late = contacts.alone(own.warehouse, longest_wait=0.2)
    with (
        contacts.alone(own.warehouse),
        pytest.raises(WarehouseError, match="another export is under way"),
        late,
    ):
        pass


def test_a_folder_that_cannot_be_written_is_said(own, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(HmAssetsError, match="cannot be written"):
        write(own, tmp_path / "file")


def test_a_damaged_manifest_is_left_out(own, tmp_path):
    write(own, tmp_path)
    for name, text in (("a.json", "{"), ("b.json", "[]"), ("c.json", '{"audience": "x"}')):
        (own.warehouse / export.FOLDER / name).write_text(text)
    assert [made["audience"] for made in exports(own.warehouse)] == ["spring"]

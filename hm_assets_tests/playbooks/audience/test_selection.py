"""Who meets a rule and who can be reached: the same as plain SQL on the Delta files says, for any rule."""

import datetime as dt

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

from hm_assets.features.tables import AFFINITIES, CUSTOMER_FEATURES
from hm_assets.forecasts.tables import CUSTOMERS as OUTLOOK
from hm_assets.playbooks.audience import people, suppression
from hm_assets.playbooks.audience.held_back import held_back
from hm_assets.playbooks.audience.language import parse
from hm_assets.playbooks.audience.rule import RuleError
from hm_assets.playbooks.audience.selection import overlap, reach
from hm_assets.playbooks.audience.suppression import Campaign
from hm_assets.playbooks.experiments.tables import AUDIENCES
from hm_assets.warehouse.engine import open_engine
from hm_assets.warehouse.errors import HmAssetsError, WarehouseError
from hm_assets.warehouse.keys import customer_key
from hm_assets_tests.playbooks.audience import rules, shop

CAMPAIGN = Campaign("spring", shop.SEND_ON)


@pytest.fixture(scope="module")
def month(filled):
    with open_engine(filled) as engine:
        there = people.of_month(engine, filled.warehouse)
        yield there, suppression.reasons(there, CAMPAIGN)


@pytest.fixture(scope="module")
def plain(filled):
    return rules.connect(filled.warehouse)


@settings(max_examples=18, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules.RULES)
def test_counts_are_those_of_independent_sql(month, plain, rule):
    there, reasons = month
    found = reach(rule, there, reasons)
    left, out = "club_member_status IS NOT DISTINCT FROM 'LEFT CLUB'", "fn = 0"
    wanted = plain.execute(
        f"""SELECT count(*), count(*) FILTER (NOT ({left}) AND NOT ({out})), count(*) FILTER ({left}),
        count(*) FILTER (NOT ({left}) AND {out}), sum(value_90d) FILTER (NOT ({left}) AND NOT ({out}))
        FROM {rules.FROM} WHERE {rules.sql(rule)}"""
    ).fetchone()
    held = found.held_back.get("left_club", 0), found.held_back.get("opted_out", 0)
    assert (found.matched, found.reached, *held) == wanted[:4]
    assert found.value_90d == pytest.approx(wanted[4] or 0.0)
    assert found.everybody == shop.MANY and found.matched == found.reached + sum(found.held_back.values())


@settings(max_examples=4)
@given(rules.RULES)
def test_not_splits_everybody_in_two_and_overlap_agrees(month, rule):
    there, reasons = month
    other = parse("everybody")
    opposite = rules.Not(no=rule)
    a, b, both = (row[i] for i, row in enumerate(overlap([rule, opposite, other], there, reasons)))
    assert a + b == both == reach(other, there, reasons).reached
    matrix = overlap([rule, opposite], there, reasons)
    assert matrix[0][1] == matrix[1][0] == 0 and matrix[0][0] == reach(rule, there, reasons).reached


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("segment=9", "'9' is no segment of 2019-05; there are 0, 1, 2, 3"),
        ("category=Hats", "'Hats' is no category of 2019-05"),
        ("colour=Black", "'Black' is no colour"),
    ],
)
def test_a_value_that_the_month_lacks_is_named(month, text, said):
    with pytest.raises(RuleError) as fault:
        reach(parse(text), *month)
    assert said in str(fault.value)


def test_a_category_is_found_whatever_its_case(month):
    assert reach(parse("category=shoes"), *month) == reach(parse("category=Shoes"), *month)


def test_no_more_audiences_are_compared_than_can_be_read(month):
    with pytest.raises(RuleError, match="at most 6"):
        overlap([parse("optin")] * 7, *month)


def test_without_forecasts_and_tastes_what_can_be_asked_is_answered_and_the_rest_named(tmp_path):
    own = shop.fill(tmp_path / "wh", without=(OUTLOOK, AFFINITIES, CUSTOMER_FEATURES))
    with open_engine(own) as engine:
        there = people.of_month(engine, own.warehouse)
        reasons = suppression.reasons(there, CAMPAIGN)
        found = reach(parse("segment=1 and optin"), there, reasons)
        assert found.reached and found.value_90d is None and found.valued == 0
        assert there.choices("category") == [] and "order_model" not in there.models
        for text, table in (
            ("churn>=0.5", OUTLOOK),
            ("category=Shoes", AFFINITIES),
            ("stage=new", CUSTOMER_FEATURES),
        ):
            with pytest.raises(RuleError, match=f"needs {table.path} of 2019-05"):
                reach(parse(text), there, reasons)


def test_a_warehouse_or_month_without_segments_is_an_error_that_helps(filled, tmp_path):
    with open_engine(filled) as engine:
        with pytest.raises(WarehouseError, match="hm run"):
            people.of_month(engine, tmp_path)
        with pytest.raises(WarehouseError, match="2018-01 has no segments; there are months from 2019-05"):
            people.of_month(engine, filled.warehouse, shop.MONTH.replace(year=2018, month=1))


def test_the_list_of_who_must_not_be_written_to_holds_and_a_wrong_one_is_refused(filled, tmp_path):
    listed, wrong = tmp_path / "no.csv", tmp_path / "wrong.csv"
    duckdb.from_arrow(shop.pa.table({"customer_id": shop.NAMES[:200]})).write_csv(str(listed))
    wrong.write_text("id\n1\n")
    with open_engine(filled) as engine:
        there = people.of_month(engine, filled.warehouse)
        keys = suppression.list_of(engine, listed)
        free = reach(parse(""), there, suppression.reasons(there, Campaign("x", shop.SEND_ON, "other")))
        held = reach(
            parse(""), there, suppression.reasons(there, Campaign("x", shop.SEND_ON, "other"), listed=keys)
        )
        mine = sum(1 for i in range(200) if i % 5 != 4)
        assert held.held_back["listed"] == mine == free.reached - held.reached
        for path, said in ((wrong, "no column customer_id"), (tmp_path / "none.csv", "is no file")):
            with pytest.raises(HmAssetsError, match=said):
                suppression.list_of(engine, path)


def test_a_campaign_that_cannot_be_is_refused():
    for wrong in (
        {"by": "pigeon"},
        {"cap": 0},
        {"send_on": shop.SEND_ON.replace(year=9999)},
        {"send_on": shop.SEND_ON.replace(year=1)},
    ):
        with pytest.raises(HmAssetsError):
            Campaign("x", **{"send_on": shop.SEND_ON, **wrong})


@pytest.mark.parametrize(
    ("content", "keys"),
    [
        (b"\xef\xbb\xbfcustomer_id\r\na;1\r\nb|2\r\n", {"a;1", "b|2"}),
        (b"customer_id;note\nx;y\n", {"x"}),
        (b'customer_id,note\n"x,1",y\n', {"x,1"}),
        (b"customer_id\n", set()),
        (b"customer_id\n\xff\xfe\n", None),
        (b"customer_id,note\nx,y\nz\n", None),
        (b"customer_id\nx\ny,left, asked twice\n", None),
        (b"", None),
    ],
)
def test_the_list_is_read_to_its_end_or_refused(filled, tmp_path, content, keys):
    listed = tmp_path / "no.csv"
    listed.write_bytes(content)
    with open_engine(filled) as engine:
        if keys is None:
            with pytest.raises(HmAssetsError, match=r"no\.csv"):
                suppression.list_of(engine, listed)
            return
        found = suppression.list_of(engine, listed).to_pyarrow()["customer_key"].to_pylist()
        assert set(found) == {customer_key(name) for name in keys}


def test_nobody_in_the_month_is_said(tmp_path):
    own = shop.fill(tmp_path / "wh")
    shop.write(own.warehouse, shop.ASSIGNMENTS, [])
    with open_engine(own) as engine, pytest.raises(WarehouseError, match="hm run"):
        people.of_month(engine, own.warehouse)


def test_who_is_left_alone_in_a_campaign_that_runs_is_in_no_other_one(own):
    alone, day = {shop.customer_key(name) for name in shop.NAMES[:60]}, dt.timedelta(1)
    drawn = [
        shop.row(
            AUDIENCES,
            as_of=shop.AS_OF,
            customer_key=shop.customer_key(name),
            arm="holdout" if i < 60 else "treated",
            horizon_days=30,
        )
        for i, name in enumerate(shop.NAMES)
    ]
    shop.write(own.warehouse, AUDIENCES, drawn)
    with open_engine(own) as engine:
        there = people.of_month(engine, own.warehouse)

        def kept_from(send_on: dt.date) -> set[int]:
            campaign = Campaign("x", send_on, "other")
            rows = there.everybody.mutate(reason=held_back(engine, own, there, campaign))
            return set(rows.filter(rows.reason == "held_out").customer_key.to_pyarrow().to_pylist())

        first, last = shop.AS_OF + day, shop.AS_OF + 30 * day
        left = {shop.customer_key(name) for i, name in enumerate(shop.NAMES) if i % 5 == 4}
        assert kept_from(first) == kept_from(last) == alone - left
        assert kept_from(first - day) == kept_from(last + day) == set()

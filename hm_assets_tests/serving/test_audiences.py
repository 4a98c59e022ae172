"""The portal's audiences on an app of their own: the page, the sizes, the downloads, and what is refused."""

import csv
import hashlib
import io
import re
import shutil

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import escape
from pyarrow import parquet

from hm_assets.playbooks.audience.layouts import LAYOUTS
from hm_assets.serving import audience_page
from hm_assets.serving.audience_form import Form
from hm_assets.serving.audiences import router
from hm_assets.settings import Settings
from hm_assets_tests.playbooks.audience import rules, shop

ASKED = {"where": "segment=1", "name": "Spring", "send_on": "2019-06-10", "layout": "csv"}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    return shop.fill(tmp_path_factory.mktemp("portal") / "wh").warehouse


@pytest.fixture(scope="module")
def client(warehouse):
    app = FastAPI()
    app.include_router(router(Settings(warehouse=warehouse, threads=1)))
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def own(warehouse, tmp_path):
    shutil.copytree(warehouse, tmp_path / "wh")
    app = FastAPI()
    app.include_router(router(Settings(warehouse=tmp_path / "wh", threads=1, contact_cap=1)))
    return TestClient(app, raise_server_exceptions=False)


def test_the_page_counts_what_the_boxes_say_and_offers_the_download(client, warehouse):
    answer = client.get(
        "/audiences", params={"segment": ["1", "2"], "churn_from": "30", "optin": "on", "where": "not active"}
    )
    assert answer.status_code == 200
    rule = "segment=1,2 and optin and churn>=0.3 and not active"
    wanted = rules.connect(warehouse).execute(
        f"""SELECT count(*) FILTER (club_member_status IS DISTINCT FROM 'LEFT CLUB') FROM {rules.FROM}
        WHERE segment_id IN (1, 2) AND fn = 1 AND 1 - p_order_90d >= 0.3 AND active = 0"""
    )
    assert f"<h1>{wanted.fetchone()[0]} customers can be reached" in answer.text
    assert f'name="where" value="{escape(rule)}"' in answer.text
    assert answer.text.count(" checked") == 3 and "Download the audience" in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_names_from_the_data_and_from_the_address_are_inert(client):
    bad = '"><script>alert(1)</script>'
    answer = client.get("/audiences", params={"where": bad, "name": bad, "compare": bad, "churn_from": bad})
    assert answer.status_code == 422 and "<script>alert" not in answer.text
    page = client.get("/audiences").text
    assert str(escape(shop.CATEGORIES[2])) in page and "<b>name</b>" not in page


def test_only_the_pages_own_script_may_run(client):
    answer = client.get("/audiences")
    policy = answer.headers["content-security-policy"]
    assert f"script-src '{audience_page.SCRIPT_HASH}'" in policy and "unsafe-inline'; script" not in policy
    scripts = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    assert scripts == [audience_page.SCRIPT] and audience_page.SCRIPT_HASH in answer.text
    assert not re.search(r"\son\w+=", answer.text)


def test_size_overlap_and_parity_come_as_json(client):
    told = client.get("/audiences/size", params={"where": "segment=1", "also": ["optin", "segment=2"]}).json()
    assert told["rule"] == "segment=1" and told["everybody"] == shop.MANY and told["enough"]
    assert told["overlap"]["audiences"] == ["segment=1", "optin", "segment=2"]
    assert told["overlap"]["rows"][0][1] == str(told["reached"]) and told["overlap"]["rows"][0][3] == "none"
    assert told["held_back"]["get no fashion news, so no e-mail"] > 20 and "words" in told["age_parity"]
    live = client.get("/audiences/live", params={"segment": "1"}).json()
    assert live == {
        "rule": "segment=1",
        "reached": f"{told['reached']} customers",
        "matched": told["matched"],
    }


def test_of_fewer_than_twenty_no_number_is_told_and_no_file_is_given(client):
    where = 'club="LEFT CLUB" or (club=PRE-CREATE and tier=premium and value=high and active)'
    told = client.get("/audiences/size", params={"where": where}).json()
    assert not told["enough"] and told["reached"] in (None, 0) and told["value_90d"] is None
    page = client.get("/audiences", params={"where": where}).text
    assert "too few for a file" in page and "/audiences/export" not in page.replace("/audiences/exports", "")
    answer = client.post("/audiences/export", data={**ASKED, "where": where})
    assert answer.status_code == 422 and "fewer than 20" in answer.json()["detail"]


@pytest.mark.parametrize("layout", ["parquet", "klaviyo"])
def test_every_layout_is_downloaded_with_its_checksum_and_manifest(own, layout):
    answer = own.post("/audiences/export", data={**ASKED, "layout": layout})
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-content-sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert re.fullmatch(
        rf'attachment; filename="spring-{layout}\.\w+"', answer.headers["content-disposition"]
    )
    if layout == "parquet":
        rows = parquet.read_table(io.BytesIO(answer.content)).num_rows
    else:
        header, *found = csv.reader(io.StringIO(answer.text, newline=""))
        assert header == list(LAYOUTS[layout].columns.values())
        rows = len(found)
    made = own.get(answer.headers["x-manifest"]).json()
    assert made["rows"] == rows == int(answer.headers["x-rows"])
    assert made["sha256"] == answer.headers["x-content-sha256"]
    assert own.get("/audiences/exports").json() == [made]


def test_an_export_is_asked_for_as_json_too_shows_on_the_page_and_fills_the_cap(own, tmp_path):
    assert own.post("/audiences/export", json=ASKED).status_code == 200
    assert ">Spring</th>" in own.get("/audiences").text
    answer = own.post("/audiences/export", data={**ASKED, "name": "Another"})
    assert answer.status_code == 422 and "fewer than 20" in answer.json()["detail"], "the cap is one campaign"
    assert not list((tmp_path / "wh").glob(".spill-*")), "what was sent is gone from the disk"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"where": "segment=99"}, "no segment"),
        ({"where": "("}, "ends where"),
        ({"where": "optin or " * 400}, "longer than 2,000"),
        ({"name": "../../etc/passwd"}, "1 to 60"),
        ({"name": "=cmd"}, "1 to 60"),
        ({"name": ""}, "1 to 60"),
        ({"layout": "../csv"}, "no layout"),
        ({"send_on": "tomorrow"}, "no day"),
        ({"by": "fax"}, "no way of writing"),
        ({"month": "2031-01"}, "has no segments"),
        ({"month": "../x"}, "not a month"),
    ],
)
def test_what_cannot_be_exported_is_said(client, changed, said):
    answer = client.post("/audiences/export", data={**ASKED, **changed})
    assert answer.status_code == 422 and said in answer.json()["detail"]


def test_bodies_that_are_too_long_or_unreadable_are_refused(client):
    assert client.post("/audiences/export", content=b"a=" + b"x" * 40_000).status_code == 413
    many = "&".join(f"a{i}=1" for i in range(300))
    as_json = {"content-type": "application/json"}
    for body, headers in (
        (many, {}),
        (b"\xff", {}),
        ("[1]", as_json),
        ('{"where": 1}', as_json),
        ("{" * 9_000, as_json),
    ):
        assert client.post("/audiences/export", content=body, headers=headers).status_code == 422


@pytest.mark.parametrize("path", ["none", "..%2f..%2fwarehouse", "%2e%2e", "a%00b"])
def test_there_is_no_way_out_of_the_folder_of_manifests(client, path):
    assert client.get(f"/audiences/exports/{path}").status_code == 404


@pytest.mark.parametrize("path", ["", "/size"])
def test_faults_in_the_address_are_no_fault_of_the_server(client, path):
    for query in ("month=2031-01", "where=((", "churn_from=1e999"):
        assert client.get(f"/audiences{path}?{query}").status_code in (200, 422), query
    assert client.get(f"/audiences{path}", params={"where": "x" * 5_000}).status_code == 422


def test_without_a_warehouse_it_is_said(tmp_path):
    app = FastAPI()
    app.include_router(router(Settings(warehouse=tmp_path)))
    answer = TestClient(app).get("/audiences")
    assert answer.status_code == 422 and "hm run" in answer.json()["detail"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["segment", "value", "where", "churn_from", "optin", "x"]), st.text(max_size=9)
        )
    )
)
def test_any_form_is_a_rule_or_a_fault_in_words(items):
    from hm_assets.playbooks.audience.language import parse
    from hm_assets.playbooks.audience.rule import RuleError

    try:
        assert parse(Form.of(items).rule())
    except RuleError as fault:
        assert str(fault)

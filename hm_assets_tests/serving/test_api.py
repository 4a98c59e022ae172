"""The API: it answers as its OpenAPI says whatever is sent, and what it says is what the tables hold."""

from pathlib import Path

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from hm_assets.segments.tables import ASSIGNMENTS, NO_PURCHASE
from hm_assets.serving.portal import create_app
from hm_assets.serving.published import rows_of
from hm_assets.settings import Settings
from hm_assets_tests.serving import shop

FEATURES = {
    **{"recency_days": 3, "purchase_days": 4, "spend": 0.2, "tenure_days": 90},
    **{"mean_gap_days": None, "items_per_order": 1.5, "price_per_item": 0.03},
}


def purchases_of(key: int) -> list[dict]:
    return [
        {
            "t_dat": row["t_dat"].isoformat(),
            "article_id": f"0{row['article_key']}",
            "price": row["price"],
            "sales_channel_id": row["sales_channel_id"],
        }
        for row in shop.lines().to_pylist()
        if row["customer_key"] == key
    ]


def test_every_customer_is_placed_as_in_the_table(ask: TestClient, published_shop: Path) -> None:
    rows = [
        row for row in rows_of(published_shop, ASSIGNMENTS, shop.MONTH) if row["segment_id"] != NO_PURCHASE
    ]
    sent = [
        {"customer_id": str(row["customer_key"]), "purchases": purchases_of(row["customer_key"])}
        for row in rows
    ]
    found = ask.post("/score_customers", json={"customers": sent}).json()
    assert found["as_of"] == shop.AS_OF.isoformat()
    for row, told in zip(rows, found["customers"], strict=True):
        assert told["customer_id"] == str(row["customer_key"])
        assert (told["segment_id"], told["runner_up"]["segment_id"]) == (row["segment_id"], row["runner_up"])
        assert told["confidence"] == pytest.approx(row["confidence"], abs=1e-9)
    one = ask.post("/predict_segment", json=sent[5]).json()
    assert {name: one[name] for name in found["customers"][5]} == found["customers"][5]


def test_a_prediction_says_what_the_segment_is_like_and_what_to_show(ask: TestClient) -> None:
    found = ask.post("/predict_segment", json={"features": FEATURES}).json()
    assert found["characteristics"] == [f"They are {shop.NAMES[found['segment_id']]}."]
    assert found["recommendations"][0]["name"] == shop.HOSTILE
    assert "2.0 times as often" in found["recommendations"][0]["reason"]


def test_a_missing_feature_is_refused(ask: TestClient) -> None:
    given = {name: value for name, value in FEATURES.items() if name != "spend"}
    refused = ask.post("/predict_segment", json={"features": given})
    assert refused.status_code == 422
    assert "`spend` is missing" in refused.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"features": {"spend": NaN}}',
        b'{"features": {"spend": 1e999}}',
        b'{"customer_id": "\\ud800", "features": {}}',
        b'{"features": {"\\udfff": 1}}',
        b'{"features": {}, "purchases": []}',
        b"[" * 5_000,
        b"\xff\xfe",
        b"",
        b'{"purchases": [{"t_dat": "0001-01-01", "article_id": "1", "price": 1, "sales_channel_id": 1}]}',
        b'{"features": {"spend": ' + b"9" * 5_000 + b"}}",
    ],
)
def test_what_no_program_should_send_is_refused_in_words(ask: TestClient, body: bytes) -> None:
    refused = ask.post("/predict_segment", content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code in {400, 422}
    assert refused.json()["detail"]


def test_profiles_and_lists_by_name(ask: TestClient) -> None:
    assert ask.get("/segment_profile/newcomers").json()["segment_id"] == 2
    assert ask.get("/recommendations/2").json()["recommendations"][0]["article_id"] == "0108775000"
    assert ask.get("/segment_profile/elsewhere").status_code == 404
    listed = ask.get("/customer_recommendations/c001").json()
    assert [row["rank"] for row in listed["recommendations"]] == list(range(1, 13))
    assert listed["recommendations"][0]["name"] == shop.HOSTILE
    assert ask.get("/customer_recommendations/nobody").status_code == 404


def test_without_anything_published_it_says_what_to_run(tmp_path: Path) -> None:
    client = TestClient(create_app(Settings(warehouse=tmp_path)), base_url="http://127.0.0.1")
    for found in (
        client.get("/segment_profile/1"),
        client.post("/predict_segment", json={"features": FEATURES}),
    ):
        assert found.status_code == 503
        assert "`hm run`" in found.json()["detail"]
    assert client.get("/segments").status_code == 503
    assert client.get("/launch").status_code == 200


@pytest.fixture(scope="module")
def described(published_shop: Path) -> schemathesis.BaseSchema:
    app = create_app(Settings(warehouse=published_shop, threads=1))
    return schemathesis.openapi.from_asgi("/openapi.json", app, headers=HERE).exclude(path="/metrics")


HERE = {"Host": "127.0.0.1"}
OPERATIONS = (
    *(("POST", "/predict_segment"), ("POST", "/score_customers"), ("POST", "/purchases")),
    *(("GET", "/segment_profile/{name}"), ("GET", "/recommendations/{name}")),
    *(("GET", "/customer_recommendations/{customer_id}"), ("GET", "/healthz")),
    *(("GET", "/audiences/size"), ("POST", "/audiences/export")),
    *(("GET", "/audiences/exports"), ("GET", "/audiences/exports/{record}")),
)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_it_answers_as_it_says_whatever_is_sent(
    described: schemathesis.BaseSchema, method: str, path: str
) -> None:
    @given(case=described[path][method].as_strategy())
    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def check(case: schemathesis.Case) -> None:
        checks = [not_a_server_error, response_schema_conformance, status_code_conformance]
        case.call_and_validate(headers=HERE, checks=checks)

    check()


def test_no_operation_is_left_out(ask: TestClient) -> None:
    described = ask.get("/openapi.json").json()["paths"]
    found = {(method.upper(), path) for path, methods in described.items() for method in methods}
    assert found == {*OPERATIONS, ("GET", "/metrics")}

"""Who may ask, how much they may send, and where the portal may listen."""

import asyncio
import base64
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi.testclient import TestClient
from pydantic import ValidationError

from hm_assets.serving import guard, portal
from hm_assets.serving.portal import create_app
from hm_assets.settings import Settings
from hm_assets_tests.serving import shop

TOKEN, OTHER = "correct-horse-battery", "another-long-secret"
PLACES = (
    "/",
    "/segments",
    "/segments/2",
    "/customers/c001",
    "/launch",
    "/docs",
    "/openapi.json",
    "/segment_profile/1",
)


def client(warehouse: Path, host: str = "127.0.0.1", tokens: str = "") -> TestClient:
    settings = Settings(warehouse=warehouse, api_tokens=tokens, portal_url="https://segments.example.com")
    return TestClient(create_app(settings), base_url=f"http://{host}", raise_server_exceptions=False)


@pytest.fixture(scope="module")
def with_tokens(published_shop: Path) -> TestClient:
    return client(published_shop, "shop.example.com", f"{TOKEN}, {OTHER}")


@pytest.mark.parametrize("place", PLACES)
def test_with_tokens_nothing_is_told_without_one(with_tokens: TestClient, place: str) -> None:
    refused = with_tokens.get(place)
    assert refused.status_code == 401
    assert refused.headers.get_list("www-authenticate")[0] == "Bearer"
    assert "Newcomers" not in refused.text


def basic(password: str) -> str:
    return f"Basic {base64.b64encode(f'anybody:{password}'.encode()).decode()}"


@pytest.mark.parametrize("given", [f"Bearer {TOKEN}", f"bearer {OTHER}", basic(TOKEN)])
def test_any_of_the_tokens_opens(with_tokens: TestClient, given: str) -> None:
    assert with_tokens.get("/segment_profile/1", headers={"Authorization": given}).status_code == 200


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", TOKEN, basic(""), "Basic %%%", "Basic gA=="],
)
def test_a_wrong_token_does_not(with_tokens: TestClient, given: str) -> None:
    assert with_tokens.get("/segment_profile/1", headers={"Authorization": given}).status_code == 401


def test_health_needs_none_and_tells_no_segment(with_tokens: TestClient) -> None:
    assert with_tokens.get("/healthz").json() == {"status": "ok", "latest_month": None}


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000", "segments.example.com"])
def test_without_tokens_it_answers_under_its_own_names(published_shop: Path, host: str) -> None:
    assert client(published_shop).get("/segment_profile/1", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example.com", "127.0.0.1.evil.example", "localhost.evil", "", "[", "10.0.0.5"]
)
def test_a_foreign_name_is_refused(published_shop: Path, host: str) -> None:
    assert client(published_shop).get("/segment_profile/1", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:81"}, 403),
        ({"Origin": "http://127.0.0.1"}, 422),
        # Behind a proxy that asks under another name.
        ({"Origin": "https://segments.example.com"}, 422),
        ({"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 422),
    ],
)
@pytest.mark.parametrize("place", ["/predict_segment", "/audiences/export"])
def test_a_page_of_another_site_cannot_post(
    published_shop: Path, place: str, headers: dict, status: int
) -> None:
    assert client(published_shop).post(place, json={}, headers=headers).status_code == status


def test_a_body_that_never_ends_is_not_waited_for(
    published_shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.2)
    app, said = create_app(Settings(warehouse=published_shop)), []

    async def receive() -> dict:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message: dict) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/predict_segment",
        "query_string": b"",
        "root_path": "",
    }
    scope |= {"headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")], "scheme": "http"}
    asyncio.run(asyncio.wait_for(app(scope, receive, send), 20))
    assert said[0]["status"] == 408


@pytest.mark.parametrize("place", ["/segments/" + "9" * 5_000, "/segments/²", "/segments/-1", "/segments/01"])
def test_a_number_that_is_none_is_no_segment(published_shop: Path, place: str) -> None:
    assert client(published_shop).get(place).status_code == 404


@pytest.mark.parametrize("place", ["/audiences/size", "/audiences/live"])
def test_programs_are_told_of_faults_as_json(published_shop: Path, place: str) -> None:
    found = client(published_shop).get(place, params={"where": "age=30"})
    assert found.status_code == 422
    assert "age is no filter" in found.json()["detail"]


def test_a_body_has_a_limit_whether_it_says_its_length_or_not(published_shop: Path) -> None:
    asked = client(published_shop)
    assert asked.post("/predict_segment", content=b" " * (1 << 20)).status_code == 422
    assert asked.post("/predict_segment", content=b" " * ((1 << 20) + 1)).status_code == 413

    def pieces() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 65_536

    assert asked.post("/predict_segment", content=pieces()).status_code == 413
    assert asked.get("/", headers={"Content-Length": "-1"}).status_code == 400
    assert asked.get("/", headers={"Content-Length": "9" * 4_000}).status_code == 413


@pytest.mark.parametrize(
    ("host", "tokens", "served"), [("0.0.0.0", "", False), ("0.0.0.0", TOKEN, True), ("::1", "", True)]
)
def test_it_listens_beyond_this_machine_with_tokens_only(
    monkeypatch: pytest.MonkeyPatch, published_shop: Path, host: str, tokens: str, served: bool
) -> None:
    started = []
    monkeypatch.setenv("HM_WAREHOUSE", str(published_shop))
    monkeypatch.setenv("HM_API_TOKENS", tokens)
    monkeypatch.setattr(sys, "argv", ["portal", "--host", host])
    monkeypatch.setattr(uvicorn, "run", lambda *_, **options: started.append(options["host"]))
    if served:
        portal.main()
        assert started == [host]
        return
    with pytest.raises(SystemExit):
        portal.main()
    assert started == []


def test_a_short_token_is_no_token_and_none_is_printed(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="fewer than 16") as fault:
        Settings(warehouse=tmp_path, api_tokens="short")
    assert "'short'" not in str(fault.value)
    assert TOKEN not in repr(Settings(warehouse=tmp_path, api_tokens=TOKEN))


@pytest.mark.parametrize("place", PLACES[:-2])
def test_names_from_the_data_are_inert_on_every_page(ask: TestClient, place: str) -> None:
    page = ask.get(place)
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"


def test_a_hostile_customer_has_a_page(ask: TestClient) -> None:
    page = ask.get(f"/customers/{shop.HOSTILE.replace('/', '%2F')}")
    assert page.status_code == 200
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text


@pytest.mark.parametrize(
    "place",
    [
        "/customers/..%2f..%2fsecret",
        "/segments/-1",
        "/segments/٣",
        "/segments/9",
        "/launch/../x.html",
        "/launch/x/y",
    ],
)
def test_what_is_not_there_is_a_page_that_leads_back(ask: TestClient, place: str) -> None:
    page = ask.get(place)
    assert page.status_code == 404
    assert 'href="/"' in page.text

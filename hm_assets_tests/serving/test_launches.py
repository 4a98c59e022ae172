"""The launch matcher's pages around what `hm launch` runs."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from hm_assets.recommendations.launch.garments import Levels
from hm_assets.recommendations.launch.new import read_garments
from hm_assets.serving import launching
from hm_assets_tests.serving import shop


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the matcher was given; it writes what the real one would call its files."""
    given: list[Any] = []

    def launch(settings: Any, file: Path, to: Path, customers: int, say: Any, back: str) -> Iterator[Any]:
        assert back == "/launch"
        given.extend(read_garments(file, Levels.of(shop.articles())))
        to.mkdir()
        (to / "launch_new.html").write_text("<!doctype html><title>For whom</title>")
        (to / "launch_new.csv").write_text("rank,customer_id\n1,'=1+1\n")
        yield SimpleNamespace()

    monkeypatch.setattr(launching, "launch", launch)
    return given


def test_a_garment_leads_to_its_page_and_list(ask: TestClient, told: list[Any]) -> None:
    form = {
        "prod_name": shop.HOSTILE,
        "product_type_name": "Dress",
        "detail_desc": 'A "short" dress,\nin jersey',
    }
    page = ask.post("/launch", data=form)
    assert (page.status_code, page.text) == (200, "<!doctype html><title>For whom</title>")
    assert told[0].values["prod_name"] == shop.HOSTILE
    assert told[0].values["detail_desc"] == form["detail_desc"].replace("\n", "\r\n").replace("\r\n", "\n")
    listed = ask.get(str(page.url).replace(".html", ".csv"))
    assert listed.headers["content-disposition"] == 'attachment; filename="launch_new.csv"'
    assert ask.post("/launch", data=form).url == page.url
    assert len(told) == 1


def test_what_is_wrong_stands_above_the_form_as_it_was_filled_in(ask: TestClient) -> None:
    nothing = ask.post("/launch", data={"prod_name": shop.HOSTILE})
    assert nothing.status_code == 422
    assert "say at least what it is" in nothing.text
    assert "&lt;script&gt;" in nothing.text
    assert "<script" not in nothing.text
    without_model = ask.post("/launch", data={"detail_desc": "A dress"})
    assert without_model.status_code == 422
    assert "holds no recommendations/launch_model" in without_model.text


@pytest.mark.parametrize("body", [b"\xff", b"&".join([b"a=1"] * 99), b""])
def test_a_broken_form_is_refused(ask: TestClient, body: bytes) -> None:
    assert ask.post("/launch", content=body).status_code == 422

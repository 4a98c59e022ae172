"""Purchases that are sent become a file, once, whole, and only when every line is right."""

import json
import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from hm_assets.raw import landing as zone
from hm_assets.serving import landing
from hm_assets.serving.portal import create_app
from hm_assets.settings import Settings
from hm_assets.warehouse import identity
from hm_assets_tests.serving import shop

LINE = {
    "t_dat": "2020-09-22",
    "customer_id": "c001",
    "article_id": "108775000",
    "price": 0.05,
    "sales_channel_id": 2,
}


@pytest.fixture
def place(published_shop: Path, tmp_path: Path) -> tuple[TestClient, Path]:
    warehouse, raw = tmp_path / "warehouse", tmp_path / "raw"
    shutil.copytree(published_shop, warehouse)
    raw.mkdir()
    known = identity.of(warehouse)
    text = (warehouse / identity.FILE).read_text().replace(str(known.raw), str(raw))
    (warehouse / identity.FILE).write_text(text)
    app = create_app(Settings(warehouse=warehouse))
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False), raw


def send(client: TestClient, key: str = "k1", **change: Any) -> Any:
    return client.post(
        "/purchases", json={"purchases": [{**LINE, **change}]}, headers={"Idempotency-Key": key}
    )


def test_they_land_as_an_addition_that_the_landing_zone_reads(
    place: tuple[TestClient, Path], tmp_path: Path
) -> None:
    client, raw = place
    found = send(client)
    assert (found.status_code, found.json()["lines"], found.json()["repeated"]) == (201, 1, False)
    name = found.json()["file"]
    assert [path.name for path in raw.iterdir()] == [name]
    for other in ("customers", "articles"):
        columns = getattr(zone.contract, other.upper()).names
        (raw / f"{other}.csv").write_text(",".join(columns) + "\n" + ",".join("1" for _ in columns) + "\n")
    landed = zone.survey(raw, tmp_path / "survey")
    assert [(file.name, file.role, file.rows) for file in landed.transactions] == [(name, "addition", 1)]
    assert landed.transactions[0].ignored_columns == ("request",)


def test_the_same_again_is_acknowledged_and_counted_once(place: tuple[TestClient, Path]) -> None:
    client, raw = place
    first, again = send(client), send(client)
    assert (again.status_code, again.json()) == (200, {**first.json(), "repeated": True})
    assert len(list(raw.iterdir())) == 1


def test_another_key_is_another_purchase_and_another_content_a_conflict(
    place: tuple[TestClient, Path],
) -> None:
    client, raw = place
    assert send(client).status_code == 201
    assert send(client, "k2").status_code == 201
    assert send(client, price=0.06).status_code == 409
    contents = {path.read_bytes() for path in raw.iterdir()}
    assert len(contents) == 2


def test_what_was_acknowledged_is_acknowledged_again_after_its_month_came_as_a_whole(
    place: tuple[TestClient, Path],
) -> None:
    client, raw = place
    assert send(client).status_code == 201
    (raw / "transactions_2020-09.csv").write_bytes(b"")
    again = send(client)
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert send(client, "another").status_code == 409


def test_twenty_at_once_with_one_key_are_one_file(place: tuple[TestClient, Path]) -> None:
    client, raw = place
    codes: list[int] = []
    threads = [threading.Thread(target=lambda: codes.append(send(client).status_code)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(codes) == [200] * 19 + [201]
    assert len(list(raw.iterdir())) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"customer_id": "a stranger"}, "purchases.0.customer_id: not in the customers file"),
        ({"article_id": "77"}, "purchases.0.article_id: not in the articles file"),
        ({"price": -1}, "price"),
        ({"sales_channel_id": 3}, "sales_channel_id"),
        ({"t_dat": "2020-02-30"}, "t_dat"),
        ({"t_dat": "2035-01-01"}, "outside of this warehouse's calendar"),
        ({"more": 1}, "more"),
    ],
)
def test_one_wrong_line_lands_nothing(place: tuple[TestClient, Path], change: dict, told: str) -> None:
    client, raw = place
    sent = {"purchases": [LINE, {**LINE, **change}, LINE]}
    refused = client.post("/purchases", json=sent, headers={"Idempotency-Key": "k"})
    assert refused.status_code == 422
    assert told.replace(".0.", ".1.") in refused.json()["detail"]
    assert list(raw.iterdir()) == []


def test_nothing_is_added_to_a_month_that_a_file_has_as_a_whole(place: tuple[TestClient, Path]) -> None:
    client, raw = place
    (raw / "transactions_2020-09.csv.gz").write_bytes(b"")
    assert send(client).status_code == 409
    assert send(client, t_dat="2020-08-31").status_code == 201


def test_the_key_is_needed_and_names_no_path(place: tuple[TestClient, Path]) -> None:
    client, raw = place
    assert client.post("/purchases", json={"purchases": [LINE]}).status_code == 422
    assert send(client, "../../evil").status_code == 201
    assert [path.parent for path in raw.iterdir()] == [raw]
    assert landing.file_name("../../evil").startswith("transactions_api_")


def test_it_is_on_disk_before_it_is_acknowledged(
    place: tuple[TestClient, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, raw = place
    done: list[str] = []
    flush, rename = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda number: (done.append("flushed"), flush(number)))
    monkeypatch.setattr(Path, "replace", lambda self, to: (done.append("renamed"), rename(self, to))[1])
    assert send(client).status_code == 201
    assert done == ["flushed", "renamed", "flushed"]
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    assert send(client, "k3").status_code == 507
    assert len(list(raw.iterdir())) == 1


def test_a_hostile_id_is_a_cell_and_no_line(place: tuple[TestClient, Path]) -> None:
    client, raw = place
    assert send(client, customer_id=shop.HOSTILE).status_code == 201
    text = next(iter(raw.iterdir())).read_text()
    assert text.count("\n") == 2


def test_a_landing_zone_in_object_storage_takes_none_because_its_copy_would_lose_them(
    place: tuple[TestClient, Path], tmp_path: Path
) -> None:
    client, raw = place
    path = tmp_path / "warehouse" / identity.FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), "fetched_from": "s3://shop/drop"}))
    found = send(client)
    assert (found.status_code, list(raw.iterdir())) == (422, [])
    assert "s3://shop/drop" in found.json()["detail"]

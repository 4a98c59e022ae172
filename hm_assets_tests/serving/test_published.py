"""What is served changes at a stroke when something new is published, and not before."""

import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hm_assets.serving import published
from hm_assets.serving.published import Keeper, read_published
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.errors import WarehouseError
from hm_assets_tests.serving import shop


@pytest.fixture
def warehouse(published_shop: Path, tmp_path: Path) -> Path:
    shutil.copytree(published_shop, tmp_path / "warehouse")
    return tmp_path / "warehouse"


def another_model(warehouse: Path) -> str:
    """A refit: another champion, and the assignments that it makes."""
    people = shop.people("rfm")
    model = shop.champion("rfm", people, seed=9)
    names = {number: f"New {number}: {name}" for number, name in shop.NAMES.items()}
    shop.publish(warehouse, model, people, names)
    return model.version


def wait_for(keeper: Keeper, version: str) -> None:
    deadline = time.monotonic() + 20
    while keeper.current().version != version:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_new_model_is_served_without_a_restart(warehouse: Path) -> None:
    keeper = Keeper(warehouse, pause=0.0)
    first = keeper.current()
    assert keeper.current() is first
    version = another_model(warehouse)
    assert version != first.version
    wait_for(keeper, version)
    assert keeper.current().segment(2).name.startswith("New 2")
    assert first.segment(2).name == shop.NAMES[2]


def test_under_load_every_request_sees_one_version_whole(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = [0]
    monkeypatch.setattr(published, "stamp_of", lambda _: ((written[0], 0),))

    def read(_: Path) -> Any:
        number = written[0]
        first = SimpleNamespace(version=number)
        time.sleep(0.002)
        return SimpleNamespace(version=number, segments=[first.version] * 3)

    keeper, torn, ended = Keeper(warehouse, read, pause=0.0), [], threading.Event()
    seen: set[int] = set()

    def requests() -> None:
        last = -1
        while not ended.is_set():
            now = keeper.current()
            if set(now.segments) != {now.version} or now.version < last:
                torn.append((last, now))
            last = now.version
            seen.add(now.version)
            time.sleep(0.0005)

    threads = [threading.Thread(target=requests) for _ in range(6)]
    for thread in threads:
        thread.start()
    for number in range(1, 30):
        written[0] = number
        time.sleep(0.01)
    wait_for(keeper, 29)
    ended.set()
    for thread in threads:
        thread.join(10)
    assert torn == []
    assert len(seen) > 5


def test_what_cannot_be_read_leaves_the_last_version_in_place(warehouse: Path) -> None:
    keeper = Keeper(warehouse, pause=0.0)
    first = keeper.current()
    artifacts.path_of(warehouse, ("segments", "champion")).write_text("{")
    for _ in range(20):
        assert keeper.current() is first
        time.sleep(0.01)


def test_the_model_of_the_assignments_is_served_until_they_are_made_anew(warehouse: Path) -> None:
    """After a refit the champion is new for a while, and the assignments are not."""
    present = artifacts.path_of(warehouse, ("segments", "champion"))
    old = artifacts.read_json(present)
    first = read_published(warehouse)
    newer = replace(first.champion, trained_as_of=first.champion.trained_as_of.replace(day=1))
    artifacts.write_json(present.with_name("champions") / f"0001-{old['version']}.json", old)
    artifacts.write_json(present, newer.as_json())
    assert read_published(warehouse).version == first.version != newer.version
    (present.with_name("champions") / f"0001-{old['version']}.json").unlink()
    with pytest.raises(WarehouseError, match="is not kept"):
        read_published(warehouse)


def test_small_segments_are_named_and_nothing_else_is_told(warehouse: Path) -> None:
    rows = [
        {"segment_id": 1, "segment_name": "Few", "kind": kind, "fact": fact, "unit": unit, "value": value}
        | {"customers": 19, "month": shop.MONTH}
        for kind, fact, unit, value in (
            ("size", "customers", "customers", 19.0),
            ("behaviour", "spend_365d", "price index", 2.0),
        )
    ]
    shop.write(warehouse, published.SEGMENT_PROFILES, shop.filled(published.SEGMENT_PROFILES, rows))
    segment = read_published(warehouse).segment(1)
    assert (segment.name, segment.fact("spend_365d")) == ("Few", None)

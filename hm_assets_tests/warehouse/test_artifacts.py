"""Documents and models: whole or not there."""

import json

import pytest

from hm_assets.warehouse import artifacts
from hm_assets.warehouse.errors import WarehouseError


def test_json_comes_back_and_equal_values_give_equal_bytes(tmp_path):
    first = artifacts.write_json(tmp_path / "a" / "model.json", {"b": [1.1, 2], "a": "é"})
    second = artifacts.write_json(tmp_path / "b" / "model.json", {"a": "é", "b": [1.1, 2]})
    assert first.read_bytes() == second.read_bytes()
    assert artifacts.read_json(first) == {"a": "é", "b": [1.1, 2]}


def test_a_failed_writing_leaves_the_old_file_and_no_crumbs(tmp_path, monkeypatch):
    path = artifacts.write_text(tmp_path / "page.html", "old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        artifacts.write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", [None, "{", ""])
def test_what_cannot_be_read_is_named(tmp_path, text):
    path = tmp_path / "champion.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(WarehouseError, match=r"champion\.json"):
        artifacts.read_json(path)


def test_floats_keep_all_their_digits(tmp_path):
    value = 0.1 + 0.2
    path = artifacts.write_json(tmp_path / "x.json", [value])
    assert json.loads(path.read_text()) == [value]

"""The list of who was forgotten: tokens that tell nobody who it is, and the same ones in DuckDB."""

import hashlib
import hmac

import duckdb
import pytest

from hm_assets.warehouse import forgotten, identity
from hm_assets.warehouse.errors import WarehouseError

ID = "åse, the one who asked"


def test_the_list_holds_neither_the_id_nor_a_hash_that_a_list_of_ids_would_find(tmp_path):
    listed = forgotten.note(tmp_path, ID, forgotten.BEGUN)
    written = (tmp_path / forgotten.FILE).read_text()
    assert hmac.new(listed.key, ID.encode(), "sha256").hexdigest() in written
    assert ID not in written
    assert not any(getattr(hashlib, name)(ID.encode()).hexdigest() in written for name in ("md5", "sha256"))
    assert listed.key.hex() not in written
    assert (tmp_path / forgotten.KEY_FILE).stat().st_mode & 0o077 == 0


def test_two_warehouses_give_one_person_different_tokens(tmp_path):
    assert len({forgotten.note(tmp_path / name, ID, forgotten.DONE).token(ID) for name in "ab"}) == 2


def test_the_key_stays_and_the_list_grows(tmp_path):
    first = forgotten.note(tmp_path, ID, forgotten.BEGUN)
    both = forgotten.note(tmp_path, "another", forgotten.DONE)
    assert (both.key, both.unfinished, ID in both, "nobody" in both) == (first.key, 1, True, False)
    assert forgotten.note(tmp_path, ID, forgotten.DONE).unfinished == 0


@pytest.mark.parametrize("key", [None, "", "00" * 32])
def test_a_list_without_its_key_is_an_error_and_refuses_nobody_in_silence(tmp_path, key):
    forgotten.note(tmp_path, ID, forgotten.DONE)
    path = tmp_path / forgotten.KEY_FILE
    path.unlink() if key is None else path.write_text(key)
    with pytest.raises(WarehouseError, match="backup"):
        forgotten.read(tmp_path)


def test_a_lost_list_is_an_error_as_long_as_its_key_tells_that_there_was_one(tmp_path):
    forgotten.note(tmp_path, ID, forgotten.DONE)
    (tmp_path / forgotten.FILE).unlink()
    with pytest.raises(WarehouseError, match=r"forgotten\.json is gone.*backup.*delete the key"):
        forgotten.read(tmp_path)


def test_duckdb_knows_who_was_forgotten_and_takes_them_out_of_a_text(tmp_path):
    with duckdb.connect() as connection:
        forgotten.install(connection, tmp_path)
        one = "SELECT forgotten_token(?), without_forgotten(?)"
        assert connection.execute(one, ["anna", 'x,anna,"y"']).fetchone() == (None, 'x,anna,"y"')
        token = f"forgotten {forgotten.note(tmp_path, 'anna', forgotten.DONE).token('anna')}"
        forgotten.install(connection, tmp_path)
        text = '2018,anna,"anna"\r\n anna ,annabel,,Anna\n'
        without = f'2018,{token},"{token}"\r\n{token},annabel,,Anna\n'
        assert connection.execute(one, ["anna", text]).fetchone() == (token, without)
        assert connection.execute(one, ["Anna", None]).fetchone() == (None, None)


def test_a_replaced_warehouse_still_refuses_who_was_forgotten(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / identity.FILE).write_text("{}")
    forgotten.note(tmp_path, ID, forgotten.DONE)
    identity.clear(tmp_path, tmp_path / "reports")
    assert sorted(path.name for path in tmp_path.iterdir()) == [forgotten.KEY_FILE, forgotten.FILE]
    assert ID in forgotten.read(tmp_path)

"""`hm run` looks at the landing zone before anything else: where it may lie."""

import pytest

from hm_assets.commands.landing import landed
from hm_assets.settings import Settings
from hm_assets.warehouse import identity
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets_tests.raw.examples import deliver


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def look(here, raw, warehouse):
    deliver(here / raw)
    return landed(Settings(raw=here / raw, warehouse=here / warehouse, settle_seconds=0), None, replace=False)


@pytest.mark.parametrize(
    ("raw", "warehouse"), [("data", "data"), ("data/raw", "data"), ("wh/raw/mine", "wh")]
)
def test_files_may_not_lie_where_replace_deletes_tables(here, raw, warehouse):
    with pytest.raises(
        HmAssetsError, match=rf"{raw} lies where .*{warehouse} keeps its tables.*--warehouse DIR"
    ):
        look(here, raw, warehouse)
    assert not (here / warehouse / identity.FILE).exists()


@pytest.mark.parametrize(
    ("raw", "warehouse"),
    [
        ("data/raw", "data/warehouse"),
        ("data/demo", "data"),
        ("wh/landing/raw", "wh"),
        ("data", "data/warehouse"),
    ],
)
def test_files_may_lie_beside_the_tables(here, raw, warehouse):
    look(here, raw, warehouse)
    assert identity.of(here / warehouse).raw == here / raw

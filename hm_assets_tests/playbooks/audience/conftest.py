import shutil

import pytest

from hm_assets.settings import Settings
from hm_assets_tests.playbooks.audience import shop


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """The small warehouse; read only."""
    return shop.fill(tmp_path_factory.mktemp("shop") / "wh")


@pytest.fixture
def own(filled, tmp_path):
    """A copy of it, to export from."""
    shutil.copytree(filled.warehouse, tmp_path / "wh")
    return Settings(warehouse=tmp_path / "wh", threads=1)

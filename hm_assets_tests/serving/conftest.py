from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from hm_assets.serving.portal import create_app
from hm_assets.settings import Settings
from hm_assets_tests.serving import shop


@pytest.fixture(scope="session")
def published_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse that tests only read."""
    return shop.make(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def ask(published_shop: Path) -> Iterator[TestClient]:
    app = create_app(Settings(warehouse=published_shop, threads=1))
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client

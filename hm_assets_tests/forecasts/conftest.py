"""What the tests of these assets share: a warehouse of their own, and a model that is made and kept."""

from collections.abc import Callable
from typing import Any

import dagster as dg
import pytest

from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.assets import FitConfig
from hm_assets.warehouse.resources import Warehouse
from hm_assets_tests.forecasts.shops import Shop


@pytest.fixture
def warehouse(tmp_path) -> Warehouse:
    return Warehouse(Settings(warehouse=tmp_path, depth="quick", threads=1))


@pytest.fixture
def fit(warehouse) -> Callable[..., dg.MaterializeResult]:
    """Makes a model and keeps it, as the IO manager does."""

    def made(asset: Any, known: Shop, **config: Any) -> dg.MaterializeResult:
        result = asset(
            config=FitConfig(**config),
            warehouse=warehouse,
            customer_features=known.features,
            customer_days=known.days,
        )
        artifacts.write_json(artifacts.path_of(warehouse.path, asset.key.path), result.value)
        return result

    return made

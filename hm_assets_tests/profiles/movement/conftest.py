"""One small world for all tests of this room: making its features takes a second."""

import pytest

from hm_assets_tests.profiles.movement.histories import World, lines


@pytest.fixture(scope="session")
def world() -> World:
    return World.of(lines(), range(1, 7))

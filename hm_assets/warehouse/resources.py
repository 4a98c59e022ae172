"""The one resource that steps ask for: the warehouse, with this step's engine.

A resource holds what a step needs from outside (settings, connections); it computes nothing.
"""

import atexit
import contextlib
import ctypes
from pathlib import Path

import pyarrow as pa

from hm_assets.settings import Settings
from hm_assets.warehouse import identity, lock
from hm_assets.warehouse.engine import DuckDBEngine, Engine, open_duckdb, open_engine


class Warehouse:
    """Settings and paths of a warehouse, and one engine per step."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self._open = contextlib.ExitStack()
        self._step: str | None = None
        self._engine: Engine | None = None
        self._duckdb: DuckDBEngine | None = None
        atexit.register(self.close)

    @property
    def path(self) -> Path:
        """Root of the tables."""
        return self.settings.warehouse

    @property
    def depth(self) -> str:
        """How thorough the work is: `quick` or `full`; a setting wins over what `hm run` recorded."""
        known = identity.read(self.path)
        return self.settings.depth or (known.depth if known else "full")

    def engine(self, step: str) -> Engine:
        """The engine of this step (name it `run id:step key`).

        All inputs of a step are read on one connection, so that they join; the next step closes it. With the engine
        the step holds the warehouse (`lock.py`) until what it made has been recorded.
        """
        if self.settings.engine == "duckdb":
            return self.duckdb(step)
        self._begin(step)
        if self._engine is None:
            self._engine = self._open.enter_context(open_engine(self.settings))
        return self._engine

    def duckdb(self, step: str) -> DuckDBEngine:
        """DuckDB for this step whatever HM_ENGINE says: for what is written in its SQL, as reading CSV files is."""
        self._begin(step)
        if self._duckdb is None:
            self._duckdb = self._open.enter_context(open_duckdb(self.settings))
        return self._duckdb

    def _begin(self, step: str) -> None:
        if step != self._step:
            self.close()
            self._open.enter_context(lock.beside_others(self.path))
            self._step = step

    def close(self) -> None:
        """Give back the engine's memory and spill folder, and the warehouse."""
        self._open.close()
        self._step = self._engine = self._duckdb = None
        _give_back()


def _give_back() -> None:
    """To the system, what allocators keep for later: over a long run of one process that is gigabytes."""
    pa.default_memory_pool().release_unused()
    # Only glibc has it, and only glibc keeps an arena for each of a writer's threads.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
